/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The SAs of a tunnel: how they come, which one is used, how they go.
 */
#ifndef _VGW_KEYING_H
#define _VGW_KEYING_H

#include <linux/netlink.h>
#include <linux/types.h>
#include <linux/vgw.h>

struct vgw_sa;
struct vgw_sa_config;
struct vgw_tunnel;

struct vgw_sa *vgw_keying_find(struct vgw_tunnel *tunnel, enum vgw_direction dir, __be32 spi);
int vgw_keying_add(struct vgw_tunnel *tunnel, const struct vgw_sa_config *config, struct netlink_ext_ack *extack);
void vgw_keying_use(struct vgw_tunnel *tunnel, struct vgw_sa *sa);
void vgw_keying_del(struct vgw_tunnel *tunnel, struct vgw_sa *sa, unsigned int linger);
void vgw_keying_end_out(struct vgw_tunnel *tunnel);
void vgw_keying_hold_out(bool hold);

#endif /* _VGW_KEYING_H */
