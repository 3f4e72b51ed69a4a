// SPDX-License-Identifier: GPL-2.0
#include "rx.h"

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <net/inet_ecn.h>
#include <net/ip_tunnels.h>

#include "choose.h"
#include "dev.h"
#include "esp.h"
#include "inner.h"
#include "limits.h"
#include "mss.h"
#include "probe.h"
#include "sa.h"
#include "stats.h"
#include "tunnel.h"
#include "tx.h"

/* Cut off what padding for traffic flow confidentiality left behind the packet (RFC 4303 section 2.7). */
static bool trim_ipv4(struct sk_buff *skb)
{
	const struct iphdr *iph;
	unsigned int len;

	if (!pskb_may_pull(skb, sizeof(*iph)))
		return false;
	iph = ip_hdr(skb);
	len = ntohs(iph->tot_len);
	if (iph->version != 4 || iph->ihl < 5 || len < iph->ihl * 4 || len > skb->len)
		return false;
	skb->protocol = htons(ETH_P_IP);
	return !pskb_trim(skb, len) && pskb_may_pull(skb, ip_hdr(skb)->ihl * 4);
}

static bool trim_ipv6(struct sk_buff *skb)
{
	const struct ipv6hdr *ip6h;
	unsigned int len;

	if (!pskb_may_pull(skb, sizeof(*ip6h)))
		return false;
	ip6h = ipv6_hdr(skb);
	len = sizeof(*ip6h) + ntohs(ip6h->payload_len);
	if (ip6h->version != 6 || len > skb->len)
		return false;
	skb->protocol = htons(ETH_P_IPV6);
	return !pskb_trim(skb, len);
}

/* RFC 6040 section 4.2. False when the combination says that the packet must go. */
static bool decap_ecn(struct sk_buff *skb, u8 outer_tos)
{
	return INET_ECN_decapsulate(skb, outer_tos, vgw_inner_tos(skb)) < 2;
}

/* What the far end offers to receive has to fit what this one can send, and what the stack gives the device to send. */
static void clamp_mss(struct sk_buff *skb, struct vgw_tunnel *tunnel)
{
	struct vgw_dev *dev = tunnel->dev;
	u32 mss = READ_ONCE(dev->mss_clamp);

	if (mss == VGW_MSS_OFF || likely(!vgw_mss_is_syn(skb)))
		return;
	if (mss == VGW_MSS_AUTO)
		mss = vgw_mss_of(skb, min(vgw_tx_mtu(tunnel), READ_ONCE(dev->netdev->mtu)));
	vgw_mss_clamp(skb, mss);
}

/*
 * Only TCP is aggregated by default, and what cannot be is spared the trip through GRO: 1,800 instructions of 24,500
 * that forwarding a small packet costs.
 */
static bool wants_gro(const struct sk_buff *skb, const struct net_device *netdev)
{
	u8 proto = vgw_inner_is_ip4(skb) ? ip_hdr(skb)->protocol : ipv6_hdr(skb)->nexthdr;

	return proto == IPPROTO_TCP || unlikely(netdev->features & (NETIF_F_GRO_UDP_FWD | NETIF_F_GRO_FRAGLIST));
}

/**
 * vgw_rx_pass() - hand a packet that was accepted to the stack
 * @skb: the inner packet, or several in one
 * @tunnel: by which it came; the caller sees that it stays
 *
 * Bottom halves are off. Owns the packet.
 */
void vgw_rx_pass(struct sk_buff *skb, struct vgw_tunnel *tunnel)
{
	struct vgw_dev *dev = tunnel->dev;
	struct net_device *netdev = dev->netdev;

	skb->dev = netdev;
	skb->pkt_type = PACKET_HOST;
	skb_reset_mac_header(skb);
	skb->mac_len = 0;
	skb->encapsulation = 0;
	skb_clear_hash(skb);
	__vlan_hwaccel_clear_tag(skb);
	skb_set_queue_mapping(skb, 0);
	skb_scrub_packet(skb, !net_eq(dev->outer->net, dev_net(netdev)));
	skb->mark = READ_ONCE(tunnel->options.rx_mark);
	if (skb->ip_summed != CHECKSUM_PARTIAL || !skb_is_gso(skb)) {
		/* What was authenticated was not changed on the way: no checksum inside needs another look. */
		skb->ip_summed = CHECKSUM_UNNECESSARY;
		skb->csum_level = ~0;
		skb_reset_transport_header(skb);
	}
	if (wants_gro(skb, netdev))
		gro_cells_receive(&dev->gro_cells, skb);
	else
		netif_rx(skb);
}

