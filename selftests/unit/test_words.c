// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/cli/words.c tools/vpntun/util/addr.c tools/vpntun/util/num.c tools/vpntun/util/nearest.c tools/vpntun/util/why.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/words.h"
#include "util/addr.h"
#include "util/num.h"

struct part {
	uint64_t has;
	uint32_t misses;
};

struct filled {
	uint64_t has;
	uint8_t df;
	struct part part;
	struct ip_addr local;
	uint16_t sport;
	uint32_t priority;
};

static const char *const df_names[] = { "copy", NULL, "clear" };
static const char *const long_names[] = { NULL, "a-long-name-1", "a-long-name-2", "a-long-name-3",
	"a-long-name-4", "a-long-name-5", "a-long-name-6" };

static const struct word table[] = {
	{ "local", "ADDRESS", "own address", addr_parse, WORD_TO(filled, local), 3 },
	{ "sport", "N", "own port", port_parse, WORD_TO(filled, sport), 5 },
	{ "priority", "N", "lowest wins", u32_parse, WORD_TO(filled, priority), 63 },
	{ "df", NULL, "a choice", NULL, WORD_TO(filled, df), 7, WORD_CHOICES(df_names) },
	{ "misses", "N", "in a part", misses_parse, WORD_IN(filled, part, misses), 5 },
	{ 0 }
};

static void values_reach_their_members(void **state)
{
	char *const argv[] = { "priority", "7", "sport", "4501", "local", "1.2.3.4", NULL };
	struct filled filled = { 0 };
	struct why why;

	(void)state;
	assert_int_equal(words_parse(table, argv, &filled, &why), 0);
	assert_int_equal(filled.sport, 4501);
	assert_int_equal(filled.priority, 7);
	assert_int_equal(filled.local.len, 4);
	assert_true(filled.has == (UINT64_C(1) << 3 | UINT64_C(1) << 5 | UINT64_C(1) << 63));
}

static void choices_and_parts(void **state)
{
	char *const argv[] = { "df", "clear", "misses", "100", NULL };
	struct filled filled = { .local.len = 9 };
	struct why why;

	(void)state;
	assert_int_equal(words_parse(table, argv, &filled, &why), 0);
	assert_int_equal(filled.df, 2);
	assert_int_equal(filled.part.misses, 100);
	assert_true(filled.has == UINT64_C(1) << 7);
	assert_true(filled.part.has == UINT64_C(1) << 5);
	assert_int_equal(filled.local.len, 9);
}

static void nothing_is_a_list_too(void **state)
{
	char *const argv[] = { NULL };
	struct filled filled = { 0 };
	struct why why;

	(void)state;
	assert_int_equal(words_parse(table, argv, &filled, &why), 0);
	assert_true(filled.has == 0);
}

static void refused(char *const argv[], const char *reason)
{
	struct filled filled = { 0 };
	struct why why = { "" };

	assert_true(words_parse(table, argv, &filled, &why) < 0);
	assert_string_equal(why.text, reason);
}

static void refusals_say_why(void **state)
{
	(void)state;
	refused((char *[]){ "sprot", "1", NULL },
		"unknown word 'sprot'; did you mean 'sport'?");
	refused((char *[]){ "prio", "1", NULL },
		"unknown word 'prio'; did you mean 'priority'?");
	refused((char *[]){ "frobnicate", "1", NULL }, "unknown word 'frobnicate'");
	refused((char *[]){ "", NULL }, "unknown word ''");
	refused((char *[]){ "sport", NULL }, "'sport' needs a value: sport N");
	refused((char *[]){ "sport", "1", "sport", "2", NULL },
		"'sport' is given twice");
	refused((char *[]){ "misses", "1", "sport", "2", "misses", "1", NULL },
		"'misses' is given twice");
	refused((char *[]){ "df", NULL }, "'df' needs a value: df copy|clear");
	refused((char *[]){ "df", "claer", NULL },
		"df: unknown value 'claer'; did you mean 'clear'?");
	refused((char *[]){ "sport", "x", NULL },
		"sport: 'x' is not a whole number");
}

static void help_has_a_line_for_each(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *to;

	(void)state;
	to = open_memstream(&text, &size);
	assert_non_null(to);
	words_help(table, to);
	fclose(to);
	assert_string_equal(text,
			    "  local ADDRESS             own address\n"
			    "  sport N                   own port\n"
			    "  priority N                lowest wins\n"
			    "  df copy|clear             a choice\n"
			    "  misses N                  in a part\n");
	free(text);
}

static void help_lists_what_has_no_room(void **state)
{
	const struct word words[] = {
		{ "alg", "NAME", "suite", u32_parse, WORD_TO(filled, priority), 1,
		  WORD_CHOICES(long_names) },
		{ 0 }
	};
	char *text = NULL;
	size_t size;
	FILE *to;

	(void)state;
	to = open_memstream(&text, &size);
	assert_non_null(to);
	words_help(words, to);
	fclose(to);
	assert_string_equal(text,
			    "  alg NAME                  suite\n"
			    "\nValues of alg:\n"
			    "  a-long-name-1 a-long-name-2 a-long-name-3 a-long-name-4 a-long-name-5\n"
			    "  a-long-name-6\n");
	free(text);
}

static const char *nearest_to(const char *text)
{
	struct nearest nearest;

	nearest_init(&nearest, text);
	words_find(table, text, &nearest);
	return nearest.best;
}

static void suggestions_are_typing_errors_away(void **state)
{
	(void)state;
	assert_string_equal(nearest_to("loacl"), "local");	/* swapped */
	assert_string_equal(nearest_to("sporrt"), "sport");	/* added */
	assert_string_equal(nearest_to("prioity"), "priority");	/* left out */
	assert_string_equal(nearest_to("lokal"), "local");	/* exchanged */
	assert_string_equal(nearest_to("prio"), "priority");	/* the beginning */
	assert_null(nearest_to("x"));
	assert_null(nearest_to("cal"));
	assert_null(nearest_to("a word that is longer than any table could ever hold"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_reach_their_members),
		cmocka_unit_test(choices_and_parts),
		cmocka_unit_test(nothing_is_a_list_too),
		cmocka_unit_test(refusals_say_why),
		cmocka_unit_test(help_has_a_line_for_each),
		cmocka_unit_test(help_lists_what_has_no_room),
		cmocka_unit_test(suggestions_are_typing_errors_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
