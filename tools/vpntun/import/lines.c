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
	size_t len, i;

	if (lines->at == lines->end)
		return NULL;
	for (len = 0; lines->at + len < lines->end && lines->at[len] != '\n'; len++)
		;
	for (i = 0; i < len && i < sizeof(lines->line) - 1; i++)
		lines->line[i] = plain(lines->at[i]);
	lines->line[i] = '\0';
	lines->at += len + (lines->at + len < lines->end);
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
