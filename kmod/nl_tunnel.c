// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <net/genetlink.h>

#include "dev.h"
#include "netdev.h"
#include "nl_find.h"
#include "nl_gen.h"
#include "nl_read.h"
#include "probe.h"
#include "setup.h"
#include "sock.h"
#include "tunnel.h"
#include "tx.h"

/* Give a tunnel what was read for it, but its selection: nothing of this can fail. What it had is left in @wanted. */
static void take_wanted(struct vgw_tunnel *tunnel, struct vgw_wanted *wanted)
{
	if (wanted->endpoint) {
		swap(tunnel->sock, wanted->sock);
		vgw_tunnel_set_endpoint(tunnel, wanted->endpoint);
		vgw_tunnel_forget_move(tunnel);
		wanted->endpoint = NULL;
	}
	if (wanted->new_ts) {
		vgw_setup_ts(tunnel, wanted->ts);
		wanted->ts = NULL;
	}
	if (wanted->new_probe) {
		vgw_setup_probe(tunnel, wanted->probe);
		wanted->probe = NULL;
	}
	tunnel->admin_up = wanted->admin_up;
}

/* A tunnel that has its place follows what it was given. */
static void follow_wanted(struct vgw_tunnel *tunnel, const struct vgw_options *options)
{
	vgw_setup_options(tunnel, options);
	vgw_setup_mtu(tunnel, vgw_tx_mtu_worst(tunnel));
	vgw_probe_route(tunnel);
	vgw_tunnel_update(tunnel);
	vgw_tunnel_watch(tunnel);
	vgw_netdev_follow_mtu(tunnel->dev);
}

/* The prefix table, which says no for a prefix, knows of no attributes. */
static void blame_selection(int err, struct nlattr **tb, struct netlink_ext_ack *extack)
{
	if (err == -EEXIST || err == -E2BIG)
		NL_SET_BAD_ATTR(extack, tb[VGW_A_TUNNEL_PREFIXES] ?: tb[VGW_A_TUNNEL_PEER] ?: tb[VGW_A_TUNNEL_GROUP]);
}

static int create_tunnel(struct vgw_dev *dev, struct nlattr **tb, struct vgw_wanted *wanted,
			 struct netlink_ext_ack *extack)
{
	struct vgw_tunnel *tunnel;
	int err;

	tunnel = vgw_tunnel_create(dev, nla_data(tb[VGW_A_TUNNEL_NAME]), vgw_probe_watch);
	if (!tunnel)
		return -ENOMEM;
	err = vgw_nl_read_wanted(tunnel, tb, wanted, extack);
	if (err)
		goto err_tunnel;
	take_wanted(tunnel, wanted);
	err = vgw_setup_add(tunnel, &wanted->selection, extack);
	if (err) {
		blame_selection(err, tb, extack);
		goto err_sock;
	}
	wanted->selection.cidrs = NULL;
	follow_wanted(tunnel, &wanted->options);
	return 0;

err_sock:
	if (tunnel->sock)
		vgw_sock_put(tunnel->sock);
err_tunnel:
	vgw_tunnel_put(tunnel);
	return err;
}

int vgw_nl_tunnel_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[VGW_A_TUNNEL_MAX + 1];
	struct vgw_wanted wanted = {};
	struct vgw_dev *dev;
	int err;

	err = vgw_nl_nest(info->attrs, VGW_A_TUNNEL, tb, VGW_A_TUNNEL_MAX, vgw_tunnel_nl_policy, info->extack);
	if (err)
		return err;
	if (!tb[VGW_A_TUNNEL_NAME] || !*(char *)nla_data(tb[VGW_A_TUNNEL_NAME])) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[VGW_A_TUNNEL_NAME], "vgw: the tunnel needs a name");
		return -EINVAL;
	}
	rtnl_lock();
	dev = vgw_nl_dev_get_admin(skb, info);
	if (IS_ERR(dev)) {
		rtnl_unlock();
		return PTR_ERR(dev);
	}
	err = -EEXIST;
	if (vgw_tunnel_find(dev, nla_data(tb[VGW_A_TUNNEL_NAME])))
		NL_SET_ERR_MSG_ATTR(info->extack, tb[VGW_A_TUNNEL_NAME], "vgw: the interface has a tunnel of this name");
	else
		err = create_tunnel(dev, tb, &wanted, info->extack);
	vgw_nl_read_free(&wanted);
	vgw_nl_dev_put(dev);
	rtnl_unlock();
	return err;
}

/* Everything that can fail first, then what cannot. */
static int change_tunnel(struct vgw_tunnel *tunnel, struct nlattr **tb, struct vgw_wanted *wanted,
			 struct netlink_ext_ack *extack)
{
	int err;

	err = vgw_nl_read_wanted(tunnel, tb, wanted, extack);
	if (err)
		return err;
	err = vgw_setup_select(tunnel, &wanted->selection, extack);
	if (err) {
		blame_selection(err, tb, extack);
		return err;
	}
	wanted->selection.cidrs = NULL;
	take_wanted(tunnel, wanted);
	follow_wanted(tunnel, &wanted->options);
	return 0;
}

int vgw_nl_tunnel_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[VGW_A_TUNNEL_MAX + 1];
	struct vgw_wanted wanted = {};
	struct vgw_tunnel *tunnel;
	struct vgw_dev *dev;
	int err;

	err = vgw_nl_nest(info->attrs, VGW_A_TUNNEL, tb, VGW_A_TUNNEL_MAX, vgw_tunnel_nl_policy, info->extack);
	if (err)
		return err;
	rtnl_lock();
	dev = vgw_nl_dev_get_admin(skb, info);
	if (IS_ERR(dev)) {
		rtnl_unlock();
		return PTR_ERR(dev);
	}
	tunnel = vgw_nl_tunnel_find(dev, tb[VGW_A_TUNNEL_NAME], info->extack);
	err = IS_ERR(tunnel) ? PTR_ERR(tunnel) : change_tunnel(tunnel, tb, &wanted, info->extack);
	vgw_nl_read_free(&wanted);
	vgw_nl_dev_put(dev);
	rtnl_unlock();
	return err;
}

int vgw_nl_tunnel_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct vgw_tunnel *tunnel;
	struct nlattr *name;
	struct vgw_dev *dev;
	int err;

	err = vgw_nl_tunnel_name(info->attrs, &name, info->extack);
	if (err)
		return err;
	rtnl_lock();
	dev = vgw_nl_dev_get_admin(skb, info);
	if (IS_ERR(dev)) {
		rtnl_unlock();
		return PTR_ERR(dev);
	}
	tunnel = vgw_nl_tunnel_find(dev, name, info->extack);
	err = PTR_ERR_OR_ZERO(tunnel);
	if (!err) {
		vgw_netdev_remove_tunnel(tunnel);
		vgw_netdev_follow_mtu(dev);
	}
	vgw_nl_dev_put(dev);
	rtnl_unlock();
	return err;
}
