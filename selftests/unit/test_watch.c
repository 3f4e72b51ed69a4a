// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/cli/watch.c tools/vpntun/cli/out.c tools/vpntun/util/utf8.c tools/vpntun/cli/status.c tools/vpntun/cli/view.c tools/vpntun/nl/snap.c */
/* sources: tools/vpntun/nl/vgw.c tools/vpntun/nl/attr.c tools/vpntun/nl/knl.c tools/vpntun/nl/names_gen.c tools/vpntun/util/addr.c */
/* sources: tools/vpntun/util/clock.c tools/vpntun/util/name.c tools/vpntun/util/num.c tools/vpntun/util/nearest.c tools/vpntun/util/why.c */
/* libs: libnl-3.0 libnl-genl-3.0 jansson */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cli/watch.h"

static void rates_are_of_a_second(void **state)
{
	const struct watch_counts zero = { 0 }, before = { 1000, 50, 10, 4, 7 }, now = { 4000, 50, 13, 5, 2 };
	struct watch_counts rates;

	(void)state;
	watch_rates(&before, &now, 2000, &rates);
	assert_int_equal(rates.rx_bytes, 1500);
	assert_int_equal(rates.tx_bytes, 0);
	assert_int_equal(rates.rx_packets, 2);	/* 1.5, rounded */
	assert_int_equal(rates.tx_packets, 1);
	/* The tunnel was made anew: all it has came since. */
	assert_int_equal(rates.drops, 1);
	watch_rates(&before, &now, 0, &rates);
	assert_memory_equal(&rates, &zero, sizeof(zero));
}

static void pictures_fit_the_terminal(void **state)
{
	static const char picture[] = "one two\n\033[32mthree\033[0m four\n\nfive\n";
	const struct {
		unsigned int rows, columns;
		const char *text;
	} cases[] = {
		{ 0, 0, picture },
		{ 0, 80, picture },
		{ 10, 5, "one t\n\033[32mthree\033[0m\n\nfive\n" },
		{ 2, 80, "one two\n\033[32mthree\033[0m four" },
		{ 1, 3, "one" },
	};
	char *text;
	size_t i, size;
	FILE *to;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		to = open_memstream(&text, &size);
		watch_clip(to, picture, cases[i].rows, cases[i].columns);
		fclose(to);
		assert_string_equal(text, cases[i].text);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates_are_of_a_second),
		cmocka_unit_test(pictures_fit_the_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
