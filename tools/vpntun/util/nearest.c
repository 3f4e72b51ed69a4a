// SPDX-License-Identifier: GPL-2.0
#include "util/nearest.h"

#include <string.h>

/* Words longer than this are never typing errors of ours. */
enum { WORD_MAX = 31 };

static unsigned int min3(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int least = a < b ? a : b;

	return least < c ? least : c;
}

/*
 * Typing errors between two words: letters left out, added, exchanged for
 * another, or two neighbours swapped (Damerau-Levenshtein distance, optimal
 * string alignment).
 */
static unsigned int typing_errors(const char *a, const char *b)
{
	unsigned int cost[WORD_MAX + 1][WORD_MAX + 1];
	size_t la = strlen(a), lb = strlen(b);
	size_t i, j;

	for (i = 0; i <= la; i++)
		cost[i][0] = i;
	for (j = 0; j <= lb; j++)
		cost[0][j] = j;

	for (i = 1; i <= la; i++) {
		for (j = 1; j <= lb; j++) {
			unsigned int other = a[i - 1] != b[j - 1];

			cost[i][j] = min3(cost[i - 1][j] + 1,
					  cost[i][j - 1] + 1,
					  cost[i - 1][j - 1] + other);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				cost[i][j] = min3(cost[i][j], cost[i][j],
						  cost[i - 2][j - 2] + 1);
		}
	}
	return cost[la][lb];
}

void nearest_init(struct nearest *nearest, const char *text)
{
	nearest->text = text;
	nearest->best = NULL;
	/* More errors than letters kept would be a guess, not a suggestion. */
	nearest->distance = strlen(text) / 2 + 1;
}

void nearest_offer(struct nearest *nearest, const char *word)
{
	size_t length = strlen(nearest->text), other = strlen(word);
	unsigned int distance;

	if (length > WORD_MAX || other > WORD_MAX)
		return;

	/* A beginning of a word counts as one error: "prio" is "priority". */
	if (length >= 2 && !strncmp(nearest->text, word, length))
		distance = length != other;
	/* There are at least as many errors as the lengths differ by. */
	else if ((length > other ? length - other : other - length) >= nearest->distance)
		return;
	else
		distance = typing_errors(nearest->text, word);
	if (distance < nearest->distance) {
		nearest->distance = distance;
		nearest->best = word;
	}
}

int nearest_why(const struct nearest *nearest, const char *kind, struct why *why)
{
	if (!nearest->best)
		return why_set(why, "unknown %s '%s'", kind, nearest->text);

	return why_set(why, "unknown %s '%s'; did you mean '%s'?", kind,
		       nearest->text, nearest->best);
}
