// SPDX-License-Identifier: GPL-2.0
#include "nl_set.h"

#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <net/genetlink.h>
#include <net/ipv6.h>
#include <net/xfrm.h>

#include "dev.h"
#include "event.h"
#include "netdev.h"
#include "nl_find.h"
#include "nl_gen.h"
#include "sock.h"
#include "tunnel.h"

/* ---- the interface of a request ---- */

/* What is changed belongs to the outer namespace: its administrator must agree. */
static struct vgw_dev *dev_get_admin(struct genl_info *info)
{
	struct vgw_dev *dev = vgw_nl_dev_get(genl_info_net(info), info->attrs, info->extack);

	if (IS_ERR(dev) || ns_capable(dev->outer->net->user_ns, CAP_NET_ADMIN))
		return dev;
	NL_SET_ERR_MSG_MOD(info->extack, "needs CAP_NET_ADMIN where the interface was created");
	vgw_nl_dev_put(dev);
	return ERR_PTR(-EPERM);
}

/* ---- endpoint ---- */

static bool is_multicast(const struct vgw_addr *addr)
{
	if (addr->len == VGW_ADDR4_LEN)
		return ipv4_is_multicast(addr->ip4) || ipv4_is_lbcast(addr->ip4);
	return ipv6_addr_is_multicast(&addr->ip6);
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
		NL_SET_ERR_MSG_MOD(extack, "the tunnel needs the peer's address, remote");
		return -EINVAL;
	}
	if (endpoint->local.len && endpoint->local.len != endpoint->remote.len) {
		NL_SET_ERR_MSG_MOD(extack, "local and remote are of different families");
		return -EINVAL;
	}
	if (is_multicast(&endpoint->remote)) {
		NL_SET_ERR_MSG_MOD(extack, "remote is a multicast or broadcast address");
		return -EINVAL;
	}
	return 0;
}

/* An endpoint as the request wants it; what is not named is as in @old. Returns an ERR_PTR on failure. */
static struct vgw_endpoint *read_endpoint(struct nlattr **tb, const struct vgw_endpoint *old,
					  struct netlink_ext_ack *extack)
{
	struct vgw_endpoint *endpoint = vgw_endpoint_create();
	int err;

	if (!endpoint)
		return ERR_PTR(-ENOMEM);
	endpoint->encap = old ? old->encap : VGW_ENCAP_UDP;
	endpoint->sport = old ? old->sport : htons(VGW_PORT_NATT);
	endpoint->dport = old ? old->dport : htons(VGW_PORT_NATT);
	if (old) {
		endpoint->local = old->local;
		endpoint->remote = old->remote;
	}
	if (tb[VGW_A_TUNNEL_ENCAP])
		endpoint->encap = nla_get_u8(tb[VGW_A_TUNNEL_ENCAP]);
	if (tb[VGW_A_TUNNEL_SPORT])
		endpoint->sport = htons(nla_get_u16(tb[VGW_A_TUNNEL_SPORT]));
	if (tb[VGW_A_TUNNEL_DPORT])
		endpoint->dport = htons(nla_get_u16(tb[VGW_A_TUNNEL_DPORT]));
	err = read_addrs(tb, endpoint, extack);
	if (err) {
		vgw_endpoint_free(endpoint);
		return ERR_PTR(err);
	}
	return endpoint;
}

/* The socket an endpoint listens on: NULL natively, an ERR_PTR on failure. */
static struct vgw_sock *sock_for(struct vgw_dev *dev, const struct vgw_endpoint *endpoint,
				 struct netlink_ext_ack *extack)
{
	sa_family_t family = endpoint->remote.len == VGW_ADDR4_LEN ? AF_INET : AF_INET6;

