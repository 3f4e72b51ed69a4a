/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What looks after the way to a tunnel's peer from time to time: is there a route, does the peer answer, does a NAT
 * have to be reminded.
 */
#ifndef _VGW_PROBE_H
#define _VGW_PROBE_H

#include <linux/types.h>

struct sk_buff;
struct vgw_tunnel;
struct work_struct;

void vgw_probe_watch(struct work_struct *work);
void vgw_probe_route(struct vgw_tunnel *tunnel);
bool vgw_probe_answer_rcu(struct vgw_tunnel *tunnel, const struct sk_buff *skb);

#endif /* _VGW_PROBE_H */
