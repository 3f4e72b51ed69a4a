/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Checksums of TCP and IP (RFC 1071), by the book.
 */
#ifndef _UNIT_NET_TCP_H
#define _UNIT_NET_TCP_H

#include <linux/cache.h>
#include <linux/tcp.h>
#include <linux/types.h>

#include <arpa/inet.h>

#define IP_DF		0x4000
#define IP_MF		0x2000
#define IP_OFFSET	0x1fff

enum { TCPHDR_FIN = 1, TCPHDR_PSH = 8 };

#define tcp_flag_byte(th)	(((u8 *)(th))[13])

static inline u32 unit_sum(u32 sum, const void *data, unsigned int len)
{
	const u8 *bytes = data;
	unsigned int i;

	for (i = 0; i < len; i++)
		sum += i % 2 ? bytes[i] : (u32)bytes[i] << 8;
	return sum;
}

static inline u16 unit_fold(u32 sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((u16)~sum);
}

static inline u16 ip_fast_csum(const void *iph, unsigned int words)
{
	return unit_fold(unit_sum(0, iph, 4 * words));
}

static inline u16 tcp_v4_check(unsigned int len, u32 saddr, u32 daddr, u32 sum)
{
	return unit_fold(unit_sum(unit_sum(sum, &saddr, 4), &daddr, 4) + IPPROTO_TCP + len);
}

static inline u16 tcp_v6_check(unsigned int len, const struct in6_addr *saddr, const struct in6_addr *daddr, u32 sum)
{
	return unit_fold(unit_sum(unit_sum(sum, saddr, 16), daddr, 16) + IPPROTO_TCP + len);
}

#endif /* _UNIT_NET_TCP_H */
