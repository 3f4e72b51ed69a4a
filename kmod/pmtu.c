// SPDX-License-Identifier: GPL-2.0
#include "pmtu.h"

#include <linux/jiffies.h>
#include <linux/skbuff.h>
#include <net/dst.h>

#include "dev.h"
#include "limits.h"
#include "outer.h"
#include "remote.h"
#include "sa.h"
#include "tunnel.h"

/*
 * Anybody can send an ICMP error. The SPI and a sequence number that was sent lately are what somebody who does not see
 * the packets would have to guess.
 */
static bool fits(const struct vgw_sa *sa, const void *what)
{
	const struct vgw_quote *quote = what;
	const struct vgw_endpoint *endpoint = rcu_dereference(sa->tunnel->endpoint);
	u64 seq = atomic64_read(&sa->seq);
	u32 back = lower_32_bits(seq) - be32_to_cpu(quote->esp.esp_seq);

	if (endpoint->encap != quote->encap || !vgw_addr_equal(&endpoint->remote, &quote->remote))
		return false;
	if (endpoint->encap == VGW_ENCAP_UDP && (endpoint->sport != quote->sport || endpoint->dport != quote->dport))
		return false;
	return back < min_t(u64, seq, VGW_PMTU_SEQ_BACK);
}

/* Several CPUs may come through at once: that is still few. */
static bool may_believe(struct vgw_sa *sa)
{
	u64 last = READ_ONCE(sa->remote.believed);
	u64 now = get_jiffies_64();

	if (last && time_before64(now, last + msecs_to_jiffies(VGW_PMTU_PAUSE_MS)))
		return false;
	WRITE_ONCE(sa->remote.believed, now);
	return true;
}

/*
 * The stack keeps the path MTU with the route, where it expires, and tells whoever has that cached. It looks for the
 * route by the header that the skb begins with, its mark and its device: make them those of our own packets.
 */
static void update_route(struct vgw_tunnel *tunnel, struct sk_buff *skb, u32 mtu)
{
	struct vgw_endpoint *endpoint = rcu_dereference(tunnel->endpoint);
	int network_offset = skb_network_offset(skb);
	struct net_device *dev = skb->dev;
	struct vgw_way way;
	u32 mark = skb->mark;

	if (vgw_outer_route(tunnel, endpoint, &way))
		return;
	skb_reset_network_header(skb);
	skb->mark = vgw_outer_mark(tunnel, endpoint);
	skb->dev = way.dst->dev;
	way.dst->ops->update_pmtu(way.dst, NULL, skb, mtu, false);
	skb->dev = dev;
	skb->mark = mark;
	skb_set_network_header(skb, network_offset);
	dst_release(way.dst);
}

/**
 * vgw_pmtu_learn() - judge an ICMP error, and learn the path MTU from it
 * @vn: the outer namespace
 * @skb: data at the IP header that is quoted
 * @quote: what is quoted
 *
 * Softirq, in an RCU read section. Returns whether the error is about a packet of ours.
 */
bool vgw_pmtu_learn(struct vgw_net *vn, struct sk_buff *skb, const struct vgw_quote *quote)
{
	struct vgw_sa *sa;

	sa = vgw_remote_find_rcu(vn, &quote->remote, quote->esp.esp_spi, fits, quote);
	if (!sa)
		return false;
	if (quote->mtu && may_believe(sa))
		update_route(sa->tunnel, skb, quote->mtu);
	return true;
}
