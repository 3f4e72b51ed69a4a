/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ESP in, one packet where it lies: from the wire format to the inner packet.
 */
#ifndef _VGW_ESP_IN_H
#define _VGW_ESP_IN_H

#include <linux/types.h>

struct sk_buff;

struct sk_buff *vgw_esp_open(struct sk_buff *skb);
bool vgw_esp_is_own(const struct sk_buff *skb);

#endif /* _VGW_ESP_IN_H */
