// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "pair.h"

/* From nothing to a tunnel. */

static void begin(struct pair *pair, uint64_t seed, const char *ike, const char *esp)
{
	pair_init(pair, seed, ike, esp);
	pair_create(pair, 1000);
	pair_up(pair, 1);
	pair_up(pair, 0);
}

static void test_up(void **state)
{
	struct pair pair;

	(void)state;
	begin(&pair, 1, NULL, NULL);
	assert_true(pair_until_up(&pair, 5000));
	pair_run(&pair, 1000);
	pair_settled(&pair);
	/* Four messages, and no more. */
	assert_int_equal(pair.side[0].sent, 2);
	assert_int_equal(pair.side[1].sent, 2);
	assert_true(pair_status(&pair, 0).initiator);
	assert_false(pair_status(&pair, 1).initiator);
	pair_free(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
