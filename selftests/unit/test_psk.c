// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/util/psk.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "util/psk.h"

static const char allowed[] =
	"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._";

static void keys_are_what_aws_takes(void **state)
{
	unsigned int seen[256] = { 0 };
	struct psk psk, last = { "" };
	int i, round;

	(void)state;
	for (round = 0; round < 4000; round++) {
		assert_int_equal(psk_make(&psk, getentropy), 0);
		assert_true(psk.text[0] != '0');
		assert_memory_not_equal(&psk, &last, sizeof(psk));
		last = psk;
		for (i = 0; i < PSK_LENGTH; i++)
			seen[(uint8_t)psk.text[i]]++;
	}

	/* 192,000 characters: 3000 of each, give or take 54; ten times that is no chance. */
	for (i = 0; i < 256; i++) {
		if (i && strchr(allowed, i))
			assert_in_range(seen[i], 2450, 3550);
		else
			assert_int_equal(seen[i], 0);
	}
}

/* Gives bytes that all stand for '0', and others from the second call on. */
static unsigned int calls;

static int zeros_first(void *buffer, size_t size)
{
	memset(buffer, calls++ ? 0 : 52, size);
	return 0;
}

static void a_zero_in_front_is_drawn_again(void **state)
{
	struct psk psk;
	int i;

	(void)state;
	calls = 0;
	assert_int_equal(psk_make(&psk, zeros_first), 0);
	assert_int_equal(calls, 2);
	for (i = 0; i < PSK_LENGTH; i++)
		assert_int_equal(psk.text[i], 'A');
}

static int zeros_then_failure(void *buffer, size_t size)
{
	memset(buffer, 52, size);
	return calls++ ? -1 : 0;
}

static void failure_leaves_nothing(void **state)
{
	static const struct psk nothing;
	struct psk psk;

	(void)state;
	calls = 0;
	memset(&psk, 'x', sizeof(psk));
	assert_int_equal(psk_make(&psk, zeros_then_failure), -1);
	assert_memory_equal(&psk, &nothing, sizeof(psk));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_what_aws_takes),
		cmocka_unit_test(a_zero_in_front_is_drawn_again),
		cmocka_unit_test(failure_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
