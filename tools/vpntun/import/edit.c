// SPDX-License-Identifier: GPL-2.0
#include "import/edit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_line(struct edit *edit, const char *at, size_t len)
{
	struct edit_line *lines = reallocarray(edit->lines, edit->count + 1, sizeof(*lines));

	if (!lines) {
		edit->failed = true;
		return;
	}
	edit->lines = lines;
	lines[edit->count++] = (struct edit_line){ .at = at, .len = len };
}

void edit_init(struct edit *edit, const char *text, size_t len)
{
	const char *end, *newline;

	memset(edit, 0, sizeof(*edit));
	if (!len)
		return;
	end = text + len;
	while (text < end && !edit->failed) {
		newline = memchr(text, '\n', end - text);
		add_line(edit, text, (newline ? newline : end) - text);
		text = newline ? newline + 1 : end;
	}
}

void edit_exit(struct edit *edit)
{
	size_t i;

	for (i = 0; i < edit->count; i++) {
		free(edit->lines[i].instead);
		free(edit->lines[i].behind);
	}
	free(edit->lines);
	free(edit->tail);
	memset(edit, 0, sizeof(*edit));
}

/* More text behind @*at, which is on the heap or NULL. */
static void add_text(struct edit *edit, char **at, const char *fmt, va_list args)
{
	char *more, *both;

	if (vasprintf(&more, fmt, args) < 0) {
		edit->failed = true;
		return;
	}
	if (asprintf(&both, "%s%s", *at ? *at : "", more) < 0) {
		edit->failed = true;
	} else {
		free(*at);
		*at = both;
	}
	free(more);
}

void edit_replace(struct edit *edit, unsigned int line, const char *text)
{
	char **instead = &edit->lines[line - 1].instead;

	free(*instead);
	*instead = strdup(text);
	edit->failed |= !*instead;
}

void edit_behind(struct edit *edit, unsigned int line, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add_text(edit, &edit->lines[line - 1].behind, fmt, args);
	va_end(args);
}

void edit_append(struct edit *edit, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add_text(edit, &edit->tail, fmt, args);
	va_end(args);
}

char *edit_text(const struct edit *edit)
{
	char *text = NULL;
	size_t size, i;
	FILE *to;

	if (edit->failed)
		return NULL;
	to = open_memstream(&text, &size);
	if (!to)
		return NULL;
	for (i = 0; i < edit->count; i++) {
		const struct edit_line *line = &edit->lines[i];

		if (line->instead)
			fprintf(to, "%s\n", line->instead);
		else
			fprintf(to, "%.*s\n", (int)line->len, line->at);
		if (line->behind)
			fputs(line->behind, to);
	}
	if (edit->tail)
		fputs(edit->tail, to);
	if (!fclose(to))
		return text;
	free(text);
	return NULL;
}
