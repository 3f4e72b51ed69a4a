/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an inner packet says of itself.
 */
#ifndef _VGW_INNER_H
#define _VGW_INNER_H

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <net/dsfield.h>
#include <net/ipv6.h>

#include "addr.h"

/**
 * struct vgw_flow - between whom a packet goes; points into what was read
 * @src: source address
 * @dst: destination address
 * @len: bytes of each, VGW_ADDR4_LEN or VGW_ADDR6_LEN
 */
struct vgw_flow {
	const u8 *src;
	const u8 *dst;
	u8 len;
};

/* Room for the IP header that an ICMP error quotes. */
union vgw_quote {
	struct iphdr ip4;
	struct ipv6hdr ip6;
};

static inline bool vgw_inner_is_ip4(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IP);
}

/* Its network header is linear. */
static inline struct vgw_flow vgw_inner_flow(const struct sk_buff *skb)
{
	if (vgw_inner_is_ip4(skb))
		return (struct vgw_flow){
			(const u8 *)&ip_hdr(skb)->saddr, (const u8 *)&ip_hdr(skb)->daddr, VGW_ADDR4_LEN,
		};
	return (struct vgw_flow){
		(const u8 *)&ipv6_hdr(skb)->saddr, (const u8 *)&ipv6_hdr(skb)->daddr, VGW_ADDR6_LEN,
	};
}

static inline u8 vgw_inner_tos(const struct sk_buff *skb)
{
	return vgw_inner_is_ip4(skb) ? ip_hdr(skb)->tos : ipv6_get_dsfield(ipv6_hdr(skb));
}

/* Multicast, broadcast or IPv6 link-local: what is for neighbours, not for a place behind them. */
static inline bool vgw_inner_is_local(const u8 *addr, u8 len)
{
	if (len == VGW_ADDR4_LEN)
		return (addr[0] & 0xf0) == 0xe0 || (addr[0] == 0xff && !memchr_inv(addr, 0xff, VGW_ADDR4_LEN));
	return addr[0] == 0xff || (addr[0] == 0xfe && (addr[1] & 0xc0) == 0x80);
}

/*
 * Copy headers. Of the usual sizes, IPv4, TCP with timestamps, IPv6, and both, it is a few words: a call that goes byte
 * by byte four times a packet costs 100 of 21,000 instructions more.
 */
static inline void vgw_inner_copy_head(void *to, const void *from, unsigned int len)
{
	switch (len) {
	case 20:
		memcpy(to, from, 20);
		break;
	case 32:
		memcpy(to, from, 32);
		break;
	case 40:
		memcpy(to, from, 40);
		break;
	case 52:
		memcpy(to, from, 52);
		break;
	case 72:
		memcpy(to, from, 72);
		break;
	default:
		memcpy(to, from, len);
	}
}

bool vgw_inner_quoted(const struct sk_buff *skb, union vgw_quote *quote, struct vgw_flow *flow);
void vgw_inner_hash(struct sk_buff *skb);
void vgw_inner_init(void);

#endif /* _VGW_INNER_H */
