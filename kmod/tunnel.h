/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tunnels: one peer of an interface, its endpoint, SAs, prefixes and state.
 *
 * DOC: A tunnel is referenced by its place in the interface and by every SA. Removal goes in three phases: take it, its
 * prefixes and its SAs out of every table and mark it dead; let packets that hold an SA finish; when the last SA is
 * freed, wait for a grace period and free it. It holds its device until then.
 *
 * What the data path reads is either under RCU (endpoint, current SA) or a single word (state). The rest belongs to
 * vgw_net.lock of the outer namespace.
 */
#ifndef _VGW_TUNNEL_H
#define _VGW_TUNNEL_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <net/dst_cache.h>

#include "addr.h"
#include "limits.h"
#include "sa.h"
#include "stats.h"

struct vgw_dev;
struct vgw_sock;

/**
 * struct vgw_endpoint - how to reach a tunnel's peer; replaced as a whole
 * @rcu: frees it
 * @local: own outer address; no length: the route's choice
 * @remote: the peer's
 * @encap: natively or in UDP
 * @sport: own UDP port
 * @dport: the peer's UDP port
 * @dst_cache: routes to the peer
 */
struct vgw_endpoint {
	struct rcu_head rcu;
	struct vgw_addr local;
	struct vgw_addr remote;
	enum vgw_encap encap;
	__be16 sport;
	__be16 dport;
	struct dst_cache dst_cache;
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
 * @endpoint: RCU; changed under the outer lock
 * @out: current outbound SA; RCU; changed under the outer lock
 * @sas: all SAs, the newest first
 * @sa_count: how many
 * @sock: UDP socket it listens on, NULL natively
 * @group: tunnels that lead to the same site
 * @priority: among tunnels of a prefix the lowest number wins
 * @cidrs: its prefixes
 * @cidr_count: how many
 * @peer: the far end's inside address, a prefix of its own; no length: none
 * @admin_up: what the administrator wants
 * @dead: being removed
 * @state: up or down; read without a lock
 * @reason: why down
 * @changed: 64-bit jiffies of the last change of @state
 * @last_rx: 64-bit jiffies of the last authentic packet, 0 before the first; written without a lock
 * @work: looks again at @state after the data path saw an SA expire; holds a reference while queued
 * @stats: per CPU
 * @drops: by cause
 */
struct vgw_tunnel {
	struct kref ref;
	struct rcu_head rcu;
	struct vgw_dev *dev;
	netdevice_tracker dev_tracker;
	u32 id;
	char name[VGW_TUNNEL_NAME_LEN];
	struct hlist_node by_name;
	struct vgw_endpoint __rcu *endpoint;
	struct vgw_sa __rcu *out;
	struct list_head sas;
	u32 sa_count;
	struct vgw_sock *sock;
	u32 group;
	u32 priority;
	struct vgw_cidr *cidrs;
	u32 cidr_count;
	struct vgw_addr peer;
	bool admin_up;
	bool dead;
	u8 state;
	u8 reason;
	u64 changed;
	u64 last_rx;
	struct work_struct work;
	struct pcpu_sw_netstats __percpu *stats;
	struct vgw_drops drops;
};

/**
 * struct vgw_selection - which destinations a tunnel gets
 * @group: of the tunnel
 * @priority: of the tunnel
 * @cidrs: prefixes, allocated with kvmalloc; the tunnel takes them over
 * @cidr_count: how many
 * @peer: the far end's inside address
 */
struct vgw_selection {
	u32 group;
	u32 priority;
	struct vgw_cidr *cidrs;
	u32 cidr_count;
	struct vgw_addr peer;
};

struct vgw_tunnel *vgw_tunnel_create(struct vgw_dev *dev, const char *name);
void vgw_tunnel_put(struct vgw_tunnel *tunnel);
int vgw_tunnel_add(struct vgw_tunnel *tunnel, const struct vgw_selection *selection, struct netlink_ext_ack *extack);
void vgw_tunnel_remove(struct vgw_tunnel *tunnel);
struct vgw_tunnel *vgw_tunnel_find(struct vgw_dev *dev, const char *name);

struct vgw_endpoint *vgw_endpoint_create(void);
void vgw_endpoint_free(struct vgw_endpoint *endpoint);
void vgw_tunnel_set_endpoint(struct vgw_tunnel *tunnel, struct vgw_endpoint *endpoint);
int vgw_tunnel_select(struct vgw_tunnel *tunnel, const struct vgw_selection *selection,
		      struct netlink_ext_ack *extack);

struct vgw_sa *vgw_tunnel_find_sa(struct vgw_tunnel *tunnel, enum vgw_direction dir, __be32 spi);
int vgw_tunnel_add_sa(struct vgw_tunnel *tunnel, const struct vgw_sa_config *config, struct netlink_ext_ack *extack);
void vgw_tunnel_del_sa(struct vgw_tunnel *tunnel, struct vgw_sa *sa);
void vgw_tunnel_update(struct vgw_tunnel *tunnel);
void vgw_tunnel_kick(struct vgw_tunnel *tunnel);

/* Caller holds the outer lock, or is in an RCU read section in which somebody else holds the tunnel. */
static inline void vgw_tunnel_get(struct vgw_tunnel *tunnel)
{
	kref_get(&tunnel->ref);
}

static inline bool vgw_tunnel_up(const struct vgw_tunnel *tunnel)
{
	return READ_ONCE(tunnel->state) == VGW_STATE_UP;
}

#endif /* _VGW_TUNNEL_H */
