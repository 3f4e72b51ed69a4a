// SPDX-License-Identifier: GPL-2.0
#include "wire.h"

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/udp.h>
#include <net/xfrm.h>

#include "cell.h"
#include "dev.h"
#include "esp.h"
#include "larval.h"
#include "pmtu.h"
#include "sa.h"
#include "spi.h"
#include "tunnel.h"

/* ---- what is done with an ESP packet, however it came ---- */

/* Would another IPsec of this host want to see an SPI that is not ours? Without esp4 (esp6) loaded there is none. */
static bool others_listen(sa_family_t family)
{
	struct xfrm_state_afinfo *afinfo;
	bool listen;

	rcu_read_lock();
	afinfo = xfrm_state_afinfo_get_rcu(family);
	listen = afinfo && READ_ONCE(afinfo->type_esp);
	rcu_read_unlock();
	return listen;
}

static void drop(struct sk_buff *skb, struct vgw_sa *sa, enum vgw_drop cause)
{
	vgw_drop_count(&sa->tunnel->drops, cause);
	vgw_sa_put(sa);
	kfree_skb(skb);
}

/* Nothing but datagrams comes joined; but a guest may say of anything that it is, in pieces of one byte each. */
static bool is_joined_well(const struct sk_buff *skb, enum vgw_encap encap)
{
	const struct skb_shared_info *shinfo = skb_shinfo(skb);

	return encap == VGW_ENCAP_UDP && shinfo->gso_type & SKB_GSO_UDP_L4 && shinfo->gso_size >= VGW_ESP_HDR_LEN;
}

/**
 * vgw_wire_open() - open a packet by its SA, if it came as the tunnel is configured
 * @skb: data at the ESP header
 * @sa: whose SPI it has; the caller's reference goes along
 * @encap: how it came
 *
 * Softirq. Owns the packet.
 */
void vgw_wire_open(struct sk_buff *skb, struct vgw_sa *sa, enum vgw_encap encap)
{
	struct vgw_endpoint *endpoint;
	bool fits;

	rcu_read_lock();
	endpoint = rcu_dereference(sa->tunnel->endpoint);
	fits = endpoint->encap == encap;
	rcu_read_unlock();
	if (unlikely(!fits))
		drop(skb, sa, VGW_DROP_ENCAP_MISMATCH);
	else if (unlikely(skb_is_gso(skb) && !is_joined_well(skb, encap)))
		drop(skb, sa, VGW_DROP_ESP_MALFORMED);
	else
		vgw_cell_take(skb, sa);
}

/**
 * take_esp() - take a packet if it is ours
 * @skb: data at the ESP header
 * @family: of the outer packet
 * @encap: how it came
 *
 * Returns 0 when the packet is consumed, -EINVAL when it is untouched and the next in the kernel's chain has to look
 * at it. When there is no next one it is dropped here: the end of the chain would answer strangers.
 */
static int take_esp(struct sk_buff *skb, sa_family_t family, enum vgw_encap encap)
{
	struct vgw_net *vn = vgw_net(dev_net(skb->dev));
	const struct vgw_esp_hdr *hdr;
	struct vgw_esp_hdr buf;
	struct vgw_sa *sa;

	hdr = skb_header_pointer(skb, 0, sizeof(buf), &buf);
	sa = hdr ? vgw_spi_lookup_rcu(vn, hdr->esp_spi) : NULL;
	if (!sa && hdr) {
		if (vgw_larval_hold(vn, hdr->esp_spi, skb, encap))
			return 0;
		/* It may have been made just now. */
		sa = vgw_spi_lookup_rcu(vn, hdr->esp_spi);
	}
	if (!sa) {
		if (others_listen(family))
			return -EINVAL;
		vgw_drop_count(&vn->drops, hdr ? VGW_DROP_UNKNOWN_SPI : VGW_DROP_ESP_MALFORMED);
		kfree_skb(skb);
		return 0;
	}
	vgw_wire_open(skb, sa, encap);
	return 0;
}

/* ---- IP protocol 50 ---- */

static int vgw_esp4_rcv(struct sk_buff *skb)
{
	return take_esp(skb, AF_INET, VGW_ENCAP_NONE);
}

/* From another one's UDP socket, by the kernel's own ESP-in-UDP. */
static int vgw_esp4_input(struct sk_buff *skb, int next_header, __be32 spi, int encap_type)
{
	return take_esp(skb, AF_INET, encap_type ? VGW_ENCAP_UDP : VGW_ENCAP_NONE);
}

/* A callback of the kernel's own IPsec, none of our business: 1 lets the next one see it. */
static int vgw_esp_cb(struct sk_buff *skb, int err)
{
	return 1;
}

