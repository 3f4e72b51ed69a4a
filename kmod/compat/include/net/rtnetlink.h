/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VGW_COMPAT_NET_RTNETLINK_H
#define _VGW_COMPAT_NET_RTNETLINK_H

#include_next <net/rtnetlink.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 15, 0)
struct rtnl_newlink_params {
	struct net *link_net;
	struct nlattr **tb;
	struct nlattr **data;
};

static inline struct net *rtnl_newlink_link_net(struct rtnl_newlink_params *params)
{
	return params->link_net;
}

/*
 * The function that makes a device was given these one by one. Where vgw_newlink() is defined (the name with a bracket
 * behind it) this puts one of that kind, which has the name from there on, before it.
 */
#define vgw_newlink(...)								\
	newlink_by_params(__VA_ARGS__);							\
											\
	static int vgw_newlink(struct net *link_net, struct net_device *netdev,		\
			       struct nlattr *tb[], struct nlattr *data[],		\
			       struct netlink_ext_ack *extack)				\
	{										\
		struct rtnl_newlink_params params = {					\
			.link_net = link_net,						\
			.tb = tb,							\
			.data = data,							\
		};									\
											\
		return newlink_by_params(netdev, &params, extack);			\
	}										\
											\
	static int newlink_by_params(__VA_ARGS__)
#endif

#endif /* _VGW_COMPAT_NET_RTNETLINK_H */
