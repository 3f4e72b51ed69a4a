/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets of one TCP flow, opened one after the other, that go up the stack as one.
 *
 * What is opened is laid in memory so that payloads follow on: the headers of a packet go over the last bytes of the
 * payload before, which are kept meanwhile and then put back. So forty packets have two pieces of memory instead of
 * forty, and are one packet instead of three. One that does not belong is copied out of there.
 */
#ifndef _VGW_TRAIN_H
#define _VGW_TRAIN_H

#include <linux/types.h>

#include "pages.h"

struct page;
struct sk_buff;

enum { VGW_TRAIN_HEAD_MAX = 100 };	/* bytes of IPv6 and TCP headers with all options */

/**
 * struct vgw_train - the packets so far
 * @skb: the first, its headers linear and all payloads in pages; NULL: there is none
 * @first: its headers as they came
 * @packets: how many
 * @head_len: bytes of the headers of each
 * @mss: bytes of payload of each but the last, which may have less
 * @next_seq: TCP sequence number that follows
 * @id_step: by how much the IPv4 identification grows from one to the next
 * @over: no packet can follow
 * @page: where the last payload is
 * @end: behind it
 * @room: memory where the next packet goes
 * @to: where that was put over the end of the payload before; NULL: it is by itself
 * @saved: what was there
 */
struct vgw_train {
	struct sk_buff *skb;
	const u8 *first;
	unsigned int packets;
	unsigned int head_len;
	unsigned int mss;
	u32 next_seq;
	u16 id_step;
	bool over;
	struct page *page;
	u8 *end;
	struct vgw_room room;
	u8 *to;
	u8 saved[VGW_TRAIN_HEAD_MAX];
};

bool vgw_train_has_place(const struct vgw_train *train, unsigned int len);
u8 *vgw_train_place(struct vgw_train *train, unsigned int len);
void vgw_train_undo(struct vgw_train *train);
bool vgw_train_join(struct vgw_train *train, u8 *data, unsigned int len);
u8 *vgw_train_keep(struct vgw_train *train, u8 *data, unsigned int len);
bool vgw_train_yield(struct vgw_train *train, const u8 *end);
bool vgw_train_begin(struct vgw_train *train, struct sk_buff *skb, const u8 *data, unsigned int len);
bool vgw_train_could_begin(const u8 *data, unsigned int len);
struct sk_buff *vgw_train_end(struct vgw_train *train);
struct sk_buff *vgw_train_packet(struct page *page, const u8 *data, unsigned int len);

#endif /* _VGW_TRAIN_H */
