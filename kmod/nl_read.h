/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a request wants of a tunnel, read as a whole before anything is changed.
 */
#ifndef _VGW_NL_READ_H
#define _VGW_NL_READ_H

#include <linux/netlink.h>
#include <linux/types.h>

#include "setup.h"
#include "tunnel.h"

struct nlattr;

/**
 * struct vgw_wanted - a tunnel as a request wants it; what is not named is as it was
 * @selection: group, priority, prefixes and pinned address
 * @options: see there
 * @admin_up: what the administrator wants
 * @endpoint: NULL: the one it has
 * @sock: UDP socket of @endpoint, NULL natively
 * @new_ts: @ts is to be set
 * @ts: traffic selectors, NULL: any
 * @new_probe: @probe is to be set
 * @probe: liveness probe, NULL: none
 */
struct vgw_wanted {
	struct vgw_selection selection;
	struct vgw_options options;
	bool admin_up;
	struct vgw_endpoint *endpoint;
	struct vgw_sock *sock;
	bool new_ts;
	struct vgw_ts *ts;
	bool new_probe;
	struct vgw_probe *probe;
};

int vgw_nl_read_wanted(struct vgw_tunnel *tunnel, struct nlattr **tb, struct vgw_wanted *wanted,
		       struct netlink_ext_ack *extack);
void vgw_nl_read_free(struct vgw_wanted *wanted);

#endif /* _VGW_NL_READ_H */
