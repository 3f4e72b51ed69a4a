// SPDX-License-Identifier: GPL-2.0
#include "larval.h"

#include <linux/jiffies.h>
#include <linux/netlink.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <net/dst.h>

#include "dev.h"
#include "limits.h"
#include "sa.h"
#include "spi.h"

/*
 * One SPI that is kept for its holder, in @vn, until @expires (64-bit jiffies). @lock orders those who bring packets
 * and the one who makes the SA: as long as some are held others are, too; after that (@over) they find the SA.
 */
struct larval {
	struct rhash_head node;
	struct list_head list;
	struct vgw_net *vn;
	__be32 spi;
	struct vgw_holder holder;
	u64 expires;
	struct rcu_head rcu;

	spinlock_t lock;
	bool over;
	unsigned int truesize;
	struct sk_buff_head held;
};

enum {
	HELD_BATCH = 32,	/* packets, less than the stack takes in one turn */
	HELD_BATCHES = 4 * VGW_HELD_MAX / HELD_BATCH,
};

/* What a packet needs besides itself while it is held. */
struct held_cb {
	enum vgw_encap encap;
};

static struct held_cb *held_cb(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct held_cb) > sizeof(skb->cb));
	return (struct held_cb *)skb->cb;
}

static const struct rhashtable_params params = {
	.key_len = sizeof_field(struct larval, spi),
	.key_offset = offsetof(struct larval, spi),
	.head_offset = offsetof(struct larval, node),
	.automatic_shrinking = true,
};

/*
 * Of all namespaces, the oldest first: a netlink socket that closes does not say where it had reserved something. The
 * lock also guards what is in the tables of the namespaces, which packets read under RCU.
 */
static LIST_HEAD(larvals);
static DEFINE_MUTEX(larvals_lock);
static vgw_larval_taker take_held;

static void reap(struct work_struct *work);
static DECLARE_DELAYED_WORK(reaper, reap);

/* ---- packets ---- */

/* Nothing that a packet brought along may keep a device, a socket or a connection from going. */
static void detach(struct sk_buff *skb)
{
	skb_orphan(skb);
	skb_dst_drop(skb);
	skb_ext_reset(skb);
	nf_reset_ct(skb);
	skb->dev = NULL;
}

static bool has_room(const struct larval *larval, const struct sk_buff *skb)
{
	return skb_queue_len(&larval->held) < VGW_HELD_MAX && larval->truesize + skb->truesize <= VGW_HELD_BYTES_MAX;
}

static void hold(struct larval *larval, struct sk_buff *skb, enum vgw_encap encap)
{
	struct vgw_net *vn = larval->vn;

	if (!has_room(larval, skb) || !atomic_add_unless(&vn->held, 1, VGW_HELD_NET_MAX)) {
		vgw_drop_count(&vn->drops, VGW_DROP_EARLY);
		kfree_skb(skb);
		return;
	}
	detach(skb);
	held_cb(skb)->encap = encap;
	larval->truesize += skb->truesize;
	__skb_queue_tail(&larval->held, skb);
}

/**
 * vgw_larval_hold() - keep a packet whose SA may be in the making
 * @vn: the outer namespace
 * @spi: of the packet; no SA was found
 * @skb: data at the ESP header
 * @encap: how it came
 *
 * Softirq. Returns true when the packet is consumed; false when the SPI is not reserved, or not any more: there may be
 * an SA then.
 */
bool vgw_larval_hold(struct vgw_net *vn, __be32 spi, struct sk_buff *skb, enum vgw_encap encap)
{
	struct larval *larval;
	bool holds = false;

	rcu_read_lock();
	larval = rhashtable_lookup(&vn->larvals, &spi, params);
	if (larval) {
		spin_lock_bh(&larval->lock);
		holds = !larval->over;
		if (holds)
			hold(larval, skb, encap);
		spin_unlock_bh(&larval->lock);
	}
	rcu_read_unlock();
	return holds;
}

/* Softirqs are off. */
static void let_go(struct sk_buff_head *held, struct vgw_sa *sa)
{
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(held))) {
		/* Nobody ends it yet. */
		percpu_ref_get(&sa->ref);
		take_held(skb, sa, held_cb(skb)->encap);
	}
}

