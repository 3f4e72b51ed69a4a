/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What becomes of an inner packet: checks, then the stack.
 */
#ifndef _VGW_RX_H
#define _VGW_RX_H

struct napi_struct;
struct sk_buff;
struct vgw_sa;

void vgw_rx_deliver(struct sk_buff *skb, struct vgw_sa *sa, struct napi_struct *napi);

#endif /* _VGW_RX_H */
