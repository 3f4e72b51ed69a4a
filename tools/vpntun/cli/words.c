// SPDX-License-Identifier: GPL-2.0
#include "cli/words.h"

#include <errno.h>
#include <string.h>

#include "util/num.h"

enum { HELP_COLUMN = 28, LINE_WIDTH = 80 };

const struct word *words_find(const struct word *words, const char *name,
			      struct nearest *nearest)
{
	const struct word *word;

	for (word = words; word->name; word++) {
		if (!strcmp(word->name, name))
			return word;
		if (nearest)
			nearest_offer(nearest, word->name);
	}
	return NULL;
}

/* "sport N", "encap none|udp": how a word is used. */
static int print_usage(const struct word *word, FILE *to)
{
	int used = fprintf(to, "%s ", word->name);
	const char *bar = "";
	size_t i;

	if (word->syntax)
		return used + fprintf(to, "%s", word->syntax);

	for (i = 0; i < word->n_choices; i++) {
		if (!word->choices[i])
			continue;
		used += fprintf(to, "%s%s", bar, word->choices[i]);
		bar = "|";
	}
	return used;
}

static int value_missing(const struct word *word, struct why *why)
{
	char usage[128] = "";
	FILE *to = fmemopen(usage, sizeof(usage), "w");

	if (to) {
		print_usage(word, to);
		fclose(to);
	}
	return why_set(why, "'%s' needs a value: %s", word->name, usage);
}

static int parse_value(const struct word *word, const char *text, void *out,
		       struct why *why)
{
	void *value = (char *)out + word->offset;
	int err;

	if (!text)
		return value_missing(word, why);
	if (word->parse)
		err = word->parse(text, value, why);
	else
		err = choice_u8_parse(text, word->choices, word->n_choices, value, why);
	return err ? why_prepend(why, word->name) : 0;
}

static uint64_t *given(const struct word *word, void *out)
{
	return (void *)((char *)out + word->mask);
}

int words_parse(const struct word *words, char *const argv[], void *out,
		struct why *why)
{
	const struct word *word;
	struct nearest nearest;

	for (; *argv; argv += 2) {
		nearest_init(&nearest, *argv);
		word = words_find(words, *argv, &nearest);
		if (!word)
			return nearest_why(&nearest, "word", why);
		if (*given(word, out) & UINT64_C(1) << word->attr)
			return why_set(why, "'%s' is given twice", word->name);
		if (parse_value(word, argv[1], out, why))
			return -EINVAL;
		*given(word, out) |= UINT64_C(1) << word->attr;
	}
	return 0;
}

/* As many on a line as there is room for. */
static void list_choices(const struct word *word, FILE *to)
{
	size_t i, used = LINE_WIDTH;

	fprintf(to, "\nValues of %s:", word->name);
	for (i = 0; i < word->n_choices; i++) {
		const char *choice = word->choices[i];

		if (!choice)
			continue;
		if (used + 1 + strlen(choice) > LINE_WIDTH)
			used = fprintf(to, "\n  %s", choice) - 1;
		else
			used += fprintf(to, " %s", choice);
	}
	fputc('\n', to);
}

void words_help(const struct word *words, FILE *to)
{
	const struct word *word;
	int used;

	for (word = words; word->name; word++) {
		used = fprintf(to, "  ") + print_usage(word, to);
		fprintf(to, "%*s%s\n", used < HELP_COLUMN ? HELP_COLUMN - used : 1,
			"", word->help);
	}
	for (word = words; word->name; word++)
		if (word->choices && word->syntax)
			list_choices(word, to);
}
