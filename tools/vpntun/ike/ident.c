// SPDX-License-Identifier: GPL-2.0
#include "ike/ident.h"

#include <errno.h>
#include <string.h>

#include "ike/dn.h"
#include "util/hex.h"
#include "util/nearest.h"
#include "util/text.h"

struct id_kind {
	const char *prefix;
	uint8_t type;
};

static const struct id_kind kinds[] = {
	{ "fqdn:", IKE_ID_FQDN },
	{ "email:", IKE_ID_EMAIL },
	{ "keyid:", IKE_ID_KEYID },
	{ "ipv4:", IKE_ID_IPV4 },
	{ "ipv6:", IKE_ID_IPV6 },
	{ "dn:", IKE_ID_DN },
};

enum { KIND_COUNT = sizeof(kinds) / sizeof(kinds[0]) };

static const struct id_kind *kind_of_text(const char *text)
{
	unsigned int i;

	for (i = 0; i < KIND_COUNT; i++)
		if (!strncmp(text, kinds[i].prefix, strlen(kinds[i].prefix)))
			return &kinds[i];
	return NULL;
}

static const char *prefix_of(uint8_t type)
{
	unsigned int i;

	for (i = 0; i < KIND_COUNT; i++)
		if (kinds[i].type == type)
			return kinds[i].prefix;
	return NULL;
}

void ident_of_addr(const struct ip_addr *addr, struct ike_ident *out)
{
	memset(out, 0, sizeof(*out));
	out->type = addr->len == 4 ? IKE_ID_IPV4 : IKE_ID_IPV6;
	out->len = addr->len;
	memcpy(out->bytes, addr->bytes, addr->len);
}

static int set_bytes(uint8_t type, const char *text, struct ike_ident *out, struct why *why)
{
	size_t len = strlen(text);

	if (!len)
		return why_set(why, "an identity is empty");
	if (len > sizeof(out->bytes))
		return why_set(why, "an identity of %zu bytes is too long, %zu are the most", len, sizeof(out->bytes));
	memset(out, 0, sizeof(*out));
	out->type = type;
	out->len = len;
	memcpy(out->bytes, text, len);
	return 0;
}

static int set_keyid(const char *text, struct ike_ident *out, struct why *why)
{
	struct ike_ident id = { .type = IKE_ID_KEYID };
	int len;

	if (strncmp(text, "0x", 2))
		return set_bytes(IKE_ID_KEYID, text, out, why);
	len = hex_decode(text + 2, strlen(text + 2), id.bytes, sizeof(id.bytes), why);
	if (len < 0)
		return why_prepend(why, "keyid");
	if (!len)
		return why_set(why, "an identity is empty");
	id.len = len;
	*out = id;
	return 0;
}

static int set_addr(uint8_t type, const char *text, struct ike_ident *out, struct why *why)
{
	struct ip_addr addr;

	if (addr_parse(text, &addr, why))
		return -EINVAL;
	if ((addr.len == 4) != (type == IKE_ID_IPV4))
		return why_set(why, "'%s' is not an IPv%d address", text, type == IKE_ID_IPV4 ? 4 : 6);
	ident_of_addr(&addr, out);
	return 0;
}

/* "C=CH, O=Example, CN=gw", or its DER in hex. */
static int set_dn(const char *text, struct ike_ident *out, struct why *why)
{
	struct ike_ident id = { .type = IKE_ID_DN };
	int len;

	if (!*text)
		return why_set(why, "an identity is empty");
	if (strncmp(text, "0x", 2)) {
		len = dn_parse(text, id.bytes, sizeof(id.bytes), why);
	} else {
		len = hex_decode(text + 2, strlen(text + 2), id.bytes, sizeof(id.bytes), why);
		if (len >= 0 && !dn_valid((struct span){ id.bytes, len }))
			len = why_set(why, "it is not the DER of a distinguished name");
	}
	if (len < 0)
		return why_prepend(why, "dn");
	id.len = len;
	*out = id;
	return 0;
}

static int parse_typed(const struct id_kind *kind, const char *text, struct ike_ident *out, struct why *why)
{
	switch (kind->type) {
	case IKE_ID_KEYID:
		return set_keyid(text, out, why);
	case IKE_ID_IPV4:
	case IKE_ID_IPV6:
		return set_addr(kind->type, text, out, why);
	case IKE_ID_DN:
		return set_dn(text, out, why);
	default:
		return set_bytes(kind->type, text, out, why);
	}
}

