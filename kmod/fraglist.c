// SPDX-License-Identifier: GPL-2.0
#include "fraglist.h"

#include <linux/module.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <linux/udp.h>
#include <net/dst.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/udp.h>

/*
 * What changes the outer headers later than the firewall, tc or a queue that marks congestion, reaches only the first
 * packet of a list: who needs more switches lists off.
 */
static bool fraglist = true;
module_param(fraglist, bool, 0644);
MODULE_PARM_DESC(fraglist, "UDP aggregates for devices that have no UDP segmentation are lists of finished packets");

/* The first packet of a list that is taken apart keeps what the socket was charged for all of them. */
static bool keeps_charge __ro_after_init;

/* ---- when ---- */

/* Take a list apart, of two packets without a byte. Returns false without memory, too. */
static bool __init try_charge(void)
{
	struct sk_buff *skb = alloc_skb(0, GFP_KERNEL), *part = alloc_skb(0, GFP_KERNEL), *parts;
	unsigned int charge;
	bool kept;

	if (!skb || !part) {
		kfree_skb(skb);
		kfree_skb(part);
		return false;
	}
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	skb_reset_network_header(part);
	skb_reset_transport_header(skb);
	skb_reset_transport_header(part);
	skb->truesize += part->truesize;
	charge = skb->truesize;
	skb_shinfo(skb)->frag_list = part;
	skb_shinfo(skb)->gso_type = SKB_GSO_FRAGLIST;
	parts = skb_segment_list(skb, NETIF_F_SG, 0);
	kept = !IS_ERR(parts) && skb->truesize == charge;
	if (!IS_ERR(parts))
		kfree_skb_list(parts);
	kfree_skb(skb);
	return kept;
}

/*
 * Find out how this kernel takes lists apart. Some leave the first packet with less than the socket was charged for it,
 * which would never be given back: there only what no socket is charged for goes as a list.
 */
void __init vgw_fraglist_init(void)
{
	keeps_charge = try_charge();
}

/**
 * vgw_fraglist_suits() - is a list what is best for a route's device?
 * @dst: outer route
 * @charged: a socket is charged for what is sent
 *
 * Any context. A device that would make the checksums of an aggregate in software does not make those of a list.
 */
bool vgw_fraglist_suits(const struct dst_entry *dst, bool charged)
{
	netdev_features_t features = READ_ONCE(dst->dev->features), sums = NETIF_F_HW_CSUM;

	sums |= dst->ops->family == AF_INET ? NETIF_F_IP_CSUM : NETIF_F_IPV6_CSUM;
	return !(features & NETIF_F_GSO_UDP_L4) && features & sums && READ_ONCE(fraglist) &&
	       (keeps_charge || !charged) && !dst_xfrm(dst) && !netif_is_l3_slave(dst->dev);
}

/* ---- headers ---- */

static void put_udp_len(struct sk_buff *skb, unsigned int payload)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(skb);
	const struct iphdr *iph = ip_hdr(skb);
	struct udphdr *uh = udp_hdr(skb);
	unsigned int len = sizeof(*uh) + payload;

	uh->len = htons(len);
	if (iph->version == 4)
		uh->check = ~udp_v4_check(len, iph->saddr, iph->daddr, 0);
	else
		uh->check = ~udp_v6_check(len, &ip6h->saddr, &ip6h->daddr, 0);
}

/* Before each packet of the list, by the route that the firewall has chosen? */
static bool has_room(const struct sk_buff *skb)
{
	unsigned int head_len = skb_network_header_len(skb) + sizeof(struct udphdr);

	return skb_headroom(skb_shinfo(skb)->frag_list) >=
	       VGW_FRAGLIST_ROOM + LL_RESERVED_SPACE(skb_dst(skb)->dev) + head_len;
}

/* All packets get the headers of the first. What else they have in common they get when the list is taken apart. */
static void make_list(struct sk_buff *skb)
{
	int udp_len = sizeof(struct udphdr), head_len = skb_network_header_len(skb) + udp_len;
	struct sk_buff *part;

	skb_walk_frags(skb, part) {
		skb_set_network_header(part, -head_len);
		skb_set_transport_header(part, -udp_len);
		memcpy(skb_network_header(part), skb_network_header(skb), head_len);
		put_udp_len(part, part->len);
	}
	put_udp_len(skb, skb_shinfo(skb)->gso_size);
	skb_shinfo(skb)->gso_type |= SKB_GSO_FRAGLIST;
}

/* ---- sending ---- */

static bool is_ip4(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IP);
}

/* As the stack does for all that leaves. */
static void finish_ip(struct sk_buff *skb)
{
	if (is_ip4(skb)) {
		ip_hdr(skb)->tot_len = htons(skb->len);
		ip_send_check(ip_hdr(skb));
	} else {
		ipv6_hdr(skb)->payload_len = htons(skb->len - sizeof(struct ipv6hdr));
		IP6CB(skb)->nhoff = offsetof(struct ipv6hdr, nexthdr);
	}
}

/* Returns 1 when the packet is still the caller's, 0 or a negative errno. One that is let go later is no list. */
static int run_chain(struct net *net, struct sk_buff *skb, unsigned int hook, struct net_device *in)
{
	struct net_device *out = skb_dst(skb)->dev;

	if (is_ip4(skb))
		return nf_hook(NFPROTO_IPV4, hook, net, NULL, skb, in, out, dst_output);
	return nf_hook(NFPROTO_IPV6, hook, net, NULL, skb, in, out, dst_output);
}

/* The stack would run this chain after us. */
static int run_last_chain(struct net *net, struct sk_buff *skb)
{
	if (is_ip4(skb))
		IPCB(skb)->flags |= IPSKB_REROUTED;
	else
		IP6CB(skb)->flags |= IP6SKB_REROUTED;
	return run_chain(net, skb, NF_INET_POST_ROUTING, skb->dev);
}

/**
 * vgw_fraglist_send() - send an aggregate that can be a list, like ip_local_out() or ip6_local_out()
 * @net: namespace of its route
 * @skb: UDP_L4, the first packet linear, the others in its list of fragments, with room for all headers and more; IP
 *	and UDP headers of the whole are there, the IP header without its length
 *
 * Bottom halves are off; caller is in an RCU read section. Owns the packet. Returns what those do.
 */
int vgw_fraglist_send(struct net *net, struct sk_buff *skb)
{
	int err;

	skb->protocol = ip_hdr(skb)->version == 4 ? htons(ETH_P_IP) : htons(ETH_P_IPV6);
	finish_ip(skb);
	err = run_chain(net, skb, NF_INET_LOCAL_OUT, NULL);
	if (err != 1)
		return err;
	err = run_last_chain(net, skb);
	if (err != 1)
		return err;
	if (likely(vgw_fraglist_suits(skb_dst(skb), skb->sk) && has_room(skb) && !skb_cloned(skb)))
		make_list(skb);
	return dst_output(net, NULL, skb);
}
