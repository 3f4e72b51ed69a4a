// SPDX-License-Identifier: GPL-2.0
#include "ts.h"

static bool covers(const struct vgw_cidr *cidr, const u8 *addr, u8 len)
{
	unsigned int whole = cidr->bits / 8, rest = cidr->bits % 8;

	if (cidr->addr.len != len || memcmp(cidr->addr.bytes, addr, whole))
		return false;
	return !rest || !((cidr->addr.bytes[whole] ^ addr[whole]) >> (8 - rest));
}

static bool one_covers(const struct vgw_cidr *cidrs, u32 count, const u8 *addr, u8 len)
{
	u32 i;

	for (i = 0; i < count; i++)
		if (covers(&cidrs[i], addr, len))
			return true;
	return !count;
}

/**
 * vgw_ts_match() - may a packet between these addresses pass?
 * @ts: the tunnel's selectors, NULL: any
 * @pair: the addresses
 *
 * Any context; caller is in an RCU read section.
 */
bool vgw_ts_match(const struct vgw_ts *ts, const struct vgw_pair *pair)
{
	if (!ts)
		return true;
	return one_covers(ts->cidrs, ts->locals, pair->local, pair->len) &&
	       one_covers(ts->cidrs + ts->locals, ts->remotes, pair->remote, pair->len);
}
