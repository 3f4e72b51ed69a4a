/* SPDX-License-Identifier: GPL-2.0 */
#ifndef UTIL_NEAREST_H
#define UTIL_NEAREST_H

#include "util/why.h"

/*
 * Which known word did the user mean? Offer the known words one by one, then
 * ask. It works for every table there is, as it knows none of them.
 */
struct nearest {
	const char *text;
	const char *best;	/* NULL: nothing looks alike */
	unsigned int distance;	/* of @best, in typing errors */
};

void nearest_init(struct nearest *nearest, const char *text);
void nearest_offer(struct nearest *nearest, const char *word);

/* "unknown KIND 'text'; did you mean 'best'?"; returns -EINVAL. */
int nearest_why(const struct nearest *nearest, const char *kind, struct why *why);

#endif /* UTIL_NEAREST_H */
