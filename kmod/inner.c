// SPDX-License-Identifier: GPL-2.0
#include "inner.h"

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/init.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include <net/ip.h>

/* Of flows' hashes: who sends cannot choose which flows look the same. */
static siphash_key_t hash_key __ro_after_init;

static bool is_error4(const struct sk_buff *skb, unsigned int offset)
{
	u8 buf;
	const u8 *type = skb_header_pointer(skb, offset, sizeof(buf), &buf);

	return type && (*type == ICMP_DEST_UNREACH || *type == ICMP_TIME_EXCEEDED || *type == ICMP_PARAMETERPROB);
}

static bool quoted4(const struct sk_buff *skb, union vgw_quote *quote, struct vgw_flow *flow)
{
	unsigned int offset = skb_network_offset(skb) + ip_hdr(skb)->ihl * 4;
	const struct iphdr *iph;

	if (ip_hdr(skb)->protocol != IPPROTO_ICMP || ip_is_fragment(ip_hdr(skb)) || !is_error4(skb, offset))
		return false;
	iph = skb_header_pointer(skb, offset + sizeof(struct icmphdr), sizeof(*iph), quote);
	if (!iph || iph->version != 4)
		return false;
	*flow = (struct vgw_flow){ (const u8 *)&iph->saddr, (const u8 *)&iph->daddr, VGW_ADDR4_LEN };
	return true;
}

static bool quoted6(const struct sk_buff *skb, union vgw_quote *quote, struct vgw_flow *flow)
{
	unsigned int offset = skb_network_offset(skb) + sizeof(struct ipv6hdr);
	const struct ipv6hdr *ip6h;
	u8 buf;
	const u8 *type;

	if (ipv6_hdr(skb)->nexthdr != IPPROTO_ICMPV6)
		return false;
	type = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	if (!type || *type & ICMPV6_INFOMSG_MASK)
		return false;
	ip6h = skb_header_pointer(skb, offset + sizeof(struct icmp6hdr), sizeof(*ip6h), quote);
	if (!ip6h || ip6h->version != 6)
		return false;
	*flow = (struct vgw_flow){ (const u8 *)&ip6h->saddr, (const u8 *)&ip6h->daddr, VGW_ADDR6_LEN };
	return true;
}

/**
 * vgw_inner_quoted() - between whom the packet went that an ICMP error complains of
 * @skb: its network header is linear, with options
 * @quote: room for what is read
 * @flow: result; may point into @quote
 *
 * Any context. Returns false for any other packet.
 */
bool vgw_inner_quoted(const struct sk_buff *skb, union vgw_quote *quote, struct vgw_flow *flow)
{
	return vgw_inner_is_ip4(skb) ? quoted4(skb, quote, flow) : quoted6(skb, quote, flow);
}

/* Addresses and ports of a TCP or UDP packet where they lie in one piece, or NULL; @len: how many bytes. */
static const void *plain_flow(const struct sk_buff *skb, unsigned int *len)
{
	unsigned int head, linear = skb_headlen(skb) - skb_network_offset(skb);
	const void *addrs;
	u8 proto;

	if (vgw_inner_is_ip4(skb)) {
		if (ip_hdr(skb)->ihl != 5 || ip_is_fragment(ip_hdr(skb)))
			return NULL;
		head = sizeof(struct iphdr);
		addrs = &ip_hdr(skb)->saddr;
		proto = ip_hdr(skb)->protocol;
	} else {
		head = sizeof(struct ipv6hdr);
		addrs = &ipv6_hdr(skb)->saddr;
		proto = ipv6_hdr(skb)->nexthdr;
	}
	if ((proto != IPPROTO_TCP && proto != IPPROTO_UDP) || linear < head + sizeof(__be32))
		return NULL;
	*len = skb_network_header(skb) + head + sizeof(__be32) - (const u8 *)addrs;
	return addrs;
}

/**
 * vgw_inner_hash() - have a packet know its flow's hash
 * @skb: its network header is linear
 *
 * Any context. Queues further on tell flows apart by it when all are sealed and look the same. The stack's own way
 * (skb_get_hash) looks for every kind of header: with it a forwarded packet that has none yet costs 400 instructions
 * more, of 23,400.
 */
void vgw_inner_hash(struct sk_buff *skb)
{
	const void *flow;
	unsigned int len;

	if (skb->l4_hash || skb->sw_hash)
		return;
	flow = plain_flow(skb, &len);
	if (!flow) {
		skb_get_hash(skb);
		return;
	}
	__skb_set_sw_hash(skb, siphash(flow, len, &hash_key), true);
}

/* Before the first packet. */
void __init vgw_inner_init(void)
{
	get_random_bytes(&hash_key, sizeof(hash_key));
}
