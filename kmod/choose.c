// SPDX-License-Identifier: GPL-2.0
#include "choose.h"

#include <net/ip6_fib.h>
#include <net/route.h>

#include "dev.h"
#include "inner.h"
#include "prefix.h"
#include "ts.h"
#include "tunnel.h"

/* ---- out ---- */

/* The gateway that the packet's route names, and in @len the bytes of its address; NULL when it names none. */
static const u8 *find_gateway(const struct sk_buff *skb, u8 *len)
{
	const struct dst_entry *dst = skb_dst(skb);
	const struct rt6_info *rt6;
	const struct rtable *rt;

	if (!dst)
		return NULL;
	*len = VGW_ADDR6_LEN;
	if (dst->ops->family == AF_INET) {
		rt = (const struct rtable *)dst;
		if (rt->rt_gw_family == AF_INET) {
			*len = VGW_ADDR4_LEN;
			return (const u8 *)&rt->rt_gw4;
		}
		if (rt->rt_gw_family == AF_INET6)
			return (const u8 *)&rt->rt_gw6;
	} else if (dst->ops->family == AF_INET6) {
		rt6 = (const struct rt6_info *)dst;
		if (rt6->rt6i_flags & RTF_GATEWAY)
			return (const u8 *)&rt6->rt6i_gateway;
	}
	return NULL;
}

/* The prefix of the route's gateway, if it names one, else of the destination; @by_gateway says which. */
static const struct vgw_prefix *lookup(const struct vgw_dev *dev, const struct sk_buff *skb, bool *by_gateway)
{
	struct vgw_flow flow = vgw_inner_flow(skb);
	const struct vgw_prefix *prefix;
	const u8 *gateway;
	u8 len;

	gateway = find_gateway(skb, &len);
	*by_gateway = gateway;
	if (gateway) {
		prefix = vgw_prefix_lookup_rcu(&dev->prefixes, gateway, len);
		/* A link-local address, as routing daemons use them, says something only where it is pinned. */
		if (prefix || !vgw_inner_is_local(gateway, len))
			return prefix;
		*by_gateway = false;
	}
	return vgw_prefix_lookup_rcu(&dev->prefixes, flow.dst, flow.len);
}

static bool is_ready(const struct vgw_tunnel *tunnel, bool demoted)
{
	return vgw_tunnel_up(tunnel) && READ_ONCE(tunnel->demoted) == demoted;
}

/* Of the prefix's tunnels that are up the lowest priority number; flows are shared among equals. */
static struct vgw_tunnel *pick_ready(const struct vgw_prefix *prefix, struct sk_buff *skb, bool demoted)
{
	u32 first = prefix->count, equal = 0, chosen, i;

	for (i = 0; i < prefix->count; i++) {
		if (first < prefix->count && prefix->members[i].priority != prefix->members[first].priority)
			break;
		if (!is_ready(prefix->members[i].tunnel, demoted))
			continue;
		if (first == prefix->count)
			first = i;
		equal++;
	}
	if (equal <= 1)
		return equal ? prefix->members[first].tunnel : NULL;
	vgw_inner_hash(skb);
	chosen = reciprocal_scale(skb_get_hash(skb), equal);
	for (i = first; i < prefix->count; i++)
		if (is_ready(prefix->members[i].tunnel, demoted) && !chosen--)
			return prefix->members[i].tunnel;
	return prefix->members[first].tunnel;
}

/* Those that a probe advises against are better than none. */
static struct vgw_tunnel *pick(const struct vgw_prefix *prefix, struct sk_buff *skb)
{
	return pick_ready(prefix, skb, false) ?: pick_ready(prefix, skb, true);
}

/* One that would be up if it was started. */
static struct vgw_tunnel *pick_startable(const struct vgw_prefix *prefix)
{
	u32 i;

	for (i = 0; i < prefix->count; i++)
		if (READ_ONCE(prefix->members[i].tunnel->demands))
			return prefix->members[i].tunnel;
	return NULL;
}

/**
 * vgw_choose_rcu() - which tunnel a packet is for
 * @dev: the interface it was sent to
 * @skb: to a single destination
 * @cause: why there is none
 *
 * Bottom halves are off; caller is in an RCU read section, in which the result is valid. A result that is not up is to
 * be started on demand.
 */
