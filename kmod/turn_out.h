/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets out get their sequence number and are sealed: at once, or by several CPUs, each sent in its turn.
 */
#ifndef _VGW_TURN_OUT_H
#define _VGW_TURN_OUT_H

#include <linux/types.h>

struct dst_entry;
struct sk_buff;
struct vgw_cb;

void vgw_turn_send(struct sk_buff *skb);
bool vgw_turn_send_bulk(struct sk_buff *skb, const struct vgw_cb *cb, struct dst_entry *dst, bool aggregate);

#endif /* _VGW_TURN_OUT_H */
