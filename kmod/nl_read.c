// SPDX-License-Identifier: GPL-2.0
#include "nl_read.h"

#include <linux/module.h>
#include <linux/random.h>
#include <net/ipv6.h>
#include <net/netlink.h>

#include "dev.h"
#include "netdev.h"
#include "nl_find.h"
#include "nl_gen.h"
#include "sock.h"
#include "ts.h"

/* ---- endpoint ---- */

static bool is_multicast(const struct vgw_addr *addr)
{
	if (addr->len == VGW_ADDR4_LEN)
		return ipv4_is_multicast(addr->ip4) || ipv4_is_lbcast(addr->ip4);
	return addr->len && ipv6_addr_is_multicast(&addr->ip6);
}

static int read_addrs(struct nlattr **tb, struct vgw_endpoint *endpoint, struct netlink_ext_ack *extack)
{
	int err;

	if (tb[VGW_A_TUNNEL_LOCAL]) {
		err = vgw_nl_addr(tb[VGW_A_TUNNEL_LOCAL], &endpoint->local, extack);
		if (err)
			return err;
	}
	if (tb[VGW_A_TUNNEL_REMOTE]) {
		err = vgw_nl_addr(tb[VGW_A_TUNNEL_REMOTE], &endpoint->remote, extack);
		if (err)
			return err;
	}
	if (!endpoint->remote.len) {
		NL_SET_ERR_MSG_ATTR(extack, tb[VGW_A_TUNNEL_REMOTE], "vgw: the tunnel needs the peer's address, remote");
		return -EINVAL;
	}
	if (endpoint->local.len && endpoint->local.len != endpoint->remote.len) {
		NL_SET_ERR_MSG_ATTR(extack, tb[VGW_A_TUNNEL_LOCAL] ?: tb[VGW_A_TUNNEL_REMOTE],
				    "vgw: local and remote are of different families");
		return -EINVAL;
	}
	if (is_multicast(&endpoint->remote)) {
		NL_SET_ERR_MSG_ATTR(extack, tb[VGW_A_TUNNEL_REMOTE], "vgw: remote is a multicast or broadcast address");
		return -EINVAL;
	}
	if (is_multicast(&endpoint->local)) {
		NL_SET_ERR_MSG_ATTR(extack, tb[VGW_A_TUNNEL_LOCAL], "vgw: local is a multicast or broadcast address");
		return -EINVAL;
	}
	return 0;
}

static int read_link(struct net *net, const struct nlattr *attr, u32 *link, struct netlink_ext_ack *extack)
{
	u32 ifindex = nla_get_u32(attr);
	struct net_device *netdev;
	bool ours;

	if (ifindex) {
		netdev = dev_get_by_index(net, ifindex);
		if (!netdev) {
			NL_SET_ERR_MSG_ATTR(extack, attr, "vgw: there is no such underlay device");
			return -ENODEV;
		}
		ours = vgw_netdev_is(netdev);
		dev_put(netdev);
		if (ours) {
			NL_SET_ERR_MSG_ATTR(extack, attr, "vgw: the underlay device is itself of type vgw");
			return -ELOOP;
		}
	}
	*link = ifindex;
	return 0;
}

/* What of an endpoint is not an address. */
static int read_headers(struct net *net, struct nlattr **tb, struct vgw_endpoint *endpoint,
			struct netlink_ext_ack *extack)
{
	u8 dscp;

	if (tb[VGW_A_TUNNEL_ENCAP])
		endpoint->encap = nla_get_u8(tb[VGW_A_TUNNEL_ENCAP]);
	if (tb[VGW_A_TUNNEL_SPORT])
		endpoint->sport = htons(nla_get_u16(tb[VGW_A_TUNNEL_SPORT]));
	if (tb[VGW_A_TUNNEL_DPORT])
		endpoint->dport = htons(nla_get_u16(tb[VGW_A_TUNNEL_DPORT]));
	if (tb[VGW_A_TUNNEL_DF])
		endpoint->df = nla_get_u8(tb[VGW_A_TUNNEL_DF]);
	if (tb[VGW_A_TUNNEL_TTL])
		endpoint->ttl = nla_get_u8(tb[VGW_A_TUNNEL_TTL]);
	if (tb[VGW_A_TUNNEL_FWMARK])
		endpoint->mark = nla_get_u32(tb[VGW_A_TUNNEL_FWMARK]);
	if (tb[VGW_A_TUNNEL_DSCP]) {
		dscp = nla_get_u8(tb[VGW_A_TUNNEL_DSCP]);
		if (dscp > VGW_DSCP_MAX && dscp != VGW_DSCP_COPY) {
			NL_SET_ERR_MSG_ATTR(extack, tb[VGW_A_TUNNEL_DSCP],
					    "vgw: a DSCP is at most 63, or 255 to copy it");
			return -ERANGE;
		}
		endpoint->dscp = dscp;
	}
	return tb[VGW_A_TUNNEL_LINK] ? read_link(net, tb[VGW_A_TUNNEL_LINK], &endpoint->link, extack) : 0;
}

