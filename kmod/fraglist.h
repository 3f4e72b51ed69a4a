/* SPDX-License-Identifier: GPL-2.0 */
/*
 * UDP aggregates for devices that take datagrams one by one only, as most do.
 *
 * The stack cuts an aggregate for them, and makes each datagram a packet of its own: 1,800 of 21,800 instructions
 * that a segment of a TCP stream costs with both ends. So such an aggregate is a list, of packets that were sealed in
 * memory of their own. The firewall sees it as one, like any aggregate. When it has, all packets get the headers that
 * it has left, and the list says that it is one (SKB_GSO_FRAGLIST), as those do that GRO makes of datagrams: the stack
 * takes it apart as late as it would have cut it.
 *
 * A list that does not say so is cut like any aggregate. So it may stay that at any time.
 */
#ifndef _VGW_FRAGLIST_H
#define _VGW_FRAGLIST_H

#include <linux/types.h>

/*
 * Bytes before all headers of a packet in a list: what is put there later, such as the tags of a network in networks,
 * has to fit, as the stack does not look when it takes the list apart.
 */
enum { VGW_FRAGLIST_ROOM = 64 };

struct dst_entry;
struct net;
struct sk_buff;

void vgw_fraglist_init(void);
bool vgw_fraglist_suits(const struct dst_entry *dst, bool charged);
int vgw_fraglist_send(struct net *net, struct sk_buff *skb);

#endif /* _VGW_FRAGLIST_H */
