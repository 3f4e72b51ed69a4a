// SPDX-License-Identifier: GPL-2.0
#include "util/prefix.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct ip_prefix prefix_of(const struct ip_addr *addr, uint8_t length)
{
	struct ip_prefix prefix = { .addr = *addr, .length = length };
	size_t i;

	for (i = 0; i < addr->len; i++) {
		size_t left = length > i * 8 ? length - i * 8 : 0;

		prefix.addr.bytes[i] &= left >= 8 ? 0xff : 0xff00 >> left;
	}
	return prefix;
}

bool prefix_holds(const struct ip_prefix *prefix, const struct ip_addr *addr)
{
	struct ip_prefix cut = prefix_of(addr, prefix->length);

	return addr->len == prefix->addr.len && addr_equal(&cut.addr, &prefix->addr);
}

bool prefix_within(const struct ip_prefix *inner, const struct ip_prefix *outer)
{
	return inner->length >= outer->length && prefix_holds(outer, &inner->addr);
}

bool prefix_overlap(const struct ip_prefix *a, const struct ip_prefix *b)
{
	return prefix_within(a, b) || prefix_within(b, a);
}

bool prefixes_have(const struct ip_prefixes *list, const struct ip_prefix *prefix)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (prefix_equal(&list->list[i], prefix))
			return true;
	return false;
}

bool prefixes_equal(const struct ip_prefixes *a, const struct ip_prefixes *b)
{
	size_t i;

	if (a->count != b->count)
		return false;
	for (i = 0; i < a->count; i++)
		if (!prefix_equal(&a->list[i], &b->list[i]))
			return false;
	return true;
}

int prefixes_add(struct ip_prefixes *prefixes, const struct ip_prefix *prefix)
{
	struct ip_prefix *list = reallocarray(prefixes->list, prefixes->count + 1, sizeof(*list));

	if (!list)
		return -ENOMEM;
	prefixes->list = list;
	prefixes->list[prefixes->count++] = *prefix;
	return 0;
}

int prefixes_copy(const struct ip_prefixes *from, struct ip_prefixes *to)
{
	memset(to, 0, sizeof(*to));
	if (!from->count)
		return 0;
	to->list = calloc(from->count, sizeof(*to->list));
	if (!to->list)
		return -ENOMEM;
	memcpy(to->list, from->list, from->count * sizeof(*to->list));
	to->count = from->count;
	return 0;
}

static void add_meeting(struct ip_prefixes *out, const struct ip_prefix *a, const struct ip_prefix *b)
{
	const struct ip_prefix *both = prefix_within(a, b) ? a : b;

	if (prefix_overlap(a, b) && !prefixes_have(out, both))
		out->list[out->count++] = *both;
}

int prefixes_meet(const struct ip_prefixes *a, const struct ip_prefixes *b, struct ip_prefixes *out)
{
	size_t i, j;

	memset(out, 0, sizeof(*out));
	if (!a->count || !b->count)
		return 0;
	out->list = calloc(a->count * b->count, sizeof(*out->list));
	if (!out->list)
		return -ENOMEM;
	for (i = 0; i < a->count; i++)
		for (j = 0; j < b->count; j++)
			add_meeting(out, &a->list[i], &b->list[j]);
	return 0;
}
