// SPDX-License-Identifier: GPL-2.0
#include "tx.h"

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <net/icmp.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ip6_fib.h>
#include <net/ip_tunnels.h>
#include <net/route.h>

#include "dev.h"
#include "esp.h"
#include "esp_out.h"
#include "limits.h"
#include "outer.h"
#include "prefix.h"
#include "sa.h"
#include "tunnel.h"

static bool is_ip4(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IP);
}

static void drop(struct vgw_dev *dev, struct vgw_drops *drops, struct sk_buff *skb, enum vgw_drop cause)
{
	vgw_drop_count(drops, cause);
	DEV_STATS_INC(dev->netdev, tx_dropped);
	kfree_skb(skb);
}

static void tell_unreachable(struct sk_buff *skb)
{
	if (is_ip4(skb))
		icmp_ndo_send(skb, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);
	else
		icmpv6_ndo_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH, 0);
}

static void tell_too_big(struct sk_buff *skb, unsigned int mtu)
{
	if (is_ip4(skb))
		icmp_ndo_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, htonl(mtu));
	else
		icmpv6_ndo_send(skb, ICMPV6_PKT_TOOBIG, 0, mtu);
}

/* ---- choosing the tunnel ---- */

static const struct vgw_prefix *lookup_inner(const struct vgw_dev *dev, const struct sk_buff *skb)
{
	if (is_ip4(skb))
		return vgw_prefix_lookup_rcu(&dev->prefixes, (const u8 *)&ip_hdr(skb)->daddr, VGW_ADDR4_LEN);
	return vgw_prefix_lookup_rcu(&dev->prefixes, (const u8 *)&ipv6_hdr(skb)->daddr, VGW_ADDR6_LEN);
}

static const struct vgw_prefix *lookup_inner_group(const struct vgw_dev *dev, const struct sk_buff *skb, u32 group)
{
	if (is_ip4(skb))
		return vgw_prefix_lookup_group_rcu(&dev->prefixes, (const u8 *)&ip_hdr(skb)->daddr, VGW_ADDR4_LEN,
						   group);
	return vgw_prefix_lookup_group_rcu(&dev->prefixes, (const u8 *)&ipv6_hdr(skb)->daddr, VGW_ADDR6_LEN, group);
}

/* The prefix of the gateway that the packet's route names, if it names one. */
static const struct vgw_prefix *lookup_gateway(const struct vgw_dev *dev, const struct sk_buff *skb)
{
	const struct dst_entry *dst = skb_dst(skb);
	const struct rt6_info *rt6;
	const struct rtable *rt;

	if (!dst)
		return NULL;
	if (dst->ops->family == AF_INET) {
		rt = (const struct rtable *)dst;
		if (rt->rt_gw_family == AF_INET)
			return vgw_prefix_lookup_rcu(&dev->prefixes, (const u8 *)&rt->rt_gw4, VGW_ADDR4_LEN);
		if (rt->rt_gw_family == AF_INET6)
			return vgw_prefix_lookup_rcu(&dev->prefixes, (const u8 *)&rt->rt_gw6, VGW_ADDR6_LEN);
	} else if (dst->ops->family == AF_INET6) {
		rt6 = (const struct rt6_info *)dst;
		if (rt6->rt6i_flags & RTF_GATEWAY)
			return vgw_prefix_lookup_rcu(&dev->prefixes, (const u8 *)&rt6->rt6i_gateway, VGW_ADDR6_LEN);
	}
	return NULL;
}

/* Of the prefix's tunnels that are up the lowest priority number; flows are shared among equals. */
static struct vgw_tunnel *pick(const struct vgw_prefix *prefix, struct sk_buff *skb)
{
	u32 first = prefix->count, equal = 0, chosen, i;

	for (i = 0; i < prefix->count; i++) {
		if (first < prefix->count && prefix->members[i].priority != prefix->members[first].priority)
			break;
		if (!vgw_tunnel_up(prefix->members[i].tunnel))
			continue;
		if (first == prefix->count)
			first = i;
		equal++;
	}
	if (equal <= 1)
		return equal ? prefix->members[first].tunnel : NULL;
	chosen = reciprocal_scale(skb_get_hash(skb), equal);
	for (i = first; i < prefix->count; i++)
		if (vgw_tunnel_up(prefix->members[i].tunnel) && !chosen--)
			return prefix->members[i].tunnel;
	return prefix->members[first].tunnel;
}

