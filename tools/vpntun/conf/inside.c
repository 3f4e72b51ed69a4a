// SPDX-License-Identifier: GPL-2.0
#include "conf/inside.h"

#include <string.h>

/* Do the first @bits of both agree? */
static bool bits_equal(const struct ip_addr *a, const struct ip_addr *b, unsigned int bits)
{
	unsigned int rest = bits % 8;

	if (a->len != b->len || memcmp(a->bytes, b->bytes, bits / 8))
		return false;
	return !rest || !((a->bytes[bits / 8] ^ b->bytes[bits / 8]) >> (8 - rest));
}

static bool overlap(const struct conf_inside *a, const struct conf_inside *b)
{
	return bits_equal(&a->addr, &b->addr, a->length < b->length ? a->length : b->length);
}

bool insides_clash(const struct conf_insides *a, const struct conf_insides *b, size_t *at, size_t *with)
{
	size_t i, j;

	for (i = 0; i < a->count; i++) {
		for (j = 0; j < b->count; j++) {
			if (!overlap(&a->list[i], &b->list[j]))
				continue;
			*at = i;
			*with = j;
			return true;
		}
	}
	return false;
}
