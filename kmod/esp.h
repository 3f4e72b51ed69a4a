/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ESP packet on the wire (RFC 4303 section 2) and what an skb carries while it is sealed or opened.
 */
#ifndef _VGW_ESP_H
#define _VGW_ESP_H

#include <linux/ip.h>
#include <linux/skbuff.h>
#include <linux/types.h>
#include <net/dsfield.h>
#include <net/ipv6.h>

struct vgw_esp_req;
struct vgw_sa;

struct vgw_esp_hdr {
	__be32 esp_spi;
	__be32 esp_seq;		/* low half when sequence numbers are extended */
} __packed;

enum {
	VGW_ESP_HDR_LEN = sizeof(struct vgw_esp_hdr),
	VGW_ESP_TRAILER_LEN = 2,	/* pad length and next header */
	VGW_ESP_ALIGN = 4,		/* bytes, the least that a payload ends on (section 2.4) */
	VGW_ESP_ESN_LEN = 4,		/* bytes of the upper half of an extended sequence number */
	VGW_ESP_IV_MAX = 16,
	VGW_ESN_BITS = 48,		/* of an extended sequence number that are used: above them IVs have noise */
	VGW_ESP_ICV_MAX = 32,

	VGW_NAT_KEEPALIVE = 0xff,	/* the byte of RFC 3948 section 2.3 */

	VGW_NEXT_IPV4 = 4,		/* IANA protocol numbers */
	VGW_NEXT_IPV6 = 41,
	VGW_NEXT_DUMMY = 59,		/* section 2.6 */
};

/* Outer headers that sealing must leave room for: IPv6 and UDP. */
#define VGW_OUTER_ROOM	(sizeof(struct ipv6hdr) + sizeof(struct udphdr))

enum vgw_cb_flags {
	VGW_CB_FRAGMENT = 1,	/* may be cut outside: no longer than every link must carry */
	VGW_CB_DF = 2,		/* the outer DF bit is set */
};

/**
 * struct vgw_cb - what a packet carries from one file of the spine to the next
 * @sa: the SA it is sealed or opened with; the packet holds a reference, but for those that come out of a burst
 * @req: crypto request while one is under way; whoever ends it puts it
 * @sealing: out, instead of @req where a packet may have several: one for whoever makes it, one for each under way
 * @failed: out, with that: one of them did
 * @seq: extended sequence number, of several packets in one the first
 * @addr: out: own outer address, as the route chose it; in: the peer's, if @from_len says so
 * @inner_len: out: bytes of the inner packet, or packets
 * @port: in: the peer's UDP port, with @addr
 * @from_len: in: bytes of @addr; 0 where nobody wants to know
 * @next_header: in: of the ESP trailer
 * @outer_tos: out: TOS or traffic class to send with; in: the one it came with
 * @flags: out: enum vgw_cb_flags
 */
struct vgw_cb {
	struct vgw_sa *sa;
	union {
		struct vgw_esp_req *req;
		struct {
			atomic_t sealing;
			bool failed;
		};
	};
	u64 seq;
	struct in6_addr addr;
	union {
		u32 inner_len;
		struct {
			__be16 port;
			u8 from_len;
			u8 next_header;
		};
	};
	u8 outer_tos;
	u8 flags;
};

/**
 * vgw_esp_inner_len() - what the trailer leaves (RFC 4303 section 3.4.2.1)
 * @text: the payload as it was decrypted
 * @len: its bytes
 * @next_header: result
 *
 * Returns the bytes of the inner packet, or -1 when the trailer contradicts the payload's length.
 */
static inline int vgw_esp_inner_len(const u8 *text, unsigned int len, u8 *next_header)
{
	if (len < VGW_ESP_TRAILER_LEN || text[len - 2] + VGW_ESP_TRAILER_LEN > len)
		return -1;
	*next_header = text[len - 1];
	return len - VGW_ESP_TRAILER_LEN - text[len - 2];
}

/* What the outer header of a packet that came says that the inner one may need. */
static inline u8 vgw_esp_outer_tos(const struct sk_buff *skb)
{
	return ip_hdr(skb)->version == 4 ? ip_hdr(skb)->tos : ipv6_get_dsfield(ipv6_hdr(skb));
}

/* How many packets it is: ESP packets that are joined in UDP, or inner ones that were joined when they were opened. */
static inline unsigned int vgw_esp_packets(const struct sk_buff *skb)
{
	return skb_is_gso(skb) ? skb_shinfo(skb)->gso_segs : 1;
}

static inline struct vgw_cb *vgw_cb(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct vgw_cb) > sizeof(skb->cb));
	return (struct vgw_cb *)skb->cb;
}

#endif /* _VGW_ESP_H */
