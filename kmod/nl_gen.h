/* SPDX-License-Identifier: GPL-2.0 */
/* Made from uapi/vgw.yaml by uapi/gen.py: change that, not this. */
#ifndef _VGW_NL_GEN_H
#define _VGW_NL_GEN_H

#include <linux/vgw.h>
#include <net/genetlink.h>
#include <net/netlink.h>

enum { VGW_NL_OPS = 12 };

extern const struct nla_policy vgw_iface_nl_policy[VGW_A_IFACE_MAX + 1];
extern const struct nla_policy vgw_prefix_nl_policy[VGW_A_PREFIX_MAX + 1];
extern const struct nla_policy vgw_prefixes_nl_policy[VGW_A_PREFIXES_MAX + 1];
extern const struct nla_policy vgw_probe_nl_policy[VGW_A_PROBE_MAX + 1];
extern const struct nla_policy vgw_tunnel_nl_policy[VGW_A_TUNNEL_MAX + 1];
extern const struct nla_policy vgw_sa_nl_policy[VGW_A_SA_MAX + 1];
extern const struct nla_policy vgw_socket_nl_policy[VGW_A_SOCKET_MAX + 1];
extern const struct genl_ops vgw_nl_ops[VGW_NL_OPS];

int vgw_nl_iface_get_doit(struct sk_buff *skb, struct genl_info *info);
int vgw_nl_iface_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int vgw_nl_tunnel_new_doit(struct sk_buff *skb, struct genl_info *info);
int vgw_nl_tunnel_set_doit(struct sk_buff *skb, struct genl_info *info);
int vgw_nl_tunnel_del_doit(struct sk_buff *skb, struct genl_info *info);
int vgw_nl_tunnel_get_doit(struct sk_buff *skb, struct genl_info *info);
int vgw_nl_tunnel_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int vgw_nl_sa_new_doit(struct sk_buff *skb, struct genl_info *info);
int vgw_nl_sa_del_doit(struct sk_buff *skb, struct genl_info *info);
int vgw_nl_sa_get_doit(struct sk_buff *skb, struct genl_info *info);
int vgw_nl_sa_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int vgw_nl_iface_set_doit(struct sk_buff *skb, struct genl_info *info);
int vgw_nl_sa_set_doit(struct sk_buff *skb, struct genl_info *info);
int vgw_nl_spi_alloc_doit(struct sk_buff *skb, struct genl_info *info);
int vgw_nl_socket_set_doit(struct sk_buff *skb, struct genl_info *info);

#endif /* _VGW_NL_GEN_H */
