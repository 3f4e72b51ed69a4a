/* SPDX-License-Identifier: GPL-2.0 */
/*
 * UDP sockets that ESP comes by: the module's own, and those that userspace hands over.
 */
#ifndef _VGW_SOCK_H
#define _VGW_SOCK_H

#include <linux/netlink.h>
#include <linux/types.h>

struct socket;
struct vgw_net;
struct vgw_sock;

int vgw_sock_init(void);
void vgw_sock_exit(void);
struct vgw_sock *vgw_sock_get(struct vgw_net *vn, sa_family_t family, __be16 port, u32 link,
			      struct netlink_ext_ack *extack);
void vgw_sock_put(struct vgw_sock *sock);
int vgw_sock_adopt(struct vgw_net *vn, struct socket *socket, __be16 port, struct netlink_ext_ack *extack);

#endif /* _VGW_SOCK_H */
