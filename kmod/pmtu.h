/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What routers say of the path MTU to a peer, and whether to believe it.
 */
#ifndef _VGW_PMTU_H
#define _VGW_PMTU_H

#include <linux/types.h>
#include <linux/vgw.h>

#include "addr.h"
#include "esp.h"

struct sk_buff;
struct vgw_net;

/**
 * struct vgw_quote - what an ICMP error quotes of a packet
 * @remote: where that was sent to
 * @encap: natively or in UDP
 * @sport: in UDP: from this port
 * @dport: in UDP: to this one
 * @esp: its ESP header
 * @mtu: what the router can take; 0: the error is about something else
 */
struct vgw_quote {
	struct vgw_addr remote;
	enum vgw_encap encap;
	__be16 sport;
	__be16 dport;
	struct vgw_esp_hdr esp;
	u32 mtu;
};

bool vgw_pmtu_learn(struct vgw_net *vn, struct sk_buff *skb, const struct vgw_quote *quote);

#endif /* _VGW_PMTU_H */
