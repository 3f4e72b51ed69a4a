// SPDX-License-Identifier: GPL-2.0
#include "esp_in.h"

#include "dev.h"
#include "esp.h"
#include "esp_crypt.h"
#include "esp_frame.h"
#include "rx.h"
#include "sa.h"
#include "tunnel.h"
#include "verdict.h"

static void drop(struct sk_buff *skb, enum vgw_drop cause)
{
	struct vgw_sa *sa = vgw_cb(skb)->sa;

	vgw_drop_count(&sa->tunnel->drops, cause);
	DEV_STATS_INC(sa->tunnel->dev->netdev, rx_errors);
	kfree_skb(skb);
	vgw_sa_put(sa);
}

/*
 * Memory that may be written: linear, and of this packet alone. Whatever has pages is copied, as a page may belong to
 * a file, a pipe or another packet, and no flag of the skb says reliably that it does not.
 */
static struct sk_buff *own_linear(struct sk_buff *skb)
{
	struct sk_buff *copy;

	if (!skb_is_nonlinear(skb) && !skb_cloned(skb) && !skb_shared(skb))
		return skb;
	copy = skb_copy(skb, GFP_ATOMIC);
	if (!copy)
		return NULL;
	consume_skb(skb);
	return copy;
}

/* Opening has ended, now or later: the one way on for both. */
static void opened(struct sk_buff *skb, int err)
{
	struct vgw_cb *cb = vgw_cb(skb);
	const struct vgw_alg *alg = cb->sa->alg;
	unsigned int head = vgw_esp_head(alg);
	enum vgw_drop cause;
	u8 next_header;
	int len;

	vgw_esp_req_put(cb->req);
	cause = vgw_verdict_after(cb->sa, cb->seq, err, skb);
	if (unlikely(cause)) {
		drop(skb, cause);
		return;
	}
	len = vgw_esp_inner_len(skb->data + head, skb->len - head - alg->icv_len, &next_header);
	if (unlikely(len < 0)) {
		drop(skb, VGW_DROP_BAD_TRAILER);
		return;
	}
	__skb_pull(skb, head);
	__skb_trim(skb, len);
	vgw_rx_deliver(skb, next_header);
}

static void opened_async(void *skb, int err)
{
	if (err != -EINPROGRESS)
		opened(skb, err);
}

/**
 * vgw_esp_open() - verify and decrypt a packet
 * @skb: data at the ESP header, network header at the outer IP header
 * @sa: whose SPI it has; the caller's reference goes along
 *
 * Softirq. Owns the packet.
 */
void vgw_esp_open(struct sk_buff *skb, struct vgw_sa *sa)
{
	u8 tos = vgw_esp_outer_tos(skb);
	struct vgw_esp_req *req;
	enum vgw_drop cause;
	struct sk_buff *own;
	struct vgw_cb *cb;
	int err;

	own = own_linear(skb);
	cb = vgw_cb(own ?: skb);
	memset(cb, 0, sizeof(*cb));
	cb->sa = sa;
	cb->outer_tos = tos;
	if (!own) {
		drop(skb, VGW_DROP_NO_MEMORY);
		return;
	}
	cause = vgw_verdict_before(sa, own->data, own->len, &cb->seq);
	if (unlikely(cause)) {
		drop(own, cause);
		return;
	}
	req = vgw_esp_req_get(sa);
	if (!req) {
		drop(own, VGW_DROP_NO_MEMORY);
		return;
	}
	vgw_esp_req_open(req, sa, own->data, own->len, cb->seq, NULL);
	vgw_esp_req_then(req, opened_async, own);
	cb->req = req;
	err = crypto_aead_decrypt(&req->aead);
	if (err != -EINPROGRESS)
		opened(own, err);
}