	if (endpoint->encap != VGW_ENCAP_UDP)
		return NULL;
	return vgw_sock_get(dev->outer, family, endpoint->sport, extack);
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
static int read_prefixes(struct nlattr *nest, struct vgw_selection *want, struct netlink_ext_ack *extack)
{
	struct nlattr *attr;
	int rest, err;
	u32 i;

	nla_for_each_nested(attr, nest, rest) {
		struct vgw_cidr *cidr = &want->cidrs[want->cidr_count];

		err = read_prefix(attr, cidr, extack);
		if (err)
			return err;
		for (i = 0; i < want->cidr_count; i++) {
			if (vgw_cidr_equal(&want->cidrs[i], cidr)) {
				NL_SET_ERR_MSG_ATTR(extack, attr, "vgw: this prefix is in the list twice");
				return -EINVAL;
			}
		}
		want->cidr_count++;
	}
	return 0;
}

static struct vgw_cidr host_cidr(const struct vgw_addr *addr)
{
	return (struct vgw_cidr){ .addr = *addr, .bits = addr->len * 8 };
}

static bool selects_cidr(const struct vgw_selection *selection, const struct vgw_cidr *cidr)
{
	u32 i;

	for (i = 0; i < selection->cidr_count; i++)
		if (vgw_cidr_equal(&selection->cidrs[i], cidr))
			return true;
	return false;
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

/**
 * read_selection() - group, priority, prefixes and pinned address as the request wants them
 * @tb: tunnel attributes of the request
 * @old: the tunnel, or NULL for a new one
 * @want: result; its prefixes are to be freed by kvfree(), also on failure
 * @extack: says why not
 */
static int read_selection(struct nlattr **tb, const struct vgw_tunnel *old, struct vgw_selection *want,
			  struct netlink_ext_ack *extack)
{
	struct nlattr *list = tb[VGW_A_TUNNEL_PREFIXES];
	struct vgw_cidr peer;
	u32 room = list ? count_prefixes(list) : old ? old->cidr_count : 0;
	int err;

	want->group = old ? old->group : 0;
	want->priority = old ? old->priority : 0;
	if (old)
		want->peer = old->peer;
	if (tb[VGW_A_TUNNEL_GROUP])
		want->group = nla_get_u32(tb[VGW_A_TUNNEL_GROUP]);
	if (tb[VGW_A_TUNNEL_PRIORITY])
		want->priority = nla_get_u32(tb[VGW_A_TUNNEL_PRIORITY]);
	if (tb[VGW_A_TUNNEL_PEER]) {
		err = vgw_nl_addr(tb[VGW_A_TUNNEL_PEER], &want->peer, extack);
		if (err)
			return err;
	}
	if (room > VGW_PREFIXES_MAX) {
		NL_SET_ERR_MSG_ATTR(extack, list, "vgw: a tunnel has at most 256 prefixes");
		return -E2BIG;
	}
	want->cidrs = kvcalloc(room + 1, sizeof(*want->cidrs), GFP_KERNEL);
	if (!want->cidrs)
		return -ENOMEM;
	if (list) {
		err = read_prefixes(list, want, extack);
		if (err)
			return err;
	} else if (old) {
		keep_prefixes(old, tb[VGW_A_TUNNEL_PEER], want);
	}
	peer = host_cidr(&want->peer);
	if (want->peer.len && !selects_cidr(want, &peer))
		want->cidrs[want->cidr_count++] = peer;
	return 0;
}

/* ---- tunnels ---- */

static int create_tunnel(struct vgw_dev *dev, struct nlattr **tb, struct vgw_selection *want,
			 struct netlink_ext_ack *extack)
{
	struct vgw_endpoint *endpoint;
	struct vgw_tunnel *tunnel;
	struct vgw_sock *sock;
	int err;

	tunnel = vgw_tunnel_create(dev, nla_data(tb[VGW_A_TUNNEL_NAME]));
	if (!tunnel)
		return -ENOMEM;
	if (tb[VGW_A_TUNNEL_ADMIN])
		tunnel->admin_up = nla_get_u8(tb[VGW_A_TUNNEL_ADMIN]);
	endpoint = read_endpoint(tb, NULL, extack);
	if (IS_ERR(endpoint)) {
		err = PTR_ERR(endpoint);
		goto err_tunnel;
	}
	vgw_tunnel_set_endpoint(tunnel, endpoint);
	sock = sock_for(dev, endpoint, extack);
	if (IS_ERR(sock)) {
		err = PTR_ERR(sock);
		goto err_tunnel;
	}
	tunnel->sock = sock;
	err = read_selection(tb, NULL, want, extack);
	if (!err)
		err = vgw_tunnel_add(tunnel, want, extack);
	if (err)
		goto err_sock;
	vgw_netdev_follow_mtu(dev);
	return 0;

err_sock:
	if (sock)
		vgw_sock_put(sock);
err_tunnel:
	vgw_tunnel_put(tunnel);
	return err;
}

int vgw_nl_tunnel_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[VGW_A_TUNNEL_MAX + 1];
	struct vgw_selection want = {};
	struct vgw_dev *dev;
	int err;

	err = vgw_nl_nest(info->attrs, VGW_A_TUNNEL, tb, VGW_A_TUNNEL_MAX, vgw_tunnel_nl_policy, info->extack);
	if (err)
		return err;
	if (!tb[VGW_A_TUNNEL_NAME] || !*(char *)nla_data(tb[VGW_A_TUNNEL_NAME])) {
		NL_SET_ERR_MSG_MOD(info->extack, "the tunnel needs a name");
		return -EINVAL;
	}
	rtnl_lock();
	dev = dev_get_admin(info);
	if (IS_ERR(dev)) {
		rtnl_unlock();
		return PTR_ERR(dev);
	}
	err = -EEXIST;
	if (vgw_tunnel_find(dev, nla_data(tb[VGW_A_TUNNEL_NAME])))
		NL_SET_ERR_MSG_ATTR(info->extack, tb[VGW_A_TUNNEL_NAME], "vgw: the interface has a tunnel of this name");
	else
		err = create_tunnel(dev, tb, &want, info->extack);
	if (err)
		kvfree(want.cidrs);
	vgw_nl_dev_put(dev);
	rtnl_unlock();
	return err;
}

static bool names_endpoint(struct nlattr **tb)
{
	return tb[VGW_A_TUNNEL_LOCAL] || tb[VGW_A_TUNNEL_REMOTE] || tb[VGW_A_TUNNEL_ENCAP] ||
	       tb[VGW_A_TUNNEL_SPORT] || tb[VGW_A_TUNNEL_DPORT];
}

/* Everything that can fail first, then what cannot. */
static int change_tunnel(struct vgw_dev *dev, struct vgw_tunnel *tunnel, struct nlattr **tb,
			 struct vgw_selection *want, struct netlink_ext_ack *extack)
{
	struct vgw_endpoint *endpoint = NULL, *old;
	struct vgw_sock *sock = NULL;
	int err;

