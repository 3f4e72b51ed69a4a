// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/ike/buf.c */
/* libs: libcrypto */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ike/buf.h"

static void numbers_come_back(void **state)
{
	uint8_t bytes[15];
	struct wr wr = wr_init(bytes, sizeof(bytes));
	struct rd rd;

	(void)state;
	wr_u8(&wr, 0xab);
	wr_u16(&wr, 0x1234);
	wr_u32(&wr, 0xfedcba98);
	wr_u64(&wr, 0x0102030405060708);
	assert_false(wr.bad);
	assert_int_equal(wr.len, sizeof(bytes));
	assert_int_equal(bytes[1], 0x12);
	assert_int_equal(bytes[14], 0x08);

	rd = rd_init(wr_done(&wr));
	assert_int_equal(rd_u8(&rd), 0xab);
	assert_int_equal(rd_u16(&rd), 0x1234);
	assert_int_equal(rd_u32(&rd), 0xfedcba98);
	assert_false(rd_done(&rd));
	assert_true(rd_u64(&rd) == 0x0102030405060708);
	assert_true(rd_done(&rd));
}

static void what_is_not_there_is_zero_and_bad_for_good(void **state)
{
	const uint8_t bytes[3] = { 1, 2, 3 };
	struct rd rd = rd_init((struct span){ bytes, sizeof(bytes) });
	struct span none;

	(void)state;
	assert_int_equal(rd_u32(&rd), 0);
	assert_true(rd.bad);
	/* There would be enough for this one, but the parser has lost its way. */
	assert_int_equal(rd_u8(&rd), 0);
	none = rd_rest(&rd);
	assert_int_equal(none.len, 0);
	assert_false(rd_done(&rd));
}

static void a_part_ends_where_it_ends(void **state)
{
	const uint8_t bytes[4] = { 1, 2, 3, 4 };
	struct rd rd = rd_init((struct span){ bytes, sizeof(bytes) }), sub;

	(void)state;
	sub = rd_sub(&rd, 2);
	assert_int_equal(rd_u16(&sub), 0x0102);
	assert_true(rd_done(&sub));
	assert_int_equal(rd_u8(&sub), 0);
	assert_true(sub.bad);
	assert_false(rd.bad);
	assert_int_equal(rd_u8(&rd), 3);

	sub = rd_sub(&rd, 2);
	assert_true(sub.bad);
	assert_true(rd.bad);
	sub = rd_sub(&rd, SIZE_MAX);
	assert_true(sub.bad);
}

static void nothing_is_a_span_too(void **state)
{
	struct rd rd = rd_init((struct span){ NULL, 0 });
	uint8_t byte;
	struct wr wr = wr_init(&byte, 0);

	(void)state;
	assert_true(rd_done(&rd));
	assert_int_equal(rd_rest(&rd).len, 0);
	assert_true(rd_done(&rd));
	wr_span(&wr, (struct span){ NULL, 0 });
	wr_zero(&wr, 0);
	assert_false(wr.bad);
	wr_u8(&wr, 1);
	assert_true(wr.bad);
}

static void what_does_not_fit_is_not_written(void **state)
{
	uint8_t bytes[4] = { 9, 9, 9, 9 };
	struct wr wr = wr_init(bytes, 3);

	(void)state;
	wr_u16(&wr, 0x0102);
	wr_u16(&wr, 0x0304);
	assert_true(wr.bad);
	wr_u8(&wr, 5);
	assert_int_equal(wr.len, 2);
	assert_int_equal(bytes[2], 9);
	assert_int_equal(bytes[3], 9);
	assert_null(wr_room(&wr, 0));

	wr = wr_init(bytes, sizeof(bytes));
	assert_null(wr_room(&wr, SIZE_MAX));
	wr = wr_init(bytes, sizeof(bytes));
	wr_zero(&wr, 4);
	assert_false(wr.bad);
	assert_int_equal(bytes[3], 0);
}

static void lengths_close(void **state)
{
	static uint8_t bytes[70000];
	struct wr wr = wr_init(bytes, sizeof(bytes));
	size_t outer, inner;

	(void)state;
	wr_u16(&wr, 0xffff);
	outer = wr_open16(&wr, 2);
	wr_u8(&wr, 7);
	inner = wr_open16(&wr, 0);
	wr_u8(&wr, 8);
	wr_close16(&wr, inner, 0);
	wr_close16(&wr, outer, 2);
	assert_memory_equal(bytes, ((uint8_t[]){ 0xff, 0xff, 0, 8, 7, 0, 3, 8 }), 8);

	outer = wr_open16(&wr, 0);
	wr_zero(&wr, 65533);
	wr_close16(&wr, outer, 0);
	assert_false(wr.bad);
	wr_u8(&wr, 1);
	wr_close16(&wr, outer, 0);
	assert_true(wr.bad);

	/* A length cannot begin before the buffer. */
	wr = wr_init(bytes, sizeof(bytes));
	wr_u8(&wr, 1);
	wr_open16(&wr, 2);
	assert_true(wr.bad);
}

static void spans_compare(void **state)
{
	const uint8_t a[] = { 1, 2, 3 }, b[] = { 1, 2, 4 };

	(void)state;
	assert_true(span_equal((struct span){ a, 2 }, (struct span){ b, 2 }));
	assert_false(span_equal((struct span){ a, 3 }, (struct span){ b, 3 }));
	assert_false(span_equal((struct span){ a, 2 }, (struct span){ a, 3 }));
	assert_true(span_equal((struct span){ NULL, 0 }, (struct span){ a, 0 }));
	assert_true(span_equal_secret((struct span){ a, 2 }, (struct span){ b, 2 }));
	assert_false(span_equal_secret((struct span){ a, 3 }, (struct span){ b, 3 }));
	assert_false(span_equal_secret((struct span){ a, 2 }, (struct span){ a, 3 }));
	assert_true(span_equal_secret((struct span){ NULL, 0 }, (struct span){ NULL, 0 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_come_back),
		cmocka_unit_test(what_is_not_there_is_zero_and_bad_for_good),
		cmocka_unit_test(a_part_ends_where_it_ends),
		cmocka_unit_test(nothing_is_a_span_too),
		cmocka_unit_test(what_does_not_fit_is_not_written),
		cmocka_unit_test(lengths_close),
		cmocka_unit_test(spans_compare),
	};

	return cmocka_run_group_tests_name("ikebuf", tests, NULL, NULL);
}
