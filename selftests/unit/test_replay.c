// SPDX-License-Identifier: GPL-2.0
/* sources: kmod/replay.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "limits.h"
#include "replay.h"

#define ARRAY_LEN(a)	(sizeof(a) / sizeof(*(a)))

static const u32 sizes[] = { 64, 65, 100, 1024, 8191, 8192 };

static size_t bytes_of(u32 size)
{
	return sizeof(struct vgw_replay) + vgw_replay_words(size) * sizeof(u64);
}

/* Garbage before vgw_replay_init(), and not one byte more than it asks for. */
static struct vgw_replay *window(u32 size, bool esn)
{
	struct vgw_replay *replay = malloc(bytes_of(size));

	assert_non_null(replay);
	memset(replay, 0xa5, bytes_of(size));
	vgw_replay_init(replay, size, esn);
	return replay;
}

/* Both functions say so, and unless the packet is fresh nothing changes. */
static void expect(struct vgw_replay *replay, u64 seq, enum vgw_replay_verdict verdict)
{
	static u8 before[sizeof(struct vgw_replay) + 512 * sizeof(u64)];
	size_t bytes = bytes_of(replay->size);

	assert_true(bytes <= sizeof(before));
	memcpy(before, replay, bytes);
	assert_int_equal(vgw_replay_check(replay, seq), verdict);
	assert_memory_equal(replay, before, bytes);
	assert_int_equal(vgw_replay_commit(replay, seq), verdict);
	if (verdict != VGW_REPLAY_FRESH)
		assert_memory_equal(replay, before, bytes);
	else
		assert_int_equal(vgw_replay_check(replay, seq), VGW_REPLAY_SEEN);
}

static void ring_has_a_word_to_spare(void **state)
{
	u32 size, words;

	(void)state;
	for (size = 1; size <= VGW_REPLAY_MAX; size++) {
		words = vgw_replay_words(size);
		assert_true(words > 0 && !(words & (words - 1)));
		assert_true(words * 64 >= size + 63);
	}
	assert_int_equal(vgw_replay_words(64), 2);
	assert_int_equal(vgw_replay_words(65), 4);
	assert_int_equal(vgw_replay_words(8192), 256);
}

static void zero_is_never_accepted(void **state)
{
	struct vgw_replay *replay;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		replay = window(sizes[i], i & 1);
		assert_int_equal(replay->top, 0);
		expect(replay, 0, VGW_REPLAY_OLD);
		expect(replay, 1, VGW_REPLAY_FRESH);
		assert_int_equal(replay->top, 1);
		expect(replay, 0, VGW_REPLAY_OLD);
		expect(replay, sizes[i] - 1, VGW_REPLAY_FRESH);
		expect(replay, 0, VGW_REPLAY_OLD);
		expect(replay, sizes[i] * 5, VGW_REPLAY_FRESH);
		expect(replay, 0, VGW_REPLAY_OLD);
		free(replay);
	}
}

static void first_packet_may_be_any(void **state)
{
	static const u64 first[] = { 1, 2, 63, 64, 65, 8191, 8192, 8193, 0xffffffff, 1ULL << 32, ~0ULL };
	struct vgw_replay *replay;
	size_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		for (k = 0; k < ARRAY_LEN(first); k++) {
			replay = window(sizes[i], true);
			expect(replay, first[k], VGW_REPLAY_FRESH);
			assert_true(replay->top == first[k]);
			expect(replay, first[k], VGW_REPLAY_SEEN);
			expect(replay, first[k] - 1, first[k] == 1 ? VGW_REPLAY_OLD : VGW_REPLAY_FRESH);
			assert_true(replay->top == first[k]);
			free(replay);
		}
	}
}

static void packets_in_order_are_accepted_once(void **state)
{
	struct vgw_replay *replay;
	size_t i;
	u64 seq;

	(void)state;
	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		replay = window(sizes[i], false);
		for (seq = 1; seq <= 3 * sizes[i] + 130; seq++) {
			assert_int_equal(vgw_replay_commit(replay, seq), VGW_REPLAY_FRESH);
			assert_true(replay->top == seq);
			assert_int_equal(vgw_replay_commit(replay, seq), VGW_REPLAY_SEEN);
			if (seq > sizes[i]) {
				assert_int_equal(vgw_replay_check(replay, seq - sizes[i] + 1), VGW_REPLAY_SEEN);
				assert_int_equal(vgw_replay_check(replay, seq - sizes[i]), VGW_REPLAY_OLD);
			}
		}
		free(replay);
	}
}

