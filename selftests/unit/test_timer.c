// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/ike/timer.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ike/timer.h"

enum { COUNT = 500, STEPS = 100000 };

/* What is due first, by looking at all. */
static uint64_t soonest(const struct timer *all)
{
	uint64_t due = UINT64_MAX;

	for (int i = 0; i < COUNT; i++)
		if (all[i].at && all[i].due < due)
			due = all[i].due;
	return due;
}

static void the_first_is_the_soonest(void **state)
{
	static struct timer all[COUNT];
	struct timers timers = {NULL};

	(void)state;
	srand(1);
	for (int step = 0; step < STEPS; step++) {
		struct timer *timer = &all[rand() % COUNT];

		switch (rand() % 4) {
		case 0:
			timer_stop(&timers, timer);
			break;
		case 1:
			if (timers.first)
				timer_stop(&timers, timers.first);
			break;
		default:
			/* Many at the same time, too. */
			timer_set(&timers, timer, (uint64_t)(rand() % 200));
		}
		if (step % 16)
			continue;
		assert_int_equal(timers.first ? timers.first->due : UINT64_MAX, soonest(all));
	}
}

static void they_come_in_order(void **state)
{
	static struct timer all[COUNT];
	struct timers timers = {NULL};
	uint64_t last = 0;
	int count = 0;

	(void)state;
	srand(2);
	for (int i = 0; i < COUNT; i++)
		timer_set(&timers, &all[i], (uint64_t)(rand() % 1000));
	while (timers.first) {
		assert_true(timers.first->due >= last);
		last = timers.first->due;
		timer_stop(&timers, timers.first);
		count++;
	}
	assert_int_equal(count, COUNT);
	for (int i = 0; i < COUNT; i++)
		assert_null(all[i].at);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_is_the_soonest),
		cmocka_unit_test(they_come_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
