// SPDX-License-Identifier: GPL-2.0
#include "util/utf8.h"

#include <stdint.h>

int utf8_length(const char *text)
{
	/* The least that a sequence of that many bytes may stand for. */
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *at = (const unsigned char *)text;
	int i, length = *at < 0x80 ? 1 : *at >> 5 == 6 ? 2 : *at >> 4 == 14 ? 3 : *at >> 3 == 30 ? 4 : 0;
	uint32_t code = length > 1 ? *at & (0xff >> (length + 1)) : *at;

	for (i = 1; i < length; i++) {
		if (at[i] >> 6 != 2)
			return 0;
		code = code << 6 | (at[i] & 0x3f);
	}
	if (!length || code < least[length] || code > 0x10ffff || code >> 11 == 0x1b)
		return 0;
	return length;
}

void utf8_mend(char *text)
{
	int length;

	for (; *text; text += length) {
		length = utf8_length(text);
		if (length)
			continue;
		*text = '?';
		length = 1;
	}
}
