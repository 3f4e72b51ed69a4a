// SPDX-License-Identifier: GPL-2.0
#include "sa.h"

#include <crypto/aead.h>
#include <linux/ktime.h>
#include <linux/slab.h>

#include "esp.h"

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
	const struct vgw_sa_ops *ops = sa->ops;
	struct vgw_tunnel *tunnel = sa->tunnel;

	hrtimer_cancel(&sa->timer);
	crypto_free_aead(sa->tfm);
	percpu_ref_exit(&sa->ref);
	kfree_sensitive(sa);
	ops->gone(tunnel);
}

/* The last reference is put, in any context; lookups that still see the SA are in RCU read sections. */
static void release_sa(struct percpu_ref *ref)
{
	struct vgw_sa *sa = container_of(ref, struct vgw_sa, ref);

	queue_rcu_work(vgw_wq, &sa->free_work);
}

/* ---- limits ---- */

/* Where a limit asks for a new SA: when seven eighths are used. */
static u64 soft_of(u64 hard)
{
	return hard - hard / 8;
}

/* RFC 4303 section 3.3.3: never let a number come twice. Extended ones end where IVs have something else. */
static void set_limits(struct vgw_sa *sa)
{
	sa->seq_max = sa->esn ? GENMASK_ULL(VGW_ESN_BITS - 1, 0) : U32_MAX;
	if (sa->life_packets && sa->life_packets < sa->seq_max)
		sa->seq_max = sa->life_packets;
	sa->seq_soft = soft_of(sa->seq_max);
}

/* An SA reached a limit; whoever brings it further tells. */
static void reach(struct vgw_sa *sa, u32 expiry)
{
	u32 old = READ_ONCE(sa->expiry), seen;

	while (old < expiry) {
		seen = cmpxchg(&sa->expiry, old, expiry);
		if (seen == old) {
			sa->ops->changed(sa->tunnel);
			return;
		}
		old = seen;
	}
}

static u64 hard_end(const struct vgw_sa *sa)
{
	return sa->born + sa->life_time * (u64)NSEC_PER_SEC;
}

/* CLOCK_BOOTTIME, so that time in suspend counts. Softirq. */
static enum hrtimer_restart time_is_up(struct hrtimer *timer)
{
	struct vgw_sa *sa = container_of(timer, struct vgw_sa, timer);
	u64 hard = hard_end(sa);

	if (READ_ONCE(sa->lingers) || ktime_get_boottime_ns() >= hard) {
		reach(sa, VGW_EXPIRY_HARD);
		return HRTIMER_NORESTART;
	}
	reach(sa, VGW_EXPIRY_SOFT);
	hrtimer_set_expires(timer, ns_to_ktime(hard));
	return HRTIMER_RESTART;
}

static void start_timer(struct vgw_sa *sa)
{
	u64 soft = soft_of(sa->life_time * (u64)NSEC_PER_SEC);

	hrtimer_setup(&sa->timer, time_is_up, CLOCK_BOOTTIME, HRTIMER_MODE_ABS_SOFT);
	if (sa->life_time)
		hrtimer_start(&sa->timer, ns_to_ktime(sa->born + soft), HRTIMER_MODE_ABS_SOFT);
}

static void take_config(struct vgw_sa *sa, const struct vgw_sa_config *config)
{
	sa->suite = config->suite;
	sa->alg = config->alg;
	sa->dir = config->dir;
	sa->spi = config->spi;
	sa->esn = config->esn;
	sa->pending = config->pending_on;
	sa->pending_on = config->pending_on;
	sa->life_time = config->life_time;
	sa->life_bytes = config->life_bytes;
	sa->life_packets = config->life_packets;
	set_limits(sa);
	if (config->dir == VGW_DIRECTION_IN)
		vgw_replay_init(&sa->replay, config->replay_window, config->esn);
}

/* ---- life ---- */