/* Move the oldest, up to so many. Caller holds the lock of it. Returns false when there were none. */
static bool take(struct larval *larval, struct sk_buff_head *to, unsigned int count)
{
	struct sk_buff *skb;

	while (count-- && (skb = __skb_dequeue(&larval->held))) {
		atomic_dec(&larval->vn->held);
		larval->truesize -= skb->truesize;
		__skb_queue_tail(to, skb);
	}
	return !skb_queue_empty(to);
}

/*
 * The stack takes what comes out of the SA when softirqs are on again, on this CPU: as many as it does in one turn.
 * Later ones, which come on other CPUs, wait meanwhile.
 */
static bool let_some_go(struct larval *larval, struct vgw_sa *sa)
{
	struct sk_buff_head some;
	bool any;

	__skb_queue_head_init(&some);
	spin_lock_bh(&larval->lock);
	any = take(larval, &some, HELD_BATCH);
	spin_unlock(&larval->lock);
	let_go(&some, sa);
	local_bh_enable();
	return any;
}

/* ---- reservations ---- */

/* Take it out, with what it holds. Caller holds the lock of all. */
static void drop(struct larval *larval)
{
	struct vgw_net *vn = larval->vn;
	struct sk_buff_head held;
	struct sk_buff *skb;

	lockdep_assert_held(&larvals_lock);
	__skb_queue_head_init(&held);
	spin_lock_bh(&larval->lock);
	larval->over = true;
	take(larval, &held, VGW_HELD_MAX);
	spin_unlock_bh(&larval->lock);
	while ((skb = __skb_dequeue(&held))) {
		vgw_drop_count(&vn->drops, VGW_DROP_EARLY);
		kfree_skb(skb);
	}
	rhashtable_remove_fast(&vn->larvals, &larval->node, params);
	list_del(&larval->list);
	vn->reserved--;
	kfree_rcu(larval, rcu);
}

static bool is_holder(const struct larval *larval, const struct vgw_holder *holder)
{
	return larval->holder.net == holder->net && larval->holder.port == holder->port;
}

static bool has_expired(const struct larval *larval)
{
	return time_after_eq64(get_jiffies_64(), larval->expires);
}

/* Caller holds the lock of all. What has expired is as good as gone. */
static struct larval *find(struct vgw_net *vn, __be32 spi)
{
	struct larval *larval = rhashtable_lookup_fast(&vn->larvals, &spi, params);

	lockdep_assert_held(&larvals_lock);
	if (!larval || !has_expired(larval))
		return larval;
	drop(larval);
	return NULL;
}

/*
 * What nobody made an SA of in time. All live equally long: the first of the list is the next. Whoever added one just
 * now may have asked for the full time.
 */
static void reap(struct work_struct *work)
{
	struct larval *larval, *next;

	mutex_lock(&larvals_lock);
	list_for_each_entry_safe(larval, next, &larvals, list) {
		if (!has_expired(larval)) {
			mod_delayed_work(vgw_wq, &reaper, larval->expires - get_jiffies_64());
			break;
		}
		drop(larval);
	}
	mutex_unlock(&larvals_lock);
}

static struct larval *create(struct vgw_net *vn, __be32 spi, const struct vgw_holder *holder)
{
	struct larval *larval = kzalloc(sizeof(*larval), GFP_KERNEL);

	if (!larval)
		return NULL;
	larval->vn = vn;
	larval->spi = spi;
	larval->holder = *holder;
	larval->expires = get_jiffies_64() + VGW_SPI_RESERVED_S * HZ;
	spin_lock_init(&larval->lock);
	__skb_queue_head_init(&larval->held);
	return larval;
}

/* Caller holds the lock of all. */
static int insert(struct larval *larval)
{
	struct vgw_net *vn = larval->vn;
	int err;

	if (find(vn, larval->spi))
		return -EEXIST;
	if (vn->reserved >= VGW_SPIS_RESERVED_MAX)
		return -ENOSPC;
	err = rhashtable_insert_fast(&vn->larvals, &larval->node, params);
	if (err)
		return err;
	list_add_tail(&larval->list, &larvals);
	vn->reserved++;
	queue_delayed_work(vgw_wq, &reaper, VGW_SPI_RESERVED_S * HZ);
	return 0;
}

/**
 * vgw_larval_add() - keep an SPI for an SA to come, and the packets that are there before it
 * @vn: the outer namespace
 * @spi: at least VGW_SPI_MIN
 * @holder: for whom
 *
 * May sleep; caller holds the outer lock. Returns 0, -EEXIST when it is taken, -ENOSPC when too many are reserved, or
 * -ENOMEM.
 */
