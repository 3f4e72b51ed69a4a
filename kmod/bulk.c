// SPDX-License-Identifier: GPL-2.0
#include "bulk.h"

#include <net/dst.h>

#include "dev.h"
#include "esp.h"
#include "esp_crypt.h"
#include "esp_frame.h"
#include "fraglist.h"
#include "inner.h"
#include "outer.h"
#include "owner.h"
#include "pages.h"
#include "sa.h"
#include "segment.h"
#include "tunnel.h"

enum {
	AGGREGATE_PACKETS = 64,		/* more no receiver puts together, nor takes apart */
	AGGREGATE_BYTES = 65535,	/* of the outer packet, by its length field */
	BLOCK_PACKETS = 16,		/* sent by themselves that get their numbers at once */
};

/* ---- the end of sealing ---- */

static void drop_failed(struct sk_buff *skb)
{
	struct vgw_sa *sa = vgw_cb(skb)->sa;
	unsigned int packets = vgw_esp_packets(skb);

	vgw_drop_count_many(&sa->tunnel->drops, VGW_DROP_CRYPTO_FAILED, packets);
	DEV_STATS_ADD(sa->tunnel->dev->netdev, tx_errors, packets);
	kfree_skb(skb);
	vgw_sa_put(sa);
}

/* A request has ended in another context. The last one of its packet sends that, unless it is still being made. */
static void sealed_async(void *data, int err)
{
	struct vgw_esp_req *req = data;
	struct sk_buff *skb;

	if (err == -EINPROGRESS)
		return;
	skb = req->skb;
	vgw_esp_req_put(req);
	if (unlikely(err))
		WRITE_ONCE(vgw_cb(skb)->failed, true);
	if (!atomic_dec_and_test(&vgw_cb(skb)->sealing))
		return;
	if (unlikely(READ_ONCE(vgw_cb(skb)->failed)))
		drop_failed(skb);
	else
		vgw_outer_send(skb);
}

/* A packet is made, @others of its counter are under way. If none are, it can be sent with its like. */
static void finish(struct vgw_bulk *bulk, struct sk_buff *skb, unsigned int others)
{
	struct vgw_cb *cb = vgw_cb(skb);

	if (bulk->charged)
		vgw_owner_share(skb, bulk->from);
	if (!atomic_sub_and_test(others, &cb->sealing))
		return;
	if (unlikely(READ_ONCE(cb->failed))) {
		drop_failed(skb);
		return;
	}
	*bulk->last = skb;
	bulk->last = &skb->next;
}

/* ---- sealing ---- */

/* Returns false if the request ends later. One that has ended is good for the next: it saves to get and put it. */
static bool seal(struct vgw_bulk *bulk, struct sk_buff *skb, u8 *esp, unsigned int len)
{
	const struct vgw_sa *sa = bulk->cb.sa;
	struct vgw_esp_req *req = bulk->req ?: vgw_esp_req_get(sa);
	int err = -ENOMEM;

	bulk->req = req;
	if (likely(req)) {
		req->skb = skb;
		vgw_esp_req_seal(req, sa, esp, len, bulk->seq);
		vgw_esp_req_then(req, sealed_async, req);
		err = crypto_aead_encrypt(&req->aead);
	}
	if (err == -EINPROGRESS) {
		bulk->req = NULL;
		return false;
	}
	if (unlikely(err))
		WRITE_ONCE(vgw_cb(skb)->failed, true);
	return true;
}

/* The next segment as an ESP packet, which is a part of @skb. Returns its bytes. */
static unsigned int put_packet(struct vgw_bulk *bulk, struct sk_buff *skb, u8 *esp, unsigned int *under_way)
{
	const struct vgw_sa *sa = bulk->cb.sa;
	unsigned int inner_len, len;

	inner_len = vgw_segments_put(&bulk->segments, esp + vgw_esp_head(sa->alg));
	len = vgw_esp_len(sa->alg, inner_len);
	vgw_cb(skb)->inner_len += inner_len;
	vgw_esp_frame(sa, esp, inner_len, bulk->seq, bulk->noise, bulk->next_header);
	if (!seal(bulk, skb, esp, len))
		++*under_way;
	bulk->seq++;
	bulk->left--;
	return len;
}

