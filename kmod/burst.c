// SPDX-License-Identifier: GPL-2.0
#include "burst.h"

#include "dev.h"
#include "esp.h"
#include "esp_crypt.h"
#include "esp_frame.h"
#include "esp_in.h"
#include "reader.h"
#include "sa.h"
#include "train.h"
#include "tunnel.h"
#include "verdict.h"

/*
 * From here on a packet is worth being opened into a page, where it can be joined with others; shorter ones are opened
 * where they lie.
 */
enum { JOIN_BYTES_MIN = 256 };

/**
 * struct burst - the packets that are opened one after the other
 * @sa: of all of them
 * @outer: what those came in that come next
 * @reader: what of @outer comes next
 * @req: for the next one; NULL: the last one went elsewhere
 * @train: what has been opened and waits for more
 * @opened: what is to be delivered, linked by next
 * @last: where the next of these is linked
 */
struct burst {
	struct vgw_sa *sa;
	struct sk_buff *outer;
	struct vgw_reader reader;
	struct vgw_esp_req *req;
	struct vgw_train train;
	struct sk_buff *opened;
	struct sk_buff **last;
};

static void count_drop(struct vgw_sa *sa, enum vgw_drop cause)
{
	vgw_drop_count(&sa->tunnel->drops, cause);
	DEV_STATS_INC(sa->tunnel->dev->netdev, rx_errors);
}

/* ---- what was opened ---- */

static void add(struct burst *burst, struct sk_buff *skb)
{
	*burst->last = skb;
	burst->last = &skb->next;
}

static void end_train(struct burst *burst)
{
	struct sk_buff *skb = vgw_train_end(&burst->train);

	if (skb)
		add(burst, skb);
}

/* What is known of a packet beside itself. */
static void describe(struct sk_buff *skb, const struct vgw_cb *outer, u64 seq, u8 next_header)
{
	struct vgw_cb *cb = vgw_cb(skb);

	*cb = *outer;
	cb->seq = seq;
	cb->next_header = next_header;
}

/* The administrator's switch for all joining (ethtool -K vgw0 gro). */
static bool may_join(const struct vgw_sa *sa)
{
	return sa->tunnel->dev->netdev->features & NETIF_F_GRO;
}

/* Is this one the next of the train, by what is said of it outside? */
static bool goes_on(struct burst *burst, u64 seq, u8 next_header)
{
	const struct vgw_train *train = &burst->train;
	const struct vgw_cb *first;

	if (!train->skb)
		return false;
	first = vgw_cb(train->skb);
	return seq == first->seq + train->packets && next_header == first->next_header;
}

/* Is it there already? The window does not know yet of what has been opened here. */
static bool repeats(const struct burst *burst, u64 seq)
{
	const struct vgw_train *train = &burst->train;

	return train->skb && seq - vgw_cb(train->skb)->seq < train->packets;
}

/* One that does not go on where the last ended: with it something new begins. */
static void add_packet(struct burst *burst, u8 *data, unsigned int len, u64 seq, u8 next_header)
{
	struct vgw_train *train = &burst->train;
	struct sk_buff *skb = NULL;

	data = vgw_train_keep(train, data, len);
	end_train(burst);
	if (data)
		skb = vgw_train_packet(train->room.page, data, len);
	if (!skb) {
		count_drop(burst->sa, VGW_DROP_NO_MEMORY);
		return;
	}
	describe(skb, vgw_cb(burst->outer), seq, next_header);
	if (may_join(burst->sa) && vgw_train_begin(train, skb, data, len))
		return;
	/* Where nothing is joined it is cheaper to open packets where they lie. */
	if (len >= JOIN_BYTES_MIN && READ_ONCE(burst->sa->joins) && !vgw_train_could_begin(data, len))
		WRITE_ONCE(burst->sa->joins, false);
	add(burst, skb);
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

	cause = vgw_verdict_opened(sa, late->err);
	if (!cause) {
		len = vgw_esp_inner_len(late->text, late->len, &next_header);
		cause = len < 0 ? VGW_DROP_BAD_TRAILER : VGW_DROP_NO_MEMORY;
		if (len >= 0)
			skb = vgw_train_packet(late->page, late->text, len);
	}
	if (skb) {
		describe(skb, vgw_cb(req->skb), late->seq, next_header);
		rcu_read_lock();
		vgw_rx_deliver(skb, sa, VGW_RX_QUEUE, NULL);
		rcu_read_unlock();
	} else {
		count_drop(sa, cause);
	}
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
	if (unlikely(!cause && repeats(burst, seq)))
		cause = VGW_DROP_REPLAYED;
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
	cause = vgw_verdict_opened(burst->sa, err);
	inner = cause ? -1 : vgw_esp_inner_len(to, len - head - icv_len, &next_header);
	if (unlikely(inner < 0)) {
		vgw_train_undo(train);
		count_drop(burst->sa, cause ?: VGW_DROP_BAD_TRAILER);
		return;
	}
	if (!goes_on(burst, seq, next_header) || !vgw_train_join(train, to, inner))
		add_packet(burst, to, inner, seq, next_header);
}

