// SPDX-License-Identifier: GPL-2.0
#include "ike/ts.h"

#include <errno.h>
#include <string.h>

#include "util/text.h"

static int addr_compare(const struct ip_addr *a, const struct ip_addr *b)
{
	return memcmp(a->bytes, b->bytes, a->len);
}

static const struct ip_addr *addr_max(const struct ip_addr *a, const struct ip_addr *b)
{
	return addr_compare(a, b) > 0 ? a : b;
}

static const struct ip_addr *addr_min(const struct ip_addr *a, const struct ip_addr *b)
{
	return addr_compare(a, b) < 0 ? a : b;
}

/* The address after this one; the last one of all has none. */
static bool addr_step(struct ip_addr *addr)
{
	unsigned int i = addr->len;

	while (i)
		if (++addr->bytes[--i])
			return true;
	return false;
}

/* The last address of the prefix of @length bits that @from is the first of. */
static struct ip_addr prefix_last(const struct ip_addr *from, unsigned int length)
{
	struct ip_addr last = *from;
	unsigned int bit;

	for (bit = length; bit < last.len * 8u; bit++)
		last.bytes[bit / 8] |= 0x80 >> (bit % 8);
	return last;
}

struct ike_ts ts_of_prefix(const struct ip_prefix *prefix)
{
	return (struct ike_ts){
		.from = prefix->addr,
		.to = prefix_last(&prefix->addr, prefix->length),
		.port_to = UINT16_MAX,
	};
}

/* Is it about single protocols or ports? */
static bool selective(const struct ike_ts *ts)
{
	return ts->protocol || ts->port_from || ts->port_to != UINT16_MAX;
}

/* The addresses that are in both; false: there are none. */
static bool intersect(const struct ike_ts *a, const struct ike_ts *b, struct ike_ts *out)
{
	if (a->from.len != b->from.len)
		return false;
	*out = *a;
	out->from = *addr_max(&a->from, &b->from);
	out->to = *addr_min(&a->to, &b->to);
	return addr_compare(&out->from, &out->to) <= 0;
}

static bool addrs_within(const struct ike_ts *part, const struct ike_ts *whole)
{
	return part->from.len == whole->from.len && addr_compare(&whole->from, &part->from) <= 0 &&
	       addr_compare(&part->to, &whole->to) <= 0;
}

/* What a new one holds goes, and what holds the new one makes it superfluous. A full list is narrowed the more. */
static void add_selector(struct ike_ts_list *list, const struct ike_ts *ts)
{
	unsigned int i, kept = 0;

	for (i = 0; i < list->count; i++)
		if (addrs_within(ts, &list->list[i]))
			return;
	for (i = 0; i < list->count; i++)
		if (!addrs_within(&list->list[i], ts))
			list->list[kept++] = list->list[i];
	list->count = kept;
	if (list->count < IKE_TS_MAX)
		list->list[list->count++] = *ts;
}

bool ts_narrow(const struct ike_ts_list *offered, const struct ike_ts_list *configured, struct ike_ts_list *out)
{
	struct ike_ts ts;
	unsigned int i, k;

	out->count = 0;
	for (i = 0; i < offered->count; i++) {
		for (k = 0; k < configured->count && !selective(&offered->list[i]); k++)
			if (!selective(&configured->list[k]) &&
			    intersect(&offered->list[i], &configured->list[k], &ts))
				add_selector(out, &ts);
	}
	return out->count > 0;
}

/* Does @whole allow all the protocols and ports of @part? */
static bool ports_within(const struct ike_ts *part, const struct ike_ts *whole)
{
	if (whole->protocol && whole->protocol != part->protocol)
		return false;
	/* "Opaque", 65535 to 0, is in what is opaque itself or has all ports. */
	if (part->port_from > part->port_to && whole->port_from > whole->port_to)
		return true;
	if (part->port_from > part->port_to)
		return !whole->port_from && whole->port_to == UINT16_MAX;
	return whole->port_from <= part->port_from && part->port_to <= whole->port_to;
}