/* A packet that goes out inherits what the whole one is known by. */
static void dress(const struct vgw_bulk *bulk, struct sk_buff *skb, unsigned int packets)
{
	struct vgw_cb *cb = vgw_cb(skb);

	skb->protocol = bulk->from->protocol;
	skb->priority = bulk->from->priority;
	skb_set_delivery_time(skb, bulk->from->tstamp, bulk->from->tstamp_type);
	skb_copy_hash(skb, bulk->from);
	skb_dst_set(skb, dst_clone(bulk->dst));
	*cb = bulk->cb;
	cb->seq = bulk->seq;
	atomic_set(&cb->sealing, packets + 1);
	cb->failed = false;
	/* Cannot fail, as the caller has a reference too. */
	percpu_ref_get(&cb->sa->ref);
}

static void undress(struct sk_buff *skb)
{
	struct vgw_sa *sa = vgw_cb(skb)->sa;

	kfree_skb(skb);
	vgw_sa_put(sa);
}

/* ---- each segment in linear memory ---- */

/* Room for the next one and all headers, in memory that is used again when there is such. */
static struct sk_buff *alloc_linear(const struct vgw_bulk *bulk)
{
	unsigned int len = vgw_esp_len(bulk->cb.sa->alg, vgw_segments_next(&bulk->segments));
	unsigned int whole = SKB_DATA_ALIGN(bulk->head + len) + SKB_DATA_ALIGN(sizeof(struct skb_shared_info));
	struct vgw_room room;
	struct sk_buff *skb;

	if (likely(vgw_pages_find(VGW_PAGES_OUT, whole, &room))) {
		skb = napi_build_skb(room.data, whole);
		if (unlikely(!skb))
			return NULL;
		get_page(room.page);
		vgw_pages_use(VGW_PAGES_OUT, &room, whole);
	} else {
		skb = alloc_skb(bulk->head + len, GFP_ATOMIC);
		if (unlikely(!skb))
			return NULL;
	}
	skb_reserve(skb, bulk->head);
	__skb_put(skb, len);
	return skb;
}

static void set_aggregate(struct sk_buff *skb, unsigned int len, unsigned int packets)
{
	skb_shinfo(skb)->gso_type = SKB_GSO_UDP_L4;
	skb_shinfo(skb)->gso_size = len;
	skb_shinfo(skb)->gso_segs = packets;
}

/* One by itself, or a list of several. Returns false without memory for even one. */
static bool send_linear(struct vgw_bulk *bulk, unsigned int wanted)
{
	struct sk_buff *skb = alloc_linear(bulk), *part, **last;
	unsigned int made = 1, under_way = 0, len;

	if (unlikely(!skb))
		return false;
	len = skb->len;
	dress(bulk, skb, wanted);
	put_packet(bulk, skb, skb->data, &under_way);
	for (last = &skb_shinfo(skb)->frag_list; made < wanted; made++) {
		part = alloc_linear(bulk);
		if (unlikely(!part))
			break;
		put_packet(bulk, skb, part->data, &under_way);
		skb->len += part->len;
		skb->data_len += part->len;
		skb->truesize += part->truesize;
		*last = part;
		last = &part->next;
	}
	if (made > 1)
		set_aggregate(skb, len, made);
	finish(bulk, skb, wanted + 1 - under_way);
	return true;
}

/* ---- many as one UDP packet ---- */

/*
 * How many ESP packets of this length go into one UDP packet of segmentation offload. Larger than the device wants it,
 * the stack would cut it in software.
 */
