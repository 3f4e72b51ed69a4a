/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which tunnel a packet is for, and whether it could have come by the one it came by.
 */
#ifndef _VGW_CHOOSE_H
#define _VGW_CHOOSE_H

#include <linux/types.h>
#include <linux/vgw.h>

struct sk_buff;
struct vgw_dev;
struct vgw_tunnel;

struct vgw_tunnel *vgw_choose_rcu(const struct vgw_dev *dev, struct sk_buff *skb, enum vgw_drop *cause);
bool vgw_choose_fits_out_rcu(const struct vgw_tunnel *tunnel, const struct sk_buff *skb);
enum vgw_drop vgw_choose_fits_in_rcu(const struct vgw_tunnel *tunnel, const struct sk_buff *skb);

#endif /* _VGW_CHOOSE_H */
