// SPDX-License-Identifier: GPL-2.0
#include "nl/vgw.h"

#include <errno.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

/*
 * The contract as data: which attribute lies in which member, and which nest
 * holds which set. What is not a single value (prefixes, drops, keys) has code
 * further down.
 */
#define IFACE_UINT(attr, member) ATTR_FIELD(attr, vgw_iface, member, ATTR_UINT)
#define TUNNEL_UINT(attr, member) ATTR_FIELD(attr, vgw_tunnel, member, ATTR_UINT)
#define TUNNEL_ADDR(attr, member) ATTR_FIELD(attr, vgw_tunnel, member, ATTR_ADDR)
#define PROBE_UINT(attr, member) ATTR_FIELD(attr, vgw_probe, member, ATTR_UINT)
#define PROBE_ADDR(attr, member) ATTR_FIELD(attr, vgw_probe, member, ATTR_ADDR)
#define SA_UINT(attr, member) ATTR_FIELD(attr, vgw_sa, member, ATTR_UINT)

static const struct attr_field iface_fields[] = {
	IFACE_UINT(VGW_A_IFACE_MTU, mtu),
	IFACE_UINT(VGW_A_IFACE_MTU_AUTO, mtu_auto),
	IFACE_UINT(VGW_A_IFACE_CARRIER, carrier),
	IFACE_UINT(VGW_A_IFACE_DORMANT, dormant),
	IFACE_UINT(VGW_A_IFACE_TUNNELS, tunnels),
	IFACE_UINT(VGW_A_IFACE_CARRIER_POLICY, carrier_policy),
	IFACE_UINT(VGW_A_IFACE_MSS_CLAMP, mss_clamp),
	IFACE_UINT(VGW_A_IFACE_FWMARK, fwmark),
};

static const struct attr_field probe_fields[] = {
	PROBE_ADDR(VGW_A_PROBE_TARGET, target),
	PROBE_ADDR(VGW_A_PROBE_SOURCE, source),
	PROBE_UINT(VGW_A_PROBE_INTERVAL, interval),
	PROBE_UINT(VGW_A_PROBE_MISSES, misses),
	PROBE_UINT(VGW_A_PROBE_ACTION, action),
	PROBE_UINT(VGW_A_PROBE_STATE, state),
	PROBE_UINT(VGW_A_PROBE_SENT, sent),
	PROBE_UINT(VGW_A_PROBE_ANSWERED, answered),
	PROBE_UINT(VGW_A_PROBE_RTT, rtt),
};

