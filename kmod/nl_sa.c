// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/random.h>
#include <net/genetlink.h>
#include <net/xfrm.h>

#include "alg.h"
#include "dev.h"
#include "event.h"
#include "keying.h"
#include "larval.h"
#include "nl_find.h"
#include "nl_gen.h"
#include "outer.h"
#include "probe.h"
#include "sa.h"
#include "tunnel.h"

enum { SPI_TRIES = 32 };

#define TOO_MANY	"too many SPIs are reserved"

/* ---- what a request wants of an SA ---- */

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

static void read_limits(struct nlattr **tb, struct vgw_sa_config *config)
{
	if (tb[VGW_A_SA_LIFE_TIME])
		config->life_time = nla_get_u32(tb[VGW_A_SA_LIFE_TIME]);
	if (tb[VGW_A_SA_LIFE_BYTES])
		config->life_bytes = nla_get_u64(tb[VGW_A_SA_LIFE_BYTES]);
	if (tb[VGW_A_SA_LIFE_PACKETS])
		config->life_packets = nla_get_u64(tb[VGW_A_SA_LIFE_PACKETS]);
}

/* What only makes sense one way. */
static int read_way(struct nlattr **tb, struct vgw_sa_config *config, struct netlink_ext_ack *extack)
{
	if (config->dir == VGW_DIRECTION_OUT && tb[VGW_A_SA_REPLAY_WINDOW]) {
		NL_SET_ERR_MSG_ATTR(extack, tb[VGW_A_SA_REPLAY_WINDOW],
				    "vgw: only an inbound SA has a replay window");
		return -EINVAL;
	}
	if (config->dir == VGW_DIRECTION_IN && tb[VGW_A_SA_PENDING_ON]) {
		NL_SET_ERR_MSG_ATTR(extack, tb[VGW_A_SA_PENDING_ON],
				    "vgw: only an outbound SA waits for an inbound one");
		return -EINVAL;
	}
	config->replay_window = VGW_REPLAY_DEFAULT;
	if (tb[VGW_A_SA_REPLAY_WINDOW])
		config->replay_window = nla_get_u32(tb[VGW_A_SA_REPLAY_WINDOW]);
	if (tb[VGW_A_SA_PENDING_ON])
		config->pending_on = cpu_to_be32(nla_get_u32(tb[VGW_A_SA_PENDING_ON]));
	return 0;
}

static int read_sa(struct nlattr **tb, struct vgw_sa_config *config, struct netlink_ext_ack *extack)
{
	int err;

	if (!tb[VGW_A_SA_DIRECTION] || !tb[VGW_A_SA_SPI] || !tb[VGW_A_SA_SUITE]) {
		NL_SET_ERR_MSG_MOD(extack, "an SA needs direction, SPI and suite");
		return -EINVAL;
	}
	config->dir = nla_get_u8(tb[VGW_A_SA_DIRECTION]);
	config->spi = cpu_to_be32(nla_get_u32(tb[VGW_A_SA_SPI]));
	config->suite = nla_get_u32(tb[VGW_A_SA_SUITE]);
	config->esn = tb[VGW_A_SA_ESN] && nla_get_u8(tb[VGW_A_SA_ESN]);
	config->alg = vgw_alg_lookup(config->suite);
	if (!config->alg) {
		NL_SET_ERR_MSG_ATTR(extack, tb[VGW_A_SA_SUITE], "vgw: unknown suite");
		return -EOPNOTSUPP;
	}
	if (tb[VGW_A_SA_LINGER] || tb[VGW_A_SA_CURRENT]) {
		NL_SET_ERR_MSG_ATTR(extack, tb[VGW_A_SA_LINGER] ?: tb[VGW_A_SA_CURRENT],
				    "vgw: this is not for a new SA");
		return -EINVAL;
	}
	err = read_way(tb, config, extack);
	if (err)
		return err;
	read_limits(tb, config);
	return read_keys(tb, config, extack);
}