/**
 * vgw_sa_create() - make an SA
 * @config: what it is to be
 * @tunnel: its tunnel, of which the caller has a reference that goes over to the SA
 * @ops: what it tells the tunnel
 * @extack: says why not
 *
 * May sleep. The caller puts it where it is found. Returns an ERR_PTR on failure, the tunnel's reference then stays
 * with the caller.
 */
struct vgw_sa *vgw_sa_create(const struct vgw_sa_config *config, struct vgw_tunnel *tunnel,
			     const struct vgw_sa_ops *ops, struct netlink_ext_ack *extack)
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
	sa->ops = ops;
	sa->born = ktime_get_boottime_ns();
	spin_lock_init(&sa->lock);
	INIT_LIST_HEAD(&sa->list);
	INIT_RCU_WORK(&sa->free_work, free_sa);
	take_config(sa, config);
	start_timer(sa);
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

/*
 * Let an inbound SA end some seconds from now, but not later than it would have; its tunnel then takes it out. May
 * sleep; caller holds the outer lock.
 */
void vgw_sa_linger(struct vgw_sa *sa, unsigned int seconds)
{
	u64 end = ktime_get_boottime_ns() + seconds * (u64)NSEC_PER_SEC;

	if (sa->life_time)
		end = min(end, hard_end(sa));
	/* The timer must not start itself anew meanwhile. */
	hrtimer_cancel(&sa->timer);
	WRITE_ONCE(sa->lingers, true);
	hrtimer_start(&sa->timer, ns_to_ktime(end), HRTIMER_MODE_ABS_SOFT);
}

/* Seconds for which an SA that lingers still does, those begun with them. Caller holds the outer lock. */
unsigned int vgw_sa_left(const struct vgw_sa *sa)
{
	s64 left = ktime_to_ns(hrtimer_get_remaining(&sa->timer));

	return left > 0 ? div_u64(left + NSEC_PER_SEC - 1, NSEC_PER_SEC) : 0;
}

/* It carries no packet any more from now on. Any context. */
void vgw_sa_end(struct vgw_sa *sa)
{
	reach(sa, VGW_EXPIRY_HARD);
}

/* ---- use ---- */

/**
 * vgw_sa_seqs_take() - the next sequence numbers to send
 * @sa: outbound SA, of which the caller has a reference
 * @wanted: how many, at least one
 * @first: the first of them; the others follow it
 *
 * Any context. Returns how many there are, less than wanted when these are the last.
 */
unsigned int vgw_sa_seqs_take(struct vgw_sa *sa, unsigned int wanted, u64 *first)
{
	u64 last;

	if (unlikely(!vgw_sa_usable(sa)))
		return 0;
	last = atomic64_add_return(wanted, &sa->seq);
	*first = last - wanted + 1;
	if (likely(last < sa->seq_soft))
		return wanted;
	reach(sa, last < sa->seq_max ? VGW_EXPIRY_SOFT : VGW_EXPIRY_HARD);
	if (last <= sa->seq_max)
		return wanted;
	return *first <= sa->seq_max ? sa->seq_max - *first + 1 : 0;
}

static void check_limit(struct vgw_sa *sa, u64 used, u64 hard)
{
	if (hard && used >= soft_of(hard))
		reach(sa, used >= hard ? VGW_EXPIRY_HARD : VGW_EXPIRY_SOFT);
}

/**
 * vgw_sa_count() - count packets that were sealed or accepted
 * @sa: the SA, of which the caller has a reference
 * @packets: how many
 * @bytes: of the inner packets
 *
 * Any context. The packets of an outbound SA are limited where their numbers are taken.
 */
void vgw_sa_count(struct vgw_sa *sa, unsigned int packets, unsigned int bytes)
{
	u64 all_packets = atomic64_add_return(packets, &sa->packets);
	u64 all_bytes = atomic64_add_return(bytes, &sa->bytes);

	if (unlikely(sa->life_bytes))
		check_limit(sa, all_bytes, sa->life_bytes);
	if (unlikely(sa->life_packets) && sa->dir == VGW_DIRECTION_IN)
		check_limit(sa, all_packets, sa->life_packets);
}
