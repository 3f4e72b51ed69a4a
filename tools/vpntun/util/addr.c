// SPDX-License-Identifier: GPL-2.0
#include "util/addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/num.h"

static int addr_family(const struct ip_addr *addr)
{
	return addr->len == 4 ? AF_INET : AF_INET6;
}

int addr_parse(const char *text, void *out, struct why *why)
{
	struct ip_addr addr = { 0 };

	addr.len = strchr(text, ':') ? 16 : 4;
	if (inet_pton(addr_family(&addr), text, addr.bytes) != 1)
		return why_set(why, "'%s' is not an IPv4 or IPv6 address", text);

	memcpy(out, &addr, sizeof(addr));
	return 0;
}

static int parse_addr_or(const char *word, const char *text, struct ip_addr *out,
			 struct why *why)
{
	if (strcmp(text, word))
		return addr_parse(text, out, why);

	memset(out, 0, sizeof(*out));
	return 0;
}

int addr_parse_auto(const char *text, void *out, struct why *why)
{
	return parse_addr_or("auto", text, out, why);
}

int addr_parse_none(const char *text, void *out, struct why *why)
{
	return parse_addr_or("none", text, out, why);
}

int addr_parse_off(const char *text, void *out, struct why *why)
{
	return parse_addr_or("off", text, out, why);
}

/* Clears the bits of the host; tells whether one was set. */
static bool clear_host_bits(struct ip_prefix *prefix)
{
	unsigned int bit, bits = prefix->addr.len * 8u;
	bool found = false;

	for (bit = prefix->length; bit < bits; bit++) {
		uint8_t mask = 0x80 >> (bit % 8);

		found |= prefix->addr.bytes[bit / 8] & mask;
		prefix->addr.bytes[bit / 8] &= ~mask;
	}
	return found;
}

int prefix_parse(const char *text, void *out, struct why *why)
{
	const char *slash = strchr(text, '/');
	char addr[ADDR_TEXT_MAX], right[ADDR_TEXT_MAX];
	struct ip_prefix prefix = { 0 };
	uint64_t length;

	snprintf(addr, sizeof(addr), "%.*s",
		 slash ? (int)(slash - text) : (int)strlen(text), text);
	if (addr_parse(addr, &prefix.addr, why))
		return why_set(why, "'%s' is not an IPv4 or IPv6 prefix", text);

	/* A lone address is the prefix that holds only it. */
	length = prefix.addr.len * 8;
	if (slash && num_parse(slash + 1, 0, length, &length, why))
		return why_set(why, "'%s': the length of an IPv%d prefix is 0 to %d",
			       text, prefix.addr.len == 4 ? 4 : 6,
			       prefix.addr.len * 8);

	prefix.length = length;
	if (clear_host_bits(&prefix))
		return why_set(why, "'%s' has host bits set; did you mean '%s'?",
			       text, prefix_text(&prefix, right));

	memcpy(out, &prefix, sizeof(prefix));
	return 0;
}

bool addr_equal(const struct ip_addr *a, const struct ip_addr *b)
{
	return a->len == b->len && !memcmp(a->bytes, b->bytes, a->len);
}

bool prefix_equal(const struct ip_prefix *a, const struct ip_prefix *b)
{
	return a->length == b->length && a->addr.len == b->addr.len &&
	       !memcmp(a->addr.bytes, b->addr.bytes, a->addr.len);
}

static int add_prefix(struct ip_prefixes *prefixes, const char *text,
		      struct why *why)
{
	struct ip_prefix *new = &prefixes->list[prefixes->count];
	size_t i;

	if (prefix_parse(text, new, why))
		return -EINVAL;

	for (i = 0; i < prefixes->count; i++)
		if (prefix_equal(&prefixes->list[i], new))
			return why_set(why, "prefix '%s' is given twice", text);

	prefixes->count++;
	return 0;
}

static size_t count_elements(const char *text)
{
	size_t count = 1;

	for (; *text; text++)
		count += *text == ',';
	return count;
}

static int parse_prefixes_or(const char *empty, const char *text,
			     struct ip_prefixes *out, struct why *why)
{
	struct ip_prefixes prefixes = { 0 };
	char *copy, *rest, *element;
	int err = 0;

	if (!strcmp(text, empty)) {
		*out = prefixes;
		return 0;
	}

	copy = rest = strdup(text);
	prefixes.list = calloc(count_elements(text), sizeof(*prefixes.list));
	if (!copy || !prefixes.list)
		err = why_set(why, "out of memory");

	while (!err && (element = strsep(&rest, ",")))
		err = add_prefix(&prefixes, element, why);

	free(copy);
	if (err) {
		prefixes_free(&prefixes);
		return err;
	}
	*out = prefixes;
	return 0;
}

int prefixes_parse(const char *text, void *out, struct why *why)
{
	return parse_prefixes_or("none", text, out, why);
}

int selectors_parse(const char *text, void *out, struct why *why)
{
	if (!*text)
		text = "any";
	return parse_prefixes_or("any", text, out, why);
}

void prefixes_free(struct ip_prefixes *prefixes)
{
	free(prefixes->list);
	prefixes->list = NULL;
	prefixes->count = 0;
}

bool addr_is_zero(const struct ip_addr *addr)
{
	size_t i;

	for (i = 0; i < addr->len; i++)
		if (addr->bytes[i])
			return false;
	return true;
}

const char *addr_text(const struct ip_addr *addr, char text[ADDR_TEXT_MAX])
{
	if (!addr->len ||
	    !inet_ntop(addr_family(addr), addr->bytes, text, ADDR_TEXT_MAX))
		snprintf(text, ADDR_TEXT_MAX, "none");
	return text;
}

const char *addr_port_text(const struct ip_addr *addr, uint16_t port,
			   char text[ADDR_TEXT_MAX])
{
	char bare[ADDR_TEXT_MAX];

	snprintf(text, ADDR_TEXT_MAX, addr->len == 16 ? "[%.45s]:%u" : "%.45s:%u",
		 addr_text(addr, bare), port);
	return text;
}

const char *prefix_text(const struct ip_prefix *prefix, char text[ADDR_TEXT_MAX])
{
	char bare[ADDR_TEXT_MAX];

	snprintf(text, ADDR_TEXT_MAX, "%.45s/%u", addr_text(&prefix->addr, bare),
		 prefix->length);
	return text;
}