static void left_edge_is_exact(void **state)
{
	struct vgw_replay *replay;
	u64 top, seq;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		for (top = 3 * sizes[i]; top < 3 * sizes[i] + 130; top++) {
			replay = window(sizes[i], false);
			expect(replay, top, VGW_REPLAY_FRESH);
			expect(replay, top - sizes[i], VGW_REPLAY_OLD);
			expect(replay, top - sizes[i] + 1, VGW_REPLAY_FRESH);
			expect(replay, top - sizes[i] + 1, VGW_REPLAY_SEEN);
			expect(replay, top - sizes[i] + 2, VGW_REPLAY_FRESH);
			expect(replay, top + 1, VGW_REPLAY_FRESH);
			expect(replay, top - sizes[i] + 1, VGW_REPLAY_OLD);
			expect(replay, top - sizes[i] + 2, VGW_REPLAY_SEEN);
			free(replay);
		}
		/* Backwards all of the window is free. */
		replay = window(sizes[i], false);
		top = 2 * sizes[i];
		for (seq = top; seq > top - sizes[i]; seq--)
			assert_int_equal(vgw_replay_commit(replay, seq), VGW_REPLAY_FRESH);
		expect(replay, seq, VGW_REPLAY_OLD);
		for (seq = top; seq > top - sizes[i]; seq--)
			assert_int_equal(vgw_replay_commit(replay, seq), VGW_REPLAY_SEEN);
		free(replay);
	}
}

/* From a window of which all was seen to one of which only the overlap and the new top was. */
static void jump(const struct vgw_replay *full, struct vgw_replay *replay, u64 width)
{
	u64 old = full->top, top = old + width, seq;
	unsigned int wrong = 0;

	memcpy(replay, full, bytes_of(full->size));
	assert_int_equal(vgw_replay_commit(replay, top), VGW_REPLAY_FRESH);
	assert_true(replay->top == top);
	assert_int_equal(vgw_replay_check(replay, top - full->size), VGW_REPLAY_OLD);
	for (seq = top - full->size + 1; seq <= top; seq++)
		wrong += vgw_replay_check(replay, seq) !=
			 (seq <= old || seq == top ? VGW_REPLAY_SEEN : VGW_REPLAY_FRESH);
	if (wrong)
		print_error("size %u, from %llu to %llu: %u wrong\n", full->size, (unsigned long long)old,
			    (unsigned long long)top, wrong);
	assert_int_equal(wrong, 0);
}

static void jumps_forget_what_they_skip(void **state)
{
	static const u32 offsets[] = { 0, 1, 31, 62, 63 };
	struct vgw_replay *full, *replay;
	u64 top, seq, width, furthest;
	size_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		replay = window(sizes[i], true);
		for (k = 0; k < ARRAY_LEN(offsets); k++) {
			full = window(sizes[i], true);
			top = (sizes[i] / 64 + 3) * 64 + offsets[k];
			for (seq = 1; seq <= top; seq++)
				vgw_replay_commit(full, seq);
			furthest = full->words * 64 + 130;
			for (width = 1; width <= furthest; width++)
				/* Of wide windows: around words' edges on either side, the window's and the ring's. */
				if (sizes[i] <= 1024 || width <= 130 || (width + offsets[k] + 1) % 1024 < 3 ||
				    width + 2 > full->words * 64 || (width + 2 > sizes[i] && width < sizes[i] + 66))
					jump(full, replay, width);
			jump(full, replay, 1ULL << 32);
			jump(full, replay, (1ULL << 32) + 64);
			jump(full, replay, ~0ULL - 1 - top);
			free(full);
		}
		free(replay);
	}
}

/* xorshift64*: the same numbers on each run. */
static u64 random_state;

static u64 random64(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * 2685821657736338717ULL;
}

static u64 below(u64 limit)
{
	return random64() % limit;
}

/* The reference: the set of all numbers ever accepted, as an open hash. */
enum { MODEL_SLOTS = 1 << 19 };

struct model {
	u64 top;
	u32 size;
	u64 *slots;
};

static u64 *slot_of(const struct model *model, u64 seq)
{
	u64 i = seq * 0x9e3779b97f4a7c15ULL >> 45;

	while (model->slots[i] && model->slots[i] != seq)
		i = (i + 1) % MODEL_SLOTS;
	return &model->slots[i];
}

static enum vgw_replay_verdict model_check(const struct model *model, u64 seq)
{
	if (!seq || (seq < model->top && model->top - seq > model->size - 1))
		return VGW_REPLAY_OLD;
	return *slot_of(model, seq) ? VGW_REPLAY_SEEN : VGW_REPLAY_FRESH;
}

static enum vgw_replay_verdict model_commit(struct model *model, u64 seq)
{
	enum vgw_replay_verdict verdict = model_check(model, seq);

