// SPDX-License-Identifier: GPL-2.0
#include "tx.h"

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <net/gso.h>
#include <net/icmp.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ip_tunnels.h>

#include "choose.h"
#include "dev.h"
#include "esp.h"
#include "inner.h"
#include "limits.h"
#include "mss.h"
#include "outer.h"
#include "prefix.h"
#include "sa.h"
#include "tunnel.h"
#include "turn_out.h"

static void drop(struct vgw_dev *dev, struct vgw_drops *drops, struct sk_buff *skb, enum vgw_drop cause)
{
	vgw_drop_count(drops, cause);
	DEV_STATS_INC(dev->netdev, tx_dropped);
	kfree_skb(skb);
}

static void tell_unreachable(struct sk_buff *skb)
{
	if (vgw_inner_is_ip4(skb))
		icmp_ndo_send(skb, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);
	else
		icmpv6_ndo_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH, 0);
}

static void tell_too_big(struct sk_buff *skb, unsigned int mtu)
{
	if (vgw_inner_is_ip4(skb))
		icmp_ndo_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, htonl(mtu));
	else
		icmpv6_ndo_send(skb, ICMPV6_PKT_TOOBIG, 0, mtu);
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
		path_mtu = worst ? vgw_outer_mtu_rcu(way.dst) : dst_mtu(way.dst);
		dst_release(way.dst);
	}
	sa = worst ? NULL : rcu_dereference(tunnel->out);
	mtu = mtu_of(endpoint, sa ? sa->alg : NULL, path_mtu);
	rcu_read_unlock();
	local_bh_enable();
	return mtu;
}

/* The largest inner packet of a tunnel at the moment. Process context or bottom halves; no lock is needed. */
unsigned int vgw_tx_mtu(struct vgw_tunnel *tunnel)
{
	return mtu_now(tunnel, false);
}

/* As it is configured, whatever suite is negotiated and path MTU learned: what the interface's MTU is made from. */
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

/*
 * The ECN bits as inside (RFC 6040 section 4.1; the kernel's helper still hides a congestion mark, as RFC 3168 wanted
 * it); DSCP as inside, or fixed.
 */
static u8 outer_tos(const struct sk_buff *skb, const struct vgw_endpoint *endpoint)
{
	u8 inner = vgw_inner_tos(skb);

	if (endpoint->dscp == VGW_DSCP_COPY)
		return inner;
	return endpoint->dscp << 2 | (inner & INET_ECN_MASK);
}

/* Must no router cut the outer packet? Only what is too long for a tunnel that has less than the least may be. */
static u8 outer_flags(const struct sk_buff *skb, const struct vgw_endpoint *endpoint, bool fragment)
{
	if (fragment)
		return VGW_CB_FRAGMENT;
	if (endpoint->df == VGW_DF_COPY)
		return !vgw_inner_is_ip4(skb) || ip_hdr(skb)->frag_off & htons(IP_DF) ? VGW_CB_DF : 0;
	return endpoint->df == VGW_DF_SET ? VGW_CB_DF : 0;
}

/**
 * struct trip - what a packet, or all segments of one, are sent with
 * @sa: current SA, with a reference
 * @endpoint: of its tunnel
 * @way: to the peer, with a reference to the route
 * @fragment: the outer packet may be cut
 */
struct trip {
	struct vgw_sa *sa;
	struct vgw_endpoint *endpoint;
	struct vgw_way way;
	bool fragment;
};

/* What is said of a packet, or of all segments of one, but for the sequence number. */
static struct vgw_cb describe(const struct sk_buff *skb, const struct trip *trip)
{
	return (struct vgw_cb){
		.sa = trip->sa,
		.addr = trip->way.saddr,
		.outer_tos = outer_tos(skb, trip->endpoint),
		.flags = outer_flags(skb, trip->endpoint, trip->fragment),
	};
}

