// SPDX-License-Identifier: GPL-2.0
#include "rx.h"

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <net/gso.h>
#include <net/inet_ecn.h>
#include <net/ip_tunnels.h>
#include <net/tcp.h>

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
#include "verdict.h"

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
 * Only TCP is aggregated by default, and what cannot be is spared the trip through GRO.
 */
static bool wants_gro(const struct sk_buff *skb, const struct net_device *netdev)
{
	u8 proto = vgw_inner_is_ip4(skb) ? ip_hdr(skb)->protocol : ipv6_hdr(skb)->nexthdr;
	netdev_features_t features = READ_ONCE(netdev->features);

	return proto == IPPROTO_TCP || unlikely(features & (NETIF_F_GRO_UDP_FWD | NETIF_F_GRO_FRAGLIST));
}

/* How packets go on, and whose poll it is if it is one. */
struct way {
	enum vgw_rx_how how;
	struct napi_struct *napi;
};

/* A packet that was accepted goes to the stack. */
static void pass(struct sk_buff *skb, struct vgw_tunnel *tunnel, const struct way *way)
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
	if (way->how == VGW_RX_QUEUE)
		netif_rx(skb);
	else if (way->how == VGW_RX_POLL && wants_gro(skb, netdev))
		napi_gro_receive(way->napi, skb);
	else
		netif_receive_skb(skb);
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

/* Bytes of all packets that are joined in one, each with its headers. */
static unsigned int bytes_of(const struct sk_buff *skb)
{
	unsigned int packets = vgw_esp_packets(skb);

	return packets > 1 ? skb->len + (packets - 1) * (skb_transport_offset(skb) + tcp_hdrlen(skb)) : skb->len;
}

static void count(struct vgw_sa *sa, unsigned int packets, unsigned int bytes)
{
	vgw_sa_count(sa, packets, bytes);
	vgw_stats_rx(sa->tunnel->stats, packets, bytes);
}

/* May the stack have a packet? Counts it. Returns false when it is consumed. */
static bool accept_rcu(struct sk_buff *skb, struct vgw_sa *sa, const struct vgw_cb *cb)
{
	unsigned int packets = vgw_esp_packets(skb), bytes;
	struct vgw_tunnel *tunnel = sa->tunnel;
	enum vgw_drop cause;

	cause = examine_rcu(skb, tunnel, cb->next_header, cb->outer_tos);
	if (unlikely(cause)) {
		vgw_drop_count_many(&tunnel->drops, cause, packets);
		if (cause != VGW_DROP_DUMMY)
			DEV_STATS_ADD(tunnel->dev->netdev, rx_dropped, packets);
		kfree_skb(skb);
		return false;
	}
	bytes = bytes_of(skb);
	count(sa, packets, bytes);
	if (unlikely(vgw_probe_answer_rcu(tunnel, skb))) {
		consume_skb(skb);
		return false;
	}
	vgw_stats_rx(tunnel->dev->netdev->tstats, packets, bytes);
	clamp_mss(skb, tunnel);
	return true;
}

static void deliver_whole(struct sk_buff *skb, struct vgw_sa *sa, const struct way *way, const struct vgw_cb *cb)
{
	if (accept_rcu(skb, sa, cb))
		pass(skb, sa->tunnel, way);
}

/* Of several packets in one, @fresh has the bits of those that may go on. */
static void deliver_some(struct sk_buff *skb, struct vgw_sa *sa, const struct way *way, const struct vgw_cb *cb,
			 u64 fresh)
{
	struct sk_buff *segments, *next;

	skb->protocol = cb->next_header == VGW_NEXT_IPV4 ? htons(ETH_P_IP) : htons(ETH_P_IPV6);
	skb_reset_network_header(skb);
	skb_reset_mac_header(skb);
	segments = skb_gso_segment(skb, NETIF_F_SG);
	if (IS_ERR_OR_NULL(segments)) {
		vgw_drop_count_many(&sa->tunnel->drops, VGW_DROP_NO_MEMORY, hweight64(fresh));
		DEV_STATS_ADD(sa->tunnel->dev->netdev, rx_dropped, hweight64(fresh));
		kfree_skb(skb);
		return;
	}
	consume_skb(skb);
	skb_list_walk_safe(segments, skb, next) {
		skb_mark_not_on_list(skb);
		if (fresh & 1)
			deliver_whole(skb, sa, way, cb);
		else
			kfree_skb(skb);
		fresh >>= 1;
	}
}

/**
 * vgw_rx_deliver() - hand an opened packet to the stack, if it is new and may pass
 * @skb: the inner packet, or several in one; its control block has what is known of it
 * @sa: that opened it; the caller has a reference
 * @how: see there
 * @napi: whose poll it is, for VGW_RX_POLL
 *
 * Bottom halves are off; caller is in an RCU read section. Owns the packet.
 */
void vgw_rx_deliver(struct sk_buff *skb, struct vgw_sa *sa, enum vgw_rx_how how, struct napi_struct *napi)
{
	const struct way way = { .how = how, .napi = napi };
	unsigned int packets = vgw_esp_packets(skb);
	/* The stack uses the same bytes. */
	struct vgw_cb cb = *vgw_cb(skb);
	u64 fresh;

	fresh = vgw_verdict_fresh(sa, skb);
	if (likely(fresh == GENMASK_ULL(packets - 1, 0))) {
		deliver_whole(skb, sa, &way, &cb);
		return;
	}
	DEV_STATS_ADD(sa->tunnel->dev->netdev, rx_errors, packets - hweight64(fresh));
	if (fresh)
		deliver_some(skb, sa, &way, &cb, fresh);
	else
		kfree_skb(skb);
}

/**
 * vgw_rx_deliver_last() - the same for a packet by itself, by the stack's queue
 * @skb: the inner packet
 * @sa: that opened it; the caller's reference is given back
 *
 * Bottom halves are off. Owns the packet.
 */
void vgw_rx_deliver_last(struct sk_buff *skb, struct vgw_sa *sa)
{
	rcu_read_lock();
	vgw_rx_deliver(skb, sa, VGW_RX_QUEUE, NULL);
	rcu_read_unlock();
	vgw_sa_put(sa);
}