/* Data at the IP header that the error quotes, of which the stack has pulled 8 bytes more. */
static int vgw_esp4_err(struct sk_buff *skb, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	const struct icmphdr *icmph = icmp_hdr(skb);
	struct vgw_quote quote = {
		.remote = { .len = VGW_ADDR4_LEN, .ip4 = iph->daddr },
		.encap = VGW_ENCAP_NONE,
		.esp = *(const struct vgw_esp_hdr *)(skb->data + iph->ihl * 4),
	};

	if (icmph->type == ICMP_DEST_UNREACH && icmph->code == ICMP_FRAG_NEEDED)
		quote.mtu = info;
	return vgw_pmtu_learn(vgw_net(dev_net(skb->dev)), skb, &quote) ? 0 : -ENOENT;
}

static struct xfrm4_protocol esp4_protocol = {
	.handler = vgw_esp4_rcv,
	.input_handler = vgw_esp4_input,
	.cb_handler = vgw_esp_cb,
	.err_handler = vgw_esp4_err,
	.priority = INT_MAX,
};

static int vgw_esp6_rcv(struct sk_buff *skb)
{
	return take_esp(skb, AF_INET6, VGW_ENCAP_NONE);
}

static int vgw_esp6_input(struct sk_buff *skb, int next_header, __be32 spi, int encap_type)
{
	return take_esp(skb, AF_INET6, encap_type ? VGW_ENCAP_UDP : VGW_ENCAP_NONE);
}

static int vgw_esp6_err(struct sk_buff *skb, struct inet6_skb_parm *opt, u8 type, u8 code, int offset, __be32 info)
{
	struct vgw_quote quote = {
		.remote = { .len = VGW_ADDR6_LEN, .ip6 = ((const struct ipv6hdr *)skb->data)->daddr },
		.encap = VGW_ENCAP_NONE,
		.esp = *(const struct vgw_esp_hdr *)(skb->data + offset),
		.mtu = type == ICMPV6_PKT_TOOBIG ? be32_to_cpu(info) : 0,
	};

	return vgw_pmtu_learn(vgw_net(dev_net(skb->dev)), skb, &quote) ? 0 : -ENOENT;
}

static struct xfrm6_protocol esp6_protocol = {
	.handler = vgw_esp6_rcv,
	.input_handler = vgw_esp6_input,
	.cb_handler = vgw_esp_cb,
	.err_handler = vgw_esp6_err,
	.priority = INT_MAX,
};

/* ---- UDP ---- */

static void drop_udp(struct vgw_net *vn, struct sk_buff *skb, enum vgw_drop cause)
{
	vgw_drop_count(&vn->drops, cause);
	kfree_skb(skb);
}

/* Hand an SPI that is not ours to the kernel's own IPsec, which expects a length without the UDP header. */
static void hand_on(struct vgw_net *vn, struct sk_buff *skb, sa_family_t family)
{
	if (skb_unclone(skb, GFP_ATOMIC)) {
		drop_udp(vn, skb, VGW_DROP_NO_MEMORY);
	} else if (family == AF_INET) {
		ip_hdr(skb)->tot_len = htons(ntohs(ip_hdr(skb)->tot_len) - sizeof(struct udphdr));
		xfrm4_rcv_encap(skb, IPPROTO_ESP, 0, UDP_ENCAP_ESPINUDP);
	} else {
		ipv6_hdr(skb)->payload_len = htons(ntohs(ipv6_hdr(skb)->payload_len) - sizeof(struct udphdr));
		xfrm6_rcv_encap(skb, IPPROTO_ESP, 0, UDP_ENCAP_ESPINUDP);
	}
}

/* What a datagram for a port of ours is. */
enum kind {
	KIND_ESP,
	KIND_KEEPALIVE,
	KIND_OTHER,
};

/* Data at the UDP header. Marker and keepalive are told apart before anything is read as SPI (RFC 3948 section 2). */
static enum kind kind_of(const struct sk_buff *skb)
{
	unsigned int len = skb->len - sizeof(struct udphdr);
	const u8 *first;
	__be32 buf;

	first = skb_header_pointer(skb, sizeof(struct udphdr), min_t(unsigned int, len, sizeof(buf)), &buf);
	if (len == 1 && first && *first == VGW_NAT_KEEPALIVE)
		return KIND_KEEPALIVE;
	if (len < VGW_ESP_HDR_LEN || !first || !memchr_inv(first, 0, sizeof(buf)))
		return KIND_OTHER;
	return KIND_ESP;
}

