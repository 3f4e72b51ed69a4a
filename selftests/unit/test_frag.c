// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/ike/frag.c tools/vpntun/ike/buf.c */
/* libs: libcrypto */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ike/frag.h"

static uint8_t chain[IKE_DATAGRAM_MAX + 1], joined[IKE_DATAGRAM_MAX];

static int fill(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(chain); i++)
		chain[i] = (uint8_t)(i * 7 + i / 256);
	return 0;
}

/* Message 5, an IKE_AUTH, @len bytes in @total parts. */
static struct frag_piece piece_of(uint16_t number, uint16_t total, size_t len)
{
	const struct frag_cut cut = {total, (len + total - 1) / total};

	return (struct frag_piece){
		.id = 5, .exchange = IKE_EXCH_AUTH, .first = number == 1 ? IKE_PLD_IDI : 0, .number = number,
		.total = total, .bytes = frag_part(&cut, (struct span){chain, len}, number),
	};
}

static enum frag_result add(struct frag **frag, uint16_t number, uint16_t total, size_t len)
{
	const struct frag_piece piece = piece_of(number, total, len);

	return frag_add(frag, &piece);
}

static void is_whole(struct frag **frag, size_t len)
{
	struct wr out = wr_init(joined, sizeof(joined));

	assert_int_equal(frag_join(*frag, &out), IKE_PLD_IDI);
	assert_false(out.bad);
	assert_int_equal(out.len, len);
	assert_memory_equal(joined, chain, len);
	frag_free(frag);
	assert_null(*frag);
}

static void what_is_cut_is_joined(void **state)
{
	static const size_t rooms[] = {0, 1, 2, 100, 1000, 100000};

	(void)state;
	for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++) {
		for (size_t len = 0; len <= IKE_DATAGRAM_MAX; len += 1 + len / 3) {
			const struct frag_cut cut = frag_cut(len, rooms[i]);
			struct frag *frag = NULL;
			size_t sum = 0;

			assert_in_range(cut.total, 1, IKE_FRAGMENTS_MAX);
			/* As few as there can be, unless that would be too many. */
			if (len > rooms[i] && len <= rooms[i] * IKE_FRAGMENTS_MAX)
				assert_int_equal(cut.total, (len + rooms[i] - 1) / rooms[i]);
			for (uint16_t number = 1; number <= cut.total; number++) {
				struct frag_piece piece = piece_of(number, cut.total, len);

				piece.bytes = frag_part(&cut, (struct span){chain, len}, number);
				assert_true(piece.bytes.len > 0 || !len);
				sum += piece.bytes.len;
				assert_int_equal(frag_add(&frag, &piece),
						 number == cut.total ? FRAG_WHOLE : FRAG_TAKEN);
			}
			assert_int_equal(sum, len);
			is_whole(&frag, len);
		}
	}
}

static void any_order_will_do(void **state)
{
	static const uint16_t order[] = {4, 2, 5, 1, 3};
	struct frag *frag = NULL;

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_int_equal(add(&frag, order[i], 5, 999), i == 4 ? FRAG_WHOLE : FRAG_TAKEN);
	is_whole(&frag, 999);
	for (uint16_t number = IKE_FRAGMENTS_MAX; number; number--)
		assert_int_equal(add(&frag, number, IKE_FRAGMENTS_MAX, IKE_DATAGRAM_MAX),
				 number == 1 ? FRAG_WHOLE : FRAG_TAKEN);
	is_whole(&frag, IKE_DATAGRAM_MAX);
}

/* The first copy of a part counts. */
static void duplicates_change_nothing(void **state)
{
	struct frag_piece other = piece_of(2, 3, 900);
	struct frag *frag = NULL;

	(void)state;
	assert_int_equal(add(&frag, 2, 3, 900), FRAG_TAKEN);
	assert_int_equal(add(&frag, 2, 3, 900), FRAG_PASSED);
	other.bytes = (struct span){joined, 10};
	assert_int_equal(frag_add(&frag, &other), FRAG_PASSED);
	assert_int_equal(add(&frag, 1, 3, 900), FRAG_TAKEN);
	assert_int_equal(add(&frag, 1, 3, 900), FRAG_PASSED);
	assert_int_equal(add(&frag, 3, 3, 900), FRAG_WHOLE);
	is_whole(&frag, 900);

	/* An empty one is one, too. */
	other.bytes.len = 0;
	assert_int_equal(frag_add(&frag, &other), FRAG_TAKEN);
	assert_int_equal(frag_add(&frag, &other), FRAG_PASSED);
	frag_free(&frag);
}

