/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One call of the crypto API, as sealing and opening both make it: in place, in linear memory that is the packet's own.
 */
#ifndef _VGW_ESP_CRYPT_H
#define _VGW_ESP_CRYPT_H

#include <crypto/aead.h>
#include <linux/scatterlist.h>
#include <linux/skbuff.h>
#include <linux/slab.h>

#include "alg.h"
#include "esp.h"
#include "sa.h"

/* A request with what must live as long as it does; the transform's own context follows. */
struct vgw_esp_req {
	struct scatterlist sg;
	u8 iv[VGW_ESP_IV_MAX];
	struct aead_request aead;
};

/**
 * vgw_esp_req_alloc() - a request for the packet's bytes from its ESP header to its end
 * @skb: linear, data at the ESP header, VGW_ESP_ESN_ROOM bytes of headroom
 * @crypt_len: bytes from behind the IV that are en- or decrypted, with the ICV when opening
 * @done: called when the request ends asynchronously; its data is @skb
 *
 * With extended sequence numbers the upper half is authenticated between SPI and lower half: the SPI moves four bytes
 * forward for the time of the request (RFC 4303 section 2.2.1; vgw_esp_req_free() undoes it).
 * Atomic. Returns NULL without memory. The packet's control block keeps the request.
 */
static inline struct aead_request *vgw_esp_req_alloc(struct sk_buff *skb, unsigned int crypt_len,
						     crypto_completion_t done)
{
	struct vgw_cb *cb = vgw_cb(skb);
	const struct vgw_sa *sa = cb->sa;
	unsigned int assoc_len = VGW_ESP_HDR_LEN + sa->alg->iv_len;
	struct vgw_esp_req *req;
	u8 *start = skb->data;

	req = kmalloc(sizeof(*req) + crypto_aead_reqsize(sa->tfm), GFP_ATOMIC);
	if (!req)
		return NULL;
	memcpy(req->iv, skb->data + VGW_ESP_HDR_LEN, sa->alg->iv_len);
	if (sa->esn) {
		__be32 *word = (__be32 *)skb->data;

		start -= VGW_ESP_ESN_ROOM;
		assoc_len += VGW_ESP_ESN_ROOM;
		cb->saved = word[-1];
		word[-1] = word[0];
		word[0] = cpu_to_be32(cb->seq >> 32);
	}
	sg_init_one(&req->sg, start, skb_tail_pointer(skb) - start);
	aead_request_set_tfm(&req->aead, sa->tfm);
	aead_request_set_callback(&req->aead, 0, done, skb);
	aead_request_set_ad(&req->aead, assoc_len);
	aead_request_set_crypt(&req->aead, &req->sg, &req->sg, crypt_len, req->iv);
	cb->req = req;
	return &req->aead;
}

/* The request of a packet has ended. */
static inline void vgw_esp_req_free(struct sk_buff *skb)
{
	struct vgw_cb *cb = vgw_cb(skb);

	if (cb->sa->esn) {
		__be32 *word = (__be32 *)skb->data;

		word[0] = word[-1];
		word[-1] = cb->saved;
	}
	kfree(cb->req);
}

#endif /* _VGW_ESP_CRYPT_H */
