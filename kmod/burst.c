// SPDX-License-Identifier: GPL-2.0
#include "burst.h"

#include "dev.h"
#include "esp.h"
#include "esp_crypt.h"
#include "esp_frame.h"
#include "reader.h"
#include "rx.h"
#include "sa.h"
#include "train.h"
#include "tunnel.h"
#include "verdict.h"

/**
 * struct burst - the packets that are opened one after the other
 * @outer: what they came in
 * @sa: of all of them
 * @req: for the next one; NULL: the last one went elsewhere
 * @reader: what of @outer comes next
 * @train: what has been opened and waits for more
 * @next_header: of the packets in @train
 * @tos: of the outer header
 */
struct burst {
	struct sk_buff *outer;
	struct vgw_sa *sa;
	struct vgw_esp_req *req;
	struct vgw_reader reader;
	struct vgw_train train;
	u8 next_header;
	u8 tos;
};

static void count_drop(struct vgw_sa *sa, enum vgw_drop cause)
{
	vgw_drop_count(&sa->tunnel->drops, cause);
	DEV_STATS_INC(sa->tunnel->dev->netdev, rx_errors);
}

/* ---- what was opened ---- */

static void pass_train(struct vgw_train *train, struct vgw_sa *sa)
{
	unsigned int more = train->packets - 1, bytes = train->bytes;
	struct sk_buff *skb = vgw_train_end(train);

	if (!skb)
		return;
	if (more)
		vgw_rx_count_more(sa, more, bytes);
	vgw_rx_pass(skb, sa->tunnel);
}

/* The administrator's switch for all joining (ethtool -K vgw0 gro). */
static bool may_join(const struct vgw_tunnel *tunnel)
{
	return tunnel->dev->netdev->features & NETIF_F_GRO;
}

/* One that does not go on where the last ended: with it something new begins. */
static void pass_packet(struct burst *burst, u8 *data, unsigned int len, u8 next_header)
{
	struct vgw_train *train = &burst->train;
	struct vgw_sa *sa = burst->sa;
	struct sk_buff *skb = NULL;

	burst->next_header = next_header;
	data = vgw_train_keep(train, data, len);
	pass_train(train, sa);
	if (data)
		skb = vgw_train_packet(train->room.page, data, len);
	if (!skb)
		count_drop(sa, VGW_DROP_NO_MEMORY);
	else if (vgw_rx_accept(skb, sa, next_header, burst->tos) &&
		 !(may_join(sa->tunnel) && vgw_train_begin(train, skb, data, len)))
		vgw_rx_pass(skb, sa->tunnel);
}

/* ---- opening that ends later ---- */

/* The same as for those that are opened at once, but in a packet of its own. */
static void finish_late(struct vgw_esp_req *req)
{
	struct vgw_esp_late *late = &req->late;
	struct vgw_sa *sa = late->sa;
	struct sk_buff *skb = NULL;
	enum vgw_drop cause;
	u8 next_header;
	int len;

	cause = vgw_verdict_after(sa, late->seq, late->err, req->skb);
	if (!cause) {
		len = vgw_esp_inner_len(late->text, late->len, &next_header);
		cause = len < 0 ? VGW_DROP_BAD_TRAILER : VGW_DROP_NO_MEMORY;
		if (len >= 0)
			skb = vgw_train_packet(late->page, late->text, len);
	}
	rcu_read_lock();
	if (!skb)
		count_drop(sa, cause);
	else if (vgw_rx_accept(skb, sa, next_header, vgw_esp_outer_tos(req->skb)))
		vgw_rx_pass(skb, sa->tunnel);
	rcu_read_unlock();
	put_page(late->page);
	if (late->source)
		put_page(late->source);
	consume_skb(req->skb);
	vgw_esp_req_put(req);
	vgw_sa_put(sa);
}

static void opened_late(void *data, int err)
{
	struct vgw_esp_req *req = data;

	if (err == -EINPROGRESS)
		return;
	req->late.err = err;
	if (atomic_inc_return(&req->late.turns) == 2)
		finish_late(req);
}