	err = read_selection(tb, tunnel, want, extack);
	if (err)
		return err;
	if (names_endpoint(tb)) {
		old = rcu_dereference_protected(tunnel->endpoint, lockdep_is_held(&dev->outer->lock));
		endpoint = read_endpoint(tb, old, extack);
		if (IS_ERR(endpoint))
			return PTR_ERR(endpoint);
		sock = sock_for(dev, endpoint, extack);
		if (IS_ERR(sock)) {
			err = PTR_ERR(sock);
			goto err_endpoint;
		}
	}
	err = vgw_tunnel_select(tunnel, want, extack);
	if (err)
		goto err_sock;
	if (endpoint) {
		swap(tunnel->sock, sock);
		vgw_tunnel_set_endpoint(tunnel, endpoint);
		if (sock)
			vgw_sock_put(sock);
	}
	if (tb[VGW_A_TUNNEL_ADMIN])
		tunnel->admin_up = nla_get_u8(tb[VGW_A_TUNNEL_ADMIN]);
	vgw_tunnel_update(tunnel);
	vgw_netdev_follow_mtu(dev);
	return 0;

err_sock:
	if (sock)
		vgw_sock_put(sock);
err_endpoint:
	if (endpoint)
		vgw_endpoint_free(endpoint);
	return err;
}

int vgw_nl_tunnel_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[VGW_A_TUNNEL_MAX + 1];
	struct vgw_selection want = {};
	struct vgw_tunnel *tunnel;
	struct vgw_dev *dev;
	int err;

	err = vgw_nl_nest(info->attrs, VGW_A_TUNNEL, tb, VGW_A_TUNNEL_MAX, vgw_tunnel_nl_policy, info->extack);
	if (err)
		return err;
	rtnl_lock();
	dev = dev_get_admin(info);
	if (IS_ERR(dev)) {
		rtnl_unlock();
		return PTR_ERR(dev);
	}
	tunnel = vgw_nl_tunnel_find(dev, tb[VGW_A_TUNNEL_NAME], info->extack);
	err = IS_ERR(tunnel) ? PTR_ERR(tunnel) : change_tunnel(dev, tunnel, tb, &want, info->extack);
	if (err)
		kvfree(want.cidrs);
	vgw_nl_dev_put(dev);
	rtnl_unlock();
	return err;
}

