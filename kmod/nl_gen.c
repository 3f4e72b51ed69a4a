// SPDX-License-Identifier: GPL-2.0
/* Made from uapi/vgw.yaml by uapi/gen.py: change that, not this. */
#include "nl_gen.h"

static struct netlink_range_validation range_iface_mss_clamp = {
	.max = 65495,
};

const struct nla_policy vgw_iface_nl_policy[VGW_A_IFACE_MAX + 1] = {
	[VGW_A_IFACE_MTU] = { .type = NLA_U32 },
	[VGW_A_IFACE_CARRIER_POLICY] = NLA_POLICY_MAX(NLA_U8, VGW_CARRIER_POLICY_MAX),
	[VGW_A_IFACE_MSS_CLAMP] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_iface_mss_clamp),
	[VGW_A_IFACE_FWMARK] = { .type = NLA_U32 },
};

const struct nla_policy vgw_prefix_nl_policy[VGW_A_PREFIX_MAX + 1] = {
	[VGW_A_PREFIX_ADDRESS] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[VGW_A_PREFIX_LENGTH] = NLA_POLICY_MAX(NLA_U8, 128),
};

const struct nla_policy vgw_prefixes_nl_policy[VGW_A_PREFIXES_MAX + 1] = {
	[VGW_A_PREFIXES_PREFIX] = NLA_POLICY_NESTED(vgw_prefix_nl_policy),
};

static struct netlink_range_validation range_probe_interval = {
	.min = 100,
	.max = 3600000,
};

const struct nla_policy vgw_probe_nl_policy[VGW_A_PROBE_MAX + 1] = {
	[VGW_A_PROBE_TARGET] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[VGW_A_PROBE_SOURCE] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[VGW_A_PROBE_INTERVAL] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_probe_interval),
	[VGW_A_PROBE_MISSES] = NLA_POLICY_RANGE(NLA_U32, 1, 100),
	[VGW_A_PROBE_ACTION] = NLA_POLICY_MAX(NLA_U8, VGW_PROBE_ACTION_MAX),
};

