/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TCP's maximum segment size, kept to what a tunnel can carry.
 */
#ifndef _VGW_MSS_H
#define _VGW_MSS_H

#include <linux/types.h>

struct sk_buff;

bool vgw_mss_is_syn(const struct sk_buff *skb);
void vgw_mss_clamp(struct sk_buff *skb, unsigned int mss);
unsigned int vgw_mss_of(const struct sk_buff *skb, unsigned int mtu);

#endif /* _VGW_MSS_H */