int vgw_nl_tunnel_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[VGW_A_TUNNEL_MAX + 1];
	struct vgw_tunnel *tunnel;
	struct vgw_dev *dev;
	int err;

	err = vgw_nl_nest(info->attrs, VGW_A_TUNNEL, tb, VGW_A_TUNNEL_MAX, vgw_tunnel_nl_policy, info->extack);
	if (err)
		return err;
	rtnl_lock();
	dev = dev_get_admin(info);
	if (IS_ERR(dev)) {
		rtnl_unlock();
		return PTR_ERR(dev);
	}
	tunnel = vgw_nl_tunnel_find(dev, tb[VGW_A_TUNNEL_NAME], info->extack);
	err = PTR_ERR_OR_ZERO(tunnel);
	if (!err) {
		vgw_netdev_remove_tunnel(tunnel);
		vgw_netdev_follow_mtu(dev);
	}
	vgw_nl_dev_put(dev);
	rtnl_unlock();
	return err;
}

/* ---- SAs ---- */

static int read_keys(struct nlattr **tb, struct vgw_sa_config *config, struct netlink_ext_ack *extack)
{
	struct nlattr *key = tb[VGW_A_SA_KEY], *auth_key = tb[VGW_A_SA_AUTH_KEY];

	if ((key ? nla_len(key) : 0) != config->alg->key_len) {
		NL_SET_BAD_ATTR(extack, key);
		extack->_msg = config->alg->key_wanted;
		return -EINVAL;
	}
	if ((auth_key ? nla_len(auth_key) : 0) != config->alg->auth_key_len) {
		NL_SET_BAD_ATTR(extack, auth_key);
		extack->_msg = config->alg->auth_key_wanted;
		return -EINVAL;
	}
	config->key = key ? nla_data(key) : NULL;
	config->auth_key = auth_key ? nla_data(auth_key) : NULL;
	return 0;
}

static int read_sa(struct nlattr **tb, struct vgw_sa_config *config, struct netlink_ext_ack *extack)
{
	if (!tb[VGW_A_SA_DIRECTION] || !tb[VGW_A_SA_SPI] || !tb[VGW_A_SA_SUITE]) {
		NL_SET_ERR_MSG_MOD(extack, "an SA needs direction, SPI and suite");
		return -EINVAL;
	}
	config->dir = nla_get_u8(tb[VGW_A_SA_DIRECTION]);
	config->spi = cpu_to_be32(nla_get_u32(tb[VGW_A_SA_SPI]));
	config->suite = nla_get_u32(tb[VGW_A_SA_SUITE]);
	config->alg = vgw_alg_lookup(config->suite);
	if (!config->alg) {
		NL_SET_ERR_MSG_ATTR(extack, tb[VGW_A_SA_SUITE], "vgw: unknown suite");
		return -EOPNOTSUPP;
	}
	if (config->dir == VGW_DIRECTION_OUT && tb[VGW_A_SA_REPLAY_WINDOW]) {
		NL_SET_ERR_MSG_ATTR(extack, tb[VGW_A_SA_REPLAY_WINDOW],
				    "vgw: only an inbound SA has a replay window");
		return -EINVAL;
	}
	if (config->dir == VGW_DIRECTION_IN && tb[VGW_A_SA_LIFE_PACKETS]) {
		NL_SET_ERR_MSG_ATTR(extack, tb[VGW_A_SA_LIFE_PACKETS],
				    "vgw: only an outbound SA counts its packets down");
		return -EINVAL;
	}
	config->esn = tb[VGW_A_SA_ESN] && nla_get_u8(tb[VGW_A_SA_ESN]);
	config->replay_window = VGW_REPLAY_DEFAULT;
	if (tb[VGW_A_SA_REPLAY_WINDOW])
		config->replay_window = nla_get_u32(tb[VGW_A_SA_REPLAY_WINDOW]);
	if (tb[VGW_A_SA_LIFE_PACKETS])
		config->life_packets = nla_get_u64(tb[VGW_A_SA_LIFE_PACKETS]);
	return read_keys(tb, config, extack);
}

/* Does the kernel's own IPsec have an SA that this inbound one would hide? Asked where the own address is known. */
static bool spi_is_xfrms(struct vgw_dev *dev, struct vgw_tunnel *tunnel, __be32 spi)
{
	const struct vgw_endpoint *endpoint;
	xfrm_address_t daddr = {};
	struct xfrm_state *state;

	endpoint = rcu_dereference_protected(tunnel->endpoint, lockdep_is_held(&dev->outer->lock));
	if (!endpoint->local.len)
		return false;
	memcpy(&daddr, endpoint->local.bytes, endpoint->local.len);
	state = xfrm_state_lookup(dev->outer->net, 0, &daddr, spi, IPPROTO_ESP,
				  endpoint->local.len == VGW_ADDR4_LEN ? AF_INET : AF_INET6);
	if (state)
		xfrm_state_put(state);
	return state;
}