static unsigned int aggregate_max(const struct net_device *dev, unsigned int len)
{
	unsigned int device = READ_ONCE(dev->gso_max_size) - 1 - dev->hard_header_len;
	unsigned int bytes = min_t(unsigned int, AGGREGATE_BYTES, device);

	bytes -= min_t(unsigned int, bytes, VGW_OUTER_ROOM);
	return min3((unsigned int)AGGREGATE_PACKETS, (unsigned int)READ_ONCE(dev->gso_max_segs), bytes / len);
}

/*
 * As many of the wanted as there is memory for in one piece. Hardware that still seals one is not to have the next one
 * written beside it, in the same line of a cache. Returns their number.
 */
static unsigned int add_piece(struct vgw_bulk *bulk, struct sk_buff *skb, unsigned int wanted, unsigned int *under_way)
{
	unsigned int len = vgw_esp_len(bulk->cb.sa->alg, vgw_segments_next(&bulk->segments));
	unsigned int frag = skb_shinfo(skb)->nr_frags, count = 0;
	struct vgw_room room;
	u8 *at;

	if (unlikely(frag == MAX_SKB_FRAGS || !vgw_pages_find(VGW_PAGES_OUT, len, &room)))
		return 0;
	wanted = min(wanted, room.len / len);
	for (at = room.data; count < wanted && !*under_way; count++)
		at += put_packet(bulk, skb, at, under_way);
	get_page(room.page);
	vgw_pages_use(VGW_PAGES_OUT, &room, at - room.data);
	skb_add_rx_frag(skb, frag, room.page, room.data - (u8 *)page_address(room.page), at - room.data,
			ALIGN(at - room.data, SMP_CACHE_BYTES));
	return count;
}

/* Returns false when there is no memory for even one. */
static bool send_aggregate(struct vgw_bulk *bulk, unsigned int wanted)
{
	unsigned int len = vgw_esp_len(bulk->cb.sa->alg, vgw_segments_next(&bulk->segments));
	unsigned int made = 0, under_way = 0, more;
	struct sk_buff *skb;

	skb = alloc_skb(bulk->head, GFP_ATOMIC);
	if (unlikely(!skb))
		return false;
	skb_reserve(skb, bulk->head);
	dress(bulk, skb, wanted);
	do {
		more = add_piece(bulk, skb, wanted - made, &under_way);
		made += more;
	} while (more && made < wanted && !under_way);
	if (unlikely(!made)) {
		undress(skb);
		return false;
	}
	if (likely(made > 1))
		set_aggregate(skb, len, made);
	finish(bulk, skb, wanted + 1 - under_way);
	return true;
}

/* ---- all of it ---- */

static void drop_rest(const struct vgw_bulk *bulk, enum vgw_drop cause, unsigned int packets)
{
	struct vgw_tunnel *tunnel = bulk->cb.sa->tunnel;

	vgw_drop_count_many(&tunnel->drops, cause, packets);
	DEV_STATS_ADD(tunnel->dev->netdev, tx_dropped, packets);
}

/* Segments that are neither sealed nor given up. */
static unsigned int remaining(const struct vgw_bulk *bulk)
{
	return DIV_ROUND_UP(bulk->segments.left, bulk->segments.size);
}

/* In aggregates of about the same size, or each by itself. */
static void choose_block(struct vgw_bulk *bulk, bool may_aggregate)
{
	unsigned int len = vgw_esp_len(bulk->cb.sa->alg, vgw_segments_next(&bulk->segments));
	unsigned int most = may_aggregate ? aggregate_max(bulk->dst->dev, len) : 0;
	unsigned int count = bulk->segments.count;

	bulk->aggregate = most > 1;
	bulk->fraglist = bulk->aggregate && vgw_fraglist_suits(bulk->dst, bulk->charged);
	bulk->head = vgw_outer_headroom(bulk->dst) + (bulk->fraglist ? VGW_FRAGLIST_ROOM : 0);
	bulk->block = bulk->aggregate ? DIV_ROUND_UP(count, DIV_ROUND_UP(count, most)) : BLOCK_PACKETS;
}

