/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ESP out, many at once: the segments of a packet of segmentation offload.
 */
#ifndef _VGW_BULK_H
#define _VGW_BULK_H

#include <linux/types.h>

struct dst_entry;
struct sk_buff;
struct vgw_cb;

bool vgw_bulk_send(struct sk_buff *skb, const struct vgw_cb *cb, struct dst_entry *dst, bool aggregate);

#endif /* _VGW_BULK_H */