/* NULL with the cause when the packet has no way to go. */
static struct vgw_tunnel *choose_tunnel(const struct vgw_dev *dev, struct sk_buff *skb, enum vgw_drop *cause)
{
	const struct vgw_prefix *prefix, *gateway;
	struct vgw_tunnel *tunnel;

	gateway = lookup_gateway(dev, skb);
	prefix = gateway ?: lookup_inner(dev, skb);
	*cause = VGW_DROP_NO_TUNNEL;
	if (!prefix)
		return NULL;
	*cause = VGW_DROP_TUNNEL_DOWN;
	tunnel = pick(prefix, skb);
	if (tunnel || !gateway)
		return tunnel;
	/* The gateway's own tunnel is down: a sister may lead to the same destination. */
	prefix = lookup_inner_group(dev, skb, gateway->members[0].group);
	return prefix ? pick(prefix, skb) : NULL;
}

/* ---- length ---- */

/* The largest inner packet of a path MTU. */
static unsigned int mtu_of(const struct vgw_endpoint *endpoint, const struct vgw_alg *alg, unsigned int path_mtu)
{
	unsigned int room = vgw_outer_room(endpoint, path_mtu);

	return alg ? vgw_alg_mtu(alg, room) : vgw_alg_mtu_worst(room);
}

static unsigned int mtu_now(struct vgw_tunnel *tunnel, bool worst)
{
	unsigned int path_mtu = VGW_PATH_MTU_DEFAULT;
	struct vgw_endpoint *endpoint;
	struct vgw_way way;
	struct vgw_sa *sa;
	unsigned int mtu;

	local_bh_disable();
	rcu_read_lock();
	endpoint = rcu_dereference(tunnel->endpoint);
	if (!vgw_outer_route(tunnel, endpoint, &way)) {
		path_mtu = dst_mtu(way.dst);
		dst_release(way.dst);
	}
	sa = worst ? NULL : rcu_dereference(tunnel->out);
	mtu = mtu_of(endpoint, sa ? sa->alg : NULL, path_mtu);
	rcu_read_unlock();
	local_bh_enable();
	return mtu;
}

/* The largest inner packet of a tunnel at the moment. Process context. */
unsigned int vgw_tx_mtu(struct vgw_tunnel *tunnel)
{
	return mtu_now(tunnel, false);
}

/* The same whatever suite is negotiated: what the MTU of the interface is made from. */
unsigned int vgw_tx_mtu_worst(struct vgw_tunnel *tunnel)
{
	return mtu_now(tunnel, true);
}

static bool fits(const struct sk_buff *skb, unsigned int mtu)
{
	return skb_is_gso(skb) ? skb_gso_validate_network_len(skb, mtu) : skb->len <= mtu;
}

/* A piece of a packet that was too long for its tunnel starts anew. */
static int vgw_tx_fragment(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	vgw_tx(netdev_priv(skb->dev), skb);
	return 0;
}

/* ---- sending ---- */

/* RFC 6040 section 4.1, and DSCP as inside. */
static u8 outer_tos(const struct sk_buff *skb)
{
	u8 inner = is_ip4(skb) ? ip_hdr(skb)->tos : ipv6_get_dsfield(ipv6_hdr(skb));

	return INET_ECN_encapsulate(inner, inner);
}

/* One packet that is no longer than it may be. The SA's reference goes along. */
static void send_one(struct sk_buff *skb, struct vgw_sa *sa, const struct vgw_way *way, bool fragment)
{
	struct vgw_tunnel *tunnel = sa->tunnel;
	u8 tos = outer_tos(skb);
	struct vgw_cb *cb;
	bool expired;
	u64 seq;

	seq = vgw_sa_seq_take(sa, &expired);
	if (unlikely(expired))
		vgw_tunnel_kick(tunnel);
	if (unlikely(!seq)) {
		drop(tunnel->dev, &tunnel->drops, skb, VGW_DROP_SA_EXPIRED);
		vgw_sa_put(sa);
		return;
	}
	skb_get_hash(skb);
	skb_scrub_packet(skb, true);
	skb_dst_set(skb, dst_clone(way->dst));
	cb = vgw_cb(skb);
	memset(cb, 0, sizeof(*cb));
	cb->sa = sa;
	cb->seq = seq;
	cb->saddr = way->saddr;
	cb->outer_tos = tos;
	cb->fragment = fragment;
	vgw_esp_seal(skb);
}

