/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ESP out, many at once: the segments of a packet of segmentation offload.
 */
#ifndef _VGW_BULK_H
#define _VGW_BULK_H

#include <linux/types.h>

#include "esp.h"
#include "segment.h"

struct dst_entry;
struct sk_buff;

/* As many numbers as packets can be late without harm. */
enum { VGW_BULK_BLOCK = 0 };

/**
 * struct vgw_bulk - a packet that is being cut and sealed
 * @from: it
 * @charged: a TCP socket is, for it
 * @segments: what is still in it
 * @left: of these, how many have a sequence number but are not sealed
 * @block: how many get one at once
 * @aggregate: these go as one UDP packet
 * @fraglist: which is a list of them, see fraglist.h
 * @head: bytes before a packet that goes out
 * @seq: the next of them
 * @noise: for the IVs of these, see esp_frame.h
 * @cb: what the control blocks of all have in common
 * @dst: outer route
 * @next_header: what the segments are
 * @req: crypto request, when there is one that is not under way
 * @last: where the next packet that can be sent is linked
 */
struct vgw_bulk {
	struct sk_buff *from;
	bool charged;
	struct vgw_segments segments;
	unsigned int left;
	unsigned int block;
	bool aggregate;
	bool fraglist;
	unsigned int head;
	u64 seq;
	u64 noise;
	struct vgw_cb cb;
	struct dst_entry *dst;
	u8 next_header;
	struct vgw_esp_req *req;
	struct sk_buff **last;
};

bool vgw_bulk_begin(struct vgw_bulk *bulk, struct sk_buff *skb, const struct vgw_cb *cb, struct dst_entry *dst,
		    bool aggregate);
bool vgw_bulk_number(struct vgw_bulk *bulk, unsigned int wanted);
struct sk_buff *vgw_bulk_seal(struct vgw_bulk *bulk);
void vgw_bulk_end(struct vgw_bulk *bulk);

#endif /* _VGW_BULK_H */
