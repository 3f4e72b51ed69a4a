/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Traffic selectors (RFC 4301 section 4.4.1.1): between which addresses a tunnel was negotiated to carry packets.
 */
#ifndef _VGW_TS_H
#define _VGW_TS_H

#include <linux/rcupdate.h>
#include <linux/types.h>

#include "addr.h"

/**
 * struct vgw_ts - the selectors of a tunnel; never changed, only replaced
 * @rcu: frees it
 * @locals: how many of @cidrs are of this side; 0: any
 * @remotes: how many are of the far one, behind those; 0: any
 * @cidrs: both
 */
struct vgw_ts {
	struct rcu_head rcu;
	u32 locals;
	u32 remotes;
	struct vgw_cidr cidrs[];
};

/**
 * struct vgw_pair - the addresses of a packet, as seen from a tunnel
 * @local: of this side
 * @remote: of the far one
 * @len: bytes of each, VGW_ADDR4_LEN or VGW_ADDR6_LEN
 */
struct vgw_pair {
	const u8 *local;
	const u8 *remote;
	u8 len;
};

bool vgw_ts_match(const struct vgw_ts *ts, const struct vgw_pair *pair);

#endif /* _VGW_TS_H */