/* Cut a packet of segmentation offload into what it stands for; the data stays where it is, sealing copies it. */
static void send_segments(struct sk_buff *skb, struct vgw_sa *sa, const struct vgw_way *way, bool fragment)
{
	struct vgw_tunnel *tunnel = sa->tunnel;
	struct sk_buff *segments, *next;

	segments = skb_gso_segment(skb, NETIF_F_SG | NETIF_F_HW_CSUM);
	if (IS_ERR_OR_NULL(segments)) {
		drop(tunnel->dev, &tunnel->drops, skb, VGW_DROP_NO_MEMORY);
		return;
	}
	consume_skb(skb);
	skb_list_walk_safe(segments, skb, next) {
		skb_mark_not_on_list(skb);
		if (vgw_sa_get(sa))
			send_one(skb, sa, way, fragment);
		else
			drop(tunnel->dev, &tunnel->drops, skb, VGW_DROP_TUNNEL_DOWN);
	}
}

/* The way is known: see that the packet fits, and send it. */
static void send_by(struct sk_buff *skb, struct vgw_sa *sa, const struct vgw_way *way,
		    const struct vgw_endpoint *endpoint)
{
	unsigned int mtu = mtu_of(endpoint, sa->alg, dst_mtu(way->dst));
	unsigned int least = is_ip4(skb) ? VGW_MTU_MIN4 : VGW_MTU_MIN6;
	struct vgw_tunnel *tunnel = sa->tunnel;
	bool fragment = mtu < least;

	mtu = max(mtu, least);
	if (unlikely(!fits(skb, mtu))) {
		/* Without DF the sender leaves cutting to us, and it is done before encryption. */
		if (is_ip4(skb) && !(ip_hdr(skb)->frag_off & htons(IP_DF)) && !skb_is_gso(skb) && skb_dst(skb)) {
			memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
			IPCB(skb)->frag_max_size = mtu;
			ip_do_fragment(dev_net(skb->dev), skb->sk, skb, vgw_tx_fragment);
			return;
		}
		tell_too_big(skb, mtu);
		drop(tunnel->dev, &tunnel->drops, skb, VGW_DROP_TOO_BIG);
		return;
	}
	if (skb_is_gso(skb)) {
		send_segments(skb, sa, way, fragment);
	} else {
		/* Cannot fail, as the caller has a reference too. */
		percpu_ref_get(&sa->ref);
		send_one(skb, sa, way, fragment);
	}
}

static void send_through(struct sk_buff *skb, struct vgw_tunnel *tunnel)
{
	struct vgw_endpoint *endpoint = rcu_dereference(tunnel->endpoint);
	struct vgw_sa *sa = rcu_dereference(tunnel->out);
	struct vgw_way way;
	int err;

	if (unlikely(!sa || !vgw_sa_get(sa))) {
		tell_unreachable(skb);
		drop(tunnel->dev, &tunnel->drops, skb, VGW_DROP_TUNNEL_DOWN);
		return;
	}
	err = vgw_outer_route(tunnel, endpoint, &way);
	if (unlikely(err)) {
		tell_unreachable(skb);
		drop(tunnel->dev, &tunnel->drops, skb, err == -ELOOP ? VGW_DROP_LOOP : VGW_DROP_NO_ROUTE);
	} else {
		send_by(skb, sa, &way, endpoint);
		dst_release(way.dst);
	}
	vgw_sa_put(sa);
}

/**
 * vgw_tx() - send a packet that the stack gave to the interface
 * @dev: the interface
 * @skb: data at its inner IP header
 *
 * Bottom halves are off. Owns the packet.
 */
void vgw_tx(struct vgw_dev *dev, struct sk_buff *skb)
{
	struct vgw_tunnel *tunnel;
	enum vgw_drop cause;

	skb_reset_network_header(skb);
	if (unlikely(!skb->protocol || ip_tunnel_parse_protocol(skb) != skb->protocol ||
		     !pskb_may_pull(skb, is_ip4(skb) ? sizeof(struct iphdr) : sizeof(struct ipv6hdr)))) {
		drop(dev, &dev->drops, skb, VGW_DROP_INNER_MALFORMED);
		return;
	}
	rcu_read_lock();
	tunnel = choose_tunnel(dev, skb, &cause);
	if (unlikely(!tunnel)) {
		tell_unreachable(skb);
		drop(dev, &dev->drops, skb, cause);
	} else {
		send_through(skb, tunnel);
	}
	rcu_read_unlock();
}
