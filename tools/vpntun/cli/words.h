/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CLI_WORDS_H
#define CLI_WORDS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "util/nearest.h"
#include "util/why.h"

/*
 * A list of keywords and values ("sport 4500 dport 4501") is described by a
 * table of these, which a row without a name ends. The same table reads the
 * list, writes the help, and through that feeds the shell's completion.
 */
struct word {
	const char *name;
	const char *syntax;	/* of the value; NULL: one of @choices */
	const char *help;
	/* Stores the value at @offset of the struct to fill, see util/addr.h. */
	int (*parse)(const char *text, void *out, struct why *why);
	size_t mask;		/* where its mask of what was given is, a uint64_t; 0: at its head */
	size_t offset;
	unsigned int attr;	/* bit to set in that mask */
	/*
	 * Names of an enum's values; holes are NULL. Without @parse the value is
	 * one of these, stored as a uint8_t.
	 */
	const char *const *choices;
	size_t n_choices;
};

#define WORD_TO(type, member) .offset = offsetof(struct type, member)

/* The same for a member of a part that has a mask of its own, "has". */
#define WORD_IN(type, part, member)			\
	.mask = offsetof(struct type, part.has),	\
	.offset = offsetof(struct type, part.member)

#define WORD_CHOICES(names) .choices = (names), \
	.n_choices = sizeof(names) / sizeof(*(names))

/*
 * Reads @argv, which a NULL ends, into @out; sets the bits of the words that
 * came. A word may come once. 0 or -EINVAL.
 */
int words_parse(const struct word *words, char *const argv[], void *out,
		struct why *why);

/*
 * One line a word: name, syntax, help. Then the choices for which that line
 * has no room.
 */
void words_help(const struct word *words, FILE *to);

/* NULL if there is none; offers all of them to @nearest unless that is NULL. */
const struct word *words_find(const struct word *words, const char *name,
			      struct nearest *nearest);

#endif /* CLI_WORDS_H */