	if (verdict == VGW_REPLAY_FRESH) {
		*slot_of(model, seq) = seq;
		model->top = seq > model->top ? seq : model->top;
	}
	return verdict;
}

/* The least number not left of the window that has this lower half. */
static u64 model_extend(const struct model *model, u32 low)
{
	u64 left = model->top < model->size ? 0 : model->top - model->size + 1;

	return left + (u32)(low - (u32)left);
}

static u64 random_seq(u64 top, u32 size)
{
	switch (below(16)) {
	case 0: return top + below(3 * size);
	case 1: return top + below(140);
	case 2: return top - below(3 * size);
	case 3: return top - size + below(4);
	case 4: return top + size + below(4) - 2;
	case 5: return below(64) ? top + 64 * below(4) : top + 64 * below(600);
	case 6: case 7: case 8: case 9: return top + 1;
	case 10: case 11: return top + below(4);
	default: return top - below(size);
	}
}

static void random_walk(u32 size, u64 start, unsigned int steps, bool esn)
{
	struct model model = { .size = size, .slots = calloc(MODEL_SLOTS, sizeof(u64)) };
	struct vgw_replay *replay = window(size, esn);
	unsigned int step;
	u64 seq;

	assert_non_null(model.slots);
	random_state = 0x5eed + size;
	assert_int_equal(model_commit(&model, start), vgw_replay_commit(replay, start));
	for (step = 0; step < steps; step++) {
		seq = random_seq(model.top, size);
		if (!esn)
			seq = (u32)seq;
		assert_int_equal(vgw_replay_check(replay, seq), model_check(&model, seq));
		assert_int_equal(vgw_replay_commit(replay, seq), model_commit(&model, seq));
		assert_true(replay->top == model.top);
		if (esn)
			assert_true(vgw_replay_extend(replay, seq) == model_extend(&model, seq));
		else
			assert_true(vgw_replay_extend(replay, seq) == seq);
		if (step % 4096)
			continue;
		for (seq = model.top - size - 1; seq != model.top + 3; seq++)
			assert_int_equal(vgw_replay_check(replay, seq), model_check(&model, seq));
	}
	free(model.slots);
	free(replay);
}

static void random_sequences_match_the_model(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		random_walk(sizes[i], 1, 200000, false);
		random_walk(sizes[i], 1, 200000, true);
		random_walk(sizes[i], 0xffffffff - 50 * sizes[i], 100000, false);
		random_walk(sizes[i], 0xffffffff - 50 * sizes[i], 100000, true);
		random_walk(sizes[i], 0x7ffffffff - 50 * sizes[i], 100000, true);
	}
}

/* RFC 4303 appendix A2.2: case A, then case B, each left of the bottom and not. */
static void extend_is_as_the_rfc_says(void **state)
{
	struct vgw_replay *replay;
	u32 size, bottom;
	size_t i;
	u64 high;

	(void)state;
	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		size = sizes[i];
		replay = window(size, true);
		for (high = 0; high < 3; high++) {
			/* One subspace. */
			replay->top = high << 32 | 100000;
			bottom = 100000 - size + 1;
			assert_true(vgw_replay_extend(replay, bottom) == (high << 32 | bottom));
			assert_true(vgw_replay_extend(replay, 100000) == (high << 32 | 100000));
			assert_true(vgw_replay_extend(replay, 100001) == (high << 32 | 100001));
			assert_true(vgw_replay_extend(replay, ~0u) == (high << 32 | ~0u));
			assert_true(vgw_replay_extend(replay, bottom - 1) == ((high + 1) << 32 | (bottom - 1)));
			assert_true(vgw_replay_extend(replay, 0) == (high + 1) << 32);
			/* The bottom is the subspace's first number: still one. */
			replay->top = high << 32 | (size - 1);
			assert_true(vgw_replay_extend(replay, 0) == high << 32);
			assert_true(vgw_replay_extend(replay, ~0u) == (high << 32 | ~0u));
			/* Two subspaces, when there is an older one. */
			replay->top = high << 32 | (size - 2);
			assert_true(vgw_replay_extend(replay, 0) == high << 32);
			assert_true(vgw_replay_extend(replay, size) == (high << 32 | size));
			assert_true(vgw_replay_extend(replay, ~0u - 1) == (high << 32 | (~0u - 1)));
			assert_true(vgw_replay_extend(replay, ~0u) == ((high ? high - 1 : 0) << 32 | ~0u));
			replay->top = high << 32;
			bottom = 0u - (size - 1);
			assert_true(vgw_replay_extend(replay, bottom) == ((high ? high - 1 : 0) << 32 | bottom));
			assert_true(vgw_replay_extend(replay, bottom - 1) == (high << 32 | (bottom - 1)));
		}
		free(replay);
	}
}