static const struct attr_field tunnel_fields[] = {
	ATTR_FIELD(VGW_A_TUNNEL_NAME, vgw_tunnel, name, ATTR_NAME),
	TUNNEL_UINT(VGW_A_TUNNEL_ID, id),
	TUNNEL_UINT(VGW_A_TUNNEL_ADMIN, admin),
	TUNNEL_ADDR(VGW_A_TUNNEL_LOCAL, local),
	TUNNEL_ADDR(VGW_A_TUNNEL_REMOTE, remote),
	TUNNEL_UINT(VGW_A_TUNNEL_ENCAP, encap),
	TUNNEL_UINT(VGW_A_TUNNEL_SPORT, sport),
	TUNNEL_UINT(VGW_A_TUNNEL_DPORT, dport),
	TUNNEL_UINT(VGW_A_TUNNEL_PRIORITY, priority),
	TUNNEL_UINT(VGW_A_TUNNEL_GROUP, group),
	TUNNEL_ADDR(VGW_A_TUNNEL_PEER, peer),
	TUNNEL_UINT(VGW_A_TUNNEL_DSCP, dscp),
	TUNNEL_UINT(VGW_A_TUNNEL_DF, df),
	TUNNEL_UINT(VGW_A_TUNNEL_INNER_DF, inner_df),
	TUNNEL_UINT(VGW_A_TUNNEL_TTL, ttl),
	TUNNEL_UINT(VGW_A_TUNNEL_FWMARK, fwmark),
	TUNNEL_UINT(VGW_A_TUNNEL_LINK, link),
	TUNNEL_UINT(VGW_A_TUNNEL_MULTICAST, multicast),
	TUNNEL_UINT(VGW_A_TUNNEL_RX_MARK, rx_mark),
	TUNNEL_UINT(VGW_A_TUNNEL_ROAM, roam),
	TUNNEL_UINT(VGW_A_TUNNEL_KEEPALIVE, keepalive),
	TUNNEL_UINT(VGW_A_TUNNEL_DEMAND, demand),
	TUNNEL_UINT(VGW_A_TUNNEL_STATE, state),
	TUNNEL_UINT(VGW_A_TUNNEL_REASON, reason),
	TUNNEL_UINT(VGW_A_TUNNEL_LAST_CHANGE, last_change),
	TUNNEL_UINT(VGW_A_TUNNEL_MTU, mtu),
	TUNNEL_UINT(VGW_A_TUNNEL_LAST_RX, last_rx),
	TUNNEL_UINT(VGW_A_TUNNEL_RX_PACKETS, rx_packets),
	TUNNEL_UINT(VGW_A_TUNNEL_RX_BYTES, rx_bytes),
	TUNNEL_UINT(VGW_A_TUNNEL_TX_PACKETS, tx_packets),
	TUNNEL_UINT(VGW_A_TUNNEL_TX_BYTES, tx_bytes),
};

/* The lists of prefixes that a tunnel has. */
static const struct {
	uint16_t attr;
	uint16_t offset;
} tunnel_lists[] = {
	{ VGW_A_TUNNEL_PREFIXES, offsetof(struct vgw_tunnel, prefixes) },
	{ VGW_A_TUNNEL_TS_LOCAL, offsetof(struct vgw_tunnel, ts_local) },
	{ VGW_A_TUNNEL_TS_REMOTE, offsetof(struct vgw_tunnel, ts_remote) },
};

static const struct attr_field sa_fields[] = {
	SA_UINT(VGW_A_SA_DIRECTION, direction),
	SA_UINT(VGW_A_SA_SPI, spi),
	SA_UINT(VGW_A_SA_SUITE, suite),
	SA_UINT(VGW_A_SA_ESN, esn),
	SA_UINT(VGW_A_SA_REPLAY_WINDOW, replay_window),
	SA_UINT(VGW_A_SA_LIFE_TIME, life_time),
	SA_UINT(VGW_A_SA_LIFE_BYTES, life_bytes),
	SA_UINT(VGW_A_SA_LIFE_PACKETS, life_packets),
	SA_UINT(VGW_A_SA_PENDING_ON, pending_on),
	SA_UINT(VGW_A_SA_LINGER, linger),
	SA_UINT(VGW_A_SA_SEQ, seq),
	SA_UINT(VGW_A_SA_PACKETS, packets),
	SA_UINT(VGW_A_SA_BYTES, bytes),
	SA_UINT(VGW_A_SA_AGE, age),
	SA_UINT(VGW_A_SA_CURRENT, current),
	SA_UINT(VGW_A_SA_EXPIRY, expiry),
};

static const struct attr_field main_fields[] = {
	ATTR_FIELD(VGW_A_IFINDEX, vgw_message, ifindex, ATTR_UINT),
	ATTR_FIELD(VGW_A_IFNAME, vgw_message, ifname, ATTR_NAME),
	ATTR_FIELD(VGW_A_NETNSID, vgw_message, netnsid, ATTR_UINT),
};

static const struct attr_set prefix_attrs = {
	.names = vgw_prefix_attr_names, .max = VGW_A_PREFIX_MAX,
};

static const struct attr_set *const prefixes_nests[VGW_A_PREFIXES_MAX + 1] = {
	[VGW_A_PREFIXES_PREFIX] = &prefix_attrs,
};

