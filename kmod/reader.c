// SPDX-License-Identifier: GPL-2.0
#include "reader.h"

#include <linux/mm.h>
#include <linux/skbuff.h>

static void enter(struct vgw_reader *reader, struct sk_buff *skb, struct sk_buff *next)
{
	reader->skb = skb;
	reader->next = next;
	reader->frag = 0;
	reader->data = skb->data;
	reader->left = skb_headlen(skb);
}

/**
 * vgw_reader_begin() - read from the first byte
 * @reader: how far it gets
 * @skb: the packet; stays as it is until the last is read
 */
void vgw_reader_begin(struct vgw_reader *reader, struct sk_buff *skb)
{
	reader->copied = false;
	enter(reader, skb, skb_shinfo(skb)->frag_list);
}

/* Go on to the next piece that has bytes. False when there is none. */
static bool advance(struct vgw_reader *reader)
{
	const skb_frag_t *frag;

	while (!reader->left) {
		if (reader->frag < skb_shinfo(reader->skb)->nr_frags) {
			frag = &skb_shinfo(reader->skb)->frags[reader->frag++];
			reader->data = skb_frag_address(frag);
			reader->left = skb_frag_size(frag);
		} else if (reader->next) {
			enter(reader, reader->next, reader->next->next);
		} else {
			return false;
		}
	}
	return true;
}

static void skip(struct vgw_reader *reader, unsigned int len)
{
	reader->data += len;
	reader->left -= len;
}

static u8 *put_together(struct vgw_reader *reader, unsigned int len)
{
	unsigned int done, part;

	if (!vgw_pages_find(VGW_PAGES_OUT, len, &reader->room))
		return NULL;
	reader->copied = true;
	for (done = 0; done < len && advance(reader); done += part) {
		part = min(reader->left, len - done);
		memcpy(reader->room.data + done, reader->data, part);
		skip(reader, part);
	}
	return done == len ? reader->room.data : NULL;
}

/**
 * vgw_reader_next() - the next bytes, in one piece
 * @reader: how far it has got
 * @len: how many
 * @copy: in memory that nobody else has
 *
 * Bottom halves are off. They are to be used before the next are asked for, or vgw_reader_keep() keeps them. Returns
 * NULL when there are not so many, or no memory; nothing more can be read then.
 */
u8 *vgw_reader_next(struct vgw_reader *reader, unsigned int len, bool copy)
{
	u8 *data;

	reader->copied = false;
	if (!advance(reader))
		return NULL;
	if (unlikely(copy || reader->left < len))
		return put_together(reader, len);
	data = reader->data;
	skip(reader, len);
	return data;
}

/* Keep the bytes read last, @len of them. Returns the page that the caller puts, NULL if they are the packet's own. */
struct page *vgw_reader_keep(struct vgw_reader *reader, unsigned int len)
{
	if (!reader->copied)
		return NULL;
	get_page(reader->room.page);
	vgw_pages_use(VGW_PAGES_OUT, &reader->room, len);
	return reader->room.page;
}
