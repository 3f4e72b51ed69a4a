// SPDX-License-Identifier: GPL-2.0
#include "turn_in.h"

#include <linux/netdevice.h>
#include <linux/slab.h>

#include "burst.h"
#include "dev.h"
#include "esp.h"
#include "lane.h"
#include "sa.h"
#include "tunnel.h"

/**
 * struct turn - a burst whose turn comes
 * @job: opens and delivers it
 * @sa: of all of it, with a reference
 * @list: as it came
 * @opened: what was in it
 */
struct turn {
	struct vgw_job job;
	struct vgw_sa *sa;
	struct sk_buff *list;
	struct vgw_opened opened;
};

static void open_turn(struct vgw_job *job)
{
	struct turn *turn = container_of(job, struct turn, job);

	vgw_burst_open(turn->list, &turn->opened);
}

static void deliver_turn(struct vgw_job *job)
{
	struct turn *turn = container_of(job, struct turn, job);

	vgw_burst_deliver(&turn->opened, VGW_RX_NOW, NULL);
}

static void free_turn(struct vgw_job *job)
{
	struct turn *turn = container_of(job, struct turn, job);

	vgw_sa_put(turn->sa);
	kfree(turn);
}

static const struct vgw_job_ops ops = {
	.work = open_turn,
	.end = deliver_turn,
	.free = free_turn,
};

static void drop_all(struct sk_buff *list, enum vgw_drop cause)
{
	struct vgw_sa *sa = vgw_cb(list)->sa;
	struct sk_buff *skb, *next;

	skb_list_walk_safe(list, skb, next) {
		vgw_drop_count_many(&sa->tunnel->drops, cause, vgw_esp_packets(skb));
		DEV_STATS_ADD(sa->tunnel->dev->netdev, rx_dropped, vgw_esp_packets(skb));
		kfree_skb(skb);
		/* Never the last one as long as there is another packet. */
		vgw_sa_put(sa);
	}
}

static void give_turn(struct sk_buff *list)
{
	struct vgw_sa *sa = vgw_cb(list)->sa;
	struct vgw_lane *lane = &sa->tunnel->lane_in;
	struct turn *turn = kmalloc(sizeof(*turn), GFP_ATOMIC);
	bool added;

	if (!turn) {
		drop_all(list, VGW_DROP_NO_MEMORY);
		return;
	}
	turn->sa = sa;
	turn->list = list;
	percpu_ref_get(&sa->ref);
	spin_lock(&lane->lock);
	added = vgw_lane_add(lane, &turn->job, &ops);
	spin_unlock(&lane->lock);
	if (added) {
		vgw_lane_go(&turn->job);
	} else {
		drop_all(list, VGW_DROP_OVERFLOW);
		free_turn(&turn->job);
	}
}

/**
 * vgw_turn_open() - have packets verified, decrypted and delivered
 * @list: as in vgw_burst_open()
 * @napi: whose poll it is
 *
 * Bottom halves are off. Owns the packets.
 */
void vgw_turn_open(struct sk_buff *list, struct napi_struct *napi)
{
	struct vgw_sa *sa = vgw_cb(list)->sa;
	struct vgw_opened opened;
	u64 begin, now;

	if (vgw_lane_in_use(&sa->tunnel->lane_in)) {
		give_turn(list);
		return;
	}
	begin = local_clock();
	vgw_burst_open(list, &opened);
	now = local_clock();
	/* While there are references the SA stays. */
	if (likely(opened.references))
		vgw_lane_account(&sa->tunnel->lane_in, now - begin, now);
	vgw_burst_deliver(&opened, VGW_RX_POLL, napi);
}