static int create_sa(struct vgw_dev *dev, struct nlattr *name, const struct vgw_sa_config *config,
		     struct netlink_ext_ack *extack)
{
	struct vgw_tunnel *tunnel = vgw_nl_tunnel_find(dev, name, extack);

	if (IS_ERR(tunnel))
		return PTR_ERR(tunnel);
	if (config->dir == VGW_DIRECTION_IN && spi_is_xfrms(dev, tunnel, config->spi)) {
		NL_SET_ERR_MSG_MOD(extack, "the kernel's own IPsec has an inbound SA with this SPI");
		return -EEXIST;
	}
	return vgw_tunnel_add_sa(tunnel, config, extack);
}

/* The request's memory is the socket's, and goes back to the heap: take the keys out of it. */
static void wipe_keys(struct nlattr **tb)
{
	if (tb[VGW_A_SA_KEY])
		memzero_explicit(nla_data(tb[VGW_A_SA_KEY]), nla_len(tb[VGW_A_SA_KEY]));
	if (tb[VGW_A_SA_AUTH_KEY])
		memzero_explicit(nla_data(tb[VGW_A_SA_AUTH_KEY]), nla_len(tb[VGW_A_SA_AUTH_KEY]));
}

static int parse_sa(struct genl_info *info, struct nlattr **tunnel, struct nlattr **sa)
{
	int err;

	err = vgw_nl_nest(info->attrs, VGW_A_TUNNEL, tunnel, VGW_A_TUNNEL_MAX, vgw_tunnel_nl_policy, info->extack);
	if (!err)
		err = vgw_nl_nest(info->attrs, VGW_A_SA, sa, VGW_A_SA_MAX, vgw_sa_nl_policy, info->extack);
	return err;
}

int vgw_nl_sa_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tunnel[VGW_A_TUNNEL_MAX + 1], *sa[VGW_A_SA_MAX + 1];
	struct vgw_sa_config config = {};
	struct vgw_dev *dev;
	int err;

	err = parse_sa(info, tunnel, sa);
	if (err)
		return err;
	err = read_sa(sa, &config, info->extack);
	if (err)
		goto out_wipe;
	dev = dev_get_admin(info);
	err = PTR_ERR_OR_ZERO(dev);
	if (err)
		goto out_wipe;
	err = create_sa(dev, tunnel[VGW_A_TUNNEL_NAME], &config, info->extack);
	vgw_nl_dev_put(dev);

out_wipe:
	wipe_keys(sa);
	return err;
}

int vgw_nl_sa_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[VGW_A_TUNNEL_MAX + 1], *sa[VGW_A_SA_MAX + 1];
	struct vgw_tunnel *tunnel;
	struct vgw_sa *found;
	struct vgw_dev *dev;
	int err;

	err = parse_sa(info, tb, sa);
	if (err)
		return err;
	dev = dev_get_admin(info);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	tunnel = vgw_nl_tunnel_find(dev, tb[VGW_A_TUNNEL_NAME], info->extack);
	err = PTR_ERR_OR_ZERO(tunnel);
	if (!err) {
		found = vgw_nl_sa_find(tunnel, sa, info->extack);
		err = PTR_ERR_OR_ZERO(found);
		if (!err)
			vgw_tunnel_del_sa(tunnel, found);
	}
	vgw_nl_dev_put(dev);
	return err;
}

/* ---- what is to come ---- */

int vgw_nl_iface_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return -EOPNOTSUPP;
}

int vgw_nl_sa_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return -EOPNOTSUPP;
}

int vgw_nl_spi_alloc_doit(struct sk_buff *skb, struct genl_info *info)
{
	return -EOPNOTSUPP;
}

int vgw_nl_socket_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return -EOPNOTSUPP;
}

/* ---- the family ---- */

int vgw_nl_init(void)
{
	int err = genl_register_family(&vgw_nl_family);

	if (!err)
		vgw_event_bind(&vgw_nl_family);
	return err;
}

void vgw_nl_exit(void)
{
	genl_unregister_family(&vgw_nl_family);
}
