// SPDX-License-Identifier: GPL-2.0
#include "import/take.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "conf/report.h"
#include "conf/value.h"
#include "util/num.h"

enum { WORD_MAX = 64 };

struct named {
	const char *name;
	uint8_t value;
};

/* Without dashes and blanks, in lower case. */
static const struct named ciphers[] = {
	{ "aes128", IMPORT_AES128 }, { "aes128cbc", IMPORT_AES128 },
	{ "aes256", IMPORT_AES256 }, { "aes256cbc", IMPORT_AES256 },
	{ "aes128gcm16", IMPORT_AES128_GCM }, { "aes128gcm", IMPORT_AES128_GCM },
	{ "aes256gcm16", IMPORT_AES256_GCM }, { "aes256gcm", IMPORT_AES256_GCM },
	{ NULL, 0 }
};

static const struct named hashes[] = {
	{ "sha", IMPORT_SHA1 }, { "sha1", IMPORT_SHA1 }, { "hmacsha1", IMPORT_SHA1 }, { "hmacsha196", IMPORT_SHA1 },
	{ "prfsha1", IMPORT_SHA1 },
	{ "sha2256", IMPORT_SHA256 }, { "sha256", IMPORT_SHA256 }, { "hmacsha256128", IMPORT_SHA256 },
	{ "hmacsha2256", IMPORT_SHA256 }, { "hmacsha2256128", IMPORT_SHA256 }, { "prfsha256", IMPORT_SHA256 },
	{ "sha2384", IMPORT_SHA384 }, { "sha384", IMPORT_SHA384 }, { "hmacsha384192", IMPORT_SHA384 },
	{ "hmacsha2384", IMPORT_SHA384 }, { "hmacsha2384192", IMPORT_SHA384 }, { "prfsha384", IMPORT_SHA384 },
	{ "sha2512", IMPORT_SHA512 }, { "sha512", IMPORT_SHA512 }, { "hmacsha512256", IMPORT_SHA512 },
	{ "hmacsha2512", IMPORT_SHA512 }, { "hmacsha2512256", IMPORT_SHA512 }, { "prfsha512", IMPORT_SHA512 },
	{ NULL, 0 }
};

/* strongSwan's names; elsewhere it is "Group 2". */
static const struct named groups[] = {
	{ "modp1024", 2 }, { "modp1536", 5 }, { "modp2048", 14 }, { "modp3072", 15 }, { "modp4096", 16 }, { "modp6144", 17 },
	{ "modp8192", 18 }, { "ecp256", 19 }, { "ecp384", 20 }, { "ecp521", 21 }, { "modp1024s160", 22 },
	{ "modp2048s224", 23 }, { "modp2048s256", 24 },
	{ NULL, 0 }
};

static const struct named truths[] = {
	{ "true", 1 }, { "enabled", 1 }, { "yes", 1 }, { "false", 0 }, { "disabled", 0 }, { "no", 0 },
	{ NULL, 0 }
};

/* ---- words ---- */

static const struct named *find(const struct named *names, const char *text)
{
	char plain[WORD_MAX], *to = plain;

	for (; *text && to < plain + sizeof(plain) - 1; text++)
		if (isalnum((unsigned char)*text))
			*to++ = tolower((unsigned char)*text);
	*to = '\0';
	while (names->name && strcmp(names->name, plain))
		names++;
	return names->name ? names : NULL;
}

static int take_named(const struct named *names, const char *what, const char *text, uint8_t *out, struct why *why)
{
	const struct named *named = find(names, text);

	if (!named)
		return why_set(why, "'%.40s' is no %s that AWS has", text, what);
	*out = named->value;
	return 0;
}

int take_cipher(const char *text, uint8_t *out, struct why *why)
{
	return take_named(ciphers, "cipher", text, out, why);
}

int take_hash(const char *text, uint8_t *out, struct why *why)
{
	return take_named(hashes, "hash", text, out, why);
}

/* "group2", "Diffie-Hellman Group 14", "modp2048". */
static int take_group(const char *text, uint8_t *out, struct why *why)
{
	const struct named *named = find(groups, text);
	size_t len = strlen(text);
	uint64_t number;

	if (named) {
		*out = named->value;
		return 0;
	}
	while (len && isdigit((unsigned char)text[len - 1]))
		len--;
	if (num_parse(text + len, 1, 31, &number, why))
		return why_set(why, "'%.40s' is no Diffie-Hellman group", text);
	*out = number;
	return 0;
}

