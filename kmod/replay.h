/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Anti-replay window (RFC 4303 section 3.4.3), with extended sequence numbers or without.
 * Pure: no locks, no allocation, nothing of the network; also built in userspace by the unit tests.
 */
#ifndef _VGW_REPLAY_H
#define _VGW_REPLAY_H

#include <linux/log2.h>
#include <linux/types.h>

enum vgw_replay_verdict {
	VGW_REPLAY_FRESH,
	VGW_REPLAY_SEEN,
	VGW_REPLAY_OLD,
};

/**
 * struct vgw_replay - which sequence numbers were accepted
 * @top: highest accepted one, 0 before the first
 * @size: width of the window in packets
 * @words: how many of @bits are in use, a power of two
 * @esn: sequence numbers are 64 bits long, of which the packet carries the lower half
 * @bits: ring of bits, one a sequence number
 */
struct vgw_replay {
	u64 top;
	u32 size;
	u32 words;
	bool esn;
	u64 bits[];
};

enum { VGW_REPLAY_WORD_BITS = 64 };

/* Words for a window of @size packets: one more than it fills, as the right edge clears the word it enters. */
static inline u32 vgw_replay_words(u32 size)
{
	return roundup_pow_of_two((size + VGW_REPLAY_WORD_BITS - 1) / VGW_REPLAY_WORD_BITS + 1);
}

void vgw_replay_init(struct vgw_replay *replay, u32 size, bool esn);
u64 vgw_replay_extend(const struct vgw_replay *replay, u32 low);
enum vgw_replay_verdict vgw_replay_check(const struct vgw_replay *replay, u64 seq);
enum vgw_replay_verdict vgw_replay_commit(struct vgw_replay *replay, u64 seq);

#endif /* _VGW_REPLAY_H */
