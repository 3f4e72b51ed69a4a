/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One call of the crypto API, as sealing and opening make it.
 */
#ifndef _VGW_ESP_CRYPT_H
#define _VGW_ESP_CRYPT_H

#include <crypto/aead.h>
#include <linux/scatterlist.h>

#include "esp.h"

struct page;
struct vgw_sa;

enum { VGW_ESP_AAD_MAX = VGW_ESP_HDR_LEN + VGW_ESP_ESN_LEN + VGW_ESP_IV_MAX };

/**
 * struct vgw_esp_late - an opening that has not ended when its call returns
 * @turns: 1 when one of both, who called and who is told of the end, is through: the other one goes on
 * @err: what it ended with
 * @source: where it was copied to from its packet, with a reference; NULL: it was not
 * @sa: with a reference
 * @seq: extended sequence number
 * @page: where the text goes, with a reference
 * @text: in it
 * @len: bytes of it
 */
struct vgw_esp_late {
	atomic_t turns;
	int err;
	struct page *source;
	struct vgw_sa *sa;
	u64 seq;
	struct page *page;
	u8 *text;
	unsigned int len;
};

/**
 * struct vgw_esp_req - a request with what must live as long as it does
 * @src: what is read; begins with @aad, where that is needed
 * @dst: what is written, where that is elsewhere; begins with @room
 * @iv: of the packet
 * @aad: what is authenticated but not encrypted, where it is not as on the wire
 * @room: where an algorithm may leave the same beside what it opens
 * @skb: what it is a part of, for who makes several requests for one packet
 * @size: bytes that the transform has for its own, which follow @aead
 * @late: for whoever made it: what is to be done when it ends later
 * @aead: the call
 */
struct vgw_esp_req {
	struct scatterlist src[3];
	struct scatterlist dst[3];
	u8 iv[VGW_ESP_IV_MAX];
	u8 aad[VGW_ESP_AAD_MAX];
	u8 room[VGW_ESP_AAD_MAX];
	struct sk_buff *skb;
	unsigned int size;
	struct vgw_esp_late late;
	struct aead_request aead;
};

struct vgw_esp_req *vgw_esp_req_get(const struct vgw_sa *sa);
void vgw_esp_req_put(struct vgw_esp_req *req);
void vgw_esp_req_seal(struct vgw_esp_req *req, const struct vgw_sa *sa, u8 *esp, unsigned int len, u64 seq);
void vgw_esp_req_open(struct vgw_esp_req *req, const struct vgw_sa *sa, u8 *esp, unsigned int len, u64 seq, u8 *to);
void vgw_esp_crypt_exit(void);

/* What is called when the request ends later than its call; with @data. */
static inline void vgw_esp_req_then(struct vgw_esp_req *req, crypto_completion_t done, void *data)
{
	aead_request_set_callback(&req->aead, 0, done, data);
}

#endif /* _VGW_ESP_CRYPT_H */
