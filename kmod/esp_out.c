// SPDX-License-Identifier: GPL-2.0
#include "esp_out.h"

#include <linux/random.h>
#include <net/dst.h>
#include <net/sock.h>

#include "dev.h"
#include "esp.h"
#include "esp_crypt.h"
#include "outer.h"
#include "sa.h"
#include "tunnel.h"

static void drop(struct sk_buff *skb, enum vgw_drop cause)
{
	struct vgw_sa *sa = vgw_cb(skb)->sa;

	vgw_drop_count(&sa->tunnel->drops, cause);
	DEV_STATS_INC(sa->tunnel->dev->netdev, tx_errors);
	kfree_skb(skb);
	vgw_sa_put(sa);
}

/*
 * The socket is charged for the packet until its last byte has left: TCP keeps its queues short by that (TSQ). Only
 * owners that count sk_wmem_alloc by truesize can be moved.
 */
static bool is_tcps(const struct sk_buff *skb)
{
	const struct sock *sk = skb->sk;

	return sk && sk_fullsock(sk) && sk->sk_protocol == IPPROTO_TCP && sk->sk_type == SOCK_STREAM;
}

static void move_owner(struct sk_buff *to, struct sk_buff *from)
{
	int more = to->truesize - from->truesize;

	if (!is_tcps(from))
		return;
	swap(to->sk, from->sk);
	swap(to->destructor, from->destructor);
	if (more > 0)
		refcount_add(more, &to->sk->sk_wmem_alloc);
	else if (more < 0)
		WARN_ON_ONCE(refcount_sub_and_test(-more, &to->sk->sk_wmem_alloc));
}

/* A UDP checksum of 0 means none, which IPv6 does not take (RFC 8200 section 8.1): all ones say the same. */
static void copy_and_sum(const struct sk_buff *skb, u8 *data)
{
	__sum16 *sum = (__sum16 *)(data + skb_checksum_start_offset(skb) + skb->csum_offset);

	skb_copy_and_csum_dev(skb, data);
	if (!*sum)
		*sum = CSUM_MANGLED_0;
}

/* Copy a packet into linear memory with room for all headers and the trailer; the inner checksum is made on the way. */
static struct sk_buff *copy_linear(struct sk_buff *skb, unsigned int head, unsigned int tail)
{
	struct sk_buff *copy;
	u8 *data;

	/* The kernel's helper asserts that the headers up to the checksum are linear. */
	if (skb->ip_summed == CHECKSUM_PARTIAL && !pskb_may_pull(skb, skb_checksum_start_offset(skb)))
		return NULL;
	copy = alloc_skb(head + skb->len + tail, GFP_ATOMIC);
	if (!copy)
		return NULL;
	skb_reserve(copy, head);
	data = skb_put(copy, skb->len);
	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		copy_and_sum(skb, data);
	} else if (skb_copy_bits(skb, 0, data, skb->len)) {
		kfree_skb(copy);
		return NULL;
	}
	skb_reset_network_header(copy);
	copy->protocol = skb->protocol;
	copy->priority = skb->priority;
	copy->tstamp = skb->tstamp;
	skb_copy_hash(copy, skb);
	skb_dst_copy(copy, skb);
	*vgw_cb(copy) = *vgw_cb(skb);
	move_owner(copy, skb);
	consume_skb(skb);
	return copy;
}

/*
 * Memory that may be written: linear, of this packet alone, and large enough. Anything else is copied: pages belong to
 * sockets, files or other packets.
 */
static struct sk_buff *own_linear(struct sk_buff *skb, unsigned int head, unsigned int tail)
{
	if (skb_is_nonlinear(skb) || skb_cloned(skb) || skb_shared(skb) || skb_headroom(skb) < head ||
	    skb_tailroom(skb) < tail)
		return copy_linear(skb, head, tail);
	if (skb->ip_summed == CHECKSUM_PARTIAL && skb_checksum_help(skb))
		return NULL;
	/* The outer stack takes any owner for an IP socket, and asks it how to send. */
	if (!is_tcps(skb))
		skb_orphan(skb);
	return skb;
}

/* RFC 4303 section 2.4: pad with 1, 2, 3, ...; then pad length and next header; leave room for the ICV. */
static void put_trailer(struct sk_buff *skb, unsigned int pad, unsigned int icv_len)
{
	u8 next_header = skb->protocol == htons(ETH_P_IP) ? VGW_NEXT_IPV4 : VGW_NEXT_IPV6;
	u8 *trailer = __skb_put(skb, pad + VGW_ESP_TRAILER_LEN + icv_len);
	unsigned int i;

	for (i = 0; i < pad; i++)
		trailer[i] = i + 1;
	trailer[pad] = pad;
	trailer[pad + 1] = next_header;
}

static void push_header(struct sk_buff *skb, const struct vgw_sa *sa)
{
	const struct vgw_alg *alg = sa->alg;
	u64 seq = vgw_cb(skb)->seq;
	struct vgw_esp_hdr *hdr;
	__be64 counter = cpu_to_be64(seq);

	hdr = __skb_push(skb, VGW_ESP_HDR_LEN + alg->iv_len);
	hdr->esp_spi = sa->spi;
	hdr->esp_seq = cpu_to_be32(seq);
	if (alg->random_iv)
		get_random_bytes(hdr + 1, alg->iv_len);
	else
		memcpy(hdr + 1, &counter, alg->iv_len);
}

/* Sealing has ended, now or later: the one way on for both. */
static void esp_sealed(struct sk_buff *skb, int err)
{
	vgw_esp_req_put(vgw_cb(skb)->req);
	if (unlikely(err)) {
		drop(skb, VGW_DROP_CRYPTO_FAILED);
		return;
	}
	vgw_outer_send(skb);
}

static void sealed_async(struct crypto_async_request *req, int err)
{
	if (err != -EINPROGRESS)
		esp_sealed(req->data, err);
}

/**
 * vgw_esp_seal() - encrypt a packet
 * @skb: the inner packet with its outer route; its control block names the SA, with a reference that goes along, and
 *	the sequence number
 *
 * Bottom halves are off. Owns the packet.
 */
void vgw_esp_seal(struct sk_buff *skb)
{
	struct vgw_sa *sa = vgw_cb(skb)->sa;
	const struct vgw_alg *alg = sa->alg;
	unsigned int pad = -(skb->len + VGW_ESP_TRAILER_LEN) & (alg->block - 1);
	unsigned int head = LL_RESERVED_SPACE(skb_dst(skb)->dev) + VGW_OUTER_ROOM + VGW_ESP_HDR_LEN +
			    alg->iv_len;
	struct vgw_esp_req *req;
	struct sk_buff *own;
	int err;

	vgw_cb(skb)->inner_len = skb->len;
	own = own_linear(skb, head, pad + VGW_ESP_TRAILER_LEN + alg->icv_len);
	if (!own) {
		drop(skb, VGW_DROP_NO_MEMORY);
		return;
	}
	vgw_sa_count(sa, 1, own->len);
	put_trailer(own, pad, alg->icv_len);
	push_header(own, sa);
	own->ip_summed = CHECKSUM_NONE;
	own->encapsulation = 0;
	req = vgw_esp_req_get(sa);
	if (!req) {
		drop(own, VGW_DROP_NO_MEMORY);
		return;
	}
	vgw_esp_req_seal(req, sa, own->data, own->len, vgw_cb(own)->seq);
	vgw_esp_req_then(req, sealed_async, own);
	vgw_cb(own)->req = req;
	err = crypto_aead_encrypt(&req->aead);
	if (err != -EINPROGRESS)
		esp_sealed(own, err);
}