/* The request's memory goes back to the heap: take the keys out of it, whatever else was wrong with it. */
static void wipe_keys(const struct genl_info *info)
{
	struct nlattr *attr;
	int rest;

	if (!info->attrs[VGW_A_SA])
		return;
	nla_for_each_nested(attr, info->attrs[VGW_A_SA], rest)
		if (nla_type(attr) == VGW_A_SA_KEY || nla_type(attr) == VGW_A_SA_AUTH_KEY)
			memzero_explicit(nla_data(attr), nla_len(attr));
}

static int parse_sa(struct genl_info *info, struct nlattr **tunnel, struct nlattr **sa)
{
	int err;

	err = vgw_nl_tunnel_name(info->attrs, tunnel, info->extack);
	if (!err)
		err = vgw_nl_nest(info->attrs, VGW_A_SA, sa, VGW_A_SA_MAX, vgw_sa_nl_policy, info->extack);
	return err;
}

/* ---- SPIs ---- */

/* Own outer address: as configured, or as the route would choose it now. False when neither is known. */
static bool own_addr(struct vgw_tunnel *tunnel, xfrm_address_t *addr)
{
	struct vgw_endpoint *endpoint;
	struct vgw_way way;
	int err;

	endpoint = vgw_tunnel_endpoint(tunnel);
	memset(addr, 0, sizeof(*addr));
	if (endpoint->local.len) {
		memcpy(addr, endpoint->local.bytes, endpoint->local.len);
		return true;
	}
	local_bh_disable();
	rcu_read_lock();
	err = vgw_outer_route(tunnel, endpoint, &way);
	rcu_read_unlock();
	local_bh_enable();
	if (err)
		return false;
	memcpy(addr, &way.saddr, endpoint->remote.len);
	dst_release(way.dst);
	return true;
}

/* Does the kernel's own IPsec have an SA that an inbound one of this SPI would hide? */
static bool spi_is_xfrms(struct vgw_tunnel *tunnel, __be32 spi)
{
	const struct vgw_endpoint *endpoint;
	struct xfrm_state *state;
	xfrm_address_t daddr;

	endpoint = vgw_tunnel_endpoint(tunnel);
	if (!own_addr(tunnel, &daddr))
		return false;
	state = xfrm_state_lookup(tunnel->dev->outer->net, 0, &daddr, spi, IPPROTO_ESP,
				  endpoint->remote.len == VGW_ADDR4_LEN ? AF_INET : AF_INET6);
	if (state)
		xfrm_state_put(state);
	return state;
}

static struct vgw_holder holder_of(struct genl_info *info)
{
	return (struct vgw_holder){ .net = genl_info_net(info), .port = info->snd_portid };
}

static int check_spi(struct vgw_tunnel *tunnel, __be32 spi, struct genl_info *info)
{
	struct vgw_holder holder = holder_of(info);

	if (!vgw_larval_allows(tunnel->dev->outer, spi, &holder)) {
		NL_SET_ERR_MSG_MOD(info->extack, "another program has reserved this SPI");
		return -EBUSY;
	}
	if (spi_is_xfrms(tunnel, spi)) {
		NL_SET_ERR_MSG_MOD(info->extack, "the kernel's own IPsec has an inbound SA with this SPI");
		return -EEXIST;
	}
	return 0;
}

/* Reserve this one. */
static int reserve_spi(struct vgw_tunnel *tunnel, struct genl_info *info, __be32 spi)
{
	struct vgw_holder holder = holder_of(info);
	int err;

	err = spi_is_xfrms(tunnel, spi) ? -EEXIST : vgw_larval_add(tunnel->dev->outer, spi, &holder);
	if (err == -EEXIST)
		NL_SET_ERR_MSG_MOD(info->extack, "the SPI is taken, or reserved");
	else if (err == -ENOSPC)
		NL_SET_ERR_MSG_MOD(info->extack, TOO_MANY);
	return err;
}

/* Reserve one that nobody has. */
static int alloc_spi(struct vgw_tunnel *tunnel, struct genl_info *info, __be32 *spi)
{
	struct vgw_holder holder = holder_of(info);
	unsigned int i;
	int err = -ENOSPC;

	if (*spi)
		return reserve_spi(tunnel, info, *spi);
	for (i = 0; i < SPI_TRIES; i++) {
		*spi = (__force __be32)get_random_u32();
		if (be32_to_cpu(*spi) < VGW_SPI_MIN || spi_is_xfrms(tunnel, *spi))
			continue;
		err = vgw_larval_add(tunnel->dev->outer, *spi, &holder);
		if (err != -EEXIST)
			break;
	}
	if (err == -ENOSPC)
		NL_SET_ERR_MSG_MOD(info->extack, TOO_MANY);
	return err;
}

