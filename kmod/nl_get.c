// SPDX-License-Identifier: GPL-2.0
#include <linux/rtnetlink.h>
#include <net/genetlink.h>

#include "dev.h"
#include "event.h"
#include "netdev.h"
#include "nl_find.h"
#include "nl_gen.h"
#include "sa.h"
#include "ts.h"
#include "tunnel.h"
#include "tx.h"

enum { REPLY_SIZE = 16384 };	/* bytes; a tunnel with all its prefixes fits */

/* What a dump has got to: cb->args by meaning. */
enum { DUMP_IFINDEX, DUMP_TUNNEL, DUMP_SA };

static u64 ms_since(u64 jiffies_then)
{
	return jiffies64_to_msecs(get_jiffies_64() - jiffies_then);
}

/* ---- one object ---- */

static int put_drops(struct sk_buff *msg, int type, const struct vgw_drops *drops)
{
	struct nlattr *nest;
	long count;
	u32 cause;

	for (cause = 1; cause <= VGW_DROP_MAX; cause++) {
		count = atomic_long_read(&drops->count[cause]);
		if (!count)
			continue;
		nest = nla_nest_start(msg, type);
		if (!nest || nla_put_u32(msg, VGW_A_DROP_CAUSE, cause) ||
		    nla_put_u64_64bit(msg, VGW_A_DROP_COUNT, count, VGW_A_DROP_PAD))
			return -EMSGSIZE;
		nla_nest_end(msg, nest);
	}
	return 0;
}