/* Open all that is in a packet, whose memory may be anybody's and is not written. Ends with its owner's reference. */
static void open_elsewhere(struct burst *burst, struct sk_buff *skb)
{
	unsigned int size = skb_is_gso(skb) ? skb_shinfo(skb)->gso_size : skb->len, left = skb->len, len;
	/* What others may change meanwhile must not be read once to verify it and again to decrypt it. */
	bool copy = !vgw_esp_is_own(skb) && (!burst->sa->alg->one_pass || skb_has_shared_frag(skb));
	u8 *esp;

	burst->outer = skb;
	vgw_reader_begin(&burst->reader, skb);
	for (; left; left -= len) {
		len = min(left, size);
		esp = vgw_reader_next(&burst->reader, len, copy);
		if (!esp) {
			count_drop(burst->sa, VGW_DROP_NO_MEMORY);
			break;
		}
		open_one(burst, esp, len);
	}
	/* To the CPU's own store, which drivers and napi_build_skb() take from: 2 % of a native TCP stream. */
	napi_consume_skb(skb, 1);
}

/* Open a packet where it lies. Returns the inner packet with the reference, or NULL: it was dropped or comes later. */
static struct sk_buff *open_here(struct sk_buff *skb, struct vgw_sa *sa)
{
	skb = vgw_esp_open(skb);
	/* Is it worth while to open those that follow elsewhere? */
	if (skb && skb->len >= JOIN_BYTES_MIN && vgw_train_could_begin(skb->data, skb->len))
		WRITE_ONCE(sa->joins, true);
	return skb;
}

/* A single packet is opened elsewhere if more like it can be joined. */
static bool wants_elsewhere(const struct burst *burst, const struct sk_buff *skb)
{
	const struct vgw_sa *sa = burst->sa;
	struct vgw_room room;

	if (skb_is_gso(skb))
		return true;
	/* Memory has to have an address, and has to be there, also for a copy if one may be made first. */
	return !IS_ENABLED(CONFIG_HIGHMEM) && READ_ONCE(sa->joins) && skb->len >= JOIN_BYTES_MIN && may_join(sa) &&
	       vgw_train_has_place(&burst->train, skb->len) &&
	       (vgw_esp_is_own(skb) || vgw_pages_find(VGW_PAGES_OUT, skb->len, &room));
}

static void note_outer(struct sk_buff *skb, const struct vgw_sa *sa)
{
	vgw_cb(skb)->outer_tos = vgw_esp_outer_tos(skb);
	vgw_verdict_note(sa, skb);
}

/* What comes in another outer header must not be joined with what is there, if that header says something else. */
static void compare_outer(struct burst *burst, struct sk_buff *skb)
{
	const struct vgw_cb *cb = vgw_cb(skb), *first;

	if (!burst->train.skb)
		return;
	first = vgw_cb(burst->train.skb);
	if (cb->outer_tos != first->outer_tos || cb->from_len || first->from_len)
		end_train(burst);
}

/**
 * vgw_burst_open() - verify and decrypt packets
 * @list: linked by next, all of one SA, of which the control block of each has a reference; data at the ESP header,
 *	network header at the outer IP header; a packet of segmentation offload has many ESP packets, all gso_size bytes
 *	long, the last perhaps less
 * @opened: result
 *
 * Bottom halves are off. Owns the packets. The order of bursts counts only when they are delivered.
 */
void vgw_burst_open(struct sk_buff *list, struct vgw_opened *opened)
{
	struct burst burst = { .sa = vgw_cb(list)->sa, .last = &burst.opened };
	struct sk_buff *skb, *next;

	opened->sa = burst.sa;
	opened->references = 0;
	rcu_read_lock();
	skb_list_walk_safe(list, skb, next) {
		skb_mark_not_on_list(skb);
		note_outer(skb, burst.sa);
		compare_outer(&burst, skb);
		if (wants_elsewhere(&burst, skb)) {
			open_elsewhere(&burst, skb);
			opened->references++;
			continue;
		}
		end_train(&burst);
		skb = open_here(skb, burst.sa);
		if (skb) {
			add(&burst, skb);
			opened->references++;
		}
	}
	end_train(&burst);
	rcu_read_unlock();
	if (burst.req)
		vgw_esp_req_put(burst.req);
	opened->list = burst.opened;
}

/**
 * vgw_burst_deliver() - hand what was opened to the stack
 * @opened: what vgw_burst_open() left; spent
 * @how: see there
 * @napi: whose poll it is, for VGW_RX_POLL
 *
 * Bottom halves are off.
 */
void vgw_burst_deliver(struct vgw_opened *opened, enum vgw_rx_how how, struct napi_struct *napi)
{
	struct sk_buff *skb, *next;

	rcu_read_lock();
	skb_list_walk_safe(opened->list, skb, next) {
		skb_mark_not_on_list(skb);
		vgw_rx_deliver(skb, opened->sa, how, napi);
	}
	rcu_read_unlock();
	if (likely(opened->references))
		percpu_ref_put_many(&opened->sa->ref, opened->references);
}

/**
 * vgw_burst_open_one() - verify, decrypt and deliver a packet at once
 * @skb: as in vgw_burst_open(), none of segmentation offload
 *
 * Bottom halves are off. Owns the packet.
 */
void vgw_burst_open_one(struct sk_buff *skb)
{
	struct vgw_sa *sa = vgw_cb(skb)->sa;

	note_outer(skb, sa);
	skb = open_here(skb, sa);
	if (skb)
		vgw_rx_deliver_last(skb, sa);
}