/* "28800 seconds", "8h", "30s", "3". */
static int take_number(const char *text, uint32_t *out, struct why *why)
{
	size_t digits = strspn(text, "0123456789");
	const char *unit = text + digits + strspn(text + digits, " ");
	uint64_t number, factor = 1;
	char figure[16];

	snprintf(figure, sizeof(figure), "%.*s", (int)digits, text);
	if (!strcmp(unit, "h"))
		factor = 3600;
	else if (!strcmp(unit, "m"))
		factor = 60;
	else if (*unit && strcmp(unit, "s") && strcmp(unit, "seconds"))
		return why_set(why, "'%.40s' is no number of seconds", text);
	if (digits >= sizeof(figure) || num_parse(figure, 0, UINT32_MAX / factor, &number, why))
		return why_set(why, "'%.40s' is no number that fits", text);
	*out = number * factor;
	return 0;
}

static int take_address(const char *text, struct ip_addr *out, struct why *why)
{
	return value_host(text, out, why);
}

static int take_inside(const char *text, struct conf_inside *out, struct why *why)
{
	struct conf_insides insides;

	if (strlen(text) > ADDR_TEXT_MAX)
		return why_set(why, "it is too long for an address");
	if (value_insides(text, &insides, why))
		return -EINVAL;
	if (insides.count != 1)
		return why_set(why, "'%.60s' is not one address", text);
	*out = insides.list[0];
	return 0;
}

/* "aes128-sha1-modp1024": a file that has several has the minimum in front. */
static int take_proposal(const char *text, struct import_phase *phase, struct why *why)
{
	char copy[WORD_MAX], *rest = copy, *word;
	uint8_t value = 0;

	snprintf(copy, sizeof(copy), "%.*s", (int)strcspn(text, ",!"), text);
	while ((word = strsep(&rest, "-"))) {
		if (!take_cipher(word, &value, why)) {
			phase->cipher = value;
			phase->has_cipher = true;
		} else if (!take_hash(word, &value, why)) {
			phase->hash = value;
			phase->has_hash = true;
		} else if (!take_group(word, &value, why)) {
			phase->group = value;
			phase->has_group = true;
		} else {
			return why_set(why, "'%.40s' in it is nothing that AWS has", word);
		}
	}
	return 0;
}

static int take_version(const char *text, struct import_tunnel *tunnel, struct why *why)
{
	const char *digit = strpbrk(text, "12");

	if (strncasecmp(text, "ike", 3) || !digit || digit[1])
		return why_set(why, "'%.40s' is neither IKEv1 nor IKEv2", text);
	tunnel->ikev1 |= *digit == '1';
	tunnel->ikev2 |= *digit == '2';
	return 0;
}

int take_psk(const char *text, struct why *why)
{
	size_t len = strlen(text), i;

	if (len < IMPORT_PSK_MIN || len > IMPORT_PSK_MAX)
		return why_set(why, "a key of %zu characters: AWS takes %d to %d", len, IMPORT_PSK_MIN, IMPORT_PSK_MAX);
	for (i = 0; i < len; i++)
		if (!isalnum((unsigned char)text[i]) && text[i] != '.' && text[i] != '_')
			return why_set(why, "character %zu of the key is none that AWS takes: letters, digits, '.', '_'",
				       i + 1);
	return *text == '0' ? why_set(why, "the key begins with 0, which AWS does not take") : 0;
}

/* ---- fields ---- */

#define UNPRINTABLE "there is something else in it than printable ASCII"

/* Sentences quote values, on a terminal. */
static bool is_printable(const char *text)
{
	while (*text >= ' ' && *text <= '~')
		text++;
	return !*text;
}

/* What AWS leaves for people to fill in. */
static bool is_placeholder(const char *text)
{
	return *text == '<' || !strncasecmp(text, "YOUR_", 5);
}

static int take_phase(struct import_phase *phase, enum import_field field, const char *text, struct why *why)
{
	switch (field) {
	case FIELD_IKE_CIPHER:
	case FIELD_ESP_CIPHER:
		phase->has_cipher = !take_cipher(text, &phase->cipher, why);
		return phase->has_cipher ? 0 : -EINVAL;
	case FIELD_IKE_HASH:
	case FIELD_ESP_HASH:
		phase->has_hash = !take_hash(text, &phase->hash, why);
		return phase->has_hash ? 0 : -EINVAL;
	case FIELD_IKE_GROUP:
	case FIELD_ESP_GROUP:
		phase->has_group = !take_group(text, &phase->group, why);
		return phase->has_group ? 0 : -EINVAL;
	case FIELD_IKE_PROPOSAL:
	case FIELD_ESP_PROPOSAL:
		return take_proposal(text, phase, why);
	default:
		return take_number(text, &phase->lifetime, why);
	}
}