static const struct attr_set prefixes_attrs = {
	.names = vgw_prefixes_attr_names, .max = VGW_A_PREFIXES_MAX,
	.nests = prefixes_nests,
};

static const struct attr_set probe_attrs = {
	.names = vgw_probe_attr_names, .max = VGW_A_PROBE_MAX,
	.fields = probe_fields, .count = ARRAY_SIZE(probe_fields),
};

static const struct attr_set iface_attrs = {
	.names = vgw_iface_attr_names, .max = VGW_A_IFACE_MAX,
	.fields = iface_fields, .count = ARRAY_SIZE(iface_fields),
};

static const struct attr_set *const tunnel_nests[VGW_A_TUNNEL_MAX + 1] = {
	[VGW_A_TUNNEL_PREFIXES] = &prefixes_attrs,
	[VGW_A_TUNNEL_TS_LOCAL] = &prefixes_attrs,
	[VGW_A_TUNNEL_TS_REMOTE] = &prefixes_attrs,
	[VGW_A_TUNNEL_PROBE] = &probe_attrs,
};

static const struct attr_set tunnel_attrs = {
	.names = vgw_tunnel_attr_names, .max = VGW_A_TUNNEL_MAX,
	.nests = tunnel_nests,
	.fields = tunnel_fields, .count = ARRAY_SIZE(tunnel_fields),
};

static const struct attr_set sa_attrs = {
	.names = vgw_sa_attr_names, .max = VGW_A_SA_MAX,
	.fields = sa_fields, .count = ARRAY_SIZE(sa_fields),
};

static const struct attr_set *const main_nests[VGW_A_MAX + 1] = {
	[VGW_A_IFACE] = &iface_attrs,
	[VGW_A_TUNNEL] = &tunnel_attrs,
	[VGW_A_SA] = &sa_attrs,
};

const struct attr_set vgw_main_attrs = {
	.names = vgw_main_attr_names, .max = VGW_A_MAX, .nests = main_nests,
	.fields = main_fields, .count = ARRAY_SIZE(main_fields),
};

static void decode_drop(const struct nlattr *nest, struct vgw_drops *drops)
{
	uint32_t cause = 0;
	uint64_t count = 0;
	struct nlattr *attr;
	int left;

	nla_for_each_nested(attr, nest, left) {
		if (nla_type(attr) == VGW_A_DROP_CAUSE &&
		    nla_len(attr) == sizeof(cause))
			memcpy(&cause, nla_data(attr), sizeof(cause));
		else if (nla_type(attr) == VGW_A_DROP_COUNT &&
			 nla_len(attr) == sizeof(count))
			memcpy(&count, nla_data(attr), sizeof(count));
	}
	drops->count[cause <= VGW_DROP_MAX ? cause : 0] += count;
}

static void decode_iface(const struct nlattr *nest, struct vgw_iface *iface)
{
	struct nlattr *attr;
	int left;

	nla_for_each_nested(attr, nest, left) {
		if (attr_get_field(attr, &iface_attrs, iface))
			continue;
		if (nla_type(attr) == VGW_A_IFACE_DROP)
			decode_drop(attr, &iface->drops);
		else if (nla_type(attr) == VGW_A_IFACE_HOST_DROP)
			decode_drop(attr, &iface->host_drops);
	}
}

/* False if it is not a whole and possible prefix. */
static bool decode_prefix(const struct nlattr *nest, struct ip_prefix *prefix)
{
	bool has_length = false;
	struct nlattr *attr;
	int left;

	memset(prefix, 0, sizeof(*prefix));
	nla_for_each_nested(attr, nest, left) {
		size_t len = nla_len(attr);

		if (nla_type(attr) == VGW_A_PREFIX_ADDRESS &&
		    (len == 4 || len == 16)) {
			prefix->addr.len = len;
			memcpy(prefix->addr.bytes, nla_data(attr), len);
		} else if (nla_type(attr) == VGW_A_PREFIX_LENGTH && len == 1) {
			prefix->length = nla_get_u8(attr);
			has_length = true;
		}
	}
	return has_length && prefix->addr.len &&
	       prefix->length <= prefix->addr.len * 8;
}

