// SPDX-License-Identifier: GPL-2.0
#include "cli/words.h"

#include <errno.h>
#include <string.h>

enum { HELP_COLUMN = 28 };

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

static int parse_value(const struct word *word, const char *text, void *out,
		       struct why *why)
{
	if (!text)
		return why_set(why, "'%s' needs a value: %s %s", word->name,
			       word->name, word->syntax);
	if (word->parse(text, (char *)out + word->offset, why))
		return why_prepend(why, word->name);
	return 0;
}

int words_parse(const struct word *words, char *const argv[], void *out,
		uint64_t *has, struct why *why)
{
	const struct word *word;
	struct nearest nearest;

	for (; *argv; argv += 2) {
		nearest_init(&nearest, *argv);
		word = words_find(words, *argv, &nearest);
		if (!word)
			return nearest_why(&nearest, "word", why);
		if (*has & UINT64_C(1) << word->attr)
			return why_set(why, "'%s' is given twice", word->name);
		if (parse_value(word, argv[1], out, why))
			return -EINVAL;
		*has |= UINT64_C(1) << word->attr;
	}
	return 0;
}

void words_help(const struct word *words, FILE *to)
{
	const struct word *word;
	int used;

	for (word = words; word->name; word++) {
		used = fprintf(to, "  %s %s", word->name, word->syntax);
		fprintf(to, "%*s%s\n", used < HELP_COLUMN ? HELP_COLUMN - used : 1,
			"", word->help);
	}
}