static void set_defaults(struct vgw_endpoint *endpoint)
{
	endpoint->encap = VGW_ENCAP_UDP;
	endpoint->sport = htons(VGW_PORT_NATT);
	endpoint->dport = htons(VGW_PORT_NATT);
	endpoint->df = VGW_DF_SET;
	endpoint->ttl = VGW_OUTER_TTL;
	endpoint->dscp = VGW_DSCP_COPY;
}

static bool names_endpoint(struct nlattr **tb)
{
	static const u8 types[] = {
		VGW_A_TUNNEL_LOCAL, VGW_A_TUNNEL_REMOTE, VGW_A_TUNNEL_ENCAP, VGW_A_TUNNEL_SPORT, VGW_A_TUNNEL_DPORT,
		VGW_A_TUNNEL_DF, VGW_A_TUNNEL_TTL, VGW_A_TUNNEL_FWMARK, VGW_A_TUNNEL_DSCP, VGW_A_TUNNEL_LINK,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (tb[types[i]])
			return true;
	return false;
}

/* The socket an endpoint listens on: NULL natively, an ERR_PTR on failure. */
static struct vgw_sock *sock_for(struct vgw_dev *dev, const struct vgw_endpoint *endpoint,
				 struct netlink_ext_ack *extack)
{
	sa_family_t family = endpoint->remote.len == VGW_ADDR4_LEN ? AF_INET : AF_INET6;

	if (endpoint->encap != VGW_ENCAP_UDP)
		return NULL;
	return vgw_sock_get(dev->outer, family, endpoint->sport, endpoint->link, extack);
}

static int read_endpoint(struct vgw_tunnel *tunnel, struct nlattr **tb, struct vgw_wanted *wanted,
			 struct netlink_ext_ack *extack)
{
	struct vgw_dev *dev = tunnel->dev;
	const struct vgw_endpoint *old;
	struct vgw_sock *sock;
	int err;

	old = vgw_tunnel_endpoint(tunnel);
	if (old && !names_endpoint(tb))
		return 0;
	wanted->endpoint = vgw_endpoint_create(old);
	if (!wanted->endpoint)
		return -ENOMEM;
	if (!old)
		set_defaults(wanted->endpoint);
	err = read_addrs(tb, wanted->endpoint, extack);
	if (!err)
		err = read_headers(dev->outer->net, tb, wanted->endpoint, extack);
	if (err)
		return err;
	sock = sock_for(dev, wanted->endpoint, extack);
	if (IS_ERR(sock)) {
		NL_SET_BAD_ATTR(extack, tb[VGW_A_TUNNEL_SPORT]);
		return PTR_ERR(sock);
	}
	wanted->sock = sock;
	return 0;
}

/* ---- prefixes ---- */

static int read_prefix(struct nlattr *attr, struct vgw_cidr *cidr, struct netlink_ext_ack *extack)
{
	struct nlattr *tb[VGW_A_PREFIX_MAX + 1];
	struct nlattr *address;
	int err;

	err = nla_parse_nested(tb, VGW_A_PREFIX_MAX, attr, vgw_prefix_nl_policy, extack);
	if (err)
		return err;
	address = tb[VGW_A_PREFIX_ADDRESS];
	if (!address || !tb[VGW_A_PREFIX_LENGTH]) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "vgw: a prefix needs address and length");
		return -EINVAL;
	}
	err = vgw_nl_addr(address, &cidr->addr, extack);
	if (err)
		return err;
	/* All zero is an address here, that of the default route. */
	cidr->addr.len = nla_len(address);
	cidr->bits = nla_get_u8(tb[VGW_A_PREFIX_LENGTH]);
	if (cidr->bits > cidr->addr.len * 8) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "vgw: the prefix is longer than its address");
		return -EINVAL;
	}
	if (vgw_prefix_host_bits(cidr)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "vgw: the prefix has host bits set");
		return -EINVAL;
	}
	return 0;
}