/* The algorithm opens it elsewhere: everything that it needs has to stay. */
static void leave(struct burst *burst, u64 seq, u8 *text, unsigned int len)
{
	struct vgw_train *train = &burst->train;
	const struct vgw_alg *alg = burst->sa->alg;
	struct vgw_esp_req *req = burst->req;
	unsigned int packets = train->packets;

	burst->req = NULL;
	get_page(train->room.page);
	percpu_ref_get(&burst->sa->ref);
	req->skb = skb_get(burst->outer);
	req->late.sa = burst->sa;
	req->late.seq = seq;
	req->late.page = train->room.page;
	req->late.text = text;
	req->late.len = len;
	req->late.source = vgw_reader_keep(&burst->reader, vgw_esp_head(alg) + len + alg->icv_len);
	if (!vgw_train_yield(train, text + len + alg->icv_len)) {
		kfree_skb(vgw_train_end(train));
		while (packets--)
			count_drop(burst->sa, VGW_DROP_NO_MEMORY);
	}
	if (atomic_inc_return(&req->late.turns) == 2)
		finish_late(req);
}

/* ---- opening ---- */

static int open_to(struct burst *burst, u8 *esp, unsigned int len, u64 seq, u8 *to)
{
	if (!burst->req) {
		burst->req = vgw_esp_req_get(burst->sa);
		if (!burst->req)
			return -ENOMEM;
		atomic_set(&burst->req->late.turns, 0);
		vgw_esp_req_then(burst->req, opened_late, burst->req);
	}
	vgw_esp_req_open(burst->req, burst->sa, esp, len, seq, to);
	return crypto_aead_decrypt(&burst->req->aead);
}

/* The next packet, its ESP header at @esp. */
static void open_one(struct burst *burst, u8 *esp, unsigned int len)
{
	unsigned int head = vgw_esp_head(burst->sa->alg), icv_len = burst->sa->alg->icv_len;
	struct vgw_train *train = &burst->train;
	enum vgw_drop cause;
	u8 next_header, *to;
	int err, inner;
	u64 seq;

	cause = vgw_verdict_before(burst->sa, esp, len, &seq);
	if (unlikely(cause)) {
		count_drop(burst->sa, cause);
		return;
	}
	to = vgw_train_place(train, len - head);
	if (unlikely(!to)) {
		count_drop(burst->sa, VGW_DROP_NO_MEMORY);
		return;
	}
	err = open_to(burst, esp, len, seq, to);
	if (unlikely(err == -EINPROGRESS)) {
		leave(burst, seq, to, len - head - icv_len);
		return;
	}
	cause = vgw_verdict_after(burst->sa, seq, err, burst->outer);
	inner = cause ? -1 : vgw_esp_inner_len(to, len - head - icv_len, &next_header);
	if (unlikely(inner < 0)) {
		vgw_train_undo(train);
		count_drop(burst->sa, cause ?: VGW_DROP_BAD_TRAILER);
		return;
	}
	if (next_header != burst->next_header || !vgw_train_join(train, to, inner))
		pass_packet(burst, to, inner, next_header);
}

/**
 * vgw_burst_open() - verify and decrypt many packets
 * @skb: data at the first ESP header, network header at the outer IP header; all packets have the SPI of the first and
 *	are gso_size bytes long, the last perhaps less
 * @sa: of that SPI; the caller's reference goes along
 *
 * Softirq. Owns the packet, whose memory may be anybody's and is not written.
 */
void vgw_burst_open(struct sk_buff *skb, struct vgw_sa *sa)
{
	struct burst burst = { .outer = skb, .sa = sa, .tos = vgw_esp_outer_tos(skb) };
	unsigned int size = skb_shinfo(skb)->gso_size, left = skb->len, len;
	/* What others may change meanwhile must not be read once to verify it and again to decrypt it. */
	bool copy = !sa->alg->one_pass || skb_has_shared_frag(skb);
	u8 *esp;

	vgw_reader_begin(&burst.reader, skb);
	rcu_read_lock();
	for (; left; left -= len) {
		len = min(left, size);
		esp = vgw_reader_next(&burst.reader, len, copy);
		if (!esp) {
			count_drop(sa, VGW_DROP_NO_MEMORY);
			break;
		}
		open_one(&burst, esp, len);
	}
	pass_train(&burst.train, sa);
	rcu_read_unlock();
	if (burst.req)
		vgw_esp_req_put(burst.req);
	consume_skb(skb);
	vgw_sa_put(sa);
}
