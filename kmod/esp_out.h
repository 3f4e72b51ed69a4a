/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ESP out: from the inner packet to the wire format.
 */
#ifndef _VGW_ESP_OUT_H
#define _VGW_ESP_OUT_H

struct sk_buff;

struct sk_buff *vgw_esp_seal(struct sk_buff *skb);

#endif /* _VGW_ESP_OUT_H */
