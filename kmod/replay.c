// SPDX-License-Identifier: GPL-2.0
#include "replay.h"

#include <linux/string.h>

enum { WORD_BITS = VGW_REPLAY_WORD_BITS };

/**
 * vgw_replay_init() - an empty window
 * @replay: the window, with room for vgw_replay_words(@size) words of bits
 * @size: packets, at least 1
 * @esn: extended sequence numbers
 */
void vgw_replay_init(struct vgw_replay *replay, u32 size, bool esn)
{
	replay->top = 0;
	replay->size = size;
	replay->words = vgw_replay_words(size);
	replay->esn = esn;
	memset(replay->bits, 0, replay->words * sizeof(replay->bits[0]));
}

/**
 * vgw_replay_extend() - the whole sequence number of a packet that carries its lower half
 * @replay: the window
 * @low: as received
 *
 * RFC 4303 appendix A2.2: the number lies in the window or to the right of it. Whether the guess is right
 * shows when the integrity check value is verified with it.
 */
u64 vgw_replay_extend(const struct vgw_replay *replay, u32 low)
{
	u32 top_high = replay->top >> 32, top_low = replay->top;
	u32 bottom = top_low - (replay->size - 1);

	if (!replay->esn)
		return low;
	if (top_low >= replay->size - 1) {
		/* The window lies in one subspace: what is left of it belongs to the next. */
		if (low < bottom)
			top_high++;
	} else if (low >= bottom && top_high > 0) {
		/* The window spans two: high numbers are the older subspace's. */
		top_high--;
	}
	return (u64)top_high << 32 | low;
}

/* Where a word is in the ring. Not by a remainder: 32-bit kernels have none of 64 bits. */
static u32 place(const struct vgw_replay *replay, u64 word)
{
	return word & (replay->words - 1);
}

static bool seen(const struct vgw_replay *replay, u64 seq)
{
	return replay->bits[place(replay, seq / WORD_BITS)] >> (seq % WORD_BITS) & 1;
}

/**
 * vgw_replay_check() - would this packet be accepted?
 * @replay: the window
 * @seq: extended sequence number
 *
 * Zero is never sent (RFC 4303 section 3.3.3). Caller holds the SA's lock.
 */
enum vgw_replay_verdict vgw_replay_check(const struct vgw_replay *replay, u64 seq)
{
	if (seq > replay->top)
		return VGW_REPLAY_FRESH;
	if (seq == 0 || replay->top - seq >= replay->size)
		return VGW_REPLAY_OLD;
	return seen(replay, seq) ? VGW_REPLAY_SEEN : VGW_REPLAY_FRESH;
}

/* The words between the old right edge and the new one belong to sequence numbers nobody sent yet. */
static void advance(struct vgw_replay *replay, u64 seq)
{
	u64 word = replay->top / WORD_BITS, last = seq / WORD_BITS;

	if (last - word >= replay->words)
		memset(replay->bits, 0, replay->words * sizeof(replay->bits[0]));
	else
		while (word < last)
			replay->bits[place(replay, ++word)] = 0;
	replay->top = seq;
}

/**
 * vgw_replay_commit() - accept a packet whose integrity was verified
 * @replay: the window
 * @seq: extended sequence number
 *
 * Returns what vgw_replay_check() says at this moment; only VGW_REPLAY_FRESH changes the window.
 * Caller holds the SA's lock.
 */
enum vgw_replay_verdict vgw_replay_commit(struct vgw_replay *replay, u64 seq)
{
	enum vgw_replay_verdict verdict = vgw_replay_check(replay, seq);

	if (verdict != VGW_REPLAY_FRESH)
		return verdict;
	if (seq > replay->top)
		advance(replay, seq);
	replay->bits[place(replay, seq / WORD_BITS)] |= 1ULL << (seq % WORD_BITS);
	return VGW_REPLAY_FRESH;
}
