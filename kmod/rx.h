/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Last station of a packet in: what came out of ESP goes up the stack.
 */
#ifndef _VGW_RX_H
#define _VGW_RX_H

#include <linux/types.h>

struct sk_buff;

void vgw_rx_deliver(struct sk_buff *skb, u8 next_header);

#endif /* _VGW_RX_H */