/* "word:rest" with a word that is no type. */
static int unknown_kind(const char *text, struct why *why)
{
	size_t len = strcspn(text, ":") + 1;
	struct nearest nearest;
	char word[32] = "";
	unsigned int i;

	text_add(word, sizeof(word), "%.*s", (int)(len < sizeof(word) ? len : sizeof(word)), text);
	nearest_init(&nearest, word);
	for (i = 0; i < KIND_COUNT; i++)
		nearest_offer(&nearest, kinds[i].prefix);
	return nearest_why(&nearest, "type of identity", why);
}

/* Without a type only what cannot be mistaken is taken. */
int ident_parse(const char *text, struct ike_ident *out, struct why *why)
{
	const struct id_kind *kind = kind_of_text(text);
	const char *at = strchr(text, '@');
	struct ip_addr addr;

	if (kind)
		return parse_typed(kind, text + strlen(kind->prefix), out, why);
	if (!addr_parse(text, &addr, why)) {
		ident_of_addr(&addr, out);
		return 0;
	}
	if (strchr(text, '='))
		return set_dn(text, out, why);
	if (strchr(text, ':'))
		return unknown_kind(text, why);
	if (at == text)
		return why_set(why, "'%s' begins with '@'; a name is written without it, or as fqdn:NAME", text);
	if (strpbrk(text, " \t%*\\"))
		return why_set(why, "'%s' is neither an address nor a name; fqdn:, email: or keyid: in front say what it is",
			       text);
	return set_bytes(at ? IKE_ID_EMAIL : IKE_ID_FQDN, text, out, why);
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

bool ident_equal(const struct ike_ident *a, const struct ike_ident *b)
{
	bool fold = a->type == IKE_ID_FQDN || a->type == IKE_ID_EMAIL;
	unsigned int i;

	if (a->type != b->type)
		return false;
	/* One name may be written in several ways. */
	if (a->type == IKE_ID_DN)
		return dn_equal((struct span){ a->bytes, a->len }, (struct span){ b->bytes, b->len });
	if (a->len != b->len)
		return false;
	for (i = 0; i < a->len; i++)
		if (fold ? lower(a->bytes[i]) != lower(b->bytes[i]) : a->bytes[i] != b->bytes[i])
			return false;
	return true;
}

static bool printable(const struct ike_ident *ident)
{
	unsigned int i;

	for (i = 0; i < ident->len; i++)
		if (ident->bytes[i] < ' ' || ident->bytes[i] > '~')
			return false;
	return true;
}

/* Would people who write it like that, without a type, mean this one? */
static bool means(const char *text, const struct ike_ident *ident)
{
	struct ike_ident read;
	struct why why;

	return !ident_parse(text, &read, &why) && ident_equal(&read, ident);
}

static void add_hex(const struct ike_ident *ident, char *text, size_t size)
{
	unsigned int i;

	text_add(text, size, "0x");
	for (i = 0; i < ident->len; i++)
		text_add(text, size, "%02x", ident->bytes[i]);
}

static bool is_addr(const struct ike_ident *ident)
{
	return (ident->type == IKE_ID_IPV4 && ident->len == 4) || (ident->type == IKE_ID_IPV6 && ident->len == 16);
}

static void add_addr(const struct ike_ident *ident, char *text, size_t size)
{
	struct ip_addr addr = { .len = ident->len };
	char word[ADDR_TEXT_MAX];

	memcpy(addr.bytes, ident->bytes, ident->len);
	text_add(text, size, "%s", addr_text(&addr, word));
}

const char *ident_text(const struct ike_ident *ident, char *text, size_t size)
{
	bool readable = ident->type == IKE_ID_FQDN || ident->type == IKE_ID_EMAIL ||
			(ident->type == IKE_ID_KEYID && printable(ident));
	const char *prefix = prefix_of(ident->type);
	char plain[IKE_ID_MAX + 1] = "";

	text[0] = '\0';
	if (ident->type == IKE_ID_NONE) {
		text_add(text, size, "none");
		return text;
	}
	if (is_addr(ident)) {
		add_addr(ident, text, size);
		return text;
	}

	memcpy(plain, ident->bytes, ident->len);
	if (readable && printable(ident) && means(plain, ident)) {
		text_add_escaped(text, size, ident->bytes, ident->len);
		return text;
	}
	if (prefix)
		text_add(text, size, "%s", prefix);
	else
		text_add(text, size, "type%u:", ident->type);
	if (ident->type == IKE_ID_DN && dn_add_text((struct span){ ident->bytes, ident->len }, text, size))
		return text;
	if (readable)
		text_add_escaped(text, size, ident->bytes, ident->len);
	else
		add_hex(ident, text, size);
	return text;
}