const struct nla_policy vgw_tunnel_nl_policy[VGW_A_TUNNEL_MAX + 1] = {
	[VGW_A_TUNNEL_NAME] = { .type = NLA_NUL_STRING, .len = 31 },
	[VGW_A_TUNNEL_ADMIN] = NLA_POLICY_MAX(NLA_U8, 1),
	[VGW_A_TUNNEL_LOCAL] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[VGW_A_TUNNEL_REMOTE] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[VGW_A_TUNNEL_ENCAP] = NLA_POLICY_MAX(NLA_U8, 1),
	[VGW_A_TUNNEL_SPORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[VGW_A_TUNNEL_DPORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[VGW_A_TUNNEL_PRIORITY] = { .type = NLA_U32 },
	[VGW_A_TUNNEL_GROUP] = { .type = NLA_U32 },
	[VGW_A_TUNNEL_PREFIXES] = NLA_POLICY_NESTED(vgw_prefixes_nl_policy),
	[VGW_A_TUNNEL_PEER] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[VGW_A_TUNNEL_DSCP] = { .type = NLA_U8 },
	[VGW_A_TUNNEL_DF] = NLA_POLICY_MAX(NLA_U8, VGW_DF_MAX),
	[VGW_A_TUNNEL_INNER_DF] = NLA_POLICY_MAX(NLA_U8, VGW_INNER_DF_MAX),
	[VGW_A_TUNNEL_TTL] = NLA_POLICY_MIN(NLA_U8, 1),
	[VGW_A_TUNNEL_FWMARK] = { .type = NLA_U32 },
	[VGW_A_TUNNEL_LINK] = { .type = NLA_U32 },
	[VGW_A_TUNNEL_TS_LOCAL] = NLA_POLICY_NESTED(vgw_prefixes_nl_policy),
	[VGW_A_TUNNEL_TS_REMOTE] = NLA_POLICY_NESTED(vgw_prefixes_nl_policy),
	[VGW_A_TUNNEL_MULTICAST] = NLA_POLICY_MAX(NLA_U8, 1),
	[VGW_A_TUNNEL_RX_MARK] = { .type = NLA_U32 },
	[VGW_A_TUNNEL_ROAM] = NLA_POLICY_MAX(NLA_U8, 1),
	[VGW_A_TUNNEL_KEEPALIVE] = NLA_POLICY_MAX(NLA_U32, 3600),
	[VGW_A_TUNNEL_DEMAND] = NLA_POLICY_MAX(NLA_U8, 1),
	[VGW_A_TUNNEL_PROBE] = NLA_POLICY_NESTED(vgw_probe_nl_policy),
};

static struct netlink_range_validation range_sa_life_time = {
	.min = 1,
	.max = 31536000,
};

const struct nla_policy vgw_sa_nl_policy[VGW_A_SA_MAX + 1] = {
	[VGW_A_SA_DIRECTION] = NLA_POLICY_RANGE(NLA_U8, 1, 2),
	[VGW_A_SA_SPI] = NLA_POLICY_MIN(NLA_U32, 256),
	[VGW_A_SA_SUITE] = NLA_POLICY_RANGE(NLA_U32, 1, VGW_SUITE_MAX),
	[VGW_A_SA_KEY] = NLA_POLICY_RANGE(NLA_BINARY, 1, 64),
	[VGW_A_SA_AUTH_KEY] = NLA_POLICY_RANGE(NLA_BINARY, 1, 64),
	[VGW_A_SA_ESN] = NLA_POLICY_MAX(NLA_U8, 1),
	[VGW_A_SA_REPLAY_WINDOW] = NLA_POLICY_RANGE(NLA_U32, 64, 8192),
	[VGW_A_SA_LIFE_TIME] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_sa_life_time),
	[VGW_A_SA_LIFE_BYTES] = NLA_POLICY_MIN(NLA_U64, 1),
	[VGW_A_SA_LIFE_PACKETS] = NLA_POLICY_MIN(NLA_U64, 1),
	[VGW_A_SA_PENDING_ON] = NLA_POLICY_MIN(NLA_U32, 256),
	[VGW_A_SA_LINGER] = NLA_POLICY_MAX(NLA_U32, 60),
	[VGW_A_SA_CURRENT] = NLA_POLICY_RANGE(NLA_U8, 1, 1),
};

const struct nla_policy vgw_socket_nl_policy[VGW_A_SOCKET_MAX + 1] = {
	[VGW_A_SOCKET_FD] = { .type = NLA_U32 },
	[VGW_A_SOCKET_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
};

static const struct nla_policy iface_get_nl_policy[VGW_A_MAX + 1] = {
	[VGW_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[VGW_A_IFNAME] = { .type = NLA_NUL_STRING, .len = 15 },
	[VGW_A_NETNSID] = { .type = NLA_U32 },
};

static const struct nla_policy tunnel_new_nl_policy[VGW_A_MAX + 1] = {
	[VGW_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[VGW_A_IFNAME] = { .type = NLA_NUL_STRING, .len = 15 },
	[VGW_A_NETNSID] = { .type = NLA_U32 },
	[VGW_A_TUNNEL] = NLA_POLICY_NESTED(vgw_tunnel_nl_policy),
};

static const struct nla_policy tunnel_set_nl_policy[VGW_A_MAX + 1] = {
	[VGW_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[VGW_A_IFNAME] = { .type = NLA_NUL_STRING, .len = 15 },
	[VGW_A_NETNSID] = { .type = NLA_U32 },
	[VGW_A_TUNNEL] = NLA_POLICY_NESTED(vgw_tunnel_nl_policy),
};

static const struct nla_policy tunnel_del_nl_policy[VGW_A_MAX + 1] = {
	[VGW_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[VGW_A_IFNAME] = { .type = NLA_NUL_STRING, .len = 15 },
	[VGW_A_NETNSID] = { .type = NLA_U32 },
	[VGW_A_TUNNEL] = NLA_POLICY_NESTED(vgw_tunnel_nl_policy),
};

static const struct nla_policy tunnel_get_nl_policy[VGW_A_MAX + 1] = {
	[VGW_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[VGW_A_IFNAME] = { .type = NLA_NUL_STRING, .len = 15 },
	[VGW_A_NETNSID] = { .type = NLA_U32 },
	[VGW_A_TUNNEL] = NLA_POLICY_NESTED(vgw_tunnel_nl_policy),
};

static const struct nla_policy sa_new_nl_policy[VGW_A_MAX + 1] = {
	[VGW_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[VGW_A_IFNAME] = { .type = NLA_NUL_STRING, .len = 15 },
	[VGW_A_NETNSID] = { .type = NLA_U32 },
	[VGW_A_TUNNEL] = NLA_POLICY_NESTED(vgw_tunnel_nl_policy),
	[VGW_A_SA] = NLA_POLICY_NESTED(vgw_sa_nl_policy),
};

static const struct nla_policy sa_del_nl_policy[VGW_A_MAX + 1] = {
	[VGW_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[VGW_A_IFNAME] = { .type = NLA_NUL_STRING, .len = 15 },
	[VGW_A_NETNSID] = { .type = NLA_U32 },
	[VGW_A_TUNNEL] = NLA_POLICY_NESTED(vgw_tunnel_nl_policy),
	[VGW_A_SA] = NLA_POLICY_NESTED(vgw_sa_nl_policy),
};

static const struct nla_policy sa_get_nl_policy[VGW_A_MAX + 1] = {
	[VGW_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[VGW_A_IFNAME] = { .type = NLA_NUL_STRING, .len = 15 },
	[VGW_A_NETNSID] = { .type = NLA_U32 },
	[VGW_A_TUNNEL] = NLA_POLICY_NESTED(vgw_tunnel_nl_policy),
	[VGW_A_SA] = NLA_POLICY_NESTED(vgw_sa_nl_policy),
};

static const struct nla_policy iface_set_nl_policy[VGW_A_MAX + 1] = {
	[VGW_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[VGW_A_IFNAME] = { .type = NLA_NUL_STRING, .len = 15 },
	[VGW_A_NETNSID] = { .type = NLA_U32 },
	[VGW_A_IFACE] = NLA_POLICY_NESTED(vgw_iface_nl_policy),
};

static const struct nla_policy sa_set_nl_policy[VGW_A_MAX + 1] = {
	[VGW_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[VGW_A_IFNAME] = { .type = NLA_NUL_STRING, .len = 15 },
	[VGW_A_NETNSID] = { .type = NLA_U32 },
	[VGW_A_TUNNEL] = NLA_POLICY_NESTED(vgw_tunnel_nl_policy),
	[VGW_A_SA] = NLA_POLICY_NESTED(vgw_sa_nl_policy),
};

static const struct nla_policy spi_alloc_nl_policy[VGW_A_MAX + 1] = {
	[VGW_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[VGW_A_IFNAME] = { .type = NLA_NUL_STRING, .len = 15 },
	[VGW_A_NETNSID] = { .type = NLA_U32 },
	[VGW_A_TUNNEL] = NLA_POLICY_NESTED(vgw_tunnel_nl_policy),
	[VGW_A_SA] = NLA_POLICY_NESTED(vgw_sa_nl_policy),
};

static const struct nla_policy socket_set_nl_policy[VGW_A_MAX + 1] = {
	[VGW_A_SOCKET] = NLA_POLICY_NESTED(vgw_socket_nl_policy),
};

const struct genl_ops vgw_nl_ops[VGW_NL_OPS] = {
	{
		.cmd = VGW_CMD_IFACE_GET,
		.policy = iface_get_nl_policy,
		.maxattr = VGW_A_MAX,
		.doit = vgw_nl_iface_get_doit,
		.dumpit = vgw_nl_iface_get_dumpit,
	},
	{
		.cmd = VGW_CMD_TUNNEL_NEW,
		.policy = tunnel_new_nl_policy,
		.maxattr = VGW_A_MAX,
		.doit = vgw_nl_tunnel_new_doit,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = VGW_CMD_TUNNEL_SET,
		.policy = tunnel_set_nl_policy,
		.maxattr = VGW_A_MAX,
		.doit = vgw_nl_tunnel_set_doit,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = VGW_CMD_TUNNEL_DEL,
		.policy = tunnel_del_nl_policy,
		.maxattr = VGW_A_MAX,
		.doit = vgw_nl_tunnel_del_doit,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = VGW_CMD_TUNNEL_GET,
		.policy = tunnel_get_nl_policy,
		.maxattr = VGW_A_MAX,
		.doit = vgw_nl_tunnel_get_doit,
		.dumpit = vgw_nl_tunnel_get_dumpit,
	},
	{
		.cmd = VGW_CMD_SA_NEW,
		.policy = sa_new_nl_policy,
		.maxattr = VGW_A_MAX,
		.doit = vgw_nl_sa_new_doit,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = VGW_CMD_SA_DEL,
		.policy = sa_del_nl_policy,
		.maxattr = VGW_A_MAX,
		.doit = vgw_nl_sa_del_doit,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = VGW_CMD_SA_GET,
		.policy = sa_get_nl_policy,
		.maxattr = VGW_A_MAX,
		.doit = vgw_nl_sa_get_doit,
		.dumpit = vgw_nl_sa_get_dumpit,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = VGW_CMD_IFACE_SET,
		.policy = iface_set_nl_policy,
		.maxattr = VGW_A_MAX,
		.doit = vgw_nl_iface_set_doit,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = VGW_CMD_SA_SET,
		.policy = sa_set_nl_policy,
		.maxattr = VGW_A_MAX,
		.doit = vgw_nl_sa_set_doit,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = VGW_CMD_SPI_ALLOC,
		.policy = spi_alloc_nl_policy,
		.maxattr = VGW_A_MAX,
		.doit = vgw_nl_spi_alloc_doit,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = VGW_CMD_SOCKET_SET,
		.policy = socket_set_nl_policy,
		.maxattr = VGW_A_MAX,
		.doit = vgw_nl_socket_set_doit,
		.flags = GENL_UNS_ADMIN_PERM,
	},
};
