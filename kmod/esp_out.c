// SPDX-License-Identifier: GPL-2.0
#include "esp_out.h"

#include <net/dst.h>

#include "dev.h"
#include "esp.h"
#include "esp_crypt.h"
#include "esp_frame.h"
#include "inner.h"
#include "outer.h"
#include "owner.h"
#include "sa.h"
#include "tunnel.h"

enum { HEADROOM_MAX = 512 };	/* bytes */

static void drop(struct sk_buff *skb, enum vgw_drop cause)
{
	struct vgw_sa *sa = vgw_cb(skb)->sa;

	vgw_drop_count(&sa->tunnel->drops, cause);
	DEV_STATS_INC(sa->tunnel->dev->netdev, tx_errors);
	kfree_skb(skb);
	vgw_sa_put(sa);
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
	skb_set_delivery_time(copy, skb->tstamp, skb->tstamp_type);
	skb_copy_hash(copy, skb);
	skb_dst_copy(copy, skb);
	*vgw_cb(copy) = *vgw_cb(skb);
	vgw_owner_move(copy, skb);
	consume_skb(skb);
	return copy;
}

/*
 * Who makes packets for the interface leaves more room from now on. No more than is needed: who forwards a packet has
 * to move it where it has less, which costs as much as a tenth of sealing and forwarding it.
 */
static void ask_for_room(struct net_device *netdev, unsigned int head)
{
	/* Tunnels that lead through each other would ask for ever more. */
	head = min_t(unsigned int, head, HEADROOM_MAX);
	if (READ_ONCE(netdev->needed_headroom) < head)
		WRITE_ONCE(netdev->needed_headroom, head);
}

/*
 * Memory that may be written: linear, of this packet alone, and large enough. Anything else is copied: pages belong to
 * sockets, files or other packets.
 */
static struct sk_buff *own_linear(struct sk_buff *skb, unsigned int head, unsigned int tail)
{
	if (skb_is_nonlinear(skb) || skb_cloned(skb) || skb_shared(skb))
		return copy_linear(skb, head, tail);
	if (unlikely(skb_headroom(skb) < head || skb_tailroom(skb) < tail)) {
		ask_for_room(vgw_cb(skb)->sa->tunnel->dev->netdev, head);
		return copy_linear(skb, head, tail);
	}
	if (skb->ip_summed == CHECKSUM_PARTIAL && skb_checksum_help(skb))
		return NULL;
	/* The outer stack takes any owner for an IP socket, and asks it how to send. */
	if (!vgw_owner_is_tcp(skb))
		skb_orphan(skb);
	return skb;
}

/* Sealing has ended, now or later. Returns the packet, or NULL if it failed. */
static struct sk_buff *sealed(struct sk_buff *skb, int err)
{
	vgw_esp_req_put(vgw_cb(skb)->req);
	if (likely(!err))
		return skb;
	drop(skb, VGW_DROP_CRYPTO_FAILED);
	return NULL;
}

static void sealed_async(void *packet, int err)
{
	struct sk_buff *skb;

	if (err == -EINPROGRESS)
		return;
	skb = sealed(packet, err);
	if (skb)
		vgw_outer_send(skb);
}

/**
 * vgw_esp_seal() - encrypt a packet
 * @skb: the inner packet with its outer route; its control block names the SA, with a reference that goes along, and
 *	the sequence number
 *
 * Bottom halves are off. Owns the packet. Returns the ESP packet, with the reference, or NULL when it was dropped or is
 * sent later.
 */
struct sk_buff *vgw_esp_seal(struct sk_buff *skb)
{
	struct vgw_sa *sa = vgw_cb(skb)->sa;
	unsigned int inner_len = skb->len, len = vgw_esp_len(sa->alg, inner_len);
	unsigned int before = vgw_esp_head(sa->alg), after = len - before - inner_len;
	struct vgw_esp_req *req;
	struct sk_buff *own;
	int err;

	vgw_cb(skb)->inner_len = inner_len;
	own = own_linear(skb, vgw_outer_headroom(skb_dst(skb)) + before, after);
	if (!own) {
		drop(skb, VGW_DROP_NO_MEMORY);
		return NULL;
	}
	vgw_sa_count(sa, 1, inner_len);
	__skb_put(own, after);
	__skb_push(own, before);
	vgw_esp_frame(sa, own->data, inner_len, vgw_cb(own)->seq, vgw_esp_noise(),
		      vgw_inner_is_ip4(own) ? VGW_NEXT_IPV4 : VGW_NEXT_IPV6);
	own->ip_summed = CHECKSUM_NONE;
	own->encapsulation = 0;
	req = vgw_esp_req_get(sa);
	if (!req) {
		drop(own, VGW_DROP_NO_MEMORY);
		return NULL;
	}
	vgw_esp_req_seal(req, sa, own->data, len, vgw_cb(own)->seq);
	vgw_esp_req_then(req, sealed_async, own);
	vgw_cb(own)->req = req;
	err = crypto_aead_encrypt(&req->aead);
	return err == -EINPROGRESS ? NULL : sealed(own, err);
}