static int decode_prefixes(const struct nlattr *nest, struct ip_prefixes *out)
{
	struct nlattr *attr;
	size_t most = 0;
	int left;

	prefixes_free(out);		/* sent twice: the last one counts */
	nla_for_each_nested(attr, nest, left) {
		most++;
	}
	if (!most)
		return 0;

	out->list = calloc(most, sizeof(*out->list));
	if (!out->list)
		return -ENOMEM;

	nla_for_each_nested(attr, nest, left) {
		if (nla_type(attr) == VGW_A_PREFIXES_PREFIX &&
		    decode_prefix(attr, &out->list[out->count]))
			out->count++;
	}
	return 0;
}

/* Each set of plain values: a probe, an SA. */
static void decode_fields(const struct nlattr *nest, const struct attr_set *set,
			  void *object)
{
	struct nlattr *attr;
	int left;

	nla_for_each_nested(attr, nest, left) {
		attr_get_field(attr, set, object);
	}
}

/* What is a list of prefixes; other attributes are passed over. 0 or -ENOMEM. */
static int decode_list(const struct nlattr *attr, struct vgw_tunnel *tunnel)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tunnel_lists); i++)
		if (tunnel_lists[i].attr == nla_type(attr))
			return decode_prefixes(attr, (void *)((char *)tunnel +
							      tunnel_lists[i].offset));
	return 0;
}

static int decode_tunnel(const struct nlattr *nest, struct vgw_tunnel *tunnel)
{
	struct nlattr *attr;
	int left;

	nla_for_each_nested(attr, nest, left) {
		if (attr_get_field(attr, &tunnel_attrs, tunnel))
			continue;
		if (nla_type(attr) == VGW_A_TUNNEL_DROP)
			decode_drop(attr, &tunnel->drops);
		else if (nla_type(attr) == VGW_A_TUNNEL_PROBE)
			decode_fields(attr, &probe_attrs, &tunnel->probe);
		else if (decode_list(attr, tunnel))
			return -ENOMEM;
	}
	return 0;
}

static int decode_part(const struct nlattr *attr, struct vgw_message *out)
{
	if (attr_get_field(attr, &vgw_main_attrs, out))
		return 0;

	switch (nla_type(attr)) {
	case VGW_A_IFACE:
		decode_iface(attr, &out->iface);
		break;
	case VGW_A_TUNNEL:
		if (decode_tunnel(attr, &out->tunnel))
			return -ENOMEM;
		break;
	case VGW_A_SA:
		decode_fields(attr, &sa_attrs, &out->sa);
		break;
	default:
		return 0;
	}
	out->has |= ATTR_BIT(nla_type(attr));
	return 0;
}

int vgw_decode(const struct nlmsghdr *nlh, struct vgw_message *out)
{
	const struct genlmsghdr *genl = nlmsg_data(nlh);
	const struct nlattr *attr;
	int left;

	memset(out, 0, sizeof(*out));
	if (!genlmsg_valid_hdr((struct nlmsghdr *)nlh, 0))
		return 0;

	out->cmd = genl->cmd;
	attr = genlmsg_attrdata(genl, 0);
	left = genlmsg_attrlen(genl, 0);
	for (; nla_ok(attr, left); attr = nla_next(attr, &left)) {
		if (decode_part(attr, out)) {
			vgw_message_free(out);
			return -ENOMEM;
		}
	}
	return 0;
}

void vgw_tunnel_free(struct vgw_tunnel *tunnel)
{
	prefixes_free(&tunnel->prefixes);
	prefixes_free(&tunnel->ts_local);
	prefixes_free(&tunnel->ts_remote);
}

