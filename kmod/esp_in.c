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

/* Memory that may be written and that nobody else writes: linear, of this packet alone. */
bool vgw_esp_is_own(const struct sk_buff *skb)
{
	return !skb_is_nonlinear(skb) && !skb_cloned(skb) && !skb_shared(skb);
}

/*
 * Whatever has pages is copied, as a page may belong to a file, a pipe or another packet, and no flag of the skb says
 * reliably that it does not.
 */
static struct sk_buff *own_linear(struct sk_buff *skb)
{
	struct sk_buff *copy;

	if (vgw_esp_is_own(skb))
		return skb;
	copy = skb_copy(skb, GFP_ATOMIC);
	if (copy)
		consume_skb(skb);
	return copy;
}

/* Opening has ended, now or later. Returns the inner packet, or NULL when there is none. */
static struct sk_buff *opened(struct sk_buff *skb, int err)
{
	struct vgw_cb *cb = vgw_cb(skb);
	const struct vgw_alg *alg = cb->sa->alg;
	unsigned int head = vgw_esp_head(alg);
	enum vgw_drop cause;
	int len;

	vgw_esp_req_put(cb->req);
	cause = vgw_verdict_opened(cb->sa, err);
	if (unlikely(cause)) {
		drop(skb, cause);
		return NULL;
	}
	len = vgw_esp_inner_len(skb->data + head, skb->len - head - alg->icv_len, &cb->next_header);
	if (unlikely(len < 0)) {
		drop(skb, VGW_DROP_BAD_TRAILER);
		return NULL;
	}
	__skb_pull(skb, head);
	__skb_trim(skb, len);
	/* What is known of a checksum is known of the outer packet's. */
	skb->ip_summed = CHECKSUM_NONE;
	return skb;
}

static void opened_async(void *packet, int err)
{
	struct vgw_sa *sa = vgw_cb(packet)->sa;
	struct sk_buff *skb;

	if (err == -EINPROGRESS)
		return;
	skb = opened(packet, err);
	if (skb)
		vgw_rx_deliver_last(skb, sa);
}

/**
 * vgw_esp_open() - verify and decrypt a packet
 * @skb: data at the ESP header, network header at the outer IP header; its control block has the SA, with a reference
 *	that goes along, and what is known of the outer header
 *
 * Bottom halves are off. Owns the packet. Returns the inner packet, with the reference, or NULL when it was dropped or
 * comes later.
 */
struct sk_buff *vgw_esp_open(struct sk_buff *skb)
{
	struct vgw_sa *sa = vgw_cb(skb)->sa;
	struct vgw_esp_req *req;
	enum vgw_drop cause;
	struct sk_buff *own;
	struct vgw_cb *cb;
	int err;

	own = own_linear(skb);
	if (!own) {
		drop(skb, VGW_DROP_NO_MEMORY);
		return NULL;
	}
	cb = vgw_cb(own);
	cause = vgw_verdict_before(sa, own->data, own->len, &cb->seq);
	if (unlikely(cause)) {
		drop(own, cause);
		return NULL;
	}
	req = vgw_esp_req_get(sa);
	if (!req) {
		drop(own, VGW_DROP_NO_MEMORY);
		return NULL;
	}
	vgw_esp_req_open(req, sa, own->data, own->len, cb->seq, NULL);
	vgw_esp_req_then(req, opened_async, own);
	cb->req = req;
	err = crypto_aead_decrypt(&req->aead);
	return err == -EINPROGRESS ? NULL : opened(own, err);
}
