// SPDX-License-Identifier: GPL-2.0
#include "util/name.h"

#include <net/if.h>
#include <stdint.h>
#include <string.h>

static int is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z');
}

int name_check(const char *text, size_t size, struct why *why)
{
	const char *c;

	if (!*text)
		return why_set(why, "a name is empty");
	if (strlen(text) >= size)
		return why_set(why, "name '%s' is longer than %zu bytes", text,
			       size - 1);
	/* A name that looks like an option could never be typed again. */
	if (*text == '-')
		return why_set(why, "name '%s' begins with '-'", text);

	for (c = text; *c; c++)
		if (!is_alnum(*c) && !strchr("._-:@+", *c))
			return why_set(why, "name '%s': only letters, digits and . _ - : @ + are allowed",
				       text);
	return 0;
}

int device_parse(const char *text, void *out, struct why *why)
{
	uint32_t *device = out, index = 0;

	if (strcmp(text, "none")) {
		index = if_nametoindex(text);
		if (!index)
			return why_set(why, "there is no network device '%s' here", text);
	}
	*device = index;
	return 0;
}

void name_copy(char *out, size_t size, const char *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len && i < size - 1 && bytes[i]; i++)
		out[i] = bytes[i] > ' ' && bytes[i] <= '~' ? bytes[i] : '?';
	out[i] = '\0';
}