/* Everything that is asked of an inner packet before the stack may have it; sets where its IP header is. */
static enum vgw_drop examine_rcu(struct sk_buff *skb, struct vgw_tunnel *tunnel, u8 next_header, u8 outer_tos)
{
	enum vgw_drop cause;

	skb_reset_network_header(skb);
	if (next_header == VGW_NEXT_DUMMY)
		return VGW_DROP_DUMMY;
	if (next_header != VGW_NEXT_IPV4 && next_header != VGW_NEXT_IPV6)
		return VGW_DROP_BAD_TRAILER;
	if (!(next_header == VGW_NEXT_IPV4 ? trim_ipv4(skb) : trim_ipv6(skb)))
		return VGW_DROP_BAD_INNER;
	cause = vgw_choose_fits_in_rcu(tunnel, skb);
	if (cause)
		return cause;
	if (!(READ_ONCE(tunnel->dev->netdev->flags) & IFF_UP))
		return VGW_DROP_DEVICE_DOWN;
	return decap_ecn(skb, outer_tos) ? VGW_DROP_NOT : VGW_DROP_ECN;
}

/**
 * vgw_rx_accept() - may the stack have an opened packet?
 * @skb: the inner packet
 * @sa: that opened it, of which the caller has a reference
 * @next_header: of the ESP trailer
 * @outer_tos: that the outer packet came with
 *
 * Bottom halves are off; caller is in an RCU read section. Returns true when the packet is counted and goes to
 * vgw_rx_pass(), false when it is consumed.
 */
bool vgw_rx_accept(struct sk_buff *skb, struct vgw_sa *sa, u8 next_header, u8 outer_tos)
{
	struct vgw_tunnel *tunnel = sa->tunnel;
	enum vgw_drop cause;

	/* What is known of a checksum is known of the outer packet's. */
	skb->ip_summed = CHECKSUM_NONE;
	cause = examine_rcu(skb, tunnel, next_header, outer_tos);
	if (unlikely(cause)) {
		vgw_drop_count(&tunnel->drops, cause);
		if (cause != VGW_DROP_DUMMY)
			DEV_STATS_INC(tunnel->dev->netdev, rx_dropped);
		kfree_skb(skb);
		return false;
	}
	vgw_sa_count(sa, 1, skb->len);
	vgw_stats_rx(tunnel->stats, 1, skb->len);
	if (unlikely(vgw_probe_answer_rcu(tunnel, skb))) {
		consume_skb(skb);
		return false;
	}
	dev_sw_netstats_rx_add(tunnel->dev->netdev, skb->len);
	clamp_mss(skb, tunnel);
	return true;
}

/* Packets that are like one that was accepted, and go with it, are counted like it. Bottom halves are off. */
void vgw_rx_count_more(struct vgw_sa *sa, unsigned int packets, unsigned int bytes)
{
	struct vgw_tunnel *tunnel = sa->tunnel;

	vgw_sa_count(sa, packets, bytes);
	vgw_stats_rx(tunnel->stats, packets, bytes);
	vgw_stats_rx(tunnel->dev->netdev->tstats, packets, bytes);
}

/**
 * vgw_rx_deliver() - hand an opened packet to the stack
 * @skb: the inner packet; its control block names the SA, whose reference is given back here
 * @next_header: of the ESP trailer
 *
 * Bottom halves are off. Owns the packet.
 */
void vgw_rx_deliver(struct sk_buff *skb, u8 next_header)
{
	struct vgw_sa *sa = vgw_cb(skb)->sa;

	rcu_read_lock();
	if (vgw_rx_accept(skb, sa, next_header, vgw_cb(skb)->outer_tos))
		vgw_rx_pass(skb, sa->tunnel);
	rcu_read_unlock();
	vgw_sa_put(sa);
}