static void end_trip(const struct trip *trip)
{
	dst_release(trip->way.dst);
	vgw_sa_put(trip->sa);
}

/* One packet that is no longer than it may be; it takes the trip's references along. */
static void send_one(struct sk_buff *skb, const struct trip *trip)
{
	struct vgw_cb cb = describe(skb, trip);

	vgw_inner_hash(skb);
	skb_scrub_packet(skb, true);
	skb_dst_set(skb, trip->way.dst);
	*vgw_cb(skb) = cb;
	vgw_turn_send(skb);
}

/*
 * Cut a packet of segmentation offload into what it stands for; the data stays where it is, sealing copies it. Segments
 * that are too long themselves start anew, without a trip.
 */
static void send_segments(struct sk_buff *skb, struct vgw_tunnel *tunnel, const struct trip *trip)
{
	struct sk_buff *segments, *next;

	segments = skb_gso_segment(skb, NETIF_F_SG | NETIF_F_HW_CSUM);
	if (IS_ERR_OR_NULL(segments)) {
		drop(tunnel->dev, &tunnel->drops, skb, VGW_DROP_NO_MEMORY);
		return;
	}
	consume_skb(skb);
	skb_list_walk_safe(segments, skb, next) {
		skb_mark_not_on_list(skb);
		if (!trip) {
			vgw_tx(tunnel->dev, skb);
			continue;
		}
		dst_hold(trip->way.dst);
		percpu_ref_get(&trip->sa->ref);
		send_one(skb, trip);
	}
}

/* A packet of segmentation offload whose segments are no longer than they may be. */
static void send_bulk(struct sk_buff *skb, const struct trip *trip)
{
	bool udp = trip->endpoint->encap == VGW_ENCAP_UDP;
	struct vgw_cb cb = describe(skb, trip);

	/* What may be cut outside is seldom, and not what segmentation offload is for. */
	if (!vgw_turn_send_bulk(skb, &cb, trip->way.dst, udp && !trip->fragment))
		send_segments(skb, trip->sa->tunnel, trip);
}

/*
 * Without DF the sender leaves cutting to us, and it is done before encryption. The stack's cutting looks into the
 * packet's route: what tc (tunnel_key, a redirection) may have left there instead has no device.
 */
static bool may_cut(const struct sk_buff *skb, const struct vgw_tunnel *tunnel)
{
	const struct dst_entry *dst = skb_dst(skb);

	if (!vgw_inner_is_ip4(skb) || !dst || dst->ops->family != AF_INET)
		return false;
	return !(ip_hdr(skb)->frag_off & htons(IP_DF)) || READ_ONCE(tunnel->options.clear_df);
}

static void cut(struct sk_buff *skb, unsigned int mtu)
{
	struct vgw_dev *dev = netdev_priv(skb->dev);

	/* Or the pieces would have the bit, and nobody could cut them further. */
	if (ip_hdr(skb)->frag_off & htons(IP_DF)) {
		if (skb_ensure_writable(skb, sizeof(struct iphdr))) {
			drop(dev, &dev->drops, skb, VGW_DROP_NO_MEMORY);
			return;
		}
		ip_hdr(skb)->frag_off &= ~htons(IP_DF);
		/* Its sender did not care for the identification: pieces need one. */
		if (!ip_hdr(skb)->id)
			__ip_select_ident(dev_net(skb->dev), ip_hdr(skb), 1);
	}
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	IPCB(skb)->frag_max_size = mtu;
	ip_do_fragment(dev_net(skb->dev), skb->sk, skb, vgw_tx_fragment);
}

static void clamp_mss(struct sk_buff *skb, const struct vgw_dev *dev, unsigned int mtu)
{
	u32 mss = READ_ONCE(dev->mss_clamp);

	if (mss != VGW_MSS_OFF && vgw_mss_is_syn(skb))
		vgw_mss_clamp(skb, mss == VGW_MSS_AUTO ? vgw_mss_of(skb, min(mtu, READ_ONCE(dev->netdev->mtu))) : mss);
}

