// SPDX-License-Identifier: GPL-2.0
#include "iked/hosts.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { WORD_SIZE = 257 };

/* The next word of the line; false: its end. */
static bool next_word(const char **at, char word[WORD_SIZE])
{
	size_t len;

	*at += strspn(*at, " \t\r");
	len = strcspn(*at, " \t\r\n#;");
	if (!len)
		return false;
	snprintf(word, WORD_SIZE, "%.*s", (int)len, *at);
	*at += len;
	return true;
}

static const char *next_line(const char *at)
{
	at += strcspn(at, "\n");
	return *at ? at + 1 : at;
}

static bool names_it(const char *at, const char *name)
{
	char word[WORD_SIZE];

	while (next_word(&at, word))
		if (!strcasecmp(word, name))
			return true;
	return false;
}

size_t hosts_find(const char *text, const char *name, struct ip_addr *out, size_t max)
{
	char word[WORD_SIZE];
	size_t count = 0;
	const char *at;
	struct why why;

	for (; *text && count < max; text = next_line(text)) {
		at = text;
		if (next_word(&at, word) && names_it(at, name) && !addr_parse(word, &out[count], &why))
			count++;
	}
	return count;
}

size_t hosts_servers(const char *text, struct ip_addr *out, size_t max)
{
	char word[WORD_SIZE];
	size_t count = 0;
	const char *at;
	struct why why;

	for (; *text && count < max; text = next_line(text)) {
		at = text;
		if (next_word(&at, word) && !strcmp(word, "nameserver") && next_word(&at, word) &&
		    !addr_parse(word, &out[count], &why))
			count++;
	}
	if (!count && max)
		out[count++] = (struct ip_addr){ .len = 4, .bytes = { 127, 0, 0, 1 } };
	return count;
}
