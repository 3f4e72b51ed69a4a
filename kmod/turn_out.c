// SPDX-License-Identifier: GPL-2.0
#include "turn_out.h"

#include <linux/slab.h>
#include <net/dst.h>

#include "bulk.h"
#include "dev.h"
#include "esp.h"
#include "esp_out.h"
#include "lane.h"
#include "outer.h"
#include "sa.h"
#include "tunnel.h"

enum { SAMPLE = 8 };	/* of so many packets by themselves the time of one is taken */

/**
 * struct turn - a packet, or all segments of one, whose turn comes
 * @job: seals and sends it
 * @sa: with a reference
 * @single: a packet by itself, until it is sealed
 * @bulk: else what is sealed
 * @sealed: what is to be sent
 */
struct turn {
	struct vgw_job job;
	struct vgw_sa *sa;
	struct sk_buff *single;
	struct vgw_bulk bulk;
	struct sk_buff *sealed;
};

static void drop(struct sk_buff *skb, struct vgw_sa *sa, enum vgw_drop cause)
{
	unsigned int packets = vgw_esp_packets(skb);

	vgw_drop_count_many(&sa->tunnel->drops, cause, packets);
	DEV_STATS_ADD(sa->tunnel->dev->netdev, tx_dropped, packets);
	kfree_skb(skb);
}

static void send(struct sk_buff *list)
{
	if (likely(list))
		vgw_outer_send(list);
}

/* A packet that has got a number, if there was one. */
static struct sk_buff *seal_single(struct sk_buff *skb)
{
	struct vgw_sa *sa = vgw_cb(skb)->sa;

	if (likely(vgw_cb(skb)->seq))
		return vgw_esp_seal(skb);
	drop(skb, sa, VGW_DROP_SA_EXPIRED);
	vgw_sa_put(sa);
	return NULL;
}

/* ---- in turn ---- */

static void seal_turn(struct vgw_job *job)
{
	struct turn *turn = container_of(job, struct turn, job);

	if (turn->single) {
		turn->sealed = seal_single(turn->single);
		return;
	}
	turn->sealed = vgw_bulk_seal(&turn->bulk);
	vgw_bulk_end(&turn->bulk);
	dst_release(turn->bulk.dst);
}

static void send_turn(struct vgw_job *job)
{
	struct turn *turn = container_of(job, struct turn, job);

	send(turn->sealed);
}

static void free_turn(struct vgw_job *job)
{
	struct turn *turn = container_of(job, struct turn, job);

	vgw_sa_put(turn->sa);
	kfree(turn);
}

static const struct vgw_job_ops ops = {
	.work = seal_turn,
	.end = send_turn,
	.free = free_turn,
};

static struct turn *make_turn(struct vgw_sa *sa)
{
	struct turn *turn = kmalloc(sizeof(*turn), GFP_ATOMIC);

	if (!turn)
		return NULL;
	percpu_ref_get(&sa->ref);
	turn->sa = sa;
	turn->single = NULL;
	return turn;
}

/* Numbers are taken in the order in which packets are sent. */
static bool add_turn(struct turn *turn)
{
	struct vgw_lane *lane = &turn->sa->tunnel->lane_out;
	bool added;

	spin_lock(&lane->lock);
	added = vgw_lane_add(lane, &turn->job, &ops);
	if (likely(added) && turn->single)
		vgw_cb(turn->single)->seq = vgw_sa_seq_take(turn->sa);
	else if (likely(added))
		vgw_bulk_number(&turn->bulk, turn->bulk.segments.count);
	spin_unlock(&lane->lock);
	if (likely(added))
		vgw_lane_go(&turn->job);
	return added;
}

static bool send_in_turn(struct sk_buff *skb)
{
	struct turn *turn = make_turn(vgw_cb(skb)->sa);

	if (!turn)
		return false;
	turn->single = skb;
	if (likely(add_turn(turn)))
		return true;
	free_turn(&turn->job);
	return false;
}

