// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/iked/wills.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "iked/wills.h"

static struct ike_act_will will(uint64_t spi, uint16_t len)
{
	return (struct ike_act_will){ .policy = 1, .spi = spi, .len = len };
}

static void take(struct will **first, uint64_t spi, uint16_t len)
{
	const struct ike_act_will act = will(spi, len);

	wills_take(first, &act);
}

/* Length of the will of @spi, 0: none. */
static uint16_t len_of(const struct will *first, uint64_t spi)
{
	for (; first; first = first->next)
		if (first->act.spi == spi)
			return first->act.len;
	return 0;
}

static unsigned int count(const struct will *first)
{
	unsigned int n = 0;

	for (; first; first = first->next)
		n++;
	return n;
}

static void the_newest_counts(void **state)
{
	struct will *first = NULL;

	(void)state;
	take(&first, 1, 100);
	take(&first, 2, 90);
	take(&first, 1, 80);
	assert_int_equal(count(first), 2);
	assert_int_equal(len_of(first, 1), 80);
	assert_int_equal(len_of(first, 2), 90);
	wills_free(&first);
	assert_null(first);
}

static void an_sa_ends(void **state)
{
	struct will *first = NULL;

	(void)state;
	take(&first, 1, 0);
	assert_null(first);
	take(&first, 1, 100);
	take(&first, 2, 100);
	take(&first, 3, 0);
	take(&first, 1, 0);
	assert_int_equal(count(first), 1);
	assert_int_equal(len_of(first, 2), 100);
	take(&first, 2, 0);
	assert_null(first);
}

static void bounded(void **state)
{
	struct will *first = NULL;
	uint64_t spi;

	(void)state;
	for (spi = 1; spi <= 3 * WILLS_MAX; spi++)
		take(&first, spi, spi);
	assert_int_equal(count(first), WILLS_MAX);
	for (spi = 1; spi <= 3 * WILLS_MAX; spi++)
		assert_int_equal(len_of(first, spi), spi > 2 * WILLS_MAX ? spi : 0);
	wills_free(&first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_newest_counts),
		cmocka_unit_test(an_sa_ends),
		cmocka_unit_test(bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
