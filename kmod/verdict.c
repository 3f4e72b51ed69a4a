// SPDX-License-Identifier: GPL-2.0
#include "verdict.h"

#include <linux/ip.h>
#include <linux/skbuff.h>
#include <linux/udp.h>
#include <net/ipv6.h>

#include "esp.h"
#include "esp_frame.h"
#include "sa.h"
#include "tunnel.h"

static enum vgw_drop cause_of(enum vgw_replay_verdict verdict)
{
	if (likely(verdict == VGW_REPLAY_FRESH))
		return VGW_DROP_NOT;
	return verdict == VGW_REPLAY_SEEN ? VGW_DROP_REPLAYED : VGW_DROP_TOO_OLD;
}

/**
 * vgw_verdict_before() - is a packet worth opening?
 * @sa: whose SPI it has
 * @esp: the packet from its ESP header on, which is linear
 * @len: its bytes
 * @seq: result: its extended sequence number
 *
 * Bottom halves are off. Returns why not, or VGW_DROP_NOT.
 */
enum vgw_drop vgw_verdict_before(struct vgw_sa *sa, const u8 *esp, unsigned int len, u64 *seq)
{
	unsigned int fixed = vgw_esp_head(sa->alg) + sa->alg->icv_len;
	enum vgw_replay_verdict verdict;

	if (unlikely(len < fixed + sa->alg->block || (len - fixed) & (sa->alg->block - 1)))
		return VGW_DROP_ESP_MALFORMED;
	if (unlikely(!vgw_sa_usable(sa)))
		return VGW_DROP_SA_IN_EXPIRED;
	spin_lock(&sa->lock);
	*seq = vgw_replay_extend(&sa->replay, be32_to_cpu(((const struct vgw_esp_hdr *)esp)->esp_seq));
	verdict = vgw_replay_check(&sa->replay, *seq);
	spin_unlock(&sa->lock);
	return cause_of(verdict);
}

/* Somebody sends what is not sealed with our key: rarely enough, tell. */
static void raise_alarm(struct vgw_sa *sa)
{
	WRITE_ONCE(sa->tunnel->auth_fail_spi, sa->spi);
	if (!test_and_set_bit(VGW_WANT_ALARM, &sa->tunnel->wants))
		vgw_tunnel_watch(sa->tunnel);
}

/**
 * vgw_verdict_opened() - how did opening a packet end?
 * @sa: whose key it was opened with
 * @err: what the crypto API says
 *
 * Any context. Returns why it is to be dropped, or VGW_DROP_NOT.
 */
enum vgw_drop vgw_verdict_opened(struct vgw_sa *sa, int err)
{
	if (likely(!err))
		return VGW_DROP_NOT;
	if (err != -EBADMSG)
		return VGW_DROP_CRYPTO_FAILED;
	raise_alarm(sa);
	return VGW_DROP_AUTH_FAILED;
}

/**
 * vgw_verdict_note() - note where a packet comes from, if its tunnel follows a peer that moves
 * @sa: whose SPI it has
 * @outer: data at the first ESP header, network header at the outer IP header; it goes into the control block
 */
void vgw_verdict_note(const struct vgw_sa *sa, struct sk_buff *outer)
{
	const struct udphdr *uh = (const struct udphdr *)(outer->data - sizeof(*uh));
	const struct iphdr *iph = ip_hdr(outer);
	struct vgw_cb *cb = vgw_cb(outer);

	cb->from_len = 0;
	if (likely(!READ_ONCE(sa->tunnel->options.roam)))
		return;
	cb->port = uh->source;
	if (iph->version == 4) {
		cb->from_len = VGW_ADDR4_LEN;
		cb->addr.s6_addr32[0] = iph->saddr;
	} else {
		cb->from_len = VGW_ADDR6_LEN;
		cb->addr = ipv6_hdr(outer)->saddr;
	}
}

/* Is an authentic packet from elsewhere than where we send to? */
static void follow_peer(struct vgw_tunnel *tunnel, const struct vgw_cb *cb)
{
	const struct vgw_endpoint *endpoint;
	struct vgw_addr from = { .len = cb->from_len };
	bool moved, noted;

	if (from.len == VGW_ADDR4_LEN)
		from.ip4 = cb->addr.s6_addr32[0];
	else
		from.ip6 = cb->addr;
	rcu_read_lock();
	endpoint = rcu_dereference(tunnel->endpoint);
	moved = endpoint->encap == VGW_ENCAP_UDP &&
		(endpoint->dport != cb->port || !vgw_addr_equal(&endpoint->remote, &from));
	rcu_read_unlock();
	if (likely(!moved)) {
		if (unlikely(READ_ONCE(tunnel->move.addr.len)))
			vgw_tunnel_forget_move(tunnel);
		return;
	}
	spin_lock_bh(&tunnel->move.lock);
	noted = tunnel->move.addr.len;
	tunnel->move.addr = from;
	tunnel->move.port = cb->port;
	spin_unlock_bh(&tunnel->move.lock);
	/* Whoever comes for a move that was noted before finds this one. */
	if (!noted)
		vgw_tunnel_kick(tunnel);
}

/* Commit numbers that follow on. Returns a bit for each that is new; counts the others. */
static u64 commit(struct vgw_sa *sa, u64 first, unsigned int packets)
{
	enum vgw_replay_verdict verdict;
	unsigned int i;
	u64 fresh = 0;

	for (i = 0; i < packets; i++) {
		verdict = vgw_replay_commit(&sa->replay, first + i);
		if (likely(verdict == VGW_REPLAY_FRESH))
			fresh |= BIT_ULL(i);
		else
			vgw_drop_count(&sa->tunnel->drops, cause_of(verdict));
	}
	return fresh;
}

/**
 * vgw_verdict_fresh() - the turn of an authentic packet has come: is it new?
 * @sa: whose key opened it
 * @skb: the packet, or several in one whose numbers follow on, at most 64; its control block has the first number
 *
 * Bottom halves are off. Notes what an authentic packet tells of its SA and its tunnel. Returns a bit for each of the
 * packets that is new, the first in bit 0; the others are counted as dropped.
 */
u64 vgw_verdict_fresh(struct vgw_sa *sa, struct sk_buff *skb)
{
	unsigned int packets = vgw_esp_packets(skb);
	struct vgw_tunnel *tunnel = sa->tunnel;
	struct vgw_cb *cb = vgw_cb(skb);
	bool newest;
	u64 fresh;

	spin_lock_bh(&sa->lock);
	fresh = commit(sa, cb->seq, packets);
	/* No packet before had a higher number. */
	newest = sa->replay.top == cb->seq + packets - 1;
	spin_unlock_bh(&sa->lock);
	if (unlikely(!fresh))
		return 0;
	vgw_tunnel_stamp(&tunnel->last_rx);
	vgw_sa_hear(sa);
	if (unlikely(cb->from_len) && newest && fresh >> (packets - 1))
		follow_peer(tunnel, cb);
	return fresh;
}
