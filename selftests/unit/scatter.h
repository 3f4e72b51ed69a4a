/* SPDX-License-Identifier: GPL-2.0 */
#ifndef UNIT_SCATTER_H
#define UNIT_SCATTER_H

#include <linux/skbuff.h>

/* The same numbers in every run. */
static inline u32 dice(u32 sides)
{
	static u64 state = 0x9e3779b97f4a7c15;

	state = state * 6364136223846793005 + 1442695040888963407;
	return (u32)(state >> 33) % sides;
}

enum { PIECES = 12 };

static inline struct page *page_of(const u8 *data, unsigned int len)
{
	struct page *page = kmalloc(sizeof(*page), GFP_KERNEL);

	page->references = 1;
	page->data = kmalloc(len, GFP_KERNEL);
	memcpy(page->data, data, len);
	return page;
}

/*
 * A packet of these bytes, cut wherever the dice say: linear (@linear bytes at least), pages, a chain if wanted; some
 * pieces are empty.
 */
static inline struct sk_buff *scatter(const u8 *bytes, unsigned int len, unsigned int linear, bool chain)
{
	unsigned int piece = len / PIECES + 200, part = linear + dice(piece), i;
	struct sk_buff *skb;

	part = part < len ? part : len;
	skb = alloc_skb(part, GFP_KERNEL);
	skb_put_data(skb, bytes, part);
	bytes += part;
	len -= part;
	for (i = 0; i < PIECES && len && !(chain && i == 2); i++) {
		part = i + 1 == PIECES ? len : dice(piece);
		part = part < len ? part : len;
		skb_fill_page_desc(skb, i, page_of(bytes, part), 0, part);
		skb->len += part;
		skb->data_len += part;
		bytes += part;
		len -= part;
	}
	if (len)
		skb_shinfo(skb)->frag_list = scatter(bytes, len, 0, false);
	return skb;
}

static inline void free_scattered(struct sk_buff *skb)
{
	kfree_skb(skb_shinfo(skb)->frag_list);
	kfree_skb(skb);
}

#endif /* UNIT_SCATTER_H */
