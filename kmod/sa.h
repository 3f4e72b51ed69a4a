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

#include <linux/list.h>
#include <linux/netlink.h>
#include <linux/percpu-refcount.h>
#include <linux/rhashtable-types.h>
#include <linux/spinlock.h>
#include <linux/vgw.h>
#include <linux/workqueue.h>

#include "alg.h"
#include "replay.h"

struct vgw_tunnel;

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
 * @life_packets: outbound: hard limit, 0 for none but that of the sequence numbers
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
	u64 life_packets;
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
 * @expiry: how far gone, 0 while fresh; only ever goes up
 * @expiry_told: what has been announced of that; outer lock
 * @life_packets: out: as it was configured
 * @seq_soft: out: the packet with this number asks for a rekey
 * @seq_max: out: the last number that may be sent
 * @born: nanoseconds of CLOCK_BOOTTIME
 * @spi_node: in: in vgw_net.spis
 * @list: in vgw_tunnel.sas; outer lock
 * @gone: called last of all
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
	u8 expiry;
	u8 expiry_told;
	u64 life_packets;
	u64 seq_soft;
	u64 seq_max;
	u64 born;
	struct rhash_head spi_node;
	struct list_head list;
	void (*gone)(struct vgw_tunnel *tunnel);
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
			     void (*gone)(struct vgw_tunnel *tunnel), struct netlink_ext_ack *extack);
void vgw_sa_remove(struct vgw_sa *sa);
u64 vgw_sa_seq_take(struct vgw_sa *sa, bool *expired);

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

/* Can it still carry packets? */
static inline bool vgw_sa_usable(const struct vgw_sa *sa)
{
	return READ_ONCE(sa->expiry) != VGW_EXPIRY_HARD;
}

#endif /* _VGW_SA_H */