void vgw_message_free(struct vgw_message *message)
{
	vgw_tunnel_free(&message->tunnel);
}

int vgw_open(struct knl *knl)
{
	return knl_open(knl, VGW_GENL_NAME, &vgw_main_attrs);
}

bool vgw_is_there(const struct knl *knl)
{
	struct knl now;
	bool same;

	if (vgw_open(&now))
		return false;
	same = now.family == knl->family;
	knl_close(&now);
	return same;
}

/* Kernels since 5.2 insist on the flag, older versions of libnl leave it out. */
static struct nlattr *nest_start(struct nl_msg *msg, int attr)
{
	return nla_nest_start(msg, attr | NLA_F_NESTED);
}

static int put_prefix(struct nl_msg *msg, const struct ip_prefix *prefix)
{
	struct nlattr *nest = nest_start(msg, VGW_A_PREFIXES_PREFIX);

	if (!nest ||
	    nla_put(msg, VGW_A_PREFIX_ADDRESS, prefix->addr.len, prefix->addr.bytes) ||
	    nla_put_u8(msg, VGW_A_PREFIX_LENGTH, prefix->length) ||
	    nla_nest_end(msg, nest))
		return -EMSGSIZE;
	return 0;
}

static int put_prefixes(struct nl_msg *msg, int attr, const struct ip_prefixes *prefixes)
{
	struct nlattr *nest = nest_start(msg, attr);
	size_t i;

	if (!nest)
		return -EMSGSIZE;
	for (i = 0; i < prefixes->count; i++)
		if (put_prefix(msg, &prefixes->list[i]))
			return -EMSGSIZE;

	/* An empty list is a statement too: it takes all prefixes away. */
	return nla_nest_end_keep_empty(msg, nest) ? -EMSGSIZE : 0;
}

static int put_lists(struct nl_msg *msg, const struct vgw_tunnel *tunnel)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tunnel_lists); i++) {
		const char *list = (const char *)tunnel + tunnel_lists[i].offset;

		if (VGW_HAS(tunnel, tunnel_lists[i].attr) &&
		    put_prefixes(msg, tunnel_lists[i].attr, (const void *)list))
			return -EMSGSIZE;
	}
	return 0;
}

/* Empty, as it is without a target, it switches the probe off. */
static int put_probe(struct nl_msg *msg, const struct vgw_probe *probe)
{
	struct nlattr *nest = nest_start(msg, VGW_A_TUNNEL_PROBE);

	if (!nest || attr_put_fields(msg, &probe_attrs, probe) ||
	    nla_nest_end_keep_empty(msg, nest))
		return -EMSGSIZE;
	return 0;
}

static int put_tunnel(struct nl_msg *msg, const struct vgw_tunnel *tunnel)
{
	struct nlattr *nest = nest_start(msg, VGW_A_TUNNEL);

	if (!nest || attr_put_fields(msg, &tunnel_attrs, tunnel) ||
	    put_lists(msg, tunnel))
		return -EMSGSIZE;
	if (VGW_HAS(tunnel, VGW_A_TUNNEL_PROBE) && put_probe(msg, &tunnel->probe))
		return -EMSGSIZE;
	return nla_nest_end(msg, nest) ? -EMSGSIZE : 0;
}

static int put_names(struct nl_msg *msg, const struct vgw_where *where, const char *tunnel)
{
	struct nlattr *nest;

	if (where->ifname && nla_put_string(msg, VGW_A_IFNAME, where->ifname))
		return -EMSGSIZE;
	if (!where->ifname && where->index &&
	    (nla_put_u32(msg, VGW_A_IFINDEX, where->index) || nla_put_u32(msg, VGW_A_NETNSID, where->netnsid)))
		return -EMSGSIZE;
	if (!tunnel)
		return 0;

	nest = nest_start(msg, VGW_A_TUNNEL);
	if (!nest || nla_put_string(msg, VGW_A_TUNNEL_NAME, tunnel) ||
	    nla_nest_end(msg, nest))
		return -EMSGSIZE;
	return 0;
}