/* The selector that reaches furthest from the first address of @part on; NULL: none holds that address. */
static const struct ike_ts *furthest(const struct ike_ts *part, const struct ike_ts_list *whole)
{
	const struct ike_ts *at, *best = NULL;
	unsigned int i;

	for (i = 0; i < whole->count; i++) {
		at = &whole->list[i];
		if (at->from.len != part->from.len || !ports_within(part, at) ||
		    addr_compare(&at->from, &part->from) > 0 || addr_compare(&part->from, &at->to) > 0)
			continue;
		if (!best || addr_compare(&at->to, &best->to) > 0)
			best = at;
	}
	return best;
}

/* Several selectors that touch may hold one together: each turn goes on where the last one ended. */
static bool one_within(struct ike_ts part, const struct ike_ts_list *whole)
{
	const struct ike_ts *found;

	while ((found = furthest(&part, whole))) {
		if (addr_compare(&part.to, &found->to) <= 0)
			return true;
		part.from = found->to;
		addr_step(&part.from);
	}
	return false;
}

bool ts_within(const struct ike_ts_list *part, const struct ike_ts_list *whole)
{
	unsigned int i;

	for (i = 0; i < part->count; i++)
		if (!one_within(part->list[i], whole))
			return false;
	return part->count > 0;
}

/* The largest prefix that begins at @from and does not reach beyond @to. */
static struct ip_prefix largest_prefix(const struct ip_addr *from, const struct ip_addr *to)
{
	struct ip_prefix prefix = { *from, from->len * 8 };
	struct ip_addr last;
	unsigned int bit;

	while (prefix.length) {
		bit = prefix.length - 1;
		if (from->bytes[bit / 8] & (0x80 >> (bit % 8)))
			break;
		last = prefix_last(from, bit);
		if (addr_compare(&last, to) > 0)
			break;
		prefix.length--;
	}
	return prefix;
}

int ts_prefixes(const struct ike_ts_list *list, struct ip_prefix *out, size_t max)
{
	struct ip_addr from, last;
	unsigned int i;
	size_t count = 0;

	for (i = 0; i < list->count; i++) {
		from = list->list[i].from;
		do {
			if (count == max)
				return -E2BIG;
			out[count] = largest_prefix(&from, &list->list[i].to);
			last = prefix_last(&from, out[count++].length);
			from = last;
		} while (addr_compare(&last, &list->list[i].to) < 0 && addr_step(&from));
	}
	return count;
}

static void add_ts_text(const struct ike_ts *ts, char *text, size_t size)
{
	const struct ike_ts_list alone = { .count = 1, .list = { *ts } };
	char from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];
	struct ip_prefix prefix;

	if (ts_prefixes(&alone, &prefix, 1) == 1)
		text_add(text, size, "%s", prefix_text(&prefix, from));
	else
		text_add(text, size, "%s-%s", addr_text(&ts->from, from), addr_text(&ts->to, to));

	if (!selective(ts))
		return;
	text_add(text, size, "[%u", ts->protocol);
	if (ts->port_from > ts->port_to)
		text_add(text, size, "/opaque");
	else if (ts->port_from == ts->port_to)
		text_add(text, size, "/%u", ts->port_from);
	else if (ts->port_from || ts->port_to != UINT16_MAX)
		text_add(text, size, "/%u-%u", ts->port_from, ts->port_to);
	text_add(text, size, "]");
}

const char *ts_text(const struct ike_ts_list *list, char *text, size_t size)
{
	unsigned int i;

	text[0] = '\0';
	for (i = 0; i < list->count; i++) {
		text_add(text, size, "%s", i ? ", " : "");
		add_ts_text(&list->list[i], text, size);
	}
	if (!list->count)
		text_add(text, size, "none");
	return text;
}
