// SPDX-License-Identifier: GPL-2.0
#include "nl_find.h"

#include <linux/module.h>
#include <linux/string.h>

#include "dev.h"
#include "event.h"
#include "keying.h"
#include "netdev.h"
#include "nl_gen.h"
#include "tunnel.h"

static const struct genl_multicast_group groups[] = {
	{ .name = VGW_MCGRP_EVENTS },
};

struct genl_family vgw_nl_family = {
	.name = VGW_GENL_NAME,
	.version = VGW_GENL_VERSION,
	.ops = vgw_nl_ops,
	.n_ops = VGW_NL_OPS,
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
};

int vgw_nl_init(void)
{
	/* Before a request can make something happen. */
	vgw_event_bind(&vgw_nl_family);
	return genl_register_family(&vgw_nl_family);
}

void vgw_nl_exit(void)
{
	genl_unregister_family(&vgw_nl_family);
}

/* ---- the interface of a request ---- */

/* The namespace in which a request names an interface, with a reference; or an ERR_PTR. */
struct net *vgw_nl_net_get(struct sk_buff *skb, struct nlattr **attrs, struct netlink_ext_ack *extack)
{
	struct net *net = sock_net(NETLINK_CB(skb).sk);

	if (!attrs[VGW_A_NETNSID])
		return get_net(net);
	if (attrs[VGW_A_IFNAME]) {
		NL_SET_ERR_MSG_ATTR(extack, attrs[VGW_A_NETNSID], "vgw: netnsid goes with ifindex, not with ifname");
		return ERR_PTR(-EINVAL);
	}
	net = get_net_ns_by_id(net, nla_get_u32(attrs[VGW_A_NETNSID]));
	if (!net) {
		NL_SET_ERR_MSG_ATTR(extack, attrs[VGW_A_NETNSID], "vgw: there is no such namespace");
		return ERR_PTR(-ENOENT);
	}
	return net;
}

/* May the sender of a request see an interface, which may be in a namespace other than its own? */
bool vgw_nl_may_reach(struct sk_buff *skb, const struct vgw_dev *dev)
{
	struct net *net = dev_net(dev->netdev);

	return net_eq(net, sock_net(NETLINK_CB(skb).sk)) || netlink_ns_capable(skb, net->user_ns, CAP_NET_ADMIN) ||
	       vgw_nl_is_admin(skb, dev);
}

/* May the sender of a request change it? It belongs to the outer namespace. */
bool vgw_nl_is_admin(struct sk_buff *skb, const struct vgw_dev *dev)
{
	return netlink_ns_capable(skb, dev->outer->net->user_ns, CAP_NET_ADMIN);
}

static struct net_device *find_netdev(struct net *net, struct nlattr **attrs, struct netlink_ext_ack *extack)
{
	struct nlattr *attr = attrs[VGW_A_IFINDEX] ?: attrs[VGW_A_IFNAME];
	struct net_device *netdev;

	if (attrs[VGW_A_IFINDEX])
		netdev = dev_get_by_index(net, nla_get_u32(attrs[VGW_A_IFINDEX]));
	else
		netdev = dev_get_by_name(net, nla_data(attrs[VGW_A_IFNAME]));
	if (!netdev) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "vgw: there is no such interface");
		return ERR_PTR(-ENODEV);
	}
	if (!vgw_netdev_is(netdev)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "vgw: this interface is not of type vgw");
		dev_put(netdev);
		return ERR_PTR(-EOPNOTSUPP);
	}
	return netdev;
}

/**
 * vgw_nl_dev_get() - the interface that a request names
 * @skb: the request
 * @attrs: of the request
 * @extack: says why not
 *
 * Returns it with a reference for vgw_nl_dev_put() and its outer lock taken, or an ERR_PTR. May sleep.
 */
struct vgw_dev *vgw_nl_dev_get(struct sk_buff *skb, struct nlattr **attrs, struct netlink_ext_ack *extack)
{
	struct net_device *netdev;
	struct vgw_dev *dev;
	struct net *net;

	if (!attrs[VGW_A_IFINDEX] == !attrs[VGW_A_IFNAME]) {
		NL_SET_ERR_MSG_ATTR(extack, attrs[VGW_A_IFNAME], "vgw: name the interface, by ifindex or by ifname");
		return ERR_PTR(-EINVAL);
	}
	net = vgw_nl_net_get(skb, attrs, extack);
	if (IS_ERR(net))
		return ERR_CAST(net);
	netdev = find_netdev(net, attrs, extack);
	put_net(net);
	if (IS_ERR(netdev))
		return ERR_CAST(netdev);
	dev = netdev_priv(netdev);
	mutex_lock(&dev->outer->lock);
	if (netdev->reg_state != NETREG_REGISTERED) {
		NL_SET_ERR_MSG_MOD(extack, "the interface is being removed");
		vgw_nl_dev_put(dev);
		return ERR_PTR(-ENODEV);
	}
	if (!vgw_nl_may_reach(skb, dev)) {
		NL_SET_ERR_MSG_MOD(extack, "there is no such interface");
		vgw_nl_dev_put(dev);
		return ERR_PTR(-ENODEV);
	}
	return dev;
}

