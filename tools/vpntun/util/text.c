// SPDX-License-Identifier: GPL-2.0
#include "util/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void text_add(char *text, size_t size, const char *fmt, ...)
{
	size_t used = strnlen(text, size);
	va_list args;

	if (used == size)
		return;
	va_start(args, fmt);
	vsnprintf(text + used, size - used, fmt, args);
	va_end(args);
}

void text_add_escaped(char *text, size_t size, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;
	size_t i;

	for (i = 0; i < len; i++) {
		if (at[i] >= ' ' && at[i] <= '~' && at[i] != '\\')
			text_add(text, size, "%c", at[i]);
		else
			text_add(text, size, "\\x%02x", at[i]);
	}
}

int text_write(int fd, const char *text, size_t len)
{
	ssize_t wrote;

	while (len) {
		wrote = write(fd, text, len);
		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0)
			return -1;
		text += wrote;
		len -= wrote;
	}
	return 0;
}
