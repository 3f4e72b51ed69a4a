/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the handlers of requests share: the family, and the way from what a request names to the thing itself.
 */
#ifndef _VGW_NL_FIND_H
#define _VGW_NL_FIND_H

#include <linux/netdevice.h>
#include <linux/vgw.h>
#include <net/genetlink.h>
#include <net/netlink.h>

#include "addr.h"

struct vgw_dev;
struct vgw_sa;
struct vgw_tunnel;

extern struct genl_family vgw_nl_family;

int vgw_nl_init(void);
void vgw_nl_exit(void);
struct net *vgw_nl_net_get(struct sk_buff *skb, struct nlattr **attrs, struct netlink_ext_ack *extack);
bool vgw_nl_may_reach(struct sk_buff *skb, const struct vgw_dev *dev);
bool vgw_nl_is_admin(struct sk_buff *skb, const struct vgw_dev *dev);
struct vgw_dev *vgw_nl_dev_get(struct sk_buff *skb, struct nlattr **attrs, struct netlink_ext_ack *extack);
struct vgw_dev *vgw_nl_dev_get_admin(struct sk_buff *skb, struct genl_info *info);
void vgw_nl_dev_put(struct vgw_dev *dev);
struct vgw_tunnel *vgw_nl_tunnel_find(struct vgw_dev *dev, struct nlattr *name, struct netlink_ext_ack *extack);
struct vgw_sa *vgw_nl_sa_find(struct vgw_tunnel *tunnel, struct nlattr **sa, struct netlink_ext_ack *extack);
int vgw_nl_nest(struct nlattr **attrs, int type, struct nlattr **tb, int max, const struct nla_policy *policy,
		struct netlink_ext_ack *extack);
int vgw_nl_only(struct nlattr **tb, int max, u64 taken, struct netlink_ext_ack *extack);
int vgw_nl_tunnel_name(struct nlattr **attrs, struct nlattr **name, struct netlink_ext_ack *extack);
int vgw_nl_addr(const struct nlattr *attr, struct vgw_addr *addr, struct netlink_ext_ack *extack);

#endif /* _VGW_NL_FIND_H */
