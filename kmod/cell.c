// SPDX-License-Identifier: GPL-2.0
#include "cell.h"

#include <linux/netdevice.h>
#include <linux/percpu.h>
#include <linux/skbuff.h>
#include <net/gro.h>

#include "burst.h"
#include "dev.h"
#include "esp.h"
#include "limits.h"
#include "sa.h"
#include "tunnel.h"
#include "turn_in.h"

/* So many packets that came joined count as one of a poll's budget, which so ends after 256 or a few more. */
enum { JOINED_PER_COST = 4 };

/**
 * struct vgw_cell - the queue of one CPU
 * @napi: polls it; on another CPU, perhaps, when it is threaded
 * @queue: packets that came; each has in its control block its SA, with a reference
 * @taken: those of them that the poll is at; belongs to it alone
 */
struct vgw_cell {
	struct napi_struct napi;
	struct sk_buff_head queue;
	struct sk_buff_head taken;
};

static bool take_all(struct vgw_cell *cell)
{
	spin_lock(&cell->queue.lock);
	skb_queue_splice_tail_init(&cell->queue, &cell->taken);
	spin_unlock(&cell->queue.lock);
	return !skb_queue_empty(&cell->taken);
}

/* How much of a poll's budget a packet takes: to open one that many are joined in takes as long as to open these. */
static int cost_of(const struct sk_buff *skb)
{
	return max(vgw_esp_packets(skb) / JOINED_PER_COST, 1u);
}

/*
 * The first packet and those behind it that have the same SA, linked by next, as long as they cost less than @most.
 * There is at least one.
 */
static struct sk_buff *take_run(struct sk_buff_head *taken, int most, int *cost)
{
	struct sk_buff *first = __skb_dequeue(taken), *last = first, *skb;

	for (*cost = cost_of(first); *cost < most; *cost += cost_of(skb)) {
		skb = skb_peek(taken);
		if (!skb || vgw_cb(skb)->sa != vgw_cb(first)->sa)
			break;
		__skb_unlink(skb, taken);
		last->next = skb;
		last = skb;
	}
	return first;
}

/* Does the next packet go by its tunnel's lane, which delivers past the poll? */
static bool next_is_in_lane(const struct vgw_cell *cell)
{
	struct sk_buff *skb = skb_peek(&cell->taken);

	return vgw_lane_in_use(&vgw_cb(skb)->sa->tunnel->lane_in);
}

static int poll(struct napi_struct *napi, int budget)
{
	struct vgw_cell *cell = container_of(napi, struct vgw_cell, napi);
	bool holds = false, in_lane;
	int done = 0, cost;

	while (done < budget && (!skb_queue_empty(&cell->taken) || take_all(cell))) {
		in_lane = next_is_in_lane(cell);
		/* What is held to be joined with others came before it: the end of a poll lets it go. */
		if (in_lane && holds) {
			napi_gro_flush(napi, false);
			return budget;
		}
		holds |= !in_lane;
		vgw_turn_open(take_run(&cell->taken, budget - done, &cost), napi);
		done += cost;
	}
	if (done < budget)
		napi_complete_done(napi, done);
	return min(done, budget);
}

static void queue(struct vgw_cell *cell, struct sk_buff *skb)
{
	bool first;

	/* What it has borrowed from whoever had it until now. */
	skb_dst_drop(skb);
	skb->dev = vgw_cb(skb)->sa->tunnel->dev->netdev;
	spin_lock(&cell->queue.lock);
	first = skb_queue_empty(&cell->queue);
	__skb_queue_tail(&cell->queue, skb);
	spin_unlock(&cell->queue.lock);
	if (first)
		napi_schedule(&cell->napi);
}

static void drop(struct sk_buff *skb, struct vgw_sa *sa)
{
	vgw_drop_count_many(&sa->tunnel->drops, VGW_DROP_OVERFLOW, vgw_esp_packets(skb));
	DEV_STATS_ADD(sa->tunnel->dev->netdev, rx_dropped, vgw_esp_packets(skb));
	kfree_skb(skb);
	vgw_sa_put(sa);
}

/*
 * Is there something to be gained by waiting? A packet that others follow can be joined with them; one that comes by
 * itself only loses by it, 900 instructions of 24,500 that forwarding it costs. But none overtakes what is queued, or
 * held by a poll that has not ended.
 */
static bool worth_waiting(const struct vgw_cell *cell, const struct sk_buff *skb, const struct vgw_sa *sa)
{
	return skb_is_gso(skb) || READ_ONCE(sa->joins) || vgw_lane_in_use(&sa->tunnel->lane_in) ||
	       test_bit(NAPI_STATE_SCHED, &cell->napi.state);
}

/**
 * vgw_cell_take() - have a packet opened, now or soon
 * @skb: data at the ESP header, network header at the outer IP header; of many datagrams all have the same SPI
 * @sa: of that SPI; the caller's reference goes along
 *
 * Bottom halves are off. Owns the packet.
 */
void vgw_cell_take(struct sk_buff *skb, struct vgw_sa *sa)
{
	struct vgw_cell *cell = this_cpu_ptr(sa->tunnel->dev->cells);

	vgw_cb(skb)->sa = sa;
	if (!worth_waiting(cell, skb, sa))
		vgw_burst_open_one(skb);
	else if (likely(skb_queue_len_lockless(&cell->queue) < VGW_BACKLOG_MAX))
		queue(cell, skb);
	else
		drop(skb, sa);
}

/* A new interface. May sleep. Returns 0 or a negative errno. */
int vgw_cells_init(struct vgw_dev *dev)
{
	struct vgw_cell *cell;
	int cpu;

	dev->cells = alloc_percpu(struct vgw_cell);
	if (!dev->cells)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		cell = per_cpu_ptr(dev->cells, cpu);
		skb_queue_head_init(&cell->queue);
		__skb_queue_head_init(&cell->taken);
		/* Nobody waits for packets here by turning round. */
		set_bit(NAPI_STATE_NO_BUSY_POLL, &cell->napi.state);
		netif_napi_add(dev->netdev, &cell->napi, poll);
		napi_enable(&cell->napi);
	}
	return 0;
}

/* Nobody has a reference to an SA of the interface, so nothing is queued. May sleep. */
void vgw_cells_exit(struct vgw_dev *dev)
{
	struct vgw_cell *cell;
	int cpu;

	for_each_possible_cpu(cpu) {
		cell = per_cpu_ptr(dev->cells, cpu);
		napi_disable(&cell->napi);
		__netif_napi_del(&cell->napi);
	}
	/* netpoll may be looking through them. Who removes namespaces waits here, one interface after the other. */
	synchronize_rcu_expedited();
	free_percpu(dev->cells);
}
