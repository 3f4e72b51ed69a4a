/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A tunnel's place in its interface: how it gets there, what of it may be changed, how it goes.
 */
#ifndef _VGW_SETUP_H
#define _VGW_SETUP_H

#include <linux/netlink.h>
#include <linux/types.h>

#include "addr.h"

struct vgw_dev;
struct vgw_options;
struct vgw_probe;
struct vgw_ts;
struct vgw_tunnel;

/**
 * struct vgw_selection - which destinations a tunnel gets
 * @group: of the tunnel
 * @priority: of the tunnel
 * @cidrs: prefixes, allocated with kvmalloc; the tunnel takes them over
 * @cidr_count: how many
 * @peer: the far end's inside address
 */
struct vgw_selection {
	u32 group;
	u32 priority;
	struct vgw_cidr *cidrs;
	u32 cidr_count;
	struct vgw_addr peer;
};

int vgw_setup_add(struct vgw_tunnel *tunnel, const struct vgw_selection *selection, struct netlink_ext_ack *extack);
void vgw_setup_remove(struct vgw_tunnel *tunnel);
int vgw_setup_select(struct vgw_tunnel *tunnel, const struct vgw_selection *selection,
		     struct netlink_ext_ack *extack);
void vgw_setup_options(struct vgw_tunnel *tunnel, const struct vgw_options *options);
void vgw_setup_ts(struct vgw_tunnel *tunnel, struct vgw_ts *ts);
void vgw_setup_probe(struct vgw_tunnel *tunnel, struct vgw_probe *probe);
void vgw_setup_fwmark(struct vgw_dev *dev, u32 mark);
void vgw_setup_mtu(struct vgw_tunnel *tunnel, u32 mtu);
u32 vgw_setup_least_mtu(const struct vgw_dev *dev);

#endif /* _VGW_SETUP_H */