/**
 * vgw_bulk_number() - take the sequence numbers of the next segments
 * @bulk: the packet
 * @wanted: of how many; VGW_BULK_BLOCK: a block's
 *
 * Any context. Returns false when no segments are to follow these: all have a number, or the SA has no more.
 */
bool vgw_bulk_number(struct vgw_bulk *bulk, unsigned int wanted)
{
	unsigned int rest = remaining(bulk);

	wanted = min(rest, wanted == VGW_BULK_BLOCK ? bulk->block : wanted);
	bulk->left = vgw_sa_seqs_take(bulk->cb.sa, wanted, &bulk->seq);
	bulk->noise = vgw_esp_noise();
	if (likely(bulk->left == wanted))
		return wanted < rest;
	drop_rest(bulk, VGW_DROP_SA_EXPIRED, rest - bulk->left);
	return false;
}

/**
 * vgw_bulk_seal() - seal all segments that have a number
 * @bulk: the packet
 *
 * Bottom halves are off. Returns what is ready to be sent, linked by next, or NULL; some may be sent later. Without
 * memory all that is left is dropped.
 */
struct sk_buff *vgw_bulk_seal(struct vgw_bulk *bulk)
{
	struct sk_buff *sealed = NULL;

	bulk->last = &sealed;
	vgw_sa_count(bulk->cb.sa, bulk->left, vgw_segments_bytes(&bulk->segments, bulk->left));
	while (bulk->left) {
		if (bulk->aggregate && !bulk->fraglist && bulk->left > 1 &&
		    send_aggregate(bulk, min(bulk->left, bulk->block)))
			continue;
		if (!send_linear(bulk, bulk->fraglist ? min(bulk->left, bulk->block) : 1)) {
			drop_rest(bulk, VGW_DROP_NO_MEMORY, remaining(bulk));
			bulk->segments.left = 0;
			bulk->left = 0;
		}
	}
	return sealed;
}

/**
 * vgw_bulk_begin() - begin with a packet of segmentation offload
 * @bulk: result
 * @skb: inner packet; its segments are no longer than they may be
 * @cb: what is said of all of them; it names the SA, whose reference stays the caller's
 * @dst: outer route, the same
 * @aggregate: they go in UDP, and may go in one packet of segmentation offload
 *
 * Every segment is copied from where it is straight to its place in an ESP packet, its checksum made on the way, and
 * sealed there: no memory of a socket or file is written to.
 *
 * Bottom halves are off. Owns the packet until vgw_bulk_end(), unless it returns false: then it is none that can be
 * sent like this.
 */
bool vgw_bulk_begin(struct vgw_bulk *bulk, struct sk_buff *skb, const struct vgw_cb *cb, struct dst_entry *dst,
		    bool aggregate)
{
	struct vgw_segments *segments = &bulk->segments;
	unsigned int bytes;

	bulk->from = skb;
	bulk->charged = vgw_owner_is_tcp(skb);
	bulk->cb = *cb;
	bulk->dst = dst;
	bulk->next_header = vgw_inner_is_ip4(skb) ? VGW_NEXT_IPV4 : VGW_NEXT_IPV6;
	bulk->req = NULL;
	if (!vgw_segments_begin(segments, skb))
		return false;
	/* The last bytes of an SA are counted packet by packet. */
	bytes = vgw_segments_bytes(segments, segments->count);
	if (unlikely(vgw_sa_ends_within(cb->sa, bytes))) {
		vgw_segments_end(segments);
		return false;
	}
	vgw_inner_hash(skb);
	skb_scrub_packet(skb, true);
	choose_block(bulk, aggregate);
	return true;
}

/* All that could be sealed is. Bottom halves are off. */
void vgw_bulk_end(struct vgw_bulk *bulk)
{
	if (bulk->req)
		vgw_esp_req_put(bulk->req);
	vgw_segments_end(&bulk->segments);
	consume_skb(bulk->from);
}