static int take_clear_df(const char *text, bool *out, struct why *why)
{
	uint8_t value = 0;

	if (take_named(truths, "switch", text, &value, why))
		return -EINVAL;
	*out = value;
	return 0;
}

static int take_key(const char *text, struct import_tunnel *tunnel, struct why *why)
{
	if (take_psk(text, why))
		return -EINVAL;
	snprintf(tunnel->psk, sizeof(tunnel->psk), "%s", text);
	return 0;
}

static int take_plain(struct import_tunnel *tunnel, enum import_field field, const char *text, struct why *why)
{
	switch (field) {
	case FIELD_LOCAL:
		return take_address(text, &tunnel->local, why);
	case FIELD_REMOTE:
		return take_address(text, &tunnel->remote, why);
	case FIELD_INSIDE:
		return take_inside(text, &tunnel->inside, why);
	case FIELD_PEER:
		return take_inside(text, &tunnel->peer, why);
	case FIELD_PSK:
		return take_key(text, tunnel, why);
	case FIELD_METHOD:
		tunnel->by_certificate = strcasestr(text, "certificate") || strcasestr(text, "rsa");
		return 0;
	case FIELD_VERSION:
		return take_version(text, tunnel, why);
	case FIELD_DPD_INTERVAL:
		return take_number(text, &tunnel->dpd_interval, why);
	case FIELD_DPD_RETRIES:
		return take_number(text, &tunnel->dpd_retries, why);
	case FIELD_CLEAR_DF:
		tunnel->has_clear_df = !take_clear_df(text, &tunnel->clear_df, why);
		return tunnel->has_clear_df ? 0 : -EINVAL;
	case FIELD_ASN:
		return take_number(text, &tunnel->asn, why);
	case FIELD_PEER_ASN:
		return take_number(text, &tunnel->peer_asn, why);
	case FIELD_HOLD:
		return take_number(text, &tunnel->hold, why);
	default:
		return 0;
	}
}

char *take_trim(char *text)
{
	size_t len;

	while (isspace((unsigned char)*text))
		text++;
	len = strlen(text);
	while (len && isspace((unsigned char)text[len - 1]))
		len--;
	text[len] = '\0';
	return text;
}

int take_field(struct import_tunnel *tunnel, enum import_field field, const char *text, struct why *why)
{
	char copy[256], *plain;
	int err;

	if (strlen(text) >= sizeof(copy))
		return why_set(why, "the value is longer than %zu bytes", sizeof(copy) - 1);
	strcpy(copy, text);
	plain = take_trim(copy);
	if (!*plain || field == FIELD_NONE)
		err = 0;
	else if (!is_printable(plain))
		err = why_set(why, UNPRINTABLE);
	else if (is_placeholder(plain))
		err = why_set(why, "'%.60s' is a placeholder, which somebody has to fill in", plain);
	else if (field >= FIELD_IKE_CIPHER && field <= FIELD_IKE_PROPOSAL)
		err = take_phase(&tunnel->ike, field, plain, why);
	else if (field >= FIELD_ESP_CIPHER && field <= FIELD_ESP_PROPOSAL)
		err = take_phase(&tunnel->esp, field, plain, why);
	else
		err = take_plain(tunnel, field, plain, why);
	explicit_bzero(copy, sizeof(copy));
	return err;
}

int take_prefix(const char *text, struct ip_prefix *out, struct why *why)
{
	return is_printable(text) ? prefix_parse(text, out, why) : why_set(why, UNPRINTABLE);
}

const struct import_name *take_find(const struct import_name *names, const char *name)
{
	for (; names->name; names++)
		if (!strcmp(names->name, name))
			return names;
	return NULL;
}

struct import_tunnel *take_tunnel(struct import_connection *conn, unsigned int line, struct conf_report *report)
{
	struct import_tunnel *tunnel;

	if (conn->n_tunnels == IMPORT_TUNNELS_MAX) {
		report_fault(report, conn->path, line, "more than %d tunnels", IMPORT_TUNNELS_MAX);
		return NULL;
	}
	tunnel = &conn->tunnels[conn->n_tunnels++];
	memset(tunnel, 0, sizeof(*tunnel));
	tunnel->line = line;
	tunnel->number = conn->n_tunnels - 1;
	return tunnel;
}
