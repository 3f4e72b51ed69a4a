/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The network device, and what a namespace needs to have some.
 */
#ifndef _VGW_NETDEV_H
#define _VGW_NETDEV_H

#include <linux/types.h>

struct net;
struct net_device;
struct vgw_dev;
struct vgw_tunnel;

int vgw_netdev_init(void);
void vgw_netdev_exit(void);
bool vgw_netdev_allowed(const struct net *net);
bool vgw_netdev_is(const struct net_device *netdev);
void vgw_netdev_remove_tunnel(struct vgw_tunnel *tunnel);
void vgw_netdev_follow_mtu(struct vgw_dev *dev);
int vgw_netdev_set_mtu(struct vgw_dev *dev, unsigned int mtu);
void vgw_netdev_for_all(void (*act)(struct vgw_dev *dev));

#endif /* _VGW_NETDEV_H */
