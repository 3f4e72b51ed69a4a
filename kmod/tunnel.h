/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tunnels: one peer of an interface, its endpoint, SAs, prefixes and state.
 *
 * DOC: A tunnel is referenced by its place in the interface, by every SA and by its queued work. Removal goes in three
 * phases: take it, its prefixes and its SAs out of every table and mark it dead; let packets that hold an SA finish;
 * when the last SA is freed, wait for a grace period and free it. It holds its device until then.
 *
 * What the data path reads is either under RCU (endpoint, selectors, probe, current SA) or a single word (state,
 * options). The rest belongs to vgw_net.lock of the outer namespace.
 *
 * The state follows from what it depends on: whatever changes one of those calls vgw_tunnel_update(), or where that
 * cannot be, vgw_tunnel_kick().
 */
#ifndef _VGW_TUNNEL_H
#define _VGW_TUNNEL_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/rbtree.h>
#include <net/dst_cache.h>

#include "addr.h"
#include "lane.h"
#include "limits.h"
#include "sa.h"
#include "stats.h"

struct vgw_dev;
struct vgw_sock;
struct vgw_ts;

/**
 * struct vgw_endpoint - how to reach a tunnel's peer; replaced as a whole
 * @rcu: frees it
 * @local: own outer address; no length: the route's choice
 * @remote: the peer's
 * @encap: natively or in UDP
 * @df: what the outer DF bit is
 * @sport: own UDP port
 * @dport: the peer's UDP port
 * @link: index of the underlay device or VRF, 0: any
 * @mark: of outer packets, 0: the interface's
 * @ttl: of outer packets
 * @dscp: of outer packets, or VGW_DSCP_COPY
 * @dst_cache: routes to the peer
 */
struct vgw_endpoint {
	struct rcu_head rcu;
	struct vgw_addr local;
	struct vgw_addr remote;
	enum vgw_encap encap;
	enum vgw_df df;
	__be16 sport;
	__be16 dport;
	u32 link;
	u32 mark;
	u8 ttl;
	u8 dscp;
	struct dst_cache dst_cache;
};

/**
 * struct vgw_options - what a tunnel does beside carrying packets; each is a word of its own, read without a lock
 * @rx_mark: mark of inner packets received
 * @keepalive: seconds without a packet sent until a NAT keepalive, 0: none
 * @clear_df: fragment inner packets although their DF bit is set
 * @multicast: carries multicast and IPv6 link-local
 * @roam: its endpoint follows the peer
 * @demand: without an SA packets raise acquire events
 */
struct vgw_options {
	u32 rx_mark;
	u32 keepalive;
	bool clear_df;
	bool multicast;
	bool roam;
	bool demand;
};

/**
 * struct vgw_probe - the liveness probe of a tunnel, and what it has found; outer lock, where nothing else is said
 * @rcu: frees it
 * @target: inside address that answers
 * @source: own inside address, of the same family
 * @interval: milliseconds
 * @misses: so many in a row mean dead, so many answers alive again
 * @action: what dead means
 * @state: what has been found
 * @row: answers or misses in a row that speak against @state
 * @due: 64-bit jiffies when to send the next one
 * @asked: 64-bit jiffies when the last one was sent, 0 before the first
 * @asked_at: the same in nanoseconds of CLOCK_MONOTONIC; read without a lock
 * @seq: of the last one; read without a lock
 * @id: of all of them
 * @rtt: nanoseconds, of the last answer; 0 before the first; written without a lock
 * @sent: how many
 * @answered: how many; no lock
 */
struct vgw_probe {
	struct rcu_head rcu;
	struct vgw_addr target;
	struct vgw_addr source;
	u32 interval;
	u32 misses;
	enum vgw_probe_action action;
	enum vgw_probe_state state;
	u32 row;
	u64 due;
	u64 asked;
	u64 asked_at;
	u16 seq;
	__be16 id;
	u64 rtt;
	u64 sent;
	atomic64_t answered;
};

/**
 * struct vgw_move - where authentic packets of a roaming peer come from now
 * @lock: guards address and port; taken with bottom halves off
 * @addr: the peer's new address; no length: it has not moved
 * @port: its new UDP port
 * @last: 64-bit jiffies of the last move that was followed, 0 before the first; outer lock
 */
struct vgw_move {
	spinlock_t lock;
	struct vgw_addr addr;
	__be16 port;
	u64 last;
};

