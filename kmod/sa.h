/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Security Associations (RFC 4301 section 4.4.2): keys, sequence numbers, replay window, lifetime.
 *
 * DOC: A packet holds a reference to its SA from the moment it is sealed or opened until that is done, so that crypto
 * may finish asynchronously. References are counted per CPU. vgw_sa_remove() ends them: no new one is given out, and
 * when the last is put the SA waits for a grace period and is freed, its key wiped, from a work queue.
 */
#ifndef _VGW_SA_H
#define _VGW_SA_H

#include <linux/hrtimer.h>
#include <linux/list.h>
#include <linux/netlink.h>
#include <linux/percpu-refcount.h>
#include <linux/rhashtable-types.h>
#include <linux/spinlock.h>
#include <linux/vgw.h>
#include <linux/workqueue.h>

#include "addr.h"
#include "alg.h"
#include "replay.h"

struct vgw_tunnel;

/**
 * struct vgw_sa_ops - what an SA has to tell its tunnel
 * @changed: it reached a limit, or heard its first packet; any context
 * @gone: it is freed and gives the tunnel's reference back; process context, called last of all
 */
struct vgw_sa_ops {
	void (*changed)(struct vgw_tunnel *tunnel);
	void (*gone)(struct vgw_tunnel *tunnel);
};

/**
 * struct vgw_sa_config - what makes an SA
 * @dir: in or out
 * @spi: network byte order, VGW_SPI_MIN or above
 * @suite: its uapi number
 * @alg: the suite
 * @key: @alg->key_len bytes; the caller wipes them
 * @auth_key: @alg->auth_key_len bytes; the same
 * @esn: extended sequence numbers
 * @replay_window: packets; inbound only
 * @life_time: hard limit in seconds, 0: none
 * @life_bytes: hard limit of inner bytes, 0: none
 * @life_packets: hard limit, 0: none but that of the sequence numbers
 * @pending_on: outbound: not used before a packet came by the inbound SA of this SPI; 0: used at once
 */
struct vgw_sa_config {
	enum vgw_direction dir;
	__be32 spi;
	u32 suite;
	const struct vgw_alg *alg;
	const u8 *key;
	const u8 *auth_key;
	bool esn;
	u32 replay_window;
	u32 life_time;
	u64 life_bytes;
	u64 life_packets;
	__be32 pending_on;
};

/**
 * struct vgw_sa_remote - by what an ICMP error finds an outbound SA
 * @node: in vgw_net.remotes
 * @key: all of it is compared
 * @key.addr: the peer's outer address
 * @key.spi: network byte order
 * @listed: is in the table; outer lock
 * @believed: 64-bit jiffies of the last path MTU that was believed; written without a lock
 */
struct vgw_sa_remote {
	struct rhlist_head node;
	struct vgw_sa_remote_key {
		struct in6_addr addr;
		__be32 spi;
	} key;
	bool listed;
	u64 believed;
};

/**
 * struct vgw_sa - one Security Association
 * @ref: see above
 * @tunnel: it belongs to this one, which outlives it
 * @suite: uapi number of the suite
 * @alg: suite
 * @tfm: keyed transform
 * @spi: network byte order
 * @dir: in or out
 * @esn: extended sequence numbers
 * @pending: out: waits for @pending_on; outer lock
 * @lingers: in: deleted, and going for good when @timer ends it; outer lock
 * @heard: in: a packet was authentic
 * @joins: in: it carries what can be joined; written without a lock
 * @pending_on: out: as it was configured
 * @expiry: how far gone, 0 while fresh; only ever goes up
 * @expiry_told: what has been announced of that; outer lock
 * @life_time: as it was configured
 * @life_bytes: as it was configured
 * @life_packets: as it was configured
 * @seq_soft: out: the packet with this number asks for a rekey
 * @seq_max: out: the last number that may be sent
 * @born: nanoseconds of CLOCK_BOOTTIME
 * @timer: ends it by @life_time
 * @spi_node: in: in vgw_net.spis
 * @remote: out: where ICMP errors find it
 * @list: in vgw_tunnel.sas; outer lock
 * @serial: which of that tunnel's it is; a newer one has a higher one
 * @ops: what it tells its tunnel
 * @free_work: frees it
 * @seq: out: last sequence number taken
 * @packets: sealed or accepted
 * @bytes: of inner packets
 * @lock: guards @replay; taken with bottom halves off
 * @replay: in
 */
struct vgw_sa {
	struct percpu_ref ref;
	struct vgw_tunnel *tunnel;
	u32 suite;
	const struct vgw_alg *alg;
	struct crypto_aead *tfm;
	__be32 spi;
	enum vgw_direction dir;
	bool esn;
	bool pending;
	bool lingers;
	bool heard;
	bool joins;
	__be32 pending_on;
	u32 expiry;
	u32 expiry_told;
	u32 life_time;
	u64 life_bytes;
	u64 life_packets;
	u64 seq_soft;
	u64 seq_max;
	u64 born;
	struct hrtimer timer;
	struct rhash_head spi_node;
	struct vgw_sa_remote remote;
	struct list_head list;
	u32 serial;
	const struct vgw_sa_ops *ops;
	struct rcu_work free_work;

	atomic64_t seq ____cacheline_aligned_in_smp;
	atomic64_t packets;
	atomic64_t bytes;
	spinlock_t lock;
	struct vgw_replay replay;
};

extern struct workqueue_struct *vgw_wq;

int vgw_sa_init(void);
void vgw_sa_exit(void);
struct vgw_sa *vgw_sa_create(const struct vgw_sa_config *config, struct vgw_tunnel *tunnel,
			     const struct vgw_sa_ops *ops, struct netlink_ext_ack *extack);
void vgw_sa_remove(struct vgw_sa *sa);
void vgw_sa_linger(struct vgw_sa *sa, unsigned int seconds);
unsigned int vgw_sa_left(const struct vgw_sa *sa);
void vgw_sa_end(struct vgw_sa *sa);
unsigned int vgw_sa_seqs_take(struct vgw_sa *sa, unsigned int wanted, u64 *first);
void vgw_sa_count(struct vgw_sa *sa, unsigned int packets, unsigned int bytes);

/* Any context; caller is in an RCU read section or holds the outer lock. False once the SA is being removed. */
static inline bool vgw_sa_get(struct vgw_sa *sa)
{
	return percpu_ref_tryget_live(&sa->ref);
}

/* Any context. */
static inline void vgw_sa_put(struct vgw_sa *sa)
{
	percpu_ref_put(&sa->ref);
}

/* One sequence number; 0 when there are none left. Any context. */
static inline u64 vgw_sa_seq_take(struct vgw_sa *sa)
{
	u64 seq;

	return vgw_sa_seqs_take(sa, 1, &seq) ? seq : 0;
}

/* Will it be spent by so many bytes more? */
static inline bool vgw_sa_ends_within(const struct vgw_sa *sa, unsigned int bytes)
{
	return sa->life_bytes && atomic64_read(&sa->bytes) + bytes >= sa->life_bytes;
}

/* Can it still carry packets? */
static inline bool vgw_sa_usable(const struct vgw_sa *sa)
{
	return READ_ONCE(sa->expiry) != VGW_EXPIRY_HARD;
}

/* The first authentic packet may be what an outbound SA waits for. Any context. */
static inline void vgw_sa_hear(struct vgw_sa *sa)
{
	if (likely(READ_ONCE(sa->heard)))
		return;
	WRITE_ONCE(sa->heard, true);
	sa->ops->changed(sa->tunnel);
}

#endif /* _VGW_SA_H */
