/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets in that wait together are opened: at once, or by several CPUs, each burst of them delivered in its turn.
 */
#ifndef _VGW_TURN_IN_H
#define _VGW_TURN_IN_H

struct napi_struct;
struct sk_buff;

void vgw_turn_open(struct sk_buff *list, struct napi_struct *napi);

#endif /* _VGW_TURN_IN_H */
