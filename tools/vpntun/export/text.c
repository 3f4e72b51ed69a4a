// SPDX-License-Identifier: GPL-2.0
#include "export/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEP = 16384 };	/* bytes */

/* Not by realloc(), which would leave the old text where it was. */
static bool grow(struct export_text *out, size_t more)
{
	size_t size = (out->used + more + STEP) / STEP * STEP;
	char *text = malloc(size);

	if (!text) {
		out->failed = true;
		return false;
	}
	if (out->text) {
		memcpy(text, out->text, out->used + 1);
		explicit_bzero(out->text, out->size);
		free(out->text);
	}
	out->text = text;
	out->size = size;
	return true;
}

void export_add(struct export_text *out, const char *fmt, ...)
{
	va_list args;
	int len;

	if (out->failed)
		return;
	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (len < 0 || (out->used + len + 1 > out->size && !grow(out, len + 1))) {
		out->failed = true;
		return;
	}
	va_start(args, fmt);
	vsnprintf(out->text + out->used, out->size - out->used, fmt, args);
	va_end(args);
	out->used += len;
}

void export_add_prefixes(struct export_text *out, const struct ip_prefixes *prefixes, const char *between)
{
	char text[ADDR_TEXT_MAX];
	size_t i;

	for (i = 0; i < prefixes->count; i++)
		export_add(out, "%s%s", i ? between : "", prefix_text(&prefixes->list[i], text));
}

void export_add_words(struct export_text *out, const char *key, const struct conf_words *words)
{
	size_t i;

	export_add(out, "%s = ", key);
	for (i = 0; i < words->count; i++)
		export_add(out, "%s%s", i ? ", " : "", words->list[i]);
	export_add(out, "\n");
}

/* isalnum() would ask what language is spoken. */
static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool export_is_plain(const void *bytes, size_t len, const char *more)
{
	const char *at = bytes, *end = at + len;

	for (; at < end; at++)
		if (!is_alnum(*at) && (!*at || (!strchr("._-", *at) && !strchr(more, *at))))
			return false;
	return true;
}

void export_text_exit(struct export_text *out)
{
	if (out->text)
		explicit_bzero(out->text, out->size);
	free(out->text);
	memset(out, 0, sizeof(*out));
}
