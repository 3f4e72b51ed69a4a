// SPDX-License-Identifier: GPL-2.0
#include "conf/inside.h"

#include "util/prefix.h"

static bool overlap(const struct conf_inside *a, const struct conf_inside *b)
{
	struct ip_prefix one = prefix_of(&a->addr, a->length), other = prefix_of(&b->addr, b->length);

	return prefix_overlap(&one, &other);
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

bool inside_other(const struct conf_inside *inside, struct ip_addr *other)
{
	unsigned int bits = inside->addr.len * 8u;
	uint8_t *last;

	*other = inside->addr;
	last = &other->bytes[other->len - 1];
	if (inside->length == bits - 1)
		*last ^= 1;
	/* The fourth address of an IPv6 network of four is a host, too, but nobody's neighbour. */
	else if (inside->length == bits - 2 && (*last % 4 == 1 || *last % 4 == 2))
		*last ^= 3;
	else
		return false;
	return true;
}
