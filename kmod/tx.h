/* SPDX-License-Identifier: GPL-2.0 */
/*
 * First station of a packet out: which tunnel, which SA, how long may it be.
 */
#ifndef _VGW_TX_H
#define _VGW_TX_H

struct sk_buff;
struct vgw_dev;
struct vgw_tunnel;

void vgw_tx(struct vgw_dev *dev, struct sk_buff *skb);
void vgw_tx_through(struct vgw_tunnel *tunnel, struct sk_buff *skb);
unsigned int vgw_tx_mtu(struct vgw_tunnel *tunnel);
unsigned int vgw_tx_mtu_worst(struct vgw_tunnel *tunnel);

#endif /* _VGW_TX_H */
