/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An address of either family, as netlink and the tunnels carry it.
 */
#ifndef _VGW_ADDR_H
#define _VGW_ADDR_H

#include <linux/in6.h>
#include <linux/string.h>
#include <linux/types.h>

enum {
	VGW_ADDR4_LEN = 4,	/* bytes */
	VGW_ADDR6_LEN = 16,
};

/**
 * struct vgw_addr - an IPv4 or IPv6 address, or none
 * @len: bytes in use, VGW_ADDR4_LEN or VGW_ADDR6_LEN; 0: none
 * @ip4: the one
 * @ip6: the other
 * @bytes: either, in network byte order
 */
struct vgw_addr {
	u8 len;
	union {
		__be32 ip4;
		struct in6_addr ip6;
		u8 bytes[VGW_ADDR6_LEN];
	};
};

/* An address and how many of its leading bits count; the others are zero. */
struct vgw_cidr {
	struct vgw_addr addr;
	u8 bits;
};

static inline bool vgw_addr_equal(const struct vgw_addr *a, const struct vgw_addr *b)
{
	return a->len == b->len && !memcmp(a->bytes, b->bytes, a->len);
}

static inline bool vgw_cidr_equal(const struct vgw_cidr *a, const struct vgw_cidr *b)
{
	return a->bits == b->bits && vgw_addr_equal(&a->addr, &b->addr);
}

static inline bool vgw_cidr_among(const struct vgw_cidr *cidrs, u32 count, const struct vgw_cidr *cidr)
{
	u32 i;

	for (i = 0; i < count; i++)
		if (vgw_cidr_equal(&cidrs[i], cidr))
			return true;
	return false;
}

#endif /* _VGW_ADDR_H */