static u32 count_prefixes(const struct nlattr *nest)
{
	const struct nlattr *attr;
	u32 count = 0;
	int rest;

	nla_for_each_nested(attr, nest, rest)
		count++;
	return count;
}

/* Read prefixes into an array that has room for them; fails on one that stands there twice. */
static int read_prefixes(struct nlattr *nest, struct vgw_cidr *cidrs, struct netlink_ext_ack *extack)
{
	struct nlattr *attr;
	u32 count = 0;
	int rest, err;

	nla_for_each_nested(attr, nest, rest) {
		err = read_prefix(attr, &cidrs[count], extack);
		if (err)
			return err;
		if (vgw_cidr_among(cidrs, count, &cidrs[count])) {
			NL_SET_ERR_MSG_ATTR(extack, attr, "vgw: this prefix is in the list twice");
			return -EINVAL;
		}
		count++;
	}
	return 0;
}

static struct vgw_cidr host_cidr(const struct vgw_addr *addr)
{
	return (struct vgw_cidr){ .addr = *addr, .bits = addr->len * 8 };
}

/* Keep the prefixes that a tunnel has, but for its old pinned address when a new one takes its place. */
static void keep_prefixes(const struct vgw_tunnel *old, bool new_peer, struct vgw_selection *want)
{
	struct vgw_cidr peer = host_cidr(&old->peer);
	u32 i;

	for (i = 0; i < old->cidr_count; i++)
		if (!new_peer || !old->peer.len || !vgw_cidr_equal(&old->cidrs[i], &peer))
			want->cidrs[want->cidr_count++] = old->cidrs[i];
}

static int read_cidrs(const struct vgw_tunnel *tunnel, struct nlattr **tb, struct vgw_selection *want,
		      struct netlink_ext_ack *extack)
{
	struct nlattr *list = tb[VGW_A_TUNNEL_PREFIXES];
	u32 room = list ? count_prefixes(list) : tunnel->cidr_count;
	struct vgw_cidr peer;
	int err;

	/* Those that are there may be one more, with the pinned address. */
	if (list && room > VGW_PREFIXES_MAX) {
		NL_SET_ERR_MSG_ATTR(extack, list, "vgw: a tunnel has at most 256 prefixes");
		return -E2BIG;
	}
	want->cidrs = kvcalloc(room + 1, sizeof(*want->cidrs), GFP_KERNEL);
	if (!want->cidrs)
		return -ENOMEM;
	if (list) {
		err = read_prefixes(list, want->cidrs, extack);
		if (err)
			return err;
		want->cidr_count = room;
	} else {
		keep_prefixes(tunnel, tb[VGW_A_TUNNEL_PEER], want);
	}
	peer = host_cidr(&want->peer);
	if (want->peer.len && !vgw_cidr_among(want->cidrs, want->cidr_count, &peer))
		want->cidrs[want->cidr_count++] = peer;
	return 0;
}

static int read_selection(const struct vgw_tunnel *tunnel, struct nlattr **tb, struct vgw_selection *want,
			  struct netlink_ext_ack *extack)
{
	int err;

	want->group = tb[VGW_A_TUNNEL_GROUP] ? nla_get_u32(tb[VGW_A_TUNNEL_GROUP]) : tunnel->group;
	want->priority = tb[VGW_A_TUNNEL_PRIORITY] ? nla_get_u32(tb[VGW_A_TUNNEL_PRIORITY]) : tunnel->priority;
	want->peer = tunnel->peer;
	if (tb[VGW_A_TUNNEL_PEER]) {
		err = vgw_nl_addr(tb[VGW_A_TUNNEL_PEER], &want->peer, extack);
		if (err)
			return err;
	}
	if (is_multicast(&want->peer)) {
		NL_SET_ERR_MSG_ATTR(extack, tb[VGW_A_TUNNEL_PEER], "vgw: peer is a multicast or broadcast address");
		return -EINVAL;
	}
	return read_cidrs(tunnel, tb, want, extack);
}

