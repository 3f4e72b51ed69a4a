/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Last station of a packet out: the outer IP and UDP headers.
 */
#ifndef _VGW_OUTER_H
#define _VGW_OUTER_H

#include <linux/in6.h>
#include <linux/types.h>

struct dst_entry;
struct sk_buff;
struct vgw_endpoint;
struct vgw_tunnel;

/**
 * struct vgw_way - the way to a tunnel's peer
 * @dst: outer route
 * @saddr: own outer address; an IPv4 one in the first four bytes
 */
struct vgw_way {
	struct dst_entry *dst;
	struct in6_addr saddr;
};

int vgw_outer_route(const struct vgw_tunnel *tunnel, struct vgw_endpoint *endpoint, struct vgw_way *way);
u32 vgw_outer_mark(const struct vgw_tunnel *tunnel, const struct vgw_endpoint *endpoint);
unsigned int vgw_outer_mtu_rcu(const struct dst_entry *dst);
unsigned int vgw_outer_room(const struct vgw_endpoint *endpoint, unsigned int path_mtu);
unsigned int vgw_outer_headroom(const struct dst_entry *dst);
void vgw_outer_send(struct sk_buff *list);
void vgw_outer_keepalive(struct vgw_tunnel *tunnel, const struct vgw_way *way);

#endif /* _VGW_OUTER_H */
