/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _UNIT_NET_DSFIELD_H
#define _UNIT_NET_DSFIELD_H

#include <linux/ipv6.h>

static inline u8 ipv6_get_dsfield(const struct ipv6hdr *ip6h)
{
	return ntohs(*(const u16 *)ip6h) >> 4;
}

#endif /* _UNIT_NET_DSFIELD_H */