static int put_sa(struct nl_msg *msg, const struct vgw_sa *sa,
		  const struct vgw_keys *keys)
{
	struct nlattr *nest = nest_start(msg, VGW_A_SA);

	if (!nest || attr_put_fields(msg, &sa_attrs, sa))
		return -EMSGSIZE;
	if (keys && keys->key_len &&
	    nla_put(msg, VGW_A_SA_KEY, keys->key_len, keys->key))
		return -EMSGSIZE;
	if (keys && keys->auth_key_len &&
	    nla_put(msg, VGW_A_SA_AUTH_KEY, keys->auth_key_len, keys->auth_key))
		return -EMSGSIZE;
	return nla_nest_end(msg, nest) ? -EMSGSIZE : 0;
}

/* Sends a request that has been filled, or says that it could not be. */
static int call_filled(struct knl *knl, struct nl_msg *msg, int err)
{
	if (!err)
		return knl_call(knl, msg, NULL, NULL);

	knl_drop(msg);
	why_set(&knl->why, "more than fits into one netlink message");
	return err;
}

int vgw_iface_set(struct knl *knl, const struct vgw_where *where, const struct vgw_iface *iface)
{
	struct nl_msg *msg = knl_request(knl, VGW_CMD_IFACE_SET, 0);
	struct nlattr *nest;
	int err;

	if (!msg)
		return -ENOMEM;

	err = put_names(msg, where, NULL);
	nest = nest_start(msg, VGW_A_IFACE);
	if (!nest || attr_put_fields(msg, &iface_attrs, iface) ||
	    nla_nest_end(msg, nest))
		err = -EMSGSIZE;
	return call_filled(knl, msg, err);
}

int vgw_tunnel_change(struct knl *knl, uint8_t cmd, const struct vgw_where *where, const struct vgw_tunnel *tunnel)
{
	struct nl_msg *msg = knl_request(knl, cmd, 0);
	int err;

	if (!msg)
		return -ENOMEM;

	err = put_names(msg, where, NULL);
	if (!err)
		err = put_tunnel(msg, tunnel);
	return call_filled(knl, msg, err);
}

int vgw_sa_change(struct knl *knl, uint8_t cmd, const struct vgw_sa_place *place,
		  const struct vgw_sa *sa, const struct vgw_keys *keys)
{
	struct nl_msg *msg = knl_request(knl, cmd, 0);
	int err;

	if (!msg)
		return -ENOMEM;

	err = put_names(msg, &place->where, place->tunnel);
	if (!err)
		err = put_sa(msg, sa, keys);
	return call_filled(knl, msg, err);
}

int vgw_socket_set(struct knl *knl, int fd, uint16_t port)
{
	struct nl_msg *msg = knl_request(knl, VGW_CMD_SOCKET_SET, 0);
	struct nlattr *nest;
	int err = 0;

	if (!msg)
		return -ENOMEM;

	nest = nest_start(msg, VGW_A_SOCKET);
	if (!nest || nla_put_u32(msg, VGW_A_SOCKET_FD, fd) || nla_put_u16(msg, VGW_A_SOCKET_PORT, port) ||
	    nla_nest_end(msg, nest))
		err = -EMSGSIZE;
	return call_filled(knl, msg, err);
}

int vgw_get(struct knl *knl, const struct vgw_query *query, knl_fn *fn, void *arg)
{
	struct nl_msg *msg;

	msg = knl_request(knl, query->cmd, query->dump ? NLM_F_DUMP : 0);
	if (!msg)
		return -ENOMEM;
	if (put_names(msg, &query->where, query->tunnel))
		return call_filled(knl, msg, -EMSGSIZE);
	return knl_call(knl, msg, fn, arg);
}
