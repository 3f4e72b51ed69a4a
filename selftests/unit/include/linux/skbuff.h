/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets in pieces: linear memory, pages, packets chained to them. Every piece of memory is the heap's, so that the
 * sanitizer sees who reads or writes beside it, or after it is gone.
 */
#ifndef _UNIT_LINUX_SKBUFF_H
#define _UNIT_LINUX_SKBUFF_H

#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/tcp.h>

#include <string.h>

enum {
	MAX_SKB_FRAGS = 17,
	NET_SKB_PAD = 64,
	CHECKSUM_NONE = 0,
	CHECKSUM_PARTIAL = 3,
	SKB_GSO_TCPV4 = 1 << 0,
	SKB_GSO_DODGY = 1 << 1,
	SKB_GSO_TCP_ECN = 1 << 2,
	SKB_GSO_TCP_FIXEDID = 1 << 3,
	SKB_GSO_TCPV6 = 1 << 4,
	SKB_GSO_UDP_L4 = 1 << 17,
	SKB_GSO_TCP_ACCECN = 1 << 19,
};

typedef struct {
	struct page *page;
	unsigned int offset;
	unsigned int len;
} skb_frag_t;

struct sk_buff;

struct skb_shared_info {
	unsigned int nr_frags;
	unsigned int gso_size;
	unsigned int gso_segs;
	unsigned int gso_type;
	struct sk_buff *frag_list;
	skb_frag_t frags[MAX_SKB_FRAGS];
};

struct sk_buff {
	struct sk_buff *next;
	unsigned int len;
	unsigned int data_len;
	unsigned int truesize;
	unsigned int ip_summed;
	unsigned int csum_start;
	unsigned int csum_offset;
	unsigned int transport;
	u16 protocol;
	bool encapsulation;
	u8 *head;
	u8 *data;
	struct skb_shared_info shinfo;
};

static inline struct skb_shared_info *skb_shinfo(const struct sk_buff *skb)
{
	return (struct skb_shared_info *)&skb->shinfo;
}

static inline unsigned int skb_headlen(const struct sk_buff *skb)
{
	return skb->len - skb->data_len;
}

static inline struct sk_buff *alloc_skb(unsigned int size, gfp_t gfp)
{
	struct sk_buff *skb = kmalloc(sizeof(*skb), gfp | __GFP_ZERO);

	if (!skb)
		return NULL;
	skb->head = kmalloc(size, gfp | __GFP_NOFAIL);
	skb->data = skb->head;
	return skb;
}

static inline void skb_reserve(struct sk_buff *skb, unsigned int len)
{
	skb->data += len;
}

static inline void skb_put_data(struct sk_buff *skb, const void *data, unsigned int len)
{
	memcpy(skb->data + skb->len, data, len);
	skb->len += len;
}

static inline unsigned int skb_frag_size(const skb_frag_t *frag)
{
	return frag->len;
}

static inline void skb_frag_size_add(skb_frag_t *frag, int len)
{
	frag->len += len;
}

static inline void skb_frag_size_sub(skb_frag_t *frag, int len)
{
	frag->len -= len;
}

static inline void *skb_frag_address(const skb_frag_t *frag)
{
	return (u8 *)page_address(frag->page) + frag->offset;
}

static inline void skb_fill_page_desc(struct sk_buff *skb, unsigned int at, struct page *page, unsigned int offset,
				      unsigned int len)
{
	if (at >= MAX_SKB_FRAGS)
		abort();
	skb->shinfo.frags[at] = (skb_frag_t){ page, offset, len };
	skb->shinfo.nr_frags = at + 1;
}

static inline void skb_set_transport_header(struct sk_buff *skb, unsigned int offset)
{
	skb->transport = offset;
}

static inline struct tcphdr *tcp_hdr(const struct sk_buff *skb)
{
	return (struct tcphdr *)(skb->data + skb->transport);
}

static inline const void *memchr_inv(const void *data, int byte, size_t len)
{
	const u8 *bytes = data;

	for (; len; bytes++, len--)
		if (*bytes != byte)
			return bytes;
	return NULL;
}

/* What a test makes begins with the IP header. */
static inline struct iphdr *ip_hdr(const struct sk_buff *skb)
{
	return (struct iphdr *)skb->data;
}

static inline struct ipv6hdr *ipv6_hdr(const struct sk_buff *skb)
{
	return (struct ipv6hdr *)skb->data;
}

static inline unsigned int skb_checksum_start_offset(const struct sk_buff *skb)
{
	return skb->csum_start - (skb->data - skb->head);
}

/* Headers of test packets are linear, or are not pulled. */
static inline bool pskb_may_pull(const struct sk_buff *skb, unsigned int len)
{
	return len <= skb_headlen(skb);
}

struct skb_seq_state {
	const struct sk_buff *skb;
	unsigned int lower;
	unsigned int upper;
};

static inline void skb_prepare_seq_read(struct sk_buff *skb, unsigned int from, unsigned int to,
					struct skb_seq_state *state)
{
	*state = (struct skb_seq_state){ skb, from, to };
}

/* The piece that has byte @at of a packet, from there on; @at becomes what it lies behind the packet's end. */
static inline unsigned int unit_piece(const struct sk_buff *skb, unsigned int *at, const u8 **data)
{
	const struct sk_buff *chained = skb->shinfo.frag_list;
	unsigned int i;

	if (*at < skb_headlen(skb)) {
		*data = skb->data + *at;
		return skb_headlen(skb) - *at;
	}
	*at -= skb_headlen(skb);
	for (i = 0; i < skb->shinfo.nr_frags; i++) {
		if (*at < skb->shinfo.frags[i].len) {
			*data = (u8 *)skb_frag_address(&skb->shinfo.frags[i]) + *at;
			return skb->shinfo.frags[i].len - *at;
		}
		*at -= skb->shinfo.frags[i].len;
	}
	return chained ? unit_piece(chained, at, data) : 0;
}

static inline unsigned int skb_seq_read(unsigned int consumed, const u8 **data, struct skb_seq_state *state)
{
	unsigned int at = state->lower + consumed;

	return at < state->upper ? unit_piece(state->skb, &at, data) : 0;
}

static inline void skb_abort_seq_read(struct skb_seq_state *state)
{
	state->skb = NULL;
}

static inline void kfree_skb(struct sk_buff *skb)
{
	unsigned int i;

	if (!skb)
		return;
	for (i = 0; i < skb->shinfo.nr_frags; i++)
		put_page(skb->shinfo.frags[i].page);
	kfree(skb->head);
	kfree(skb);
}

#endif /* _UNIT_LINUX_SKBUFF_H */