/* What does not fit is cut, or its sender told. */
static void send_too_big(struct sk_buff *skb, struct vgw_tunnel *tunnel, unsigned int mtu)
{
	if (!may_cut(skb, tunnel)) {
		tell_too_big(skb, mtu);
		drop(tunnel->dev, &tunnel->drops, skb, VGW_DROP_TOO_BIG);
	} else if (skb_is_gso(skb)) {
		send_segments(skb, tunnel, NULL);
	} else {
		cut(skb, mtu);
	}
}

/* The way is known: see that the packet fits, and send it. Ends with the trip's references. */
static void send_by(struct sk_buff *skb, struct trip *trip)
{
	unsigned int mtu = mtu_of(trip->endpoint, trip->sa->alg, dst_mtu(trip->way.dst));
	unsigned int least = vgw_inner_is_ip4(skb) ? VGW_MTU_MIN4 : VGW_MTU_MIN6;
	struct vgw_tunnel *tunnel = trip->sa->tunnel;

	trip->fragment = mtu < least;
	mtu = max(mtu, least);
	clamp_mss(skb, tunnel->dev, mtu);
	if (likely(!skb_is_gso(skb) && skb->len <= mtu)) {
		send_one(skb, trip);
		return;
	}
	if (fits(skb, mtu))
		send_bulk(skb, trip);
	else
		send_too_big(skb, tunnel, mtu);
	end_trip(trip);
}

/* There is no way to the peer: the tunnel is down until one is found. */
static void lose_route(struct vgw_tunnel *tunnel, enum vgw_reason reason)
{
	if (READ_ONCE(tunnel->route) == reason)
		return;
	WRITE_ONCE(tunnel->route, reason);
	vgw_tunnel_watch(tunnel);
}

/* The current SA with a reference, or NULL. One that has just been replaced gives none: then there is another one. */
static struct vgw_sa *get_sa_rcu(const struct vgw_tunnel *tunnel)
{
	struct vgw_sa *sa;

	do
		sa = rcu_dereference(tunnel->out);
	while (unlikely(sa && !vgw_sa_get(sa)));
	return sa;
}

/**
 * vgw_tx_through() - send a packet by a tunnel, whatever state it is in
 * @tunnel: the tunnel
 * @skb: the inner packet, its network header linear
 *
 * Bottom halves are off; caller is in an RCU read section. Owns the packet.
 */
void vgw_tx_through(struct vgw_tunnel *tunnel, struct sk_buff *skb)
{
	struct trip trip = { .endpoint = rcu_dereference(tunnel->endpoint) };
	struct vgw_sa *sa;
	int err;

	if (unlikely(!vgw_choose_fits_out_rcu(tunnel, skb))) {
		tell_unreachable(skb);
		drop(tunnel->dev, &tunnel->drops, skb, VGW_DROP_SELECTOR);
		return;
	}
	sa = get_sa_rcu(tunnel);
	if (unlikely(!sa)) {
		tell_unreachable(skb);
		drop(tunnel->dev, &tunnel->drops, skb, VGW_DROP_TUNNEL_DOWN);
		return;
	}
	trip.sa = sa;
	err = vgw_outer_route(tunnel, trip.endpoint, &trip.way);
	if (unlikely(err)) {
		lose_route(tunnel, err == -ELOOP ? VGW_REASON_LOOP : VGW_REASON_NO_ROUTE);
		tell_unreachable(skb);
		drop(tunnel->dev, &tunnel->drops, skb, err == -ELOOP ? VGW_DROP_LOOP : VGW_DROP_NO_ROUTE);
		vgw_sa_put(sa);
		return;
	}
	send_by(skb, &trip);
}