static int put_spi(struct sk_buff *msg, const struct vgw_tunnel *tunnel, __be32 spi)
{
	struct nlattr *nest;

	if (vgw_event_put_dev(msg, tunnel->dev))
		return -EMSGSIZE;
	nest = nla_nest_start(msg, VGW_A_TUNNEL);
	if (!nest || nla_put_string(msg, VGW_A_TUNNEL_NAME, tunnel->name) ||
	    nla_put_u32(msg, VGW_A_TUNNEL_ID, tunnel->id))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	nest = nla_nest_start(msg, VGW_A_SA);
	if (!nest || nla_put_u8(msg, VGW_A_SA_DIRECTION, VGW_DIRECTION_IN) ||
	    nla_put_u32(msg, VGW_A_SA_SPI, be32_to_cpu(spi)))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

/* @spi: the one that is wanted, 0: any */
static int reply_spi(struct sk_buff *msg, struct vgw_dev *dev, struct nlattr *name, __be32 spi, struct genl_info *info)
{
	void *head = genlmsg_put_reply(msg, info, &vgw_nl_family, 0, VGW_CMD_SPI_ALLOC);
	struct vgw_tunnel *tunnel;
	int err;

	tunnel = vgw_nl_tunnel_find(dev, name, info->extack);
	if (IS_ERR(tunnel))
		return PTR_ERR(tunnel);
	err = alloc_spi(tunnel, info, &spi);
	if (err)
		return err;
	if (!head || put_spi(msg, tunnel, spi)) {
		vgw_larval_del(dev->outer, spi);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, head);
	return 0;
}

/* Which SPI a request names, 0: none. */
static int read_spi(struct genl_info *info, __be32 *spi)
{
	struct nlattr *tb[VGW_A_SA_MAX + 1];
	int err;

	*spi = 0;
	if (!info->attrs[VGW_A_SA])
		return 0;
	err = vgw_nl_nest(info->attrs, VGW_A_SA, tb, VGW_A_SA_MAX, vgw_sa_nl_policy, info->extack);
	if (!err)
		err = vgw_nl_only(tb, VGW_A_SA_MAX, BIT_ULL(VGW_A_SA_SPI), info->extack);
	if (!err && tb[VGW_A_SA_SPI])
		*spi = cpu_to_be32(nla_get_u32(tb[VGW_A_SA_SPI]));
	return err;
}

int vgw_nl_spi_alloc_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *name;
	struct sk_buff *msg;
	struct vgw_dev *dev;
	__be32 spi;
	int err;

	err = vgw_nl_tunnel_name(info->attrs, &name, info->extack);
	if (!err)
		err = read_spi(info, &spi);
	if (err)
		return err;
	msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	dev = vgw_nl_dev_get_admin(skb, info);
	err = PTR_ERR_OR_ZERO(dev);
	if (!err) {
		err = reply_spi(msg, dev, name, spi, info);
		vgw_nl_dev_put(dev);
	}
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	return genlmsg_reply(msg, info);
}

/* ---- SAs ---- */

static int create_sa(struct vgw_dev *dev, struct nlattr *name, const struct vgw_sa_config *config,
		     struct genl_info *info)
{
	struct vgw_tunnel *tunnel = vgw_nl_tunnel_find(dev, name, info->extack);
	int err = 0;

	if (IS_ERR(tunnel))
		return PTR_ERR(tunnel);
	if (config->dir == VGW_DIRECTION_IN)
		err = check_spi(tunnel, config->spi, info);
	if (err)
		return err;
	/* A tunnel whose peer cannot be reached is not to come up for a moment. */
	vgw_probe_route(tunnel);
	return vgw_keying_add(tunnel, config, info->extack);
}

/*
 * Others wait for the lock, some of them with rtnl held: not for modprobe, too. Nothing is loaded for who may not use
 * the device.
 */
