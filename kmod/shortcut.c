// SPDX-License-Identifier: GPL-2.0
#include "shortcut.h"

#include <linux/module.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/udp.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/xfrm.h>

#include "burst.h"
#include "dev.h"
#include "esp.h"
#include "sa.h"
#include "spi.h"
#include "tunnel.h"

/*
 * A socket with encap_rcv never sees a packet of many datagrams: the stack cuts it, and makes each a packet of its own,
 * half of what receiving costs. So they are taken at the end of the INPUT chain, when the firewall has seen them.
 * Anything out of the ordinary is left to the socket.
 */
static bool shortcut = true;
module_param(shortcut, bool, 0644);
MODULE_PARM_DESC(shortcut, "take joined ESP-in-UDP datagrams whole, behind the INPUT chain");

/* Data at the IP header; the UDP header follows at @offset. */
static bool is_joined(struct sk_buff *skb, unsigned int offset)
{
	const struct skb_shared_info *shinfo = skb_shinfo(skb);

	return shinfo->gso_type & SKB_GSO_UDP_L4 && !(shinfo->gso_type & SKB_GSO_FRAGLIST) && !skb_shared(skb) &&
	       shinfo->gso_size >= VGW_ESP_HDR_LEN && pskb_may_pull(skb, offset + sizeof(struct udphdr));
}

/* The first packet of a connection has to come by the end of the chain, where connection tracking takes it down. */
static bool is_tracked(const struct sk_buff *skb)
{
#if IS_ENABLED(CONFIG_NF_CONNTRACK)
	enum ip_conntrack_info info;
	const struct nf_conn *ct = nf_ct_get(skb, &info);

	return !ct || nf_ct_is_confirmed(ct);
#else
	return true;
#endif
}

/* The SPI that all datagrams have, or 0: IKE among them, keepalives, and two SAs at once are for the socket. */
static __be32 common_spi(const struct sk_buff *skb, unsigned int offset)
{
	unsigned int size = skb_shinfo(skb)->gso_size;
	__be32 spi = 0, buf;
	const __be32 *here;

	for (; offset < skb->len; offset += size) {
		here = skb_header_pointer(skb, offset, sizeof(buf), &buf);
		if (!here || !*here || (spi && *here != spi))
			return 0;
		spi = *here;
	}
	return spi;
}

/* Is this how the tunnel's packets are to come? */
static bool is_expected(const struct vgw_tunnel *tunnel, const struct udphdr *uh)
{
	const struct vgw_endpoint *endpoint;
	bool expected;

	rcu_read_lock();
	endpoint = rcu_dereference(tunnel->endpoint);
	expected = endpoint->encap == VGW_ENCAP_UDP && endpoint->sport == uh->dest;
	rcu_read_unlock();
	return expected;
}

static unsigned int take(struct sk_buff *skb, struct net *net, unsigned int offset)
{
	const struct udphdr *uh = (const struct udphdr *)(skb->data + offset);
	struct vgw_sa *sa;
	__be32 spi;

	spi = common_spi(skb, offset + sizeof(*uh));
	sa = spi ? vgw_spi_lookup(vgw_net(net), spi) : NULL;
	if (!sa)
		return NF_ACCEPT;
	if (!is_expected(sa->tunnel, uh)) {
		vgw_sa_put(sa);
		return NF_ACCEPT;
	}
	__skb_pull(skb, offset + sizeof(*uh));
	vgw_burst_open(skb, sa);
	return NF_STOLEN;
}

static unsigned int vgw_shortcut4(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	unsigned int offset;

	if (likely(!skb_is_gso(skb)) || ip_hdr(skb)->protocol != IPPROTO_UDP || !READ_ONCE(shortcut))
		return NF_ACCEPT;
	offset = ip_hdrlen(skb);
	if (!is_joined(skb, offset) || !is_tracked(skb) || !xfrm4_policy_check(NULL, XFRM_POLICY_IN, skb))
		return NF_ACCEPT;
	return take(skb, state->net, offset);
}

static unsigned int vgw_shortcut6(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	if (likely(!skb_is_gso(skb)) || ipv6_hdr(skb)->nexthdr != IPPROTO_UDP || !READ_ONCE(shortcut))
		return NF_ACCEPT;
	if (!is_joined(skb, sizeof(struct ipv6hdr)) || !is_tracked(skb) ||
	    !xfrm6_policy_check(NULL, XFRM_POLICY_IN, skb))
		return NF_ACCEPT;
	return take(skb, state->net, sizeof(struct ipv6hdr));
}

static const struct nf_hook_ops ops[] = {
	{
		.hook = vgw_shortcut4,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_LOCAL_IN,
		.priority = NF_IP_PRI_LAST - 1,
	},
	{
		.hook = vgw_shortcut6,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_LOCAL_IN,
		.priority = NF_IP6_PRI_LAST - 1,
	},
};

/* A namespace has a first UDP port of ours. May sleep; caller holds the outer lock. */
int vgw_shortcut_start(struct vgw_net *vn)
{
	/* What is read here has to have an address. */
	if (IS_ENABLED(CONFIG_HIGHMEM))
		return 0;
	return nf_register_net_hooks(vn->net, ops, ARRAY_SIZE(ops));
}

/* It has none any more. May sleep; caller holds the outer lock. Packets may be in the hooks for a grace period. */
void vgw_shortcut_stop(struct vgw_net *vn)
{
	if (!IS_ENABLED(CONFIG_HIGHMEM))
		nf_unregister_net_hooks(vn->net, ops, ARRAY_SIZE(ops));
}
