/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ESP in: from the wire format to the inner packet.
 */
#ifndef _VGW_ESP_IN_H
#define _VGW_ESP_IN_H

#include <linux/types.h>

struct sk_buff;
struct vgw_sa;

void vgw_esp_open(struct sk_buff *skb, struct vgw_sa *sa);

#endif /* _VGW_ESP_IN_H */