/* ---- traffic selectors ---- */

/* How many selectors of one side a request, or else the tunnel, has; what the tunnel has is in @kept. */
static u32 count_ts(const struct nlattr *nest, u32 kept)
{
	return nest ? count_prefixes(nest) : kept;
}

static int read_side(struct nlattr *nest, struct vgw_cidr *to, const struct vgw_cidr *kept, u32 count,
		     struct netlink_ext_ack *extack)
{
	if (nest)
		return read_prefixes(nest, to, extack);
	if (count)
		memcpy(to, kept, count * sizeof(*to));
	return 0;
}

static int read_ts(const struct vgw_tunnel *tunnel, struct nlattr **tb, struct vgw_wanted *wanted,
		   struct netlink_ext_ack *extack)
{
	struct nlattr *local = tb[VGW_A_TUNNEL_TS_LOCAL], *remote = tb[VGW_A_TUNNEL_TS_REMOTE];
	const struct vgw_ts *old;
	u32 locals, remotes;
	struct vgw_ts *ts;
	int err;

	if (!local && !remote)
		return 0;
	old = rcu_dereference_protected(tunnel->ts, lockdep_is_held(&tunnel->dev->outer->lock));
	locals = count_ts(local, old ? old->locals : 0);
	remotes = count_ts(remote, old ? old->remotes : 0);
	if (locals > VGW_TS_MAX || remotes > VGW_TS_MAX) {
		NL_SET_ERR_MSG_ATTR(extack, locals > VGW_TS_MAX ? local : remote,
				    "vgw: a tunnel has at most 64 traffic selectors of each side");
		return -E2BIG;
	}
	wanted->new_ts = true;
	if (!locals && !remotes)
		return 0;
	ts = kzalloc(struct_size(ts, cidrs, locals + remotes), GFP_KERNEL);
	if (!ts)
		return -ENOMEM;
	wanted->ts = ts;
	ts->locals = locals;
	ts->remotes = remotes;
	err = read_side(local, ts->cidrs, old ? old->cidrs : NULL, locals, extack);
	if (err)
		return err;
	return read_side(remote, ts->cidrs + locals, old ? old->cidrs + old->locals : NULL, remotes, extack);
}

/* ---- probe ---- */

static int check_probe(const struct vgw_probe *probe, const struct nlattr *attr, struct netlink_ext_ack *extack)
{
	if (!probe->target.len || !probe->source.len) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "vgw: a probe needs target and source");
		return -EINVAL;
	}
	if (probe->target.len != probe->source.len) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "vgw: target and source of the probe are of different families");
		return -EINVAL;
	}
	if (is_multicast(&probe->target) || is_multicast(&probe->source)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "vgw: a probe goes from one host to one host");
		return -EINVAL;
	}
	return 0;
}

static int read_echo(struct nlattr **tb, struct vgw_probe *probe, struct netlink_ext_ack *extack)
{
	int err;

	if (tb[VGW_A_PROBE_TARGET]) {
		err = vgw_nl_addr(tb[VGW_A_PROBE_TARGET], &probe->target, extack);
		if (err)
			return err;
	}
	if (tb[VGW_A_PROBE_SOURCE]) {
		err = vgw_nl_addr(tb[VGW_A_PROBE_SOURCE], &probe->source, extack);
		if (err)
			return err;
	}
	if (tb[VGW_A_PROBE_INTERVAL])
		probe->interval = nla_get_u32(tb[VGW_A_PROBE_INTERVAL]);
	if (tb[VGW_A_PROBE_MISSES])
		probe->misses = nla_get_u32(tb[VGW_A_PROBE_MISSES]);
	if (tb[VGW_A_PROBE_ACTION])
		probe->action = nla_get_u8(tb[VGW_A_PROBE_ACTION]);
	return 0;
}

/* A probe of other addresses begins anew; else what is known stays known. */
static int read_probe(const struct vgw_tunnel *tunnel, struct nlattr *attr, struct vgw_wanted *wanted,
		      struct netlink_ext_ack *extack)
{
	struct nlattr *tb[VGW_A_PROBE_MAX + 1];
	const struct vgw_probe *old;
	struct vgw_probe *probe;
	int err;