/**
 * struct vgw_tunnel - one peer of an interface
 * @ref: see above
 * @rcu: frees it
 * @dev: the interface, which it holds
 * @dev_tracker: of that hold
 * @id: in vgw_dev.tunnels
 * @name: unique in the interface
 * @by_name: in vgw_dev.by_name
 * @by_mtu: in vgw_dev.mtus; outer lock
 * @by_multicast: in vgw_dev.multicast while @options says so; changed under the outer lock, read under RCU
 * @endpoint: RCU; changed under the outer lock
 * @ts: negotiated traffic selectors, NULL: any; RCU; changed under the outer lock
 * @probe: liveness probe, NULL: none; RCU; changed under the outer lock
 * @out: current outbound SA; RCU; changed under the outer lock
 * @sas: all SAs, the newest first
 * @sa_count: how many
 * @sas_made: how many there ever were
 * @sock: UDP socket it listens on, NULL natively
 * @group: tunnels that lead to the same site; read without a lock
 * @priority: among tunnels of a prefix the lowest number wins
 * @cidrs: its prefixes
 * @cidr_count: how many
 * @peer: the far end's inside address, a prefix of its own; no length: none
 * @options: see there
 * @mtu_worst: largest inner packet whatever suite is negotiated, as the configuration says
 * @admin_up: what the administrator wants
 * @dead: being removed
 * @demands: counted in vgw_dev.demand_count
 * @state: up or down; read without a lock
 * @demoted: up, but to be used only when no other one is; read without a lock
 * @reason: why down
 * @route: VGW_REASON_NONE, or why there is no way to the peer; written without a lock
 * @changed: 64-bit jiffies of the last change of @state
 * @last_rx: 64-bit jiffies of the last authentic packet, 0 before the first; written without a lock
 * @last_tx: 64-bit jiffies of the last packet sent; written without a lock
 * @last_acquire: 64-bit jiffies of the last event that asked for an SA
 * @last_auth_fail: 64-bit jiffies of the last event about a forged packet
 * @wants: bits of enum vgw_want, what the data path asks @watch to tell
 * @auth_fail_spi: of the last forged packet; written without a lock
 * @move: see there
 * @waiting: packets that wait for an SA
 * @waiting_since: 64-bit jiffies when the first of them came; guarded by the lock of @waiting
 * @work: looks again at @state; holds a reference while queued
 * @watch: looks after the way to the peer from time to time; holds a reference while queued
 * @stats: per CPU
 * @drops: by cause
 * @lane_out: where several CPUs seal for it, whichever its SA is
 * @lane_in: where they open
 */
struct vgw_tunnel {
	struct kref ref;
	struct rcu_head rcu;
	struct vgw_dev *dev;
	netdevice_tracker dev_tracker;
	u32 id;
	char name[VGW_TUNNEL_NAME_LEN];
	struct hlist_node by_name;
	struct rb_node by_mtu;
	struct hlist_node by_multicast;
	struct vgw_endpoint __rcu *endpoint;
	struct vgw_ts __rcu *ts;
	struct vgw_probe __rcu *probe;
	struct vgw_sa __rcu *out;
	struct list_head sas;
	u32 sa_count;
	u32 sas_made;
	struct vgw_sock *sock;
	u32 group;
	u32 priority;
	struct vgw_cidr *cidrs;
	u32 cidr_count;
	struct vgw_addr peer;
	struct vgw_options options;
	u32 mtu_worst;
	bool admin_up;
	bool dead;
	bool demands;
	bool demoted;
	u8 state;
	u8 reason;
	u8 route;
	u64 changed;
	u64 last_rx;
	u64 last_tx;
	u64 last_acquire;
	u64 last_auth_fail;
	unsigned long wants;
	__be32 auth_fail_spi;
	struct vgw_move move;
	struct sk_buff_head waiting;
	u64 waiting_since;
	struct work_struct work;
	struct delayed_work watch;
	struct pcpu_sw_netstats __percpu *stats;
	struct vgw_drops drops;

	struct vgw_lane lane_out ____cacheline_aligned_in_smp;
	struct vgw_lane lane_in ____cacheline_aligned_in_smp;
};

/* What the data path asks a tunnel's watch to tell. */
enum vgw_want {
	VGW_WANT_SA,		/* a packet waits: send an acquire event */
	VGW_WANT_ALARM,		/* a packet was forged: say so */
};

struct vgw_tunnel *vgw_tunnel_create(struct vgw_dev *dev, const char *name, work_func_t watch);
void vgw_tunnel_put(struct vgw_tunnel *tunnel);
struct vgw_tunnel *vgw_tunnel_find(struct vgw_dev *dev, const char *name);
struct vgw_endpoint *vgw_endpoint_create(const struct vgw_endpoint *like);
void vgw_endpoint_free(struct vgw_endpoint *endpoint);
struct vgw_endpoint *vgw_tunnel_endpoint(const struct vgw_tunnel *tunnel);
void vgw_tunnel_set_endpoint(struct vgw_tunnel *tunnel, struct vgw_endpoint *endpoint);
void vgw_tunnel_forget_move(struct vgw_tunnel *tunnel);
u64 vgw_tunnel_follow_move(struct vgw_tunnel *tunnel);
void vgw_tunnel_announce(const struct vgw_tunnel *tunnel);
void vgw_tunnel_forget_sa(struct vgw_tunnel *tunnel, struct vgw_sa *sa);
void vgw_tunnel_drop_waiting(struct vgw_tunnel *tunnel);
void vgw_tunnel_update(struct vgw_tunnel *tunnel);
void vgw_tunnel_follow_carrier(struct vgw_dev *dev);
u64 vgw_tunnel_tell_wants(struct vgw_tunnel *tunnel);
void vgw_tunnel_kick(struct vgw_tunnel *tunnel);
void vgw_tunnel_watch(struct vgw_tunnel *tunnel);

/* Caller holds the outer lock, or is in an RCU read section in which somebody else holds the tunnel. */
static inline void vgw_tunnel_get(struct vgw_tunnel *tunnel)
{
	kref_get(&tunnel->ref);
}

static inline bool vgw_tunnel_up(const struct vgw_tunnel *tunnel)
{
	return READ_ONCE(tunnel->state) == VGW_STATE_UP;
}

/* Note the time of a packet. Written only when it changes, so that CPUs do not pull the line from each other. */
static inline void vgw_tunnel_stamp(u64 *stamp)
{
	u64 now = get_jiffies_64();

	if (READ_ONCE(*stamp) != now)
		WRITE_ONCE(*stamp, now);
}

#endif /* _VGW_TUNNEL_H */
