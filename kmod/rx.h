/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What becomes of an inner packet: checks, then the stack.
 */
#ifndef _VGW_RX_H
#define _VGW_RX_H

struct napi_struct;
struct sk_buff;
struct vgw_sa;

/* How a packet goes to the stack. */
enum vgw_rx_how {
	VGW_RX_QUEUE,	/* by the CPU's own queue: from any context with bottom halves off */
	VGW_RX_POLL,	/* from a poll, which may join it with others */
	VGW_RX_NOW,	/* before this returns: from any place that is not deep in the stack */
};

void vgw_rx_deliver(struct sk_buff *skb, struct vgw_sa *sa, enum vgw_rx_how how, struct napi_struct *napi);
void vgw_rx_deliver_last(struct sk_buff *skb, struct vgw_sa *sa);

#endif /* _VGW_RX_H */
