// SPDX-License-Identifier: GPL-2.0
#include "outer.h"

#include <linux/udp.h>
#include <net/addrconf.h>
#include <net/inet_ecn.h>
#include <net/ip6_checksum.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/ip_tunnels.h>
#include <net/lwtunnel.h>
#include <net/route.h>
#include <net/udp.h>

#include "dev.h"
#include "esp.h"
#include "fraglist.h"
#include "limits.h"
#include "sa.h"
#include "tunnel.h"

static u8 protocol_of(const struct vgw_endpoint *endpoint)
{
	return endpoint->encap == VGW_ENCAP_UDP ? IPPROTO_UDP : IPPROTO_ESP;
}

/* The mark of the packets of an endpoint. Any context. */
u32 vgw_outer_mark(const struct vgw_tunnel *tunnel, const struct vgw_endpoint *endpoint)
{
	return endpoint->mark ?: READ_ONCE(tunnel->dev->fwmark);
}

/*
 * The look-ups pass by the kernel's own IPsec policies: like its ESP, ours is not to be encrypted once more by a policy
 * that means everything.
 */
static struct dst_entry *route4(struct net *net, struct vgw_endpoint *endpoint, u32 mark, struct vgw_way *way)
{
	struct flowi4 fl4 = {
		.daddr = endpoint->remote.ip4,
		.saddr = endpoint->local.len ? endpoint->local.ip4 : 0,
		.flowi4_proto = protocol_of(endpoint),
		.flowi4_oif = endpoint->link,
		.flowi4_mark = mark,
	};
	struct rtable *rt;

	rt = dst_cache_get_ip4(&endpoint->dst_cache, (__be32 *)&way->saddr);
	if (rt)
		return &rt->dst;
	if (endpoint->encap == VGW_ENCAP_UDP) {
		fl4.fl4_sport = endpoint->sport;
		fl4.fl4_dport = endpoint->dport;
	}
	rt = __ip_route_output_key(net, &fl4);
	if (IS_ERR(rt))
		return ERR_CAST(rt);
	dst_cache_set_ip4(&endpoint->dst_cache, &rt->dst, fl4.saddr);
	way->saddr.s6_addr32[0] = fl4.saddr;
	return &rt->dst;
}

/* With a source address the stack's own look-up would take any device for as good as the one that is named. */
static int lookup6(struct net *net, struct flowi6 *fl6, struct dst_entry **dst)
{
	int err;

	if (!fl6->flowi6_oif || ipv6_addr_any(&fl6->saddr))
		return ip6_dst_lookup(net, NULL, dst, fl6);
	*dst = ip6_route_output_flags(net, NULL, fl6, RT6_LOOKUP_F_IFACE);
	err = (*dst)->error;
	if (err)
		dst_release(*dst);
	return err;
}

static struct dst_entry *route6(struct net *net, struct vgw_endpoint *endpoint, u32 mark, struct vgw_way *way)
{
	struct flowi6 fl6 = {
		.daddr = endpoint->remote.ip6,
		.flowi6_proto = protocol_of(endpoint),
		.flowi6_oif = endpoint->link,
		.flowi6_mark = mark,
	};
	struct dst_entry *dst;
	int err;

	dst = dst_cache_get_ip6(&endpoint->dst_cache, &way->saddr);
	if (dst)
		return dst;
	if (endpoint->local.len)
		fl6.saddr = endpoint->local.ip6;
	if (endpoint->encap == VGW_ENCAP_UDP) {
		fl6.fl6_sport = endpoint->sport;
		fl6.fl6_dport = endpoint->dport;
	}
	err = lookup6(net, &fl6, &dst);
	if (err)
		return ERR_PTR(err);
	dst_cache_set_ip6(&endpoint->dst_cache, dst, &fl6.saddr);
	way->saddr = fl6.saddr;
	return dst;
}

/**
 * vgw_outer_route() - find the way to a tunnel's peer
 * @tunnel: the tunnel
 * @endpoint: its endpoint
 * @way: result; the caller releases its route
 *
 * Bottom halves are off; caller is in an RCU read section. Returns 0, -ENETUNREACH, or -ELOOP when the way leads into
 * a vgw interface.
 */
int vgw_outer_route(const struct vgw_tunnel *tunnel, struct vgw_endpoint *endpoint, struct vgw_way *way)
{
	struct net *net = tunnel->dev->outer->net;
	u32 mark = vgw_outer_mark(tunnel, endpoint);
	struct dst_entry *dst;

	if (endpoint->remote.len == VGW_ADDR4_LEN)
		dst = route4(net, endpoint, mark, way);
	else
		dst = route6(net, endpoint, mark, way);
	if (IS_ERR(dst))
		return -ENETUNREACH;
	/*
	 * Into none of these devices, as that one's packets may come back here: with asynchronous crypto the stack's
	 * own counter of recursion does not see it.
	 */
	if (unlikely(dst->dev->netdev_ops == tunnel->dev->netdev->netdev_ops)) {
		dst_release(dst);
		dst_cache_reset(&endpoint->dst_cache);
		return -ELOOP;
	}
	way->dst = dst;
	return 0;
}