/* Returns false when there is no room. Sets @first to whether nothing has waited before. */
static bool keep(struct vgw_tunnel *tunnel, struct sk_buff *skb, bool *first)
{
	bool room;

	*first = false;
	/* From a packet socket, say, it comes without a route. */
	if (skb_dst(skb) && !skb_dst_force(skb))
		return false;
	spin_lock(&tunnel->waiting.lock);
	room = skb_queue_len(&tunnel->waiting) < VGW_WAITING_MAX;
	*first = skb_queue_empty(&tunnel->waiting);
	if (*first)
		tunnel->waiting_since = get_jiffies_64();
	if (room) {
		skb_orphan(skb);
		__skb_queue_tail(&tunnel->waiting, skb);
	}
	spin_unlock(&tunnel->waiting.lock);
	return room;
}

/* Keep a few packets for a tunnel that starts on demand, and ask for it. */
static void wait_for(struct vgw_tunnel *tunnel, struct sk_buff *skb)
{
	bool first;

	if (!keep(tunnel, skb, &first))
		drop(tunnel->dev, &tunnel->drops, skb, VGW_DROP_WAITING);
	/* Not for each of a flood: the watch takes the lock that whoever installs the SA needs. */
	if (!test_and_set_bit(VGW_WANT_SA, &tunnel->wants) || first)
		vgw_tunnel_watch(tunnel);
}

/* Copies for all neighbours that are up. */
static void send_multicast(struct vgw_dev *dev, struct sk_buff *skb)
{
	struct vgw_tunnel *tunnel, *last = NULL;
	struct sk_buff *copy;

	hlist_for_each_entry_rcu(tunnel, &dev->multicast, by_multicast) {
		if (!vgw_tunnel_up(tunnel))
			continue;
		copy = last ? skb_copy(skb, GFP_ATOMIC) : NULL;
		if (copy)
			vgw_tx_through(last, copy);
		else if (last)
			vgw_drop_count(&last->drops, VGW_DROP_NO_MEMORY);
		last = tunnel;
	}
	if (last)
		vgw_tx_through(last, skb);
	else
		drop(dev, &dev->drops, skb, VGW_DROP_MULTICAST);
}

static void send_unicast(struct vgw_dev *dev, struct sk_buff *skb)
{
	struct vgw_tunnel *tunnel;
	enum vgw_drop cause;

	tunnel = vgw_choose_rcu(dev, skb, &cause);
	if (unlikely(!tunnel)) {
		tell_unreachable(skb);
		drop(dev, &dev->drops, skb, cause);
	} else if (unlikely(!vgw_tunnel_up(tunnel) && READ_ONCE(tunnel->demands))) {
		wait_for(tunnel, skb);
	} else {
		vgw_tx_through(tunnel, skb);
	}
}

/* Does it go to neighbours rather than to a place? A neighbour that is pinned is a place. */
static bool is_for_neighbours(const struct vgw_dev *dev, const struct sk_buff *skb)
{
	struct vgw_flow flow = vgw_inner_flow(skb);
	const struct vgw_prefix *prefix;

	if (likely(!vgw_inner_is_local(flow.dst, flow.len)))
		return false;
	if (flow.len == VGW_ADDR4_LEN || flow.dst[0] == 0xff)
		return true;
	prefix = vgw_prefix_lookup_rcu(&dev->prefixes, flow.dst, flow.len);
	return !prefix || prefix->bits < VGW_ADDR6_LEN * 8;
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
	skb_reset_network_header(skb);
	if (unlikely(!skb->protocol || ip_tunnel_parse_protocol(skb) != skb->protocol ||
		     !pskb_may_pull(skb, vgw_inner_is_ip4(skb) ? sizeof(struct iphdr) : sizeof(struct ipv6hdr)))) {
		drop(dev, &dev->drops, skb, VGW_DROP_INNER_MALFORMED);
		return;
	}
	rcu_read_lock();
	if (unlikely(is_for_neighbours(dev, skb)))
		send_multicast(dev, skb);
	else
		send_unicast(dev, skb);
	rcu_read_unlock();
}
