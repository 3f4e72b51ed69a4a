/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ESP packets of one SA that wait at the same time: opened one after the other, delivered joined.
 */
#ifndef _VGW_BURST_H
#define _VGW_BURST_H

#include "rx.h"

struct napi_struct;
struct sk_buff;
struct vgw_sa;

/**
 * struct vgw_opened - packets that were opened and wait for their turn
 * @sa: of all of them
 * @list: linked by next
 * @references: of @sa, that they have together
 */
struct vgw_opened {
	struct vgw_sa *sa;
	struct sk_buff *list;
	unsigned int references;
};

void vgw_burst_open(struct sk_buff *list, struct vgw_opened *opened);
void vgw_burst_deliver(struct vgw_opened *opened, enum vgw_rx_how how, struct napi_struct *napi);
void vgw_burst_open_one(struct sk_buff *skb);

#endif /* _VGW_BURST_H */
