// SPDX-License-Identifier: GPL-2.0
#include "sa.h"

#include <crypto/aead.h>
#include <linux/ktime.h>
#include <linux/slab.h>

/* Frees SAs and follows changes that the data path notices; flushed before the module goes. */
struct workqueue_struct *vgw_wq;

int vgw_sa_init(void)
{
	vgw_wq = alloc_workqueue("vgw", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	return vgw_wq ? 0 : -ENOMEM;
}

/* Every SA is on its way out: wait for the last. */
void vgw_sa_exit(void)
{
	rcu_barrier();
	destroy_workqueue(vgw_wq);
}

static void free_sa(struct work_struct *work)
{
	struct vgw_sa *sa = container_of(to_rcu_work(work), struct vgw_sa, free_work);
	void (*gone)(struct vgw_tunnel *tunnel) = sa->gone;
	struct vgw_tunnel *tunnel = sa->tunnel;

	crypto_free_aead(sa->tfm);
	percpu_ref_exit(&sa->ref);
	kfree_sensitive(sa);
	gone(tunnel);
}

/* The last reference is put, in any context; lookups that still see the SA are in RCU read sections. */
static void release_sa(struct percpu_ref *ref)
{
	struct vgw_sa *sa = container_of(ref, struct vgw_sa, ref);

	queue_rcu_work(vgw_wq, &sa->free_work);
}

/* RFC 4303 section 3.3.3: never let a number come twice. Ask for a new SA when seven eighths are used. */
static void set_limits(struct vgw_sa *sa)
{
	sa->seq_max = sa->esn ? U64_MAX : U32_MAX;
	if (sa->life_packets && sa->life_packets < sa->seq_max)
		sa->seq_max = sa->life_packets;
	sa->seq_soft = sa->seq_max - sa->seq_max / 8;
}

/**
 * vgw_sa_create() - make an SA
 * @config: what it is to be
 * @tunnel: its tunnel, of which the caller has a reference that goes over to the SA
 * @gone: gives that reference back when the SA is freed, in process context
 * @extack: says why not
 *
 * May sleep. The caller puts it where it is found. Returns an ERR_PTR on failure, the tunnel's reference then stays
 * with the caller.
 */
struct vgw_sa *vgw_sa_create(const struct vgw_sa_config *config, struct vgw_tunnel *tunnel,
			     void (*gone)(struct vgw_tunnel *tunnel), struct netlink_ext_ack *extack)
{
	u32 words = config->dir == VGW_DIRECTION_IN ? vgw_replay_words(config->replay_window) : 0;
	struct vgw_sa *sa;
	int err = -ENOMEM;

	sa = kzalloc(struct_size(sa, replay.bits, words), GFP_KERNEL);
	if (!sa)
		return ERR_PTR(-ENOMEM);
	if (percpu_ref_init(&sa->ref, release_sa, 0, GFP_KERNEL))
		goto err_free;
	sa->tfm = vgw_alg_create(config->alg, config->esn, config->key, config->auth_key, extack);
	if (IS_ERR(sa->tfm)) {
		err = PTR_ERR(sa->tfm);
		goto err_ref;
	}
	sa->tunnel = tunnel;
	sa->gone = gone;
	sa->suite = config->suite;
	sa->alg = config->alg;
	sa->dir = config->dir;
	sa->spi = config->spi;
	sa->esn = config->esn;
	sa->born = ktime_get_boottime_ns();
	sa->life_packets = config->life_packets;
	set_limits(sa);
	spin_lock_init(&sa->lock);
	INIT_LIST_HEAD(&sa->list);
	INIT_RCU_WORK(&sa->free_work, free_sa);
	if (words)
		vgw_replay_init(&sa->replay, config->replay_window, config->esn);
	return sa;

err_ref:
	percpu_ref_exit(&sa->ref);
err_free:
	kfree(sa);
	return ERR_PTR(err);
}

/**
 * vgw_sa_remove() - end an SA that nobody can find any more, or never could
 * @sa: the SA; gone for the caller
 *
 * Does not wait: packets that hold a reference finish first.
 */
void vgw_sa_remove(struct vgw_sa *sa)
{
	percpu_ref_kill(&sa->ref);
}

/**
 * vgw_sa_seq_take() - the next sequence number to send
 * @sa: outbound SA, of which the caller has a reference
 * @expired: set when this packet brought the SA to a limit, which somebody has to tell
 *
 * Any context. Returns 0 when there are none left.
 */
u64 vgw_sa_seq_take(struct vgw_sa *sa, bool *expired)
{
	u64 seq;

	*expired = false;
	if (unlikely(!vgw_sa_usable(sa)))
		return 0;
	seq = atomic64_inc_return(&sa->seq);
	if (likely(seq < sa->seq_soft))
		return seq;
	if (seq == sa->seq_soft && seq < sa->seq_max) {
		WRITE_ONCE(sa->expiry, VGW_EXPIRY_SOFT);
		*expired = true;
	} else if (seq >= sa->seq_max) {
		*expired = READ_ONCE(sa->expiry) != VGW_EXPIRY_HARD;
		WRITE_ONCE(sa->expiry, VGW_EXPIRY_HARD);
	}
	return seq <= sa->seq_max ? seq : 0;
}
