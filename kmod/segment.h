/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Cutting a packet of segmentation offload into what it stands for, each piece straight to where it is wanted.
 *
 * The stack's own segmentation makes packets that refer to the data, which would then be copied to be encrypted: here
 * the copy, which makes the checksum on the way, is all there is.
 */
#ifndef _VGW_SEGMENT_H
#define _VGW_SEGMENT_H

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/minmax.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>

enum { VGW_TRANSPORT_MAX = 60 };	/* bytes of a TCP header */

/**
 * struct vgw_segments - the segments of a packet that are still to be made
 * @reader: reads the payload, forwards only
 * @text: what it gave last, or the rest of that
 * @text_len: bytes of it
 * @at: bytes of payload that were read
 * @left: bytes of payload that were not cut off yet
 * @size: bytes of payload of every segment but the last
 * @count: segments in all
 * @ip_len: bytes of the IP header
 * @head_len: bytes of all headers
 * @is_ip4: else IPv6
 * @is_tcp: else UDP
 * @keep_cwr: CWR is a part of a number (RFC 9768 section 3.2.2), the same in all
 * @keep_id: all have the same IPv4 identification
 * @at_end: TCP flags that only the last one has
 * @pseudo: sum of the pseudo header but for the length
 * @ip4: the IP header of the next one
 * @ip6: the same
 * @ip: its bytes
 * @tcp: the header after that
 * @udp: the same
 * @transport: its bytes, with options
 */
struct vgw_segments {
	struct skb_seq_state reader;
	const u8 *text;
	unsigned int text_len;
	unsigned int at;
	unsigned int left;
	unsigned int size;
	unsigned int count;
	u8 ip_len;
	u8 head_len;
	bool is_ip4;
	bool is_tcp;
	bool keep_cwr;
	bool keep_id;
	u8 at_end;
	__wsum pseudo;
	union {
		struct iphdr ip4;
		struct ipv6hdr ip6;
		u8 ip[sizeof(struct ipv6hdr)];
	};
	union {
		struct tcphdr tcp;
		struct udphdr udp;
		u8 transport[VGW_TRANSPORT_MAX];
	};
};

bool vgw_segments_begin(struct vgw_segments *segments, struct sk_buff *skb);
unsigned int vgw_segments_put(struct vgw_segments *segments, u8 *to);
void vgw_segments_end(struct vgw_segments *segments);

/* Bytes of the next segment. */
static inline unsigned int vgw_segments_next(const struct vgw_segments *segments)
{
	return segments->head_len + min(segments->left, segments->size);
}

/* Bytes of all that are left, if only so many are taken. */
static inline unsigned int vgw_segments_bytes(const struct vgw_segments *segments, unsigned int count)
{
	return count * segments->head_len + min(segments->left, count * segments->size);
}

#endif /* _VGW_SEGMENT_H */
