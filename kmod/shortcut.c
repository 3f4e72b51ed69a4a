// SPDX-License-Identifier: GPL-2.0
#include "shortcut.h"

#include <linux/module.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/udp.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/xfrm.h>

#include "cell.h"
#include "dev.h"
#include "esp.h"
#include "pages.h"
#include "sa.h"
#include "spi.h"
#include "tunnel.h"

/*
 * A socket with encap_rcv never sees a packet of many datagrams: the stack cuts it, and makes each a packet of its own,
 * which costs a TCP stream a third of its speed. So they are taken at the end of the INPUT chain, when the firewall has
 * seen them. Single ones are taken too: that spares them the look for a socket, 700 instructions of 24,500 that
 * forwarding a small packet costs.
 * Anything out of the ordinary is left to the socket.
 */
static bool shortcut = true;
module_param(shortcut, bool, 0644);
MODULE_PARM_DESC(shortcut, "take ESP-in-UDP datagrams, also joined ones, at the end of the INPUT chain");

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

/* The UDP header of a packet that may be for us, @offset bytes behind its data, unless a socket was found already. */
static const struct udphdr *header_of(const struct vgw_net *vn, struct sk_buff *skb, unsigned int offset)
{
	const struct udphdr *uh;

	if (!READ_ONCE(shortcut) || !pskb_may_pull(skb, offset + sizeof(*uh) + VGW_ESP_HDR_LEN))
		return NULL;
	uh = (const struct udphdr *)(skb->data + offset);
	if (uh->dest != READ_ONCE(vn->natt_port) || ntohs(uh->len) != skb->len - offset || skb_shared(skb) ||
	    skb->sk)
		return NULL;
	return is_tracked(skb) ? uh : NULL;
}

/* The SPI that begins @at bytes behind @offset, or 0. The packet's pieces are gone through once for all of them. */
static __be32 spi_at(const struct sk_buff *skb, struct skb_seq_state *seq, unsigned int offset, unsigned int at)
{
	const u8 *here;
	__be32 buf;

	if (likely(skb_seq_read(at, &here, seq) >= sizeof(buf)))
		return *(const __be32 *)here;
	return skb_copy_bits(skb, offset + at, &buf, sizeof(buf)) ? 0 : buf;
}

/* The SPI that all datagrams have, or 0: IKE among them, keepalives, and two SAs at once are for the socket. */
static __be32 common_spi(struct sk_buff *skb, unsigned int offset)
{
	unsigned int size = skb_shinfo(skb)->gso_size, at;
	struct skb_seq_state seq;
	__be32 spi;

	skb_prepare_seq_read(skb, offset, skb->len, &seq);
	spi = spi_at(skb, &seq, offset, 0);
	for (at = size; spi && at < skb->len - offset; at += size)
		if (spi_at(skb, &seq, offset, at) != spi)
			spi = 0;
	skb_abort_seq_read(&seq);
	return spi;
}

static bool is_joined(const struct sk_buff *skb)
{
	const struct skb_shared_info *shinfo = skb_shinfo(skb);

	return shinfo->gso_type & SKB_GSO_UDP_L4 && !(shinfo->gso_type & SKB_GSO_FRAGLIST) &&
	       shinfo->gso_size >= VGW_ESP_HDR_LEN;
}

/* Is this how the tunnel's packets are to come? */
static bool is_expected_rcu(const struct vgw_tunnel *tunnel, const struct udphdr *uh)
{
	const struct vgw_endpoint *endpoint = rcu_dereference(tunnel->endpoint);

	return endpoint->encap == VGW_ENCAP_UDP && endpoint->sport == uh->dest;
}

/* Is there memory to open them into? Singles need none beside their own. */
static bool has_room(const struct sk_buff *skb)
{
	unsigned int size = skb_shinfo(skb)->gso_size;
	struct vgw_room room;

	return vgw_pages_find(VGW_PAGES_IN, size, &room) && vgw_pages_find(VGW_PAGES_OUT, size, &room);
}

/* Bottom halves are off, and netfilter is in an RCU read section. */
static unsigned int take(struct vgw_net *vn, struct sk_buff *skb, const struct udphdr *uh)
{
	unsigned int text = (const u8 *)(uh + 1) - skb->data;
	bool joined = skb_is_gso(skb);
	struct vgw_sa *sa;
	__be32 spi;

	if (joined && (!is_joined(skb) || !has_room(skb)))
		return NF_ACCEPT;
	spi = joined ? common_spi(skb, text) : *(const __be32 *)(uh + 1);
	sa = spi ? vgw_spi_lookup_rcu(vn, spi) : NULL;
	if (!sa)
		return NF_ACCEPT;
	if (!is_expected_rcu(sa->tunnel, uh)) {
		vgw_sa_put(sa);
		return NF_ACCEPT;
	}
	__skb_pull(skb, text);
	vgw_cell_take(skb, sa);
	return NF_STOLEN;
}

/* A packet that waited for a program's verdict (NFQUEUE) comes in that one's context. */
static unsigned int take_bh(struct vgw_net *vn, struct sk_buff *skb, const struct udphdr *uh)
{
	unsigned int verdict;

	local_bh_disable();
	verdict = take(vn, skb, uh);
	local_bh_enable();
	return verdict;
}

static unsigned int vgw_shortcut4(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct vgw_net *vn = vgw_net(state->net);
	const struct udphdr *uh;

	if (ip_hdr(skb)->protocol != IPPROTO_UDP)
		return NF_ACCEPT;
	uh = header_of(vn, skb, ip_hdrlen(skb));
	if (!uh || !xfrm4_policy_check(NULL, XFRM_POLICY_IN, skb))
		return NF_ACCEPT;
	return take_bh(vn, skb, uh);
}

static unsigned int vgw_shortcut6(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct vgw_net *vn = vgw_net(state->net);
	const struct udphdr *uh;

	if (ipv6_hdr(skb)->nexthdr != IPPROTO_UDP)
		return NF_ACCEPT;
	uh = header_of(vn, skb, sizeof(struct ipv6hdr));
	if (!uh || !xfrm6_policy_check(NULL, XFRM_POLICY_IN, skb))
		return NF_ACCEPT;
	return take_bh(vn, skb, uh);
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
