/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IMPORT_EDIT_H
#define IMPORT_EDIT_H

#include <stdbool.h>
#include <stddef.h>

/* A text whose lines are replaced and added to, while the numbers of the old ones stay what they were, from 1. */
struct edit_line {
	const char *at;		/* in the old text */
	size_t len;		/* without its end */
	char *instead;		/* NULL: as it was */
	char *behind;		/* whole lines; NULL: none */
};

struct edit {
	struct edit_line *lines;
	size_t count;
	char *tail;		/* whole lines at the end; NULL: none */
	bool failed;		/* no memory, for whatever was to be done */
};

/* @text is still needed while the edit is. */
void edit_init(struct edit *edit, const char *text, size_t len);
void edit_exit(struct edit *edit);

void edit_replace(struct edit *edit, unsigned int line, const char *text);
void edit_behind(struct edit *edit, unsigned int line, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void edit_append(struct edit *edit, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The new text, on the heap; NULL: out of memory. */
char *edit_text(const struct edit *edit);

#endif /* IMPORT_EDIT_H */