static int put_iface(struct sk_buff *msg, const struct vgw_dev *dev)
{
	struct nlattr *nest = nla_nest_start(msg, VGW_A_IFACE);

	if (!nest || nla_put_u32(msg, VGW_A_IFACE_MTU, READ_ONCE(dev->netdev->mtu)) ||
	    nla_put_u8(msg, VGW_A_IFACE_MTU_AUTO, dev->mtu_auto) ||
	    nla_put_u8(msg, VGW_A_IFACE_CARRIER, netif_carrier_ok(dev->netdev)) ||
	    nla_put_u8(msg, VGW_A_IFACE_DORMANT, netif_dormant(dev->netdev)) ||
	    nla_put_u8(msg, VGW_A_IFACE_CARRIER_POLICY, dev->carrier_policy) ||
	    nla_put_u32(msg, VGW_A_IFACE_MSS_CLAMP, dev->mss_clamp) ||
	    nla_put_u32(msg, VGW_A_IFACE_FWMARK, dev->fwmark) ||
	    nla_put_u32(msg, VGW_A_IFACE_TUNNELS, dev->tunnel_count) ||
	    put_drops(msg, VGW_A_IFACE_DROP, &dev->drops) ||
	    put_drops(msg, VGW_A_IFACE_HOST_DROP, &dev->outer->drops))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int put_addr(struct sk_buff *msg, int type, const struct vgw_addr *addr)
{
	return addr->len ? nla_put(msg, type, addr->len, addr->bytes) : 0;
}

static int put_endpoint(struct sk_buff *msg, struct vgw_tunnel *tunnel)
{
	const struct vgw_endpoint *endpoint;

	endpoint = vgw_tunnel_endpoint(tunnel);
	if (put_addr(msg, VGW_A_TUNNEL_LOCAL, &endpoint->local) ||
	    put_addr(msg, VGW_A_TUNNEL_REMOTE, &endpoint->remote) ||
	    nla_put_u8(msg, VGW_A_TUNNEL_ENCAP, endpoint->encap) ||
	    nla_put_u8(msg, VGW_A_TUNNEL_DF, endpoint->df) || nla_put_u8(msg, VGW_A_TUNNEL_TTL, endpoint->ttl) ||
	    nla_put_u8(msg, VGW_A_TUNNEL_DSCP, endpoint->dscp) ||
	    nla_put_u32(msg, VGW_A_TUNNEL_FWMARK, endpoint->mark) ||
	    nla_put_u32(msg, VGW_A_TUNNEL_LINK, endpoint->link))
		return -EMSGSIZE;
	if (endpoint->encap != VGW_ENCAP_UDP)
		return 0;
	if (nla_put_u16(msg, VGW_A_TUNNEL_SPORT, ntohs(endpoint->sport)) ||
	    nla_put_u16(msg, VGW_A_TUNNEL_DPORT, ntohs(endpoint->dport)))
		return -EMSGSIZE;
	return 0;
}

static int put_prefixes(struct sk_buff *msg, int type, const struct vgw_cidr *cidrs, u32 count)
{
	struct nlattr *list = nla_nest_start(msg, type), *nest;
	u32 i;

	if (!list)
		return -EMSGSIZE;
	for (i = 0; i < count; i++) {
		nest = nla_nest_start(msg, VGW_A_PREFIXES_PREFIX);
		if (!nest || nla_put(msg, VGW_A_PREFIX_ADDRESS, cidrs[i].addr.len, cidrs[i].addr.bytes) ||
		    nla_put_u8(msg, VGW_A_PREFIX_LENGTH, cidrs[i].bits))
			return -EMSGSIZE;
		nla_nest_end(msg, nest);
	}
	nla_nest_end(msg, list);
	return 0;
}

static int put_ts(struct sk_buff *msg, const struct vgw_tunnel *tunnel)
{
	const struct vgw_ts *ts;

	ts = rcu_dereference_protected(tunnel->ts, lockdep_is_held(&tunnel->dev->outer->lock));
	if (!ts)
		return 0;
	if (put_prefixes(msg, VGW_A_TUNNEL_TS_LOCAL, ts->cidrs, ts->locals) ||
	    put_prefixes(msg, VGW_A_TUNNEL_TS_REMOTE, ts->cidrs + ts->locals, ts->remotes))
		return -EMSGSIZE;
	return 0;
}

static int put_options(struct sk_buff *msg, const struct vgw_options *options)
{
	u8 inner_df = options->clear_df ? VGW_INNER_DF_CLEAR : VGW_INNER_DF_HONOUR;

	if (nla_put_u8(msg, VGW_A_TUNNEL_INNER_DF, inner_df) ||
	    nla_put_u8(msg, VGW_A_TUNNEL_MULTICAST, options->multicast) ||
	    nla_put_u32(msg, VGW_A_TUNNEL_RX_MARK, options->rx_mark) ||
	    nla_put_u8(msg, VGW_A_TUNNEL_ROAM, options->roam) ||
	    nla_put_u32(msg, VGW_A_TUNNEL_KEEPALIVE, options->keepalive) ||
	    nla_put_u8(msg, VGW_A_TUNNEL_DEMAND, options->demand))
		return -EMSGSIZE;
	return 0;
}

static int put_probe(struct sk_buff *msg, const struct vgw_tunnel *tunnel)
{
	const struct vgw_probe *probe;
	struct nlattr *nest;
	u64 rtt;

	probe = rcu_dereference_protected(tunnel->probe, lockdep_is_held(&tunnel->dev->outer->lock));
	if (!probe)
		return 0;
	nest = nla_nest_start(msg, VGW_A_TUNNEL_PROBE);
	if (!nest || put_addr(msg, VGW_A_PROBE_TARGET, &probe->target) ||
	    put_addr(msg, VGW_A_PROBE_SOURCE, &probe->source) ||
	    nla_put_u32(msg, VGW_A_PROBE_INTERVAL, probe->interval) ||
	    nla_put_u32(msg, VGW_A_PROBE_MISSES, probe->misses) ||
	    nla_put_u8(msg, VGW_A_PROBE_ACTION, probe->action) ||
	    nla_put_u8(msg, VGW_A_PROBE_STATE, probe->state) ||
	    nla_put_u64_64bit(msg, VGW_A_PROBE_SENT, probe->sent, VGW_A_PROBE_PAD) ||
	    nla_put_u64_64bit(msg, VGW_A_PROBE_ANSWERED, atomic64_read(&probe->answered), VGW_A_PROBE_PAD))
		return -EMSGSIZE;
	rtt = div_u64(READ_ONCE(probe->rtt), NSEC_PER_USEC);
	if (rtt && nla_put_u32(msg, VGW_A_PROBE_RTT, min_t(u64, rtt, U32_MAX)))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int put_traffic(struct sk_buff *msg, const struct vgw_tunnel *tunnel)
{
	struct rtnl_link_stats64 sum = {};
	u64 last_rx = READ_ONCE(tunnel->last_rx);

	dev_fetch_sw_netstats(&sum, tunnel->stats);
	if (last_rx && nla_put_u64_64bit(msg, VGW_A_TUNNEL_LAST_RX, ms_since(last_rx), VGW_A_TUNNEL_PAD))
		return -EMSGSIZE;
	if (nla_put_u64_64bit(msg, VGW_A_TUNNEL_RX_PACKETS, sum.rx_packets, VGW_A_TUNNEL_PAD) ||
	    nla_put_u64_64bit(msg, VGW_A_TUNNEL_RX_BYTES, sum.rx_bytes, VGW_A_TUNNEL_PAD) ||
	    nla_put_u64_64bit(msg, VGW_A_TUNNEL_TX_PACKETS, sum.tx_packets, VGW_A_TUNNEL_PAD) ||
	    nla_put_u64_64bit(msg, VGW_A_TUNNEL_TX_BYTES, sum.tx_bytes, VGW_A_TUNNEL_PAD))
		return -EMSGSIZE;
	return put_drops(msg, VGW_A_TUNNEL_DROP, &tunnel->drops);
}

static int put_tunnel(struct sk_buff *msg, struct vgw_tunnel *tunnel)
{
	struct nlattr *nest = nla_nest_start(msg, VGW_A_TUNNEL);

	if (!nest || nla_put_string(msg, VGW_A_TUNNEL_NAME, tunnel->name) ||
	    nla_put_u32(msg, VGW_A_TUNNEL_ID, tunnel->id) ||
	    nla_put_u8(msg, VGW_A_TUNNEL_ADMIN, tunnel->admin_up) ||
	    nla_put_u32(msg, VGW_A_TUNNEL_PRIORITY, tunnel->priority) ||
	    nla_put_u32(msg, VGW_A_TUNNEL_GROUP, tunnel->group) ||
	    nla_put_u8(msg, VGW_A_TUNNEL_STATE, tunnel->state) ||
	    nla_put_u8(msg, VGW_A_TUNNEL_REASON, tunnel->reason) ||
	    nla_put_u64_64bit(msg, VGW_A_TUNNEL_LAST_CHANGE, ms_since(tunnel->changed), VGW_A_TUNNEL_PAD) ||
	    nla_put_u32(msg, VGW_A_TUNNEL_MTU, vgw_tx_mtu(tunnel)) ||
	    put_addr(msg, VGW_A_TUNNEL_PEER, &tunnel->peer) ||
	    put_endpoint(msg, tunnel) || put_options(msg, &tunnel->options) ||
	    put_prefixes(msg, VGW_A_TUNNEL_PREFIXES, tunnel->cidrs, tunnel->cidr_count) || put_ts(msg, tunnel) ||
	    put_probe(msg, tunnel) || put_traffic(msg, tunnel))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static u64 last_seq(struct vgw_sa *sa)
{
	u64 seq;

	if (sa->dir == VGW_DIRECTION_OUT)
		return min_t(u64, atomic64_read(&sa->seq), sa->seq_max);
	spin_lock_bh(&sa->lock);
	seq = sa->replay.top;
	spin_unlock_bh(&sa->lock);
	return seq;
}

static int put_sa_state(struct sk_buff *msg, const struct vgw_tunnel *tunnel, struct vgw_sa *sa)
{
	u64 age = div_u64(ktime_get_boottime_ns() - sa->born, NSEC_PER_MSEC);

	if (nla_put_u64_64bit(msg, VGW_A_SA_SEQ, last_seq(sa), VGW_A_SA_PAD) ||
	    nla_put_u64_64bit(msg, VGW_A_SA_PACKETS, atomic64_read(&sa->packets), VGW_A_SA_PAD) ||
	    nla_put_u64_64bit(msg, VGW_A_SA_BYTES, atomic64_read(&sa->bytes), VGW_A_SA_PAD) ||
	    nla_put_u64_64bit(msg, VGW_A_SA_AGE, age, VGW_A_SA_PAD))
		return -EMSGSIZE;
	if (READ_ONCE(sa->expiry) && nla_put_u8(msg, VGW_A_SA_EXPIRY, READ_ONCE(sa->expiry)))
		return -EMSGSIZE;
	if (sa->lingers && nla_put_u32(msg, VGW_A_SA_LINGER, vgw_sa_left(sa)))
		return -EMSGSIZE;
	if (sa->dir == VGW_DIRECTION_IN)
		return nla_put_u32(msg, VGW_A_SA_REPLAY_WINDOW, sa->replay.size);
	if (sa->pending && nla_put_u32(msg, VGW_A_SA_PENDING_ON, be32_to_cpu(sa->pending_on)))
		return -EMSGSIZE;
	return nla_put_u8(msg, VGW_A_SA_CURRENT, rcu_access_pointer(tunnel->out) == sa);
}

static int put_sa_limits(struct sk_buff *msg, const struct vgw_sa *sa)
{
	if (sa->life_time && nla_put_u32(msg, VGW_A_SA_LIFE_TIME, sa->life_time))
		return -EMSGSIZE;
	if (sa->life_bytes && nla_put_u64_64bit(msg, VGW_A_SA_LIFE_BYTES, sa->life_bytes, VGW_A_SA_PAD))
		return -EMSGSIZE;
	if (sa->life_packets && nla_put_u64_64bit(msg, VGW_A_SA_LIFE_PACKETS, sa->life_packets, VGW_A_SA_PAD))
		return -EMSGSIZE;
	return 0;
}

static int put_sa(struct sk_buff *msg, const struct vgw_tunnel *tunnel, struct vgw_sa *sa)
{
	struct nlattr *nest = nla_nest_start(msg, VGW_A_TUNNEL);

	if (!nest || nla_put_string(msg, VGW_A_TUNNEL_NAME, tunnel->name) ||
	    nla_put_u32(msg, VGW_A_TUNNEL_ID, tunnel->id))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	nest = nla_nest_start(msg, VGW_A_SA);
	if (!nest || nla_put_u8(msg, VGW_A_SA_DIRECTION, sa->dir) ||
	    nla_put_u32(msg, VGW_A_SA_SPI, be32_to_cpu(sa->spi)) || nla_put_u32(msg, VGW_A_SA_SUITE, sa->suite) ||
	    nla_put_u8(msg, VGW_A_SA_ESN, sa->esn) || put_sa_limits(msg, sa) || put_sa_state(msg, tunnel, sa))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

/* A message about an interface, about a tunnel of it if there is one, about an SA of that if there is one. */
static int put_object(struct sk_buff *msg, void *head, const struct vgw_dev *dev, struct vgw_tunnel *tunnel,
		      struct vgw_sa *sa)
{
	int err = -EMSGSIZE;

	if (head)
		err = vgw_event_put_dev(msg, dev);
	if (!err)
		err = sa ? put_sa(msg, tunnel, sa) : tunnel ? put_tunnel(msg, tunnel) : put_iface(msg, dev);
	if (!err)
		genlmsg_end(msg, head);
	else if (head)
		genlmsg_cancel(msg, head);
	return err;
}

/* ---- do ---- */

/* Find what the request names, as deep as @cmd goes. */
static int find_object(struct sk_buff *skb, struct genl_info *info, struct vgw_dev *dev, struct vgw_tunnel **tunnel,
		       struct vgw_sa **sa)
{
	struct nlattr *name, *tb[VGW_A_SA_MAX + 1];
	u8 cmd = info->genlhdr->cmd;
	int err;

	if (cmd == VGW_CMD_IFACE_GET)
		return 0;
	err = vgw_nl_tunnel_name(info->attrs, &name, info->extack);
	if (err)
		return err;
	*tunnel = vgw_nl_tunnel_find(dev, name, info->extack);
	if (IS_ERR(*tunnel) || cmd == VGW_CMD_TUNNEL_GET)
		return PTR_ERR_OR_ZERO(*tunnel);
	/* SAs say what traffic there is and when it is rekeyed: not for everybody. */
	if (!vgw_nl_is_admin(skb, dev)) {
		NL_SET_ERR_MSG_MOD(info->extack, "needs CAP_NET_ADMIN where the interface was created");
		return -EPERM;
	}
	err = vgw_nl_nest(info->attrs, VGW_A_SA, tb, VGW_A_SA_MAX, vgw_sa_nl_policy, info->extack);
	if (!err)
		err = vgw_nl_only(tb, VGW_A_SA_MAX, BIT_ULL(VGW_A_SA_DIRECTION) | BIT_ULL(VGW_A_SA_SPI), info->extack);
	if (err)
		return err;
	*sa = vgw_nl_sa_find(*tunnel, tb, info->extack);
	return PTR_ERR_OR_ZERO(*sa);
}

static int get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct vgw_tunnel *tunnel = NULL;
	struct vgw_sa *sa = NULL;
	struct vgw_dev *dev;
	struct sk_buff *msg;
	void *head;
	int err;

	msg = genlmsg_new(REPLY_SIZE, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	dev = vgw_nl_dev_get(skb, info->attrs, info->extack);
	if (IS_ERR(dev)) {
		nlmsg_free(msg);
		return PTR_ERR(dev);
	}
	err = find_object(skb, info, dev, &tunnel, &sa);
	if (!err) {
		head = genlmsg_put_reply(msg, info, &vgw_nl_family, 0, info->genlhdr->cmd);
		err = put_object(msg, head, dev, tunnel, sa);
	}
	vgw_nl_dev_put(dev);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	return genlmsg_reply(msg, info);
}

int vgw_nl_iface_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return get_doit(skb, info);
}

int vgw_nl_tunnel_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return get_doit(skb, info);
}

int vgw_nl_sa_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return get_doit(skb, info);
}

/* ---- dump ---- */

/* What a dump is limited to; NULL: everything. */
struct dump {
	struct sk_buff *msg;
	struct netlink_callback *cb;
	u8 cmd;
	const char *tunnel;
};

static int dump_object(struct dump *dump, struct vgw_dev *dev, struct vgw_tunnel *tunnel, struct vgw_sa *sa)
{
	void *head;

	head = genlmsg_put(dump->msg, NETLINK_CB(dump->cb->skb).portid, dump->cb->nlh->nlmsg_seq, &vgw_nl_family,
			   NLM_F_MULTI, dump->cmd);
	return put_object(dump->msg, head, dev, tunnel, sa);
}

static int dump_sas(struct dump *dump, struct vgw_dev *dev, struct vgw_tunnel *tunnel)
{
	long *args = dump->cb->args;
	struct vgw_sa *sa;
	int err;

	/* The newest is first. Some may come and go between two messages, the others keep their order. */
	list_for_each_entry(sa, &tunnel->sas, list) {
		if (args[DUMP_SA] && sa->serial >= (u32)args[DUMP_SA])
			continue;
		err = dump_object(dump, dev, tunnel, sa);
		if (err)
			return err;
		args[DUMP_SA] = sa->serial;
	}
	args[DUMP_SA] = 0;
	return 0;
}

static int dump_tunnels(struct dump *dump, struct vgw_dev *dev)
{
	long *args = dump->cb->args;
	struct vgw_tunnel *tunnel;
	unsigned long id;
	int err;

	xa_for_each_start(&dev->tunnels, id, tunnel, args[DUMP_TUNNEL]) {
		if (id != args[DUMP_TUNNEL])
			args[DUMP_SA] = 0;
		args[DUMP_TUNNEL] = id;
		if (dump->tunnel && strcmp(dump->tunnel, tunnel->name))
			continue;
		if (dump->cmd == VGW_CMD_SA_GET)
			err = dump_sas(dump, dev, tunnel);
		else
			err = dump_object(dump, dev, tunnel, NULL);
		if (err)
			return err;
	}
	args[DUMP_TUNNEL] = 0;
	return 0;
}

static int dump_device(struct dump *dump, struct vgw_dev *dev)
{
	int err;

	if (!vgw_nl_may_reach(dump->cb->skb, dev))
		return 0;
	if (dump->cmd == VGW_CMD_SA_GET && !vgw_nl_is_admin(dump->cb->skb, dev))
		return 0;
	mutex_lock(&dev->outer->lock);
	if (dump->cmd == VGW_CMD_IFACE_GET)
		err = dump_object(dump, dev, NULL, NULL);
	else
		err = dump_tunnels(dump, dev);
	mutex_unlock(&dev->outer->lock);
	return err;
}

/* The interface of the lowest index from @ifindex on: their order in a namespace changes when they are moved. */
static struct net_device *next_netdev(struct net *net, int ifindex, int only)
{
	struct net_device *netdev, *next = NULL;

	for_each_netdev(net, netdev)
		if (vgw_netdev_is(netdev) && netdev->ifindex >= ifindex && (!only || netdev->ifindex == only) &&
		    (!next || netdev->ifindex < next->ifindex))
			next = netdev;
	return next;
}

static int dump_devices(struct dump *dump, struct net *net, int only)
{
	long *args = dump->cb->args;
	struct net_device *netdev;
	int err = 0;

	rtnl_lock();
	while (!err && (netdev = next_netdev(net, args[DUMP_IFINDEX], only))) {
		if (netdev->ifindex != args[DUMP_IFINDEX]) {
			args[DUMP_TUNNEL] = 0;
			args[DUMP_SA] = 0;
		}
		args[DUMP_IFINDEX] = netdev->ifindex;
		err = dump_device(dump, netdev_priv(netdev));
		if (!err)
			args[DUMP_IFINDEX] = netdev->ifindex + 1;
	}
	rtnl_unlock();
	return err;
}

/* Read what a dump is limited to; @only is the index of an interface, 0: all. */
static int read_dump(struct dump *dump, int *only)
{
	struct nlattr **attrs = genl_info_dump(dump->cb)->attrs, *name;
	struct netlink_ext_ack *extack = dump->cb->extack;
	struct vgw_dev *dev;
	int err = 0;

	if (attrs[VGW_A_IFINDEX] || attrs[VGW_A_IFNAME]) {
		dev = vgw_nl_dev_get(dump->cb->skb, attrs, extack);
		if (IS_ERR(dev))
			return PTR_ERR(dev);
		*only = dev->netdev->ifindex;
		if (dump->cmd == VGW_CMD_SA_GET && !vgw_nl_is_admin(dump->cb->skb, dev)) {
			NL_SET_ERR_MSG_MOD(extack, "needs CAP_NET_ADMIN where the interface was created");
			err = -EPERM;
		}
		vgw_nl_dev_put(dev);
		if (err)
			return err;
	}
	if (attrs[VGW_A_SA]) {
		NL_SET_ERR_MSG_ATTR(extack, attrs[VGW_A_SA], "vgw: a dump is of all SAs");
		return -EINVAL;
	}
	if (!attrs[VGW_A_TUNNEL])
		return 0;
	err = vgw_nl_tunnel_name(attrs, &name, extack);
	if (!err)
		dump->tunnel = nla_data(name);
	return err;
}

/* Only the first call of a dump may fail for what the request says. */
static int get_dumpit(struct sk_buff *msg, struct netlink_callback *cb, u8 cmd)
{
	struct dump dump = { .msg = msg, .cb = cb, .cmd = cmd };
	struct net *net;
	int err, only = 0;

	err = read_dump(&dump, &only);
	if (err)
		return err;
	net = vgw_nl_net_get(cb->skb, genl_info_dump(cb)->attrs, cb->extack);
	if (IS_ERR(net))
		return PTR_ERR(net);
	err = dump_devices(&dump, net, only);
	put_net(net);
	/* A full message is sent and the dump goes on; but an object that fits no message would hide the rest. */
	return err && !msg->len ? err : msg->len;
}

int vgw_nl_iface_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return get_dumpit(skb, cb, VGW_CMD_IFACE_GET);
}

int vgw_nl_tunnel_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return get_dumpit(skb, cb, VGW_CMD_TUNNEL_GET);
}

int vgw_nl_sa_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return get_dumpit(skb, cb, VGW_CMD_SA_GET);
}
