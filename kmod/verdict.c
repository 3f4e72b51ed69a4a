// SPDX-License-Identifier: GPL-2.0
#include "verdict.h"

#include <linux/ip.h>
#include <linux/skbuff.h>
#include <linux/udp.h>
#include <net/ipv6.h>

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
 * Softirq. Returns why not, or VGW_DROP_NOT.
 */
enum vgw_drop vgw_verdict_before(struct vgw_sa *sa, const u8 *esp, unsigned int len, u64 *seq)
{
	unsigned int fixed = vgw_esp_head(sa->alg) + sa->alg->icv_len;
	enum vgw_replay_verdict verdict;

	if (unlikely(len < fixed + sa->alg->block || (len - fixed) & (sa->alg->block - 1)))
		return VGW_DROP_ESP_MALFORMED;
	if (unlikely(!vgw_sa_usable(sa)))
		return VGW_DROP_SA_IN_EXPIRED;
	spin_lock_bh(&sa->lock);
	*seq = vgw_replay_extend(&sa->replay, be32_to_cpu(((const struct vgw_esp_hdr *)esp)->esp_seq));
	verdict = vgw_replay_check(&sa->replay, *seq);
	spin_unlock_bh(&sa->lock);
	return cause_of(verdict);
}

/* Somebody sends what is not sealed with our key: rarely enough, tell. */
static void raise_alarm(struct vgw_sa *sa)
{
	WRITE_ONCE(sa->tunnel->auth_fail_spi, sa->spi);
	if (!test_and_set_bit(VGW_WANT_ALARM, &sa->tunnel->wants))
		vgw_tunnel_watch(sa->tunnel);
}

/* Where an authentic packet came from, if that is elsewhere than where we send to. */
static void follow_peer(struct vgw_tunnel *tunnel, const struct sk_buff *outer)
{
	const struct udphdr *uh = (const struct udphdr *)(outer->data - sizeof(*uh));
	const struct iphdr *iph = ip_hdr(outer);
	const struct vgw_endpoint *endpoint;
	struct vgw_addr from = {};
	bool moved;

	from.len = iph->version == 4 ? VGW_ADDR4_LEN : VGW_ADDR6_LEN;
	if (from.len == VGW_ADDR4_LEN)
		from.ip4 = iph->saddr;
	else
		from.ip6 = ipv6_hdr(outer)->saddr;
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

/**
 * vgw_verdict_after() - is a packet that was opened authentic and new?
 * @sa: whose key opened it
 * @seq: its extended sequence number
 * @err: what opening it ended with
 * @outer: what it came in: data at the first ESP header, network header at the outer IP header
 *
 * Softirq. Notes what an authentic packet tells of its SA and its tunnel. Returns why it is to be dropped, or
 * VGW_DROP_NOT.
 */
enum vgw_drop vgw_verdict_after(struct vgw_sa *sa, u64 seq, int err, const struct sk_buff *outer)
{
	struct vgw_tunnel *tunnel = sa->tunnel;
	enum vgw_replay_verdict verdict;
	bool newest;

	if (unlikely(err == -EBADMSG)) {
		raise_alarm(sa);
		return VGW_DROP_AUTH_FAILED;
	}
	if (unlikely(err))
		return VGW_DROP_CRYPTO_FAILED;
	spin_lock_bh(&sa->lock);
	verdict = vgw_replay_commit(&sa->replay, seq);
	/* No packet before had a higher number. */
	newest = sa->replay.top == seq;
	spin_unlock_bh(&sa->lock);
	if (unlikely(verdict != VGW_REPLAY_FRESH))
		return cause_of(verdict);
	vgw_tunnel_stamp(&tunnel->last_rx);
	vgw_sa_hear(sa);
	if (newest && unlikely(READ_ONCE(tunnel->options.roam)))
		follow_peer(tunnel, outer);
	return VGW_DROP_NOT;
}
