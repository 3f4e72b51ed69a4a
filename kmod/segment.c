// SPDX-License-Identifier: GPL-2.0
#include "segment.h"

#include <net/checksum.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/tcp.h>

#include "inner.h"

/* Bits beside the protocol's: nobody vouches for the headers; CWR in the first segment, or in all; the same id. */
#define TYPES_KNOWN	(SKB_GSO_TCPV4 | SKB_GSO_TCPV6 | SKB_GSO_UDP_L4 | SKB_GSO_DODGY | SKB_GSO_TCP_ECN | \
			 SKB_GSO_TCP_ACCECN | SKB_GSO_TCP_FIXEDID)

/* Bytes of the IP header if it is a plain one of a whole packet, else 0; and what comes after it. */
static unsigned int ip_header(const struct sk_buff *skb, u8 *protocol)
{
	if (!vgw_inner_is_ip4(skb)) {
		*protocol = ipv6_hdr(skb)->nexthdr;
		return sizeof(struct ipv6hdr);
	}
	*protocol = ip_hdr(skb)->protocol;
	if (ip_hdr(skb)->ihl != sizeof(struct iphdr) / 4 || ip_is_fragment(ip_hdr(skb)))
		return 0;
	return sizeof(struct iphdr);
}

/* The type of segmentation that goes with a protocol, and where that has its checksum. */
static unsigned int type_of(const struct sk_buff *skb, u8 protocol, unsigned int *csum_offset)
{
	switch (protocol) {
	case IPPROTO_TCP:
		*csum_offset = offsetof(struct tcphdr, check);
		return vgw_inner_is_ip4(skb) ? SKB_GSO_TCPV4 : SKB_GSO_TCPV6;
	case IPPROTO_UDP:
		*csum_offset = offsetof(struct udphdr, check);
		return SKB_GSO_UDP_L4;
	default:
		return 0;
	}
}

/* Bytes of the TCP or UDP header, 0 when that is none. It gets linear. */
static unsigned int transport_header(struct sk_buff *skb, unsigned int at, u8 protocol)
{
	unsigned int len = sizeof(struct udphdr);

	if (protocol == IPPROTO_TCP) {
		if (!pskb_may_pull(skb, at + sizeof(struct tcphdr)))
			return 0;
		len = ((const struct tcphdr *)(skb->data + at))->doff * 4;
		if (len < sizeof(struct tcphdr))
			return 0;
	}
	return pskb_may_pull(skb, at + len) ? len : 0;
}

/* Is it a packet that can be cut here? Finds out where its headers are. */
static bool find_headers(struct vgw_segments *segments, struct sk_buff *skb)
{
	const struct skb_shared_info *info = skb_shinfo(skb);
	unsigned int type, csum_offset, ip_len, len;
	u8 protocol;

	ip_len = ip_header(skb, &protocol);
	type = type_of(skb, protocol, &csum_offset);
	if (!ip_len || !(info->gso_type & type) || info->gso_type & ~TYPES_KNOWN || skb->encapsulation)
		return false;
	if (skb->ip_summed != CHECKSUM_PARTIAL || skb->csum_offset != csum_offset ||
	    skb_checksum_start_offset(skb) != ip_len)
		return false;
	len = transport_header(skb, ip_len, protocol);
	info = skb_shinfo(skb);
	if (!len || !info->gso_size || skb->len <= ip_len + len + info->gso_size)
		return false;
	segments->ip_len = ip_len;
	segments->head_len = ip_len + len;
	segments->is_ip4 = vgw_inner_is_ip4(skb);
	segments->is_tcp = protocol == IPPROTO_TCP;
	segments->keep_cwr = info->gso_type & SKB_GSO_TCP_ACCECN;
	segments->keep_id = segments->is_ip4 && info->gso_type & SKB_GSO_TCP_FIXEDID;
	/* The same identification for all is for packets that nobody cuts: the stack refuses others. */
	return !segments->keep_id || ip_hdr(skb)->frag_off & htons(IP_DF);
}

/* The pseudo header's sum, without the length that each segment has its own of. */
static __wsum sum_pseudo(const struct vgw_segments *segments)
{
	u8 protocol = segments->is_tcp ? IPPROTO_TCP : IPPROTO_UDP;

	if (segments->is_ip4)
		return csum_tcpudp_nofold(segments->ip4.saddr, segments->ip4.daddr, 0, protocol, 0);
	return ~csum_unfold(csum_ipv6_magic(&segments->ip6.saddr, &segments->ip6.daddr, 0, protocol, 0));
}

/**
 * vgw_segments_begin() - begin to cut a packet
 * @segments: result
 * @skb: a packet of segmentation offload, data at its IP header; the caller keeps it
 *
 * Returns false when it is not TCP or UDP as nearly all are: then nothing has begun, and the stack may cut it. Else
 * nothing may sleep until vgw_segments_end().
 */