/* A route learned from is a copy that has the value itself; what it was made from has what is configured. */
static unsigned int metric6_rcu(const struct dst_entry *dst)
{
	const struct fib6_info *from = rcu_dereference(container_of(dst, struct rt6_info, dst)->from);

	return from ? from->fib6_pmtu : 0;
}

static unsigned int link_mtu6_rcu(const struct net_device *dev)
{
	const struct inet6_dev *in6_dev = __in6_dev_get(dev);

	return in6_dev ? READ_ONCE(in6_dev->cnf.mtu6) : IPV6_MIN_MTU;
}

/*
 * The MTU of a way as it is configured: of the route or else of its device. What was learned of the path, which
 * expires, is not in it. Caller is in an RCU read section.
 */
unsigned int vgw_outer_mtu_rcu(const struct dst_entry *dst)
{
	unsigned int mtu;

	if (dst->ops->family == AF_INET)
		mtu = dst_metric_raw(dst, RTAX_MTU) ?: READ_ONCE(dst->dev->mtu);
	else
		mtu = metric6_rcu(dst) ?: link_mtu6_rcu(dst->dev);
	return mtu - lwtunnel_headroom(dst->lwtstate, mtu);
}

/* Bytes of a path MTU that outer IP and UDP headers leave to ESP. */
unsigned int vgw_outer_room(const struct vgw_endpoint *endpoint, unsigned int path_mtu)
{
	unsigned int used = endpoint->remote.len == VGW_ADDR4_LEN ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);

	if (endpoint->encap == VGW_ENCAP_UDP)
		used += sizeof(struct udphdr);
	return path_mtu > used ? path_mtu - used : 0;
}

/* Bytes that a packet needs before its ESP header to be sent by a route: for all headers that may come there. */
unsigned int vgw_outer_headroom(const struct dst_entry *dst)
{
	unsigned int ip = dst->ops->family == AF_INET ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);

	return LL_RESERVED_SPACE(dst->dev) + ip + sizeof(struct udphdr);
}

/*
 * RFC 3948 section 2.1 wants no UDP checksum over IPv4, because it costs; over IPv6 there has to be one. Where the
 * device makes it there is one anyway: receivers put only such packets together again.
 */
static bool wants_sum(const struct sk_buff *skb, const struct vgw_endpoint *endpoint)
{
	return skb_is_gso(skb) || endpoint->remote.len == VGW_ADDR6_LEN ||
	       READ_ONCE(skb->dev->features) & (NETIF_F_HW_CSUM | NETIF_F_IP_CSUM);
}

/* An aggregate is cut into its packets further down, after their sizes; what they share is written here. */
static void push_udp(struct sk_buff *skb, const struct vgw_endpoint *endpoint, const struct in6_addr *saddr)
{
	struct udphdr *uh;

	uh = __skb_push(skb, sizeof(*uh));
	skb_reset_transport_header(skb);
	uh->source = endpoint->sport;
	uh->dest = endpoint->dport;
	uh->len = htons(skb->len);
	uh->check = 0;
	if (!wants_sum(skb, endpoint))
		return;
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = offsetof(struct udphdr, check);
	if (endpoint->remote.len == VGW_ADDR4_LEN)
		uh->check = ~udp_v4_check(skb->len, saddr->s6_addr32[0], endpoint->remote.ip4, 0);
	else
		uh->check = ~udp_v6_check(skb->len, saddr, &endpoint->remote.ip6, 0);
}

static int send4(struct sk_buff *skb, struct net *net, const struct vgw_endpoint *endpoint, const struct vgw_cb *cb)
{
	struct iphdr *iph;

	iph = __skb_push(skb, sizeof(*iph));
	skb_reset_network_header(skb);
	iph->version = 4;
	iph->ihl = sizeof(*iph) / 4;
	iph->tos = cb->outer_tos;
	/* Unique for as long as fragments may live, without the shared counter of the stack. */
	iph->id = htons(cb->seq);
	iph->frag_off = cb->flags & VGW_CB_DF ? htons(IP_DF) : 0;
	iph->ttl = endpoint->ttl;
	iph->protocol = protocol_of(endpoint);
	iph->saddr = cb->addr.s6_addr32[0];
	iph->daddr = endpoint->remote.ip4;
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	return skb_has_frag_list(skb) ? vgw_fraglist_send(net, skb) : ip_local_out(net, NULL, skb);
}

static int send6(struct sk_buff *skb, struct net *net, const struct vgw_endpoint *endpoint, const struct vgw_cb *cb)
{
	struct ipv6hdr *ip6h;

	ip6h = __skb_push(skb, sizeof(*ip6h));
	skb_reset_network_header(skb);
	ip6_flow_hdr(ip6h, cb->outer_tos, 0);
	ip6h->payload_len = htons(skb->len - sizeof(*ip6h));
	ip6h->nexthdr = protocol_of(endpoint);
	ip6h->hop_limit = endpoint->ttl;
	ip6h->saddr = cb->addr;
	ip6h->daddr = endpoint->remote.ip6;
	memset(IP6CB(skb), 0, sizeof(*IP6CB(skb)));
	return skb_has_frag_list(skb) ? vgw_fraglist_send(net, skb) : ip6_local_out(net, NULL, skb);
}

