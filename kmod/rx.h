/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What becomes of an inner packet: checks, then the stack.
 */
#ifndef _VGW_RX_H
#define _VGW_RX_H

#include <linux/types.h>

struct sk_buff;
struct vgw_sa;
struct vgw_tunnel;

void vgw_rx_deliver(struct sk_buff *skb, u8 next_header);
bool vgw_rx_accept(struct sk_buff *skb, struct vgw_sa *sa, u8 next_header, u8 outer_tos);
void vgw_rx_count_more(struct vgw_sa *sa, unsigned int packets, unsigned int bytes);
void vgw_rx_pass(struct sk_buff *skb, struct vgw_tunnel *tunnel);

#endif /* _VGW_RX_H */