static void take_udp(struct vgw_net *vn, struct sk_buff *skb)
{
	sa_family_t family = ip_hdr(skb)->version == 4 ? AF_INET : AF_INET6;

	__skb_pull(skb, sizeof(struct udphdr));
	skb_reset_transport_header(skb);
	if (take_esp(skb, family, VGW_ENCAP_UDP))
		hand_on(vn, skb, family);
}

/* encap_rcv of a socket of the module's: there is nobody else to read it. */
int vgw_wire_udp_own(struct sock *sk, struct sk_buff *skb)
{
	struct vgw_net *vn = vgw_net(sock_net(sk));
	enum kind kind = kind_of(skb);

	if (kind == KIND_ESP)
		take_udp(vn, skb);
	else
		drop_udp(vn, skb, kind == KIND_KEEPALIVE ? VGW_DROP_KEEPALIVE : VGW_DROP_NOT_ESP);
	return 0;
}

/* encap_rcv of a socket of userspace's: returns 1 for what its owner is to read. */
int vgw_wire_udp_adopted(struct sock *sk, struct sk_buff *skb)
{
	struct vgw_net *vn = vgw_net(sock_net(sk));

	switch (kind_of(skb)) {
	case KIND_ESP:
		take_udp(vn, skb);
		return 0;
	case KIND_KEEPALIVE:
		drop_udp(vn, skb, VGW_DROP_KEEPALIVE);
		return 0;
	default:
		return 1;
	}
}

/* What the ICMP header before the quoted packet says, the stack's own judgement of it (ip_no_pmtu_disc) included. */
static u32 quoted_mtu(const struct net *net, const struct sk_buff *skb, bool ip4)
{
	const struct icmphdr *icmph = (const struct icmphdr *)(skb->data - sizeof(*icmph));
	const struct icmp6hdr *icmp6h = (const struct icmp6hdr *)(skb->data - sizeof(*icmp6h));

	if (!ip4)
		return icmp6h->icmp6_type == ICMPV6_PKT_TOOBIG ? be32_to_cpu(icmp6h->icmp6_mtu) : 0;
	if (icmph->type != ICMP_DEST_UNREACH || icmph->code != ICMP_FRAG_NEEDED)
		return 0;
	return READ_ONCE(net->ipv4.sysctl_ip_no_pmtu_disc) == 1 ? 0 : ntohs(icmph->un.frag.mtu);
}

/**
 * vgw_wire_udp_err() - encap_err_lookup: is an ICMP error about a packet of this socket's?
 * @sk: the socket
 * @skb: data and network header at the IP header that is quoted, transport header at its UDP header
 *
 * Returns 0 when the stack is to believe it. It then updates the route without a tunnel's mark and device, so that is
 * done here. What is not ESP is believed as on any other socket: IKE is the owner's, and routers of old quote no more
 * than the UDP header.
 */
int vgw_wire_udp_err(struct sock *sk, struct sk_buff *skb)
{
	const struct net *net = sock_net(sk);
	bool ip4 = ip_hdr(skb)->version == 4;
	struct vgw_quote quote = {
		.remote.len = ip4 ? VGW_ADDR4_LEN : VGW_ADDR6_LEN,
		.encap = VGW_ENCAP_UDP,
		.sport = udp_hdr(skb)->source,
		.dport = udp_hdr(skb)->dest,
		.mtu = quoted_mtu(net, skb, ip4),
	};

	/* Copied: pulling would move what the caller has pointers to. */
	if (skb_copy_bits(skb, skb_transport_offset(skb) + sizeof(struct udphdr), &quote.esp, sizeof(quote.esp)))
		return ip4 ? 0 : -ENOENT;
	if (!quote.esp.esp_spi)
		return 0;
	if (ip4)
		quote.remote.ip4 = ip_hdr(skb)->daddr;
	else
		quote.remote.ip6 = ipv6_hdr(skb)->daddr;
	return vgw_pmtu_learn(vgw_net(net), skb, &quote) ? 0 : -ENOENT;
}

/* ---- the module ---- */

/* Module start: hear protocol 50 before everybody else. */
int vgw_wire_init(void)
{
	int err;

	err = xfrm4_protocol_register(&esp4_protocol, IPPROTO_ESP);
	if (err)
		return err;
	err = xfrm6_protocol_register(&esp6_protocol, IPPROTO_ESP);
	if (err)
		xfrm4_protocol_deregister(&esp4_protocol, IPPROTO_ESP);
	return err;
}

/* May sleep; no packet is in the handlers any more when it returns. */
void vgw_wire_exit(void)
{
	xfrm6_protocol_deregister(&esp6_protocol, IPPROTO_ESP);
	xfrm4_protocol_deregister(&esp4_protocol, IPPROTO_ESP);
}
