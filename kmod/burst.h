/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ESP packets of one SA that wait at the same time: opened one after the other, delivered joined.
 */
#ifndef _VGW_BURST_H
#define _VGW_BURST_H

struct napi_struct;
struct sk_buff;

void vgw_burst_open(struct sk_buff *list, struct napi_struct *napi);
void vgw_burst_open_one(struct sk_buff *skb);

#endif /* _VGW_BURST_H */