struct vgw_tunnel *vgw_choose_rcu(const struct vgw_dev *dev, struct sk_buff *skb, enum vgw_drop *cause)
{
	const struct vgw_prefix *prefix, *sister = NULL;
	struct vgw_flow flow = vgw_inner_flow(skb);
	struct vgw_tunnel *tunnel;
	bool by_gateway;

	prefix = lookup(dev, skb, &by_gateway);
	*cause = VGW_DROP_NO_TUNNEL;
	if (!prefix)
		return NULL;
	*cause = VGW_DROP_TUNNEL_DOWN;
	tunnel = pick(prefix, skb);
	if (tunnel)
		return tunnel;
	/* The gateway's own tunnel is down: a sister may lead to the same destination. */
	if (by_gateway)
		sister = vgw_prefix_lookup_group_rcu(&dev->prefixes, flow.dst, flow.len, prefix->members[0].group);
	if (sister)
		tunnel = pick(sister, skb);
	if (!tunnel)
		tunnel = pick_startable(prefix);
	if (!tunnel && sister)
		tunnel = pick_startable(sister);
	return tunnel;
}

/* May the tunnel carry this packet out, as it was negotiated (RFC 4301 section 5.1)? Caller is in an RCU section. */
bool vgw_choose_fits_out_rcu(const struct vgw_tunnel *tunnel, const struct sk_buff *skb)
{
	const struct vgw_ts *ts = rcu_dereference(tunnel->ts);
	struct vgw_flow flow, quoted;
	union vgw_quote quote;

	if (likely(!ts))
		return true;
	flow = vgw_inner_flow(skb);
	if (vgw_inner_is_local(flow.dst, flow.len) ||
	    vgw_ts_match(ts, &(struct vgw_pair){ flow.src, flow.dst, flow.len }))
		return true;
	/* An error about a packet that came by the tunnel, as vgw_choose_fits_in_rcu() lets in. */
	return vgw_inner_quoted(skb, &quote, &quoted) &&
	       vgw_ts_match(ts, &(struct vgw_pair){ quoted.dst, quoted.src, quoted.len });
}

/* ---- in ---- */

/* Does an address lead back to a site of the tunnel, not necessarily through this very one? */
static bool leads_back(const struct vgw_tunnel *tunnel, const u8 *addr, u8 len)
{
	const struct vgw_prefix *prefix = vgw_prefix_lookup_rcu(&tunnel->dev->prefixes, addr, len);

	return prefix && prefix->members[0].group == READ_ONCE(tunnel->group);
}

static enum vgw_drop check_pair(const struct vgw_tunnel *tunnel, const struct vgw_pair *pair)
{
	if (!leads_back(tunnel, pair->remote, pair->len))
		return VGW_DROP_SOURCE;
	return vgw_ts_match(rcu_dereference(tunnel->ts), pair) ? VGW_DROP_NOT : VGW_DROP_SELECTOR;
}

/**
 * vgw_choose_fits_in_rcu() - could this packet have come by this tunnel?
 * @tunnel: it came by
 * @skb: the inner packet, its network header linear with options
 *
 * Softirq; caller is in an RCU read section. Returns 0, or why it is to be dropped.
 */
enum vgw_drop vgw_choose_fits_in_rcu(const struct vgw_tunnel *tunnel, const struct sk_buff *skb)
{
	struct vgw_flow flow = vgw_inner_flow(skb), quoted;
	union vgw_quote quote;
	enum vgw_drop cause;

	if (unlikely(vgw_inner_is_local(flow.dst, flow.len)))
		return READ_ONCE(tunnel->options.multicast) ? VGW_DROP_NOT : VGW_DROP_MULTICAST;
	cause = check_pair(tunnel, &(struct vgw_pair){ flow.dst, flow.src, flow.len });
	if (likely(cause == VGW_DROP_NOT) || !vgw_inner_quoted(skb, &quote, &quoted))
		return cause;
	/*
	 * An error from a router outside everything that was agreed is welcome when it is about a packet within
	 * (RFC 4301 section 6). That packet was ours, so it is looked at the other way round.
	 */
	if (check_pair(tunnel, &(struct vgw_pair){ quoted.src, quoted.dst, quoted.len }) == VGW_DROP_NOT)
		return VGW_DROP_NOT;
	return cause;
}
