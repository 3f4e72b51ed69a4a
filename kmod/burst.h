/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Many ESP packets that came as one: the kernel has joined datagrams, or their sender had not cut them yet.
 */
#ifndef _VGW_BURST_H
#define _VGW_BURST_H

struct sk_buff;
struct vgw_sa;

void vgw_burst_open(struct sk_buff *skb, struct vgw_sa *sa);

#endif /* _VGW_BURST_H */