/* The endpoint may have changed since the route was found, even its family, and since an aggregate was made. */
static bool still_fits(const struct sk_buff *skb, const struct vgw_endpoint *endpoint)
{
	u8 family = endpoint->remote.len == VGW_ADDR4_LEN ? AF_INET : AF_INET6;

	return skb_dst(skb)->ops->family == family && (endpoint->encap == VGW_ENCAP_UDP || !skb_is_gso(skb));
}

/**
 * send_by() - put the outer headers before an ESP packet, or what goes the same way, and send it
 * @skb: with its outer route and room for the headers
 * @tunnel: whose packet it is
 * @endpoint: where to
 * @cb: what is to be said in the headers
 *
 * Bottom halves are off; caller is in an RCU read section. Owns the packet. Returns 0 or a negative errno.
 */
static int send_by(struct sk_buff *skb, struct vgw_tunnel *tunnel, const struct vgw_endpoint *endpoint,
		   const struct vgw_cb *cb)
{
	struct net *net = tunnel->dev->outer->net;
	int err;

	if (unlikely(!still_fits(skb, endpoint))) {
		kfree_skb(skb);
		return -EAFNOSUPPORT;
	}
	skb_reset_transport_header(skb);
	skb->ignore_df = cb->flags & VGW_CB_FRAGMENT;
	skb->dev = skb_dst(skb)->dev;
	skb->mark = vgw_outer_mark(tunnel, endpoint);
	if (endpoint->encap == VGW_ENCAP_UDP)
		push_udp(skb, endpoint, &cb->addr);
	err = endpoint->remote.len == VGW_ADDR4_LEN ? send4(skb, net, endpoint, cb) : send6(skb, net, endpoint, cb);
	return net_xmit_eval(err);
}

static void count_lost(struct vgw_tunnel *tunnel, unsigned int packets)
{
	vgw_drop_count_many(&tunnel->drops, VGW_DROP_SEND_FAILED, packets);
	DEV_STATS_ADD(tunnel->dev->netdev, tx_errors, packets);
}

/**
 * vgw_outer_send() - put the outer headers before ESP packets and send them
 * @list: a packet, or several of one SA, linked by next; data at the ESP header, with the outer route and room for the
 *	headers; each control block names the SA, whose reference is given back here
 *
 * Bottom halves are off. Owns the packets.
 */
void vgw_outer_send(struct sk_buff *list)
{
	struct vgw_sa *sa = vgw_cb(list)->sa;
	struct vgw_tunnel *tunnel = sa->tunnel;
	unsigned int references = 0, sent = 0, bytes = 0, packets;
	const struct vgw_endpoint *endpoint;
	struct sk_buff *skb, *next;
	struct vgw_cb cb;

	rcu_read_lock();
	endpoint = rcu_dereference(tunnel->endpoint);
	skb_list_walk_safe(list, skb, next) {
		skb_mark_not_on_list(skb);
		/* The stack uses the same bytes. */
		cb = *vgw_cb(skb);
		packets = vgw_esp_packets(skb);
		references++;
		if (unlikely(send_by(skb, tunnel, endpoint, &cb))) {
			count_lost(tunnel, packets);
		} else {
			sent += packets;
			bytes += cb.inner_len;
		}
	}
	rcu_read_unlock();
	if (likely(sent)) {
		vgw_stats_tx(tunnel->stats, sent, bytes);
		dev_sw_netstats_tx_add(tunnel->dev->netdev, sent, bytes);
	}
	vgw_tunnel_stamp(&tunnel->last_tx);
	percpu_ref_put_many(&sa->ref, references);
}

/**
 * vgw_outer_keepalive() - send what keeps a NAT's mapping alive (RFC 3948 section 2.3)
 * @tunnel: in UDP
 * @way: to its peer; the caller keeps it
 *
 * Bottom halves are off. Nothing tells when it is lost.
 */
void vgw_outer_keepalive(struct vgw_tunnel *tunnel, const struct vgw_way *way)
{
	unsigned int head = vgw_outer_headroom(way->dst);
	struct vgw_cb cb = { .addr = way->saddr, .flags = VGW_CB_DF };
	struct sk_buff *skb = alloc_skb(head + 1, GFP_ATOMIC);

	if (!skb)
		return;
	skb_reserve(skb, head);
	skb_put_u8(skb, VGW_NAT_KEEPALIVE);
	skb->protocol = way->dst->ops->family == AF_INET ? htons(ETH_P_IP) : htons(ETH_P_IPV6);
	skb_dst_set(skb, dst_clone(way->dst));
	rcu_read_lock();
	send_by(skb, tunnel, rcu_dereference(tunnel->endpoint), &cb);
	rcu_read_unlock();
	vgw_tunnel_stamp(&tunnel->last_tx);
}
