// SPDX-License-Identifier: GPL-2.0
#include <linux/file.h>
#include <linux/net.h>

#include "dev.h"
#include "netdev.h"
#include "nl_gen.h"
#include "sock.h"

static int adopt_fd(struct vgw_net *vn, struct nlattr **tb, struct netlink_ext_ack *extack)
{
	__be16 port = tb[VGW_A_SOCKET_PORT] ? htons(nla_get_u16(tb[VGW_A_SOCKET_PORT])) : 0;
	struct socket *socket;
	int err;

	NL_SET_BAD_ATTR(extack, tb[VGW_A_SOCKET_FD]);
	socket = sockfd_lookup(nla_get_u32(tb[VGW_A_SOCKET_FD]), &err);
	if (!socket) {
		if (err == -ENOTSOCK)
			NL_SET_ERR_MSG_MOD(extack, "fd is not a socket");
		else
			NL_SET_ERR_MSG_MOD(extack, "fd is not open in the calling process");
		return err;
	}
	err = vgw_sock_adopt(vn, socket, port, extack);
	sockfd_put(socket);
	return err;
}

int vgw_nl_socket_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct net *net = genl_info_net(info);
	struct nlattr *tb[VGW_A_SOCKET_MAX + 1];
	int err;

	if (!info->attrs[VGW_A_SOCKET]) {
		NL_SET_ERR_MSG_MOD(info->extack, "the request has no socket");
		return -EINVAL;
	}
	err = nla_parse_nested(tb, VGW_A_SOCKET_MAX, info->attrs[VGW_A_SOCKET], vgw_socket_nl_policy, info->extack);
	if (err)
		return err;
	if (!tb[VGW_A_SOCKET_FD]) {
		NL_SET_ERR_MSG_MOD(info->extack, "name the socket by its fd");
		return -EINVAL;
	}
	if (!vgw_netdev_allowed(net)) {
		NL_SET_ERR_MSG_MOD(info->extack, "not in a user namespace (module parameter unprivileged allows it)");
		return -EPERM;
	}
	return adopt_fd(vgw_net(net), tb, info->extack);
}