static int load_alg(struct sk_buff *skb, const struct vgw_sa_config *config, struct genl_info *info)
{
	struct vgw_dev *dev = vgw_nl_dev_get_admin(skb, info);

	if (IS_ERR(dev))
		return PTR_ERR(dev);
	vgw_nl_dev_put(dev);
	return vgw_alg_load(config->alg, config->esn, info->extack);
}

int vgw_nl_sa_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tunnel, *sa[VGW_A_SA_MAX + 1];
	struct vgw_sa_config config = {};
	struct vgw_dev *dev;
	int err;

	err = parse_sa(info, &tunnel, sa);
	if (!err)
		err = read_sa(sa, &config, info->extack);
	if (!err)
		err = load_alg(skb, &config, info);
	if (err)
		goto out_wipe;
	dev = vgw_nl_dev_get_admin(skb, info);
	err = PTR_ERR_OR_ZERO(dev);
	if (err)
		goto out_wipe;
	err = create_sa(dev, tunnel, &config, info);
	vgw_nl_dev_put(dev);

out_wipe:
	wipe_keys(info);
	return err;
}

static int use_sa(struct vgw_tunnel *tunnel, struct vgw_sa *sa, struct nlattr **tb, struct netlink_ext_ack *extack)
{
	if (!tb[VGW_A_SA_CURRENT]) {
		NL_SET_ERR_MSG_MOD(extack, "of an SA only current can be set");
		return -EINVAL;
	}
	if (sa->dir != VGW_DIRECTION_OUT) {
		NL_SET_ERR_MSG_ATTR(extack, tb[VGW_A_SA_DIRECTION], "vgw: only an outbound SA can be current");
		return -EINVAL;
	}
	if (!vgw_sa_usable(sa)) {
		NL_SET_ERR_MSG_MOD(extack, "the SA has reached a hard limit");
		return -EKEYEXPIRED;
	}
	vgw_keying_use(tunnel, sa);
	return 0;
}

static int del_sa(struct vgw_tunnel *tunnel, struct vgw_sa *sa, struct nlattr **tb, struct netlink_ext_ack *extack)
{
	u32 linger = tb[VGW_A_SA_LINGER] ? nla_get_u32(tb[VGW_A_SA_LINGER]) : 0;

	if (linger && sa->dir != VGW_DIRECTION_IN) {
		NL_SET_ERR_MSG_ATTR(extack, tb[VGW_A_SA_LINGER], "vgw: only an inbound SA can linger");
		return -EINVAL;
	}
	vgw_keying_del(tunnel, sa, linger);
	return 0;
}

/* Do something to the SA that a request names, with what attributes it takes besides. */
static int with_sa(struct sk_buff *skb, struct genl_info *info, u64 taken,
		   int (*act)(struct vgw_tunnel *tunnel, struct vgw_sa *sa, struct nlattr **tb,
			      struct netlink_ext_ack *extack))
{
	struct nlattr *name, *tb[VGW_A_SA_MAX + 1];
	struct vgw_tunnel *tunnel;
	struct vgw_dev *dev;
	struct vgw_sa *sa;
	int err;

	err = parse_sa(info, &name, tb);
	if (!err)
		err = vgw_nl_only(tb, VGW_A_SA_MAX, taken | BIT_ULL(VGW_A_SA_DIRECTION) | BIT_ULL(VGW_A_SA_SPI),
				  info->extack);
	if (err)
		return err;
	dev = vgw_nl_dev_get_admin(skb, info);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	tunnel = vgw_nl_tunnel_find(dev, name, info->extack);
	err = PTR_ERR_OR_ZERO(tunnel);
	if (!err) {
		sa = vgw_nl_sa_find(tunnel, tb, info->extack);
		err = IS_ERR(sa) ? PTR_ERR(sa) : act(tunnel, sa, tb, info->extack);
	}
	vgw_nl_dev_put(dev);
	return err;
}

int vgw_nl_sa_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return with_sa(skb, info, BIT_ULL(VGW_A_SA_CURRENT), use_sa);
}

int vgw_nl_sa_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	return with_sa(skb, info, BIT_ULL(VGW_A_SA_LINGER), del_sa);
}
