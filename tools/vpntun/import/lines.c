// SPDX-License-Identifier: GPL-2.0
#include "import/lines.h"

#include <ctype.h>
#include <string.h>

#include "import/take.h"

void lines_init(struct lines *lines, const char *text, size_t len)
{
	lines->at = text;
	lines->end = text + len;
	lines->number = 0;
}

/* Those of no-break spaces, typographic apostrophes and the like among them. */
static char plain(char c)
{
	return c >= ' ' && c <= '~' ? c : ' ';
}

char *lines_next(struct lines *lines)
{
	const char *newline;
	size_t len, i;

	if (lines->at == lines->end)
		return NULL;
	newline = memchr(lines->at, '\n', lines->end - lines->at);
	len = (newline ? newline : lines->end) - lines->at;
	if (len > sizeof(lines->line) - 1)
		len = sizeof(lines->line) - 1;
	for (i = 0; i < len; i++)
		lines->line[i] = plain(lines->at[i]);
	lines->line[len] = '\0';
	lines->at = newline ? newline + 1 : lines->end;
	lines->number++;
	return take_trim(lines->line);
}

bool lines_begin(const char *line, const char *words)
{
	return !strncasecmp(line, words, strlen(words));
}

char *lines_label(char *line)
{
	char *colon = strchr(line, ':'), *from, *to = line;

	if (!colon)
		return NULL;
	for (from = line; from < colon; from++) {
		if (*from != ' ')
			*to++ = tolower((unsigned char)*from);
		else if (to > line && to[-1] != ' ')
			*to++ = ' ';
	}
	if (to > line && to[-1] == ' ')
		to--;
	/* @to is at most where the colon is. */
	colon += strspn(colon, ": ");
	*to = '\0';
	return colon;
}

const char *lines_id(char *line)
{
	const char *value;

	if (!lines_begin(line, "Your VPN Connection ID"))
		return NULL;
	value = lines_label(line);
	return value && *value ? value : NULL;
}
