/* SPDX-License-Identifier: GPL-2.0 */
#ifndef EXPORT_TEXT_H
#define EXPORT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"

/* A text that grows, and may hold keys: no copy of it is left behind. Begins as zeros. */
struct export_text {
	char *text;		/* on the heap, a zero ends it; NULL: nothing was added */
	size_t used, size;
	bool failed;		/* no memory, for whatever was to be added */
};

void export_add(struct export_text *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The prefixes with @between between them; "" for none. */
void export_add_prefixes(struct export_text *out, const struct ip_prefixes *prefixes, const char *between);

/* A line "KEY = A, B". */
void export_add_words(struct export_text *out, const char *key, const struct conf_words *words);

/*
 * Is it something that no program's parser takes for anything but a part of a word: letters, digits, '.', '_' and '-', or
 * of @more?
 */
bool export_is_plain(const void *bytes, size_t len, const char *more);

/* Wipes and frees it. */
void export_text_exit(struct export_text *out);

#endif /* EXPORT_TEXT_H */
