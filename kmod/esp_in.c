// SPDX-License-Identifier: GPL-2.0
#include "esp_in.h"

#include <net/dsfield.h>

#include "dev.h"
#include "esp.h"
#include "esp_crypt.h"
#include "rx.h"
#include "sa.h"
#include "tunnel.h"

static void drop(struct sk_buff *skb, enum vgw_drop cause)
{
	struct vgw_sa *sa = vgw_cb(skb)->sa;

	vgw_drop_count(&sa->tunnel->drops, cause);
	DEV_STATS_INC(sa->tunnel->dev->netdev, rx_errors);
	kfree_skb(skb);
	vgw_sa_put(sa);
}

static bool replay_allows(struct sk_buff *skb, enum vgw_replay_verdict verdict)
{
	if (likely(verdict == VGW_REPLAY_FRESH))
		return true;
	drop(skb, verdict == VGW_REPLAY_SEEN ? VGW_DROP_REPLAYED : VGW_DROP_TOO_OLD);
	return false;
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

/* Sets @newest when no packet before had a higher number. */
static bool commit(struct vgw_sa *sa, struct sk_buff *skb, bool *newest)
{
	enum vgw_replay_verdict verdict;

	spin_lock_bh(&sa->lock);
	verdict = vgw_replay_commit(&sa->replay, vgw_cb(skb)->seq);
	*newest = sa->replay.top == vgw_cb(skb)->seq;
	spin_unlock_bh(&sa->lock);
	return replay_allows(skb, verdict);
}

/* Somebody sends what is not sealed with our key: rarely enough, tell. */
static void raise_alarm(struct vgw_sa *sa)
{
	WRITE_ONCE(sa->tunnel->auth_fail_spi, sa->spi);
	if (!test_and_set_bit(VGW_WANT_ALARM, &sa->tunnel->wants))
		vgw_tunnel_watch(sa->tunnel);
}

/* Where an authentic packet came from, if that is elsewhere than where we send to. Data at the ESP header. */
static void follow_peer(struct vgw_tunnel *tunnel, const struct sk_buff *skb)
{
	const struct udphdr *uh = (const struct udphdr *)(skb->data - sizeof(*uh));
	const struct iphdr *iph = ip_hdr(skb);
	const struct vgw_endpoint *endpoint;
	struct vgw_addr from = {};
	bool moved;

	from.len = iph->version == 4 ? VGW_ADDR4_LEN : VGW_ADDR6_LEN;
	if (from.len == VGW_ADDR4_LEN)
		from.ip4 = iph->saddr;
	else
		from.ip6 = ipv6_hdr(skb)->saddr;
	rcu_read_lock();
	endpoint = rcu_dereference(tunnel->endpoint);
	moved = endpoint->encap == VGW_ENCAP_UDP &&
		(endpoint->dport != uh->source || !vgw_addr_equal(&endpoint->remote, &from));
	rcu_read_unlock();
	if (likely(!moved))
		return;
	spin_lock_bh(&tunnel->move.lock);
	tunnel->move.addr = from;
	tunnel->move.port = uh->source;
	spin_unlock_bh(&tunnel->move.lock);
	vgw_tunnel_kick(tunnel);
}

/* RFC 4303 section 3.4.2.1: take the trailer off. Returns false when it contradicts the packet's length. */
static bool strip(struct sk_buff *skb, const struct vgw_alg *alg, u8 *next_header)
{
	unsigned int text_len = skb->len - VGW_ESP_HDR_LEN - alg->iv_len - alg->icv_len;
	u8 trailer[VGW_ESP_TRAILER_LEN];

	if (skb_copy_bits(skb, skb->len - alg->icv_len - VGW_ESP_TRAILER_LEN, trailer, sizeof(trailer)))
		return false;
	if (trailer[0] + VGW_ESP_TRAILER_LEN > text_len)
		return false;
	*next_header = trailer[1];
	__skb_pull(skb, VGW_ESP_HDR_LEN + alg->iv_len);
	return !pskb_trim(skb, text_len - VGW_ESP_TRAILER_LEN - trailer[0]);
}

/* Opening has ended, now or later: the one way on for both. */
static void opened(struct sk_buff *skb, int err)
{
	struct vgw_sa *sa = vgw_cb(skb)->sa;
	struct vgw_tunnel *tunnel = sa->tunnel;
	u8 next_header;
	bool newest;

	vgw_esp_req_put(vgw_cb(skb)->req);
	if (unlikely(err)) {
		if (err == -EBADMSG)
			raise_alarm(sa);
		drop(skb, err == -EBADMSG ? VGW_DROP_AUTH_FAILED : VGW_DROP_CRYPTO_FAILED);
		return;
	}
	if (!commit(sa, skb, &newest))
		return;
	vgw_tunnel_stamp(&tunnel->last_rx);
	vgw_sa_hear(sa);
	if (newest && unlikely(READ_ONCE(tunnel->options.roam)))
		follow_peer(tunnel, skb);
	if (!strip(skb, sa->alg, &next_header)) {
		drop(skb, VGW_DROP_BAD_TRAILER);
		return;
	}
	vgw_rx_deliver(skb, next_header);
}

static void opened_async(struct crypto_async_request *req, int err)
{
	if (err != -EINPROGRESS)
		opened(req->data, err);
}

/* What the outer header says that the inner one may need. */
static u8 outer_tos(const struct sk_buff *skb)
{
	if (ip_hdr(skb)->version == 4)
		return ip_hdr(skb)->tos;
	return ipv6_get_dsfield(ipv6_hdr(skb));
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
	unsigned int fixed = VGW_ESP_HDR_LEN + sa->alg->iv_len + sa->alg->icv_len;
	u8 tos = outer_tos(skb);
	enum vgw_replay_verdict verdict;
	struct vgw_esp_req *req;
	struct sk_buff *own;
	struct vgw_cb *cb;
	u32 low;
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
	if (own->len < fixed + sa->alg->block || (own->len - fixed) % sa->alg->block) {
		drop(own, VGW_DROP_ESP_MALFORMED);
		return;
	}
	if (unlikely(!vgw_sa_usable(sa))) {
		drop(own, VGW_DROP_SA_IN_EXPIRED);
		return;
	}
	low = be32_to_cpu(((struct vgw_esp_hdr *)own->data)->esp_seq);
	spin_lock_bh(&sa->lock);
	cb->seq = vgw_replay_extend(&sa->replay, low);
	verdict = vgw_replay_check(&sa->replay, cb->seq);
	spin_unlock_bh(&sa->lock);
	if (!replay_allows(own, verdict))
		return;
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