/* RFC 7383 section 2.6: in more parts the same message begins anew, in fewer it is not taken. */
static void smaller_parts_begin_anew(void **state)
{
	struct frag *frag = NULL;

	(void)state;
	assert_int_equal(add(&frag, 1, 2, 900), FRAG_TAKEN);
	assert_int_equal(add(&frag, 2, 3, 900), FRAG_TAKEN);
	assert_int_equal(add(&frag, 2, 2, 900), FRAG_PASSED);
	assert_int_equal(add(&frag, 1, 1, 900), FRAG_PASSED);
	assert_int_equal(add(&frag, 3, 3, 900), FRAG_TAKEN);
	assert_int_equal(add(&frag, 1, 3, 900), FRAG_WHOLE);
	is_whole(&frag, 900);
}

/* Another message takes the place of one that was never finished, even if its parts are fewer. */
static void messages_are_not_mixed(void **state)
{
	struct frag_piece piece = piece_of(2, 3, 900);
	struct frag *frag = NULL;

	(void)state;
	assert_int_equal(frag_add(&frag, &piece), FRAG_TAKEN);
	piece = piece_of(1, 2, 900);
	piece.id = 6;
	assert_int_equal(frag_add(&frag, &piece), FRAG_TAKEN);
	piece = piece_of(2, 2, 900);
	piece.id = 6;
	piece.exchange = IKE_EXCH_INFORMATIONAL;
	assert_int_equal(frag_add(&frag, &piece), FRAG_TAKEN);
	piece = piece_of(1, 2, 900);
	piece.id = 6;
	assert_int_equal(frag_add(&frag, &piece), FRAG_TAKEN);
	piece = piece_of(2, 2, 900);
	piece.id = 6;
	assert_int_equal(frag_add(&frag, &piece), FRAG_WHOLE);
	is_whole(&frag, 900);
}

static void there_are_limits(void **state)
{
	struct frag_piece piece = {.id = 5, .exchange = IKE_EXCH_AUTH, .number = 1, .total = 3};
	struct frag *frag = NULL;

	(void)state;
	assert_int_equal(add(&frag, 1, IKE_FRAGMENTS_MAX + 1, 900), FRAG_TOO_LARGE);
	assert_int_equal(add(&frag, 1, UINT16_MAX, 900), FRAG_TOO_LARGE);
	piece.number = 0;
	assert_int_equal(frag_add(&frag, &piece), FRAG_PASSED);
	piece.number = 4;
	assert_int_equal(frag_add(&frag, &piece), FRAG_PASSED);
	piece.number = piece.total = 0;
	assert_int_equal(frag_add(&frag, &piece), FRAG_PASSED);
	assert_null(frag);

	piece.total = 3;
	piece.number = 1;
	piece.bytes = (struct span){chain, IKE_DATAGRAM_MAX + 1};
	assert_int_equal(frag_add(&frag, &piece), FRAG_TOO_LARGE);
	piece.bytes.len = IKE_DATAGRAM_MAX;
	assert_int_equal(frag_add(&frag, &piece), FRAG_TAKEN);
	piece.number = 2;
	piece.bytes.len = 1;
	assert_int_equal(frag_add(&frag, &piece), FRAG_TOO_LARGE);
	/* What does not fit was not taken for there. */
	piece.bytes.len = 0;
	assert_int_equal(frag_add(&frag, &piece), FRAG_TAKEN);
	/* And one with more parts than there may be changes nothing. */
	piece.total = IKE_FRAGMENTS_MAX + 1;
	assert_int_equal(frag_add(&frag, &piece), FRAG_TOO_LARGE);
	piece.total = 3;
	piece.number = 3;
	assert_int_equal(frag_add(&frag, &piece), FRAG_WHOLE);
	frag_free(&frag);
	frag_free(&frag);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_cut_is_joined),
		cmocka_unit_test(any_order_will_do),
		cmocka_unit_test(duplicates_change_nothing),
		cmocka_unit_test(smaller_parts_begin_anew),
		cmocka_unit_test(messages_are_not_mixed),
		cmocka_unit_test(there_are_limits),
	};

	return cmocka_run_group_tests_name("frag", tests, fill, NULL);
}
