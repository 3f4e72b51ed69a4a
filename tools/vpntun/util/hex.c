// SPDX-License-Identifier: GPL-2.0
#include "util/hex.h"

/* Value of a digit, or -1. */
static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int hex_decode(const char *text, size_t digits, uint8_t *out, size_t size,
	       struct why *why)
{
	size_t i;

	/* The wrong letter first: it is the better hint of the two. */
	for (i = 0; i < digits; i++)
		if (digit_value(text[i]) < 0)
			return why_set(why, "character %zu is not a hex digit",
				       i + 1);
	if (digits % 2)
		return why_set(why, "%zu hex digits are not whole bytes", digits);
	if (digits / 2 > size)
		return why_set(why, "%zu hex digits are too many, %zu is the most",
			       digits, 2 * size);

	for (i = 0; i < digits / 2; i++)
		out[i] = digit_value(text[2 * i]) << 4 |
			 digit_value(text[2 * i + 1]);
	return digits / 2;
}