/* The same for a change, with which the administrator of the outer namespace must agree. */
struct vgw_dev *vgw_nl_dev_get_admin(struct sk_buff *skb, struct genl_info *info)
{
	struct vgw_dev *dev = vgw_nl_dev_get(skb, info->attrs, info->extack);

	if (IS_ERR(dev) || vgw_nl_is_admin(skb, dev))
		return dev;
	NL_SET_ERR_MSG_MOD(info->extack, "needs CAP_NET_ADMIN where the interface was created");
	vgw_nl_dev_put(dev);
	return ERR_PTR(-EPERM);
}

void vgw_nl_dev_put(struct vgw_dev *dev)
{
	mutex_unlock(&dev->outer->lock);
	dev_put(dev->netdev);
}

/* Caller holds the outer lock. Returns an ERR_PTR when there is none. */
struct vgw_tunnel *vgw_nl_tunnel_find(struct vgw_dev *dev, struct nlattr *name, struct netlink_ext_ack *extack)
{
	struct vgw_tunnel *tunnel;

	if (!name) {
		NL_SET_ERR_MSG_MOD(extack, "name the tunnel");
		return ERR_PTR(-EINVAL);
	}
	tunnel = vgw_tunnel_find(dev, nla_data(name));
	if (!tunnel) {
		NL_SET_ERR_MSG_ATTR(extack, name, "vgw: the interface has no such tunnel");
		return ERR_PTR(-ENOENT);
	}
	return tunnel;
}

/* The same of an SA, by direction and SPI. */
struct vgw_sa *vgw_nl_sa_find(struct vgw_tunnel *tunnel, struct nlattr **sa, struct netlink_ext_ack *extack)
{
	struct vgw_sa *found;

	if (!sa[VGW_A_SA_DIRECTION] || !sa[VGW_A_SA_SPI]) {
		NL_SET_ERR_MSG_MOD(extack, "name the SA by direction and SPI");
		return ERR_PTR(-EINVAL);
	}
	found = vgw_keying_find(tunnel, nla_get_u8(sa[VGW_A_SA_DIRECTION]),
				cpu_to_be32(nla_get_u32(sa[VGW_A_SA_SPI])));
	if (!found) {
		NL_SET_ERR_MSG_ATTR(extack, sa[VGW_A_SA_SPI], "vgw: the tunnel has no such SA");
		return ERR_PTR(-ENOENT);
	}
	return found;
}

/* Take a nest of a request apart; it must be there. */
int vgw_nl_nest(struct nlattr **attrs, int type, struct nlattr **tb, int max, const struct nla_policy *policy,
		struct netlink_ext_ack *extack)
{
	if (!attrs[type]) {
		if (type == VGW_A_SA)
			NL_SET_ERR_MSG_MOD(extack, "the request has no SA");
		else if (type == VGW_A_TUNNEL)
			NL_SET_ERR_MSG_MOD(extack, "the request has no tunnel");
		else
			NL_SET_ERR_MSG_MOD(extack, "the request does not say what to set");
		return -EINVAL;
	}
	return nla_parse_nested(tb, max, attrs[type], policy, extack);
}

/* What a command would pass over in silence is refused; @taken is a mask of attribute types. */
int vgw_nl_only(struct nlattr **tb, int max, u64 taken, struct netlink_ext_ack *extack)
{
	int type;

	for (type = 1; type <= max; type++) {
		if (tb[type] && !(taken & BIT_ULL(type))) {
			NL_SET_ERR_MSG_ATTR(extack, tb[type], "vgw: this command does not take this attribute");
			return -EINVAL;
		}
	}
	return 0;
}

/* The name in the tunnel nest of a request that says nothing else of the tunnel. */
int vgw_nl_tunnel_name(struct nlattr **attrs, struct nlattr **name, struct netlink_ext_ack *extack)
{
	struct nlattr *tb[VGW_A_TUNNEL_MAX + 1];
	int err;

	err = vgw_nl_nest(attrs, VGW_A_TUNNEL, tb, VGW_A_TUNNEL_MAX, vgw_tunnel_nl_policy, extack);
	if (!err)
		err = vgw_nl_only(tb, VGW_A_TUNNEL_MAX, BIT_ULL(VGW_A_TUNNEL_NAME), extack);
	if (!err && !tb[VGW_A_TUNNEL_NAME]) {
		NL_SET_ERR_MSG_ATTR(extack, attrs[VGW_A_TUNNEL], "vgw: name the tunnel");
		err = -EINVAL;
	}
	if (!err)
		*name = tb[VGW_A_TUNNEL_NAME];
	return err;
}

/* All bytes zero, of either family: no address. */
int vgw_nl_addr(const struct nlattr *attr, struct vgw_addr *addr, struct netlink_ext_ack *extack)
{
	int len = nla_len(attr);

	if (len != VGW_ADDR4_LEN && len != VGW_ADDR6_LEN) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "vgw: an address has 4 bytes or 16");
		return -EINVAL;
	}
	memset(addr, 0, sizeof(*addr));
	memcpy(addr->bytes, nla_data(attr), len);
	addr->len = memchr_inv(addr->bytes, 0, len) ? len : 0;
	return 0;
}