	if (!attr)
		return 0;
	err = nla_parse_nested(tb, VGW_A_PROBE_MAX, attr, vgw_probe_nl_policy, extack);
	if (err)
		return err;
	wanted->new_probe = true;
	if (!nla_len(attr))
		return 0;
	probe = kzalloc(sizeof(*probe), GFP_KERNEL);
	if (!probe)
		return -ENOMEM;
	wanted->probe = probe;
	old = rcu_dereference_protected(tunnel->probe, lockdep_is_held(&tunnel->dev->outer->lock));
	probe->interval = VGW_PROBE_INTERVAL;
	probe->misses = VGW_PROBE_MISSES;
	if (old) {
		probe->target = old->target;
		probe->source = old->source;
		probe->interval = old->interval;
		probe->misses = old->misses;
		probe->action = old->action;
	}
	/* Nobody off the path can guess an answer. */
	probe->id = (__force __be16)get_random_u32();
	probe->seq = get_random_u32();
	err = read_echo(tb, probe, extack);
	if (!err && old && vgw_addr_equal(&probe->target, &old->target) && vgw_addr_equal(&probe->source, &old->source))
		probe->state = old->state;
	return err ?: check_probe(probe, attr, extack);
}

/* ---- the whole ---- */

static void read_options(const struct vgw_tunnel *tunnel, struct nlattr **tb, struct vgw_options *options)
{
	*options = tunnel->options;
	if (tb[VGW_A_TUNNEL_RX_MARK])
		options->rx_mark = nla_get_u32(tb[VGW_A_TUNNEL_RX_MARK]);
	if (tb[VGW_A_TUNNEL_KEEPALIVE])
		options->keepalive = nla_get_u32(tb[VGW_A_TUNNEL_KEEPALIVE]);
	if (tb[VGW_A_TUNNEL_INNER_DF])
		options->clear_df = nla_get_u8(tb[VGW_A_TUNNEL_INNER_DF]) == VGW_INNER_DF_CLEAR;
	if (tb[VGW_A_TUNNEL_MULTICAST])
		options->multicast = nla_get_u8(tb[VGW_A_TUNNEL_MULTICAST]);
	if (tb[VGW_A_TUNNEL_ROAM])
		options->roam = nla_get_u8(tb[VGW_A_TUNNEL_ROAM]);
	if (tb[VGW_A_TUNNEL_DEMAND])
		options->demand = nla_get_u8(tb[VGW_A_TUNNEL_DEMAND]);
}

/**
 * vgw_nl_read_wanted() - read what a request wants of a tunnel
 * @tunnel: as it is; a new one has no endpoint yet
 * @tb: tunnel attributes of the request
 * @wanted: result, zeroed before; to be freed by vgw_nl_read_free(), also on failure
 * @extack: says why not
 *
 * May sleep; caller holds the outer lock. Changes nothing.
 */
int vgw_nl_read_wanted(struct vgw_tunnel *tunnel, struct nlattr **tb, struct vgw_wanted *wanted,
		       struct netlink_ext_ack *extack)
{
	int err;

	wanted->admin_up = tb[VGW_A_TUNNEL_ADMIN] ? nla_get_u8(tb[VGW_A_TUNNEL_ADMIN]) : tunnel->admin_up;
	read_options(tunnel, tb, &wanted->options);
	err = read_selection(tunnel, tb, &wanted->selection, extack);
	if (!err)
		err = read_ts(tunnel, tb, wanted, extack);
	if (!err)
		err = read_probe(tunnel, tb[VGW_A_TUNNEL_PROBE], wanted, extack);
	return err ?: read_endpoint(tunnel, tb, wanted, extack);
}

/* Free what was read and not taken over. May sleep; caller holds the outer lock. */
void vgw_nl_read_free(struct vgw_wanted *wanted)
{
	kvfree(wanted->selection.cidrs);
	kfree(wanted->ts);
	kfree(wanted->probe);
	if (wanted->sock)
		vgw_sock_put(wanted->sock);
	if (wanted->endpoint)
		vgw_endpoint_free(wanted->endpoint);
}