/* Too many wait already. */
static void drop_bulk(struct vgw_bulk *bulk)
{
	struct vgw_sa *sa = bulk->cb.sa;

	vgw_drop_count_many(&sa->tunnel->drops, VGW_DROP_OVERFLOW, bulk->segments.count);
	DEV_STATS_ADD(sa->tunnel->dev->netdev, tx_dropped, bulk->segments.count);
	vgw_bulk_end(bulk);
}

/* Returns false when it is none that can be sent like this. */
static bool send_bulk_in_turn(struct sk_buff *skb, const struct vgw_cb *cb, struct dst_entry *dst, bool aggregate)
{
	struct turn *turn = make_turn(cb->sa);

	if (!turn) {
		drop(skb, cb->sa, VGW_DROP_NO_MEMORY);
		return true;
	}
	if (!vgw_bulk_begin(&turn->bulk, skb, cb, dst, aggregate)) {
		free_turn(&turn->job);
		return false;
	}
	dst_hold(dst);
	if (likely(add_turn(turn)))
		return true;
	drop_bulk(&turn->bulk);
	dst_release(dst);
	free_turn(&turn->job);
	return true;
}

/* ---- at once ---- */

static void send_now(struct sk_buff *skb)
{
	vgw_cb(skb)->seq = vgw_sa_seq_take(vgw_cb(skb)->sa);
	send(seal_single(skb));
}

/* The time of one in so many stands for all of them. */
static void send_timed(struct sk_buff *skb)
{
	struct vgw_sa *sa = vgw_cb(skb)->sa;
	u64 begin = local_clock(), now;

	vgw_cb(skb)->seq = vgw_sa_seq_take(sa);
	skb = seal_single(skb);
	if (!skb)
		return;
	now = local_clock();
	vgw_lane_account(&sa->tunnel->lane_out, SAMPLE * (now - begin), now);
	vgw_outer_send(skb);
}

/**
 * vgw_turn_send() - have a packet sealed and sent
 * @skb: the inner packet with its outer route; its control block names the SA, with a reference that goes along
 *
 * Bottom halves are off. Owns the packet.
 */
void vgw_turn_send(struct sk_buff *skb)
{
	struct vgw_sa *sa = vgw_cb(skb)->sa;

	if (vgw_lane_in_use(&sa->tunnel->lane_out)) {
		if (!send_in_turn(skb)) {
			drop(skb, sa, VGW_DROP_OVERFLOW);
			vgw_sa_put(sa);
		}
	} else if (unlikely(!(atomic64_read(&sa->seq) % SAMPLE))) {
		send_timed(skb);
	} else {
		send_now(skb);
	}
}

/**
 * vgw_turn_send_bulk() - have the segments of a packet of segmentation offload sealed and sent
 * @skb: inner packet; its segments are no longer than they may be
 * @cb: what is said of all of them; it names the SA, of which the caller has a reference
 * @dst: outer route, the same
 * @aggregate: they go in UDP, and may go in one packet of segmentation offload
 *
 * Bottom halves are off. Owns the packet, unless it returns false: then it is none that can be sent like this.
 */
bool vgw_turn_send_bulk(struct sk_buff *skb, const struct vgw_cb *cb, struct dst_entry *dst, bool aggregate)
{
	struct vgw_bulk bulk;
	u64 begin, now;
	bool more;

	if (vgw_lane_in_use(&cb->sa->tunnel->lane_out))
		return send_bulk_in_turn(skb, cb, dst, aggregate);
	begin = local_clock();
	if (!vgw_bulk_begin(&bulk, skb, cb, dst, aggregate))
		return false;
	do {
		more = vgw_bulk_number(&bulk, VGW_BULK_BLOCK);
		send(vgw_bulk_seal(&bulk));
	} while (more && bulk.segments.left);
	vgw_bulk_end(&bulk);
	now = local_clock();
	vgw_lane_account(&cb->sa->tunnel->lane_out, now - begin, now);
	return true;
}