bool vgw_segments_begin(struct vgw_segments *segments, struct sk_buff *skb)
{
	if (!find_headers(segments, skb))
		return false;
	memcpy(segments->ip, skb->data, segments->ip_len);
	memcpy(segments->transport, skb->data + segments->ip_len, segments->head_len - segments->ip_len);
	segments->text_len = 0;
	segments->at = 0;
	segments->left = skb->len - segments->head_len;
	segments->size = skb_shinfo(skb)->gso_size;
	segments->count = DIV_ROUND_UP(segments->left, segments->size);
	segments->pseudo = sum_pseudo(segments);
	if (segments->is_tcp) {
		segments->at_end = tcp_flag_byte(&segments->tcp) & (TCPHDR_FIN | TCPHDR_PSH);
		tcp_flag_byte(&segments->tcp) &= ~(TCPHDR_FIN | TCPHDR_PSH);
	}
	skb_prepare_seq_read(skb, segments->head_len, skb->len, &segments->reader);
	return true;
}

/* Copy the next bytes of payload; returns their sum. */
static __wsum copy_text(struct vgw_segments *segments, u8 *to, unsigned int len)
{
	unsigned int done = 0, part;
	__wsum sum = 0, more;

	while (done < len) {
		if (!segments->text_len)
			segments->text_len = skb_seq_read(segments->at, &segments->text, &segments->reader);
		/* A packet that is shorter than it says: send nobody's memory, at least. */
		if (WARN_ON_ONCE(!segments->text_len)) {
			memset(to + done, 0, len - done);
			break;
		}
		part = min(segments->text_len, len - done);
		more = csum_partial_copy_nocheck(segments->text, to + done, part);
		sum = done ? csum_block_add(sum, more, done) : more;
		segments->text += part;
		segments->text_len -= part;
		segments->at += part;
		done += part;
	}
	return sum;
}

/* The checksum over all, with the headers as they are; 0 is said as all ones, as UDP needs it. */
static __sum16 sum_all(const struct vgw_segments *segments, __wsum sum, unsigned int len)
{
	unsigned int head = segments->head_len - segments->ip_len;

	sum = csum_add(sum, segments->pseudo);
	sum = csum_add(sum, (__force __wsum)htonl(len));
	return csum_fold(csum_partial(segments->transport, head, sum)) ?: CSUM_MANGLED_0;
}

/* Lengths and checksums of the next segment, whose payload has this sum. */
static void finish_headers(struct vgw_segments *segments, unsigned int text_len, __wsum sum)
{
	unsigned int len = segments->head_len - segments->ip_len + text_len;

	if (segments->is_ip4) {
		segments->ip4.tot_len = htons(segments->ip_len + len);
		ip_send_check(&segments->ip4);
	} else {
		segments->ip6.payload_len = htons(len);
	}
	if (segments->is_tcp) {
		segments->tcp.check = 0;
		segments->tcp.check = sum_all(segments, sum, len);
	} else {
		segments->udp.len = htons(len);
		segments->udp.check = 0;
		segments->udp.check = sum_all(segments, sum, len);
	}
}

/* What the one after it says otherwise. */
static void step_headers(struct vgw_segments *segments, unsigned int text_len)
{
	if (segments->is_ip4 && !segments->keep_id)
		segments->ip4.id = htons(ntohs(segments->ip4.id) + 1);
	if (segments->is_tcp) {
		segments->tcp.seq = htonl(ntohl(segments->tcp.seq) + text_len);
		if (!segments->keep_cwr)
			segments->tcp.cwr = 0;
	}
}

/**
 * vgw_segments_put() - write the next segment
 * @segments: not all of them are written yet
 * @to: where to, vgw_segments_next() bytes
 *
 * What is written is what the stack's segmentation makes. Returns its bytes.
 */
unsigned int vgw_segments_put(struct vgw_segments *segments, u8 *to)
{
	unsigned int text_len = min(segments->left, segments->size);
	__wsum sum = copy_text(segments, to + segments->head_len, text_len);

	segments->left -= text_len;
	if (!segments->left && segments->is_tcp)
		tcp_flag_byte(&segments->tcp) |= segments->at_end;
	finish_headers(segments, text_len, sum);
	vgw_inner_copy_head(to, segments->ip, segments->ip_len);
	vgw_inner_copy_head(to + segments->ip_len, segments->transport, segments->head_len - segments->ip_len);
	step_headers(segments, text_len);
	return segments->head_len + text_len;
}

/* Done with the packet, whether all segments were written or not. */
void vgw_segments_end(struct vgw_segments *segments)
{
	skb_abort_seq_read(&segments->reader);
}
