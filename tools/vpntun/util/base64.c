// SPDX-License-Identifier: GPL-2.0
#include "util/base64.h"

#include <string.h>

/* Value of a digit, or -1. */
static int digit_value(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? at - digits : -1;
}

int base64_decode(const char *text, size_t len, uint8_t *out, size_t size, struct why *why)
{
	size_t padding = 0, bytes, used = 0, i;
	uint32_t bits = 0;

	while (padding < 2 && padding < len && text[len - 1 - padding] == '=')
		padding++;
	for (i = 0; i < len - padding; i++)
		if (digit_value(text[i]) < 0)
			return why_set(why, "character %zu is not a base64 digit", i + 1);
	if (len % 4)
		return why_set(why, "%zu characters of base64 are not whole groups of 4", len);
	bytes = len / 4 * 3 - padding;
	if (bytes > size)
		return why_set(why, "%zu bytes of base64 are too many, %zu is the most", bytes, size);
	/* Bits that no byte takes: something is missing, or the last digit mistyped. */
	if (padding && digit_value(text[len - 1 - padding]) & (padding == 1 ? 3 : 15))
		return why_set(why, "the last digit of the base64 is not right");

	for (i = 0; i < len - padding; i++) {
		bits = bits << 6 | digit_value(text[i]);
		if (i % 4 && used < bytes)
			out[used++] = bits >> (6 - 2 * (i % 4));
	}
	return bytes;
}
