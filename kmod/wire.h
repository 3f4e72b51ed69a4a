/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where ESP is taken off the wire: IP protocol 50 and UDP datagrams.
 */
#ifndef _VGW_WIRE_H
#define _VGW_WIRE_H

#include <linux/vgw.h>

struct sk_buff;
struct sock;
struct vgw_sa;

int vgw_wire_init(void);
void vgw_wire_exit(void);
void vgw_wire_open(struct sk_buff *skb, struct vgw_sa *sa, enum vgw_encap encap);
int vgw_wire_udp_own(struct sock *sk, struct sk_buff *skb);
int vgw_wire_udp_err(struct sock *sk, struct sk_buff *skb);
int vgw_wire_udp_adopted(struct sock *sk, struct sk_buff *skb);

#endif /* _VGW_WIRE_H */
