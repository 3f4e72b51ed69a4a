/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads a packet front to back, wherever its bytes are: linear, in pages, in packets chained to it.
 */
#ifndef _VGW_READER_H
#define _VGW_READER_H

#include <linux/types.h>

#include "pages.h"

struct sk_buff;

/**
 * struct vgw_reader - how far it has got
 * @skb: the packet, or the one of its chain that comes next
 * @next: the one after that
 * @frag: its page that comes next
 * @data: bytes that lie in one piece
 * @left: how many
 * @room: where what was asked for last was put together
 * @copied: it was, as it lay in several pieces
 */
struct vgw_reader {
	struct sk_buff *skb;
	struct sk_buff *next;
	unsigned int frag;
	u8 *data;
	unsigned int left;
	struct vgw_room room;
	bool copied;
};

void vgw_reader_begin(struct vgw_reader *reader, struct sk_buff *skb);
u8 *vgw_reader_next(struct vgw_reader *reader, unsigned int len, bool copy);
struct page *vgw_reader_keep(struct vgw_reader *reader, unsigned int len);

#endif /* _VGW_READER_H */