static void receive(struct vgw_replay *replay, u32 low, u64 seq, enum vgw_replay_verdict verdict)
{
	assert_true(vgw_replay_extend(replay, low) == seq);
	expect(replay, seq, verdict);
}

static void esn_crosses_into_the_next_subspace(void **state)
{
	struct vgw_replay *replay;
	const u64 turn = 1ULL << 32;
	u64 seq;
	u32 size;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		size = sizes[i];
		replay = window(size, true);
		receive(replay, 0u - 2 * size, turn - 2 * size, VGW_REPLAY_FRESH);
		/* In order over the edge, but for each third; those come late. */
		for (seq = turn - 2 * size + 1; seq < turn + size / 2; seq++)
			if (seq % 3)
				receive(replay, seq, seq, VGW_REPLAY_FRESH);
		for (seq = replay->top - size + 1; seq < replay->top; seq++)
			receive(replay, seq, seq, seq % 3 ? VGW_REPLAY_SEEN : VGW_REPLAY_FRESH);
		for (seq = replay->top - size + 1; seq < replay->top; seq++)
			receive(replay, seq, seq, VGW_REPLAY_SEEN);
		/* Left of the window is taken for the next subspace's right; its check value will tell. */
		assert_true(vgw_replay_extend(replay, replay->top - size) == replay->top - size + turn);
		expect(replay, replay->top - size, VGW_REPLAY_OLD);
		/* A lower half of zero is a number like others once the upper is not. */
		vgw_replay_init(replay, size, true);
		receive(replay, ~0u, turn - 1, VGW_REPLAY_FRESH);
		receive(replay, 0, turn, VGW_REPLAY_FRESH);
		receive(replay, 0, turn, VGW_REPLAY_SEEN);
		receive(replay, ~0u - 1, turn - 2, VGW_REPLAY_FRESH);
		receive(replay, ~0u, turn - 1, VGW_REPLAY_SEEN);
		free(replay);
	}
}

static void esn_ends_at_its_last_number(void **state)
{
	struct vgw_replay *replay;
	size_t i;
	u32 low;

	(void)state;
	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		replay = window(sizes[i], true);
		expect(replay, ~0ULL - 1, VGW_REPLAY_FRESH);
		receive(replay, ~0u, ~0ULL, VGW_REPLAY_FRESH);
		receive(replay, ~0u, ~0ULL, VGW_REPLAY_SEEN);
		receive(replay, ~0u - 1, ~0ULL - 1, VGW_REPLAY_SEEN);
		receive(replay, ~0u - sizes[i] + 1, ~0ULL - sizes[i] + 1, VGW_REPLAY_FRESH);
		for (low = 0; low < 1000; low++)
			expect(replay, vgw_replay_extend(replay, low), VGW_REPLAY_OLD);
		expect(replay, vgw_replay_extend(replay, ~0u - sizes[i]), VGW_REPLAY_OLD);
		assert_true(replay->top == ~0ULL);
		free(replay);
	}
}

static void short_numbers_never_wrap(void **state)
{
	struct vgw_replay *replay;
	size_t i;
	u32 low;

	(void)state;
	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		replay = window(sizes[i], false);
		receive(replay, ~0u - 1, ~0u - 1, VGW_REPLAY_FRESH);
		receive(replay, ~0u, ~0u, VGW_REPLAY_FRESH);
		receive(replay, ~0u, ~0u, VGW_REPLAY_SEEN);
		for (low = 0; low < 1000; low++)
			receive(replay, low, low, VGW_REPLAY_OLD);
		receive(replay, ~0u - sizes[i], ~0u - sizes[i], VGW_REPLAY_OLD);
		receive(replay, ~0u - sizes[i] + 1, ~0u - sizes[i] + 1, VGW_REPLAY_FRESH);
		assert_true(replay->top == ~0u);
		free(replay);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ring_has_a_word_to_spare),
		cmocka_unit_test(zero_is_never_accepted),
		cmocka_unit_test(first_packet_may_be_any),
		cmocka_unit_test(packets_in_order_are_accepted_once),
		cmocka_unit_test(left_edge_is_exact),
		cmocka_unit_test(jumps_forget_what_they_skip),
		cmocka_unit_test(random_sequences_match_the_model),
		cmocka_unit_test(extend_is_as_the_rfc_says),
		cmocka_unit_test(esn_crosses_into_the_next_subspace),
		cmocka_unit_test(esn_ends_at_its_last_number),
		cmocka_unit_test(short_numbers_never_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
