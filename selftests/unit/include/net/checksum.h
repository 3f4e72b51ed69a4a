/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sums as the kernel adds them up: 16 bits of memory at a time, in the order of the processor.
 */
#ifndef _UNIT_NET_CHECKSUM_H
#define _UNIT_NET_CHECKSUM_H

#include <linux/types.h>

#include <arpa/inet.h>
#include <string.h>

#define __force
#define CSUM_MANGLED_0	((__sum16)0xffff)

static inline __wsum csum_add(__wsum a, __wsum b)
{
	u64 sum = (u64)a + b;

	return (u32)sum + (u32)(sum >> 32);
}

static inline __wsum csum_partial(const void *data, int len, __wsum sum)
{
	const u8 *bytes = data;
	u16 word;
	int i;

	for (i = 0; i < len; i += 2) {
		word = 0;
		memcpy(&word, bytes + i, i + 1 < len ? 2 : 1);
		sum = csum_add(sum, word);
	}
	return sum;
}

static inline __wsum csum_partial_copy_nocheck(const void *from, void *to, int len)
{
	memcpy(to, from, len);
	return csum_partial(to, len, 0);
}

/* What begins at an odd byte has its halves the other way round. */
static inline __wsum csum_block_add(__wsum sum, __wsum more, int offset)
{
	return csum_add(sum, offset & 1 ? more >> 8 | more << 24 : more);
}

static inline __sum16 csum_fold(__wsum sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static inline __wsum csum_unfold(__sum16 sum)
{
	return sum;
}

static inline __wsum csum_tcpudp_nofold(__be32 saddr, __be32 daddr, u32 len, u8 protocol, __wsum sum)
{
	sum = csum_partial(&saddr, sizeof(saddr), sum);
	sum = csum_partial(&daddr, sizeof(daddr), sum);
	return csum_add(sum, htonl(len + protocol));
}

static inline __sum16 csum_ipv6_magic(const struct in6_addr *saddr, const struct in6_addr *daddr, u32 len, u8 protocol,
				      __wsum sum)
{
	sum = csum_partial(saddr, sizeof(*saddr), sum);
	sum = csum_partial(daddr, sizeof(*daddr), sum);
	return csum_fold(csum_add(sum, htonl(len + protocol)));
}

#endif /* _UNIT_NET_CHECKSUM_H */