int vgw_larval_add(struct vgw_net *vn, __be32 spi, const struct vgw_holder *holder)
{
	struct larval *larval;
	int err;

	if (vgw_spi_taken(vn, spi))
		return -EEXIST;
	larval = create(vn, spi, holder);
	if (!larval)
		return -ENOMEM;
	mutex_lock(&larvals_lock);
	err = insert(larval);
	mutex_unlock(&larvals_lock);
	if (err)
		kfree(larval);
	return err;
}

/* May this holder make an SA of this SPI? May sleep; caller holds the outer lock. */
bool vgw_larval_allows(struct vgw_net *vn, __be32 spi, const struct vgw_holder *holder)
{
	struct larval *larval;
	bool may;

	mutex_lock(&larvals_lock);
	larval = find(vn, spi);
	may = !larval || is_holder(larval, holder);
	mutex_unlock(&larvals_lock);
	return may;
}

/* End a reservation, if there is one. May sleep; caller holds the outer lock. */
void vgw_larval_del(struct vgw_net *vn, __be32 spi)
{
	struct larval *larval;

	mutex_lock(&larvals_lock);
	larval = find(vn, spi);
	if (larval)
		drop(larval);
	mutex_unlock(&larvals_lock);
}

/* Let what is held go by the SA, and packets find it from then on. */
static int grow(struct larval *larval, struct vgw_sa *sa)
{
	struct sk_buff_head last;
	unsigned int i;
	int err;

	/* Who sends faster than that gets in line by the lock. */
	for (i = 0; i < HELD_BATCHES && let_some_go(larval, sa); i++)
		cond_resched();
	__skb_queue_head_init(&last);
	spin_lock_bh(&larval->lock);
	take(larval, &last, VGW_HELD_MAX);
	let_go(&last, sa);
	err = vgw_spi_add(larval->vn, sa);
	larval->over = !err;
	spin_unlock_bh(&larval->lock);
	return err;
}

/**
 * vgw_larval_grow() - an inbound SA is there: put it into the table of SPIs
 * @vn: the outer namespace
 * @sa: the SA, of which nobody else knows yet
 *
 * May sleep; caller holds the outer lock. Ends the reservation of its SPI, if there is one, and before packets can find
 * the SA those go by it that were held. Returns 0, -EEXIST when another SA has the SPI, or -ENOMEM.
 */
int vgw_larval_grow(struct vgw_net *vn, struct vgw_sa *sa)
{
	struct larval *larval;
	int err;

	if (vgw_spi_taken(vn, sa->spi))
		return -EEXIST;
	mutex_lock(&larvals_lock);
	larval = find(vn, sa->spi);
	err = larval ? grow(larval, sa) : vgw_spi_add(vn, sa);
	if (larval && !err)
		drop(larval);
	mutex_unlock(&larvals_lock);
	return err;
}

/* What a netlink socket reserved goes with it. */
static int notice_release(struct notifier_block *nb, unsigned long event, void *ptr)
{
	const struct netlink_notify *notify = ptr;
	const struct vgw_holder holder = { notify->net, notify->portid };
	struct larval *larval, *next;

	if (event != NETLINK_URELEASE || notify->protocol != NETLINK_GENERIC)
		return NOTIFY_DONE;
	mutex_lock(&larvals_lock);
	list_for_each_entry_safe(larval, next, &larvals, list)
		if (is_holder(larval, &holder))
			drop(larval);
	mutex_unlock(&larvals_lock);
	return NOTIFY_DONE;
}

static struct notifier_block release_notifier = {
	.notifier_call = notice_release,
};

/* ---- life ---- */

int vgw_larval_net_init(struct vgw_net *vn)
{
	return rhashtable_init(&vn->larvals, &params);
}

/* No packet comes any more. */
void vgw_larval_net_exit(struct vgw_net *vn)
{
	struct larval *larval, *next;

	mutex_lock(&larvals_lock);
	list_for_each_entry_safe(larval, next, &larvals, list)
		if (larval->vn == vn)
			drop(larval);
	mutex_unlock(&larvals_lock);
	rhashtable_destroy(&vn->larvals);
}

/* @taker: where packets go on that were held. */
int vgw_larval_init(vgw_larval_taker taker)
{
	take_held = taker;
	return netlink_register_notifier(&release_notifier);
}

/* May sleep; there are no reservations any more. */
void vgw_larval_exit(void)
{
	netlink_unregister_notifier(&release_notifier);
	cancel_delayed_work_sync(&reaper);
}
