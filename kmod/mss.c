// SPDX-License-Identifier: GPL-2.0
#include "mss.h"

#include <linux/tcp.h>
#include <linux/unaligned.h>
#include <net/checksum.h>
#include <net/ipv6.h>
#include <net/tcp.h>

#include "inner.h"

/* Where the TCP header is, from the packet's start; 0 for anything else. Extension headers are passed over. */
static unsigned int tcp_offset(const struct sk_buff *skb)
{
	unsigned int start = skb_network_offset(skb);
	__be16 fragment;
	u8 next;
	int offset;

	if (vgw_inner_is_ip4(skb)) {
		if (ip_hdr(skb)->protocol != IPPROTO_TCP || ip_hdr(skb)->frag_off & htons(IP_OFFSET))
			return 0;
		return start + ip_hdr(skb)->ihl * 4;
	}
	next = ipv6_hdr(skb)->nexthdr;
	offset = ipv6_skip_exthdr(skb, start + sizeof(struct ipv6hdr), &next, &fragment);
	if (offset < 0 || next != IPPROTO_TCP || fragment & htons(IP6_OFFSET))
		return 0;
	return offset;
}

/* Does it begin a TCP connection? Cheap for packets that do not. Network header linear; any context. */
bool vgw_mss_is_syn(const struct sk_buff *skb)
{
	unsigned int offset = tcp_offset(skb);
	const struct tcphdr *th;
	struct tcphdr buf;

	if (!offset)
		return false;
	th = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	return th && th->syn;
}

/* The largest segment that a tunnel with this MTU can carry. */
unsigned int vgw_mss_of(const struct sk_buff *skb, unsigned int mtu)
{
	unsigned int headers = sizeof(struct tcphdr);

	headers += vgw_inner_is_ip4(skb) ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);
	return mtu > headers ? mtu - headers : 0;
}

/* The MSS option among TCP options, NULL without one (RFC 9293 section 3.1). */
static u8 *find_option(u8 *option, unsigned int left)
{
	while (left >= TCPOLEN_MSS) {
		if (option[0] == TCPOPT_EOL)
			return NULL;
		if (option[0] == TCPOPT_NOP) {
			option++;
			left--;
			continue;
		}
		if (option[0] == TCPOPT_MSS && option[1] == TCPOLEN_MSS)
			return option;
		if (option[1] < 2 || option[1] > left)
			return NULL;
		left -= option[1];
		option += option[1];
	}
	return NULL;
}

/**
 * vgw_mss_clamp() - make the MSS that a SYN announces no larger than @mss
 * @skb: for which vgw_mss_is_syn() is true; data at its IP header
 * @mss: bytes
 *
 * Bottom halves are off. What cannot be read or written stays as it is.
 */
void vgw_mss_clamp(struct sk_buff *skb, unsigned int mss)
{
	unsigned int offset = tcp_offset(skb), len;
	struct tcphdr *th;
	u16 old, now = min_t(unsigned int, mss, U16_MAX);
	u8 *option;

	if (!pskb_may_pull(skb, offset + sizeof(*th)))
		return;
	len = __tcp_hdrlen((struct tcphdr *)(skb->data + offset));
	if (len < sizeof(*th) || skb_ensure_writable(skb, offset + len))
		return;
	th = (struct tcphdr *)(skb->data + offset);
	option = find_option((u8 *)(th + 1), len - sizeof(*th));
	if (!option)
		return;
	old = get_unaligned_be16(option + 2);
	if (old <= now)
		return;
	put_unaligned_be16(now, option + 2);
	/* An option may begin at an odd byte of the sum. */
	if ((option - (u8 *)th) & 1) {
		old = swab16(old);
		now = swab16(now);
	}
	inet_proto_csum_replace2(&th->check, skb, htons(old), htons(now), false);
}
