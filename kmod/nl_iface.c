// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <net/genetlink.h>

#include "dev.h"
#include "netdev.h"
#include "nl_find.h"
#include "nl_gen.h"
#include "setup.h"
#include "tunnel.h"

/* What policies do not see. */
static int check_iface(struct nlattr **tb, const struct net_device *netdev, struct netlink_ext_ack *extack)
{
	u32 mtu = tb[VGW_A_IFACE_MTU] ? nla_get_u32(tb[VGW_A_IFACE_MTU]) : 0;
	u32 mss = tb[VGW_A_IFACE_MSS_CLAMP] ? nla_get_u32(tb[VGW_A_IFACE_MSS_CLAMP]) : VGW_MSS_OFF;

	if (mtu && (mtu < netdev->min_mtu || mtu > netdev->max_mtu)) {
		NL_SET_ERR_MSG_ATTR(extack, tb[VGW_A_IFACE_MTU], "vgw: the device cannot have such an MTU");
		return -ERANGE;
	}
	if (mss > VGW_MSS_AUTO && mss < VGW_MSS_MIN) {
		NL_SET_ERR_MSG_ATTR(extack, tb[VGW_A_IFACE_MSS_CLAMP],
				    "vgw: the MSS is off (0), automatic (1), or 88 bytes at least");
		return -ERANGE;
	}
	return 0;
}

/* Caller holds rtnl and the outer lock. */
static int change_iface(struct vgw_dev *dev, struct nlattr **tb, struct netlink_ext_ack *extack)
{
	int err;

	err = check_iface(tb, dev->netdev, extack);
	if (err)
		return err;
	if (tb[VGW_A_IFACE_MTU]) {
		err = vgw_netdev_set_mtu(dev, nla_get_u32(tb[VGW_A_IFACE_MTU]));
		if (err) {
			NL_SET_ERR_MSG_ATTR(extack, tb[VGW_A_IFACE_MTU], "vgw: the MTU was refused");
			return err;
		}
	}
	if (tb[VGW_A_IFACE_MSS_CLAMP])
		WRITE_ONCE(dev->mss_clamp, nla_get_u32(tb[VGW_A_IFACE_MSS_CLAMP]));
	if (tb[VGW_A_IFACE_FWMARK])
		vgw_setup_fwmark(dev, nla_get_u32(tb[VGW_A_IFACE_FWMARK]));
	if (tb[VGW_A_IFACE_CARRIER_POLICY]) {
		dev->carrier_policy = nla_get_u8(tb[VGW_A_IFACE_CARRIER_POLICY]);
		vgw_tunnel_follow_carrier(dev);
	}
	return 0;
}

int vgw_nl_iface_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[VGW_A_IFACE_MAX + 1];
	struct vgw_dev *dev;
	int err;

	err = vgw_nl_nest(info->attrs, VGW_A_IFACE, tb, VGW_A_IFACE_MAX, vgw_iface_nl_policy, info->extack);
	if (err)
		return err;
	rtnl_lock();
	dev = vgw_nl_dev_get_admin(skb, info);
	err = PTR_ERR_OR_ZERO(dev);
	if (!err) {
		err = change_iface(dev, tb, info->extack);
		vgw_nl_dev_put(dev);
	}
	rtnl_unlock();
	return err;
}
