// SPDX-License-Identifier: GPL-2.0
#include "import/upgrade.h"

#include <errno.h>
#include <stdio.h>

#include "util/text.h"

static const char *const cipher_names[] = {
	[IMPORT_AES128] = "aes128", [IMPORT_AES256] = "aes256", [IMPORT_AES128_GCM] = "aes128gcm16",
	[IMPORT_AES256_GCM] = "aes256gcm16",
};

static const char *const hash_names[] = {
	[IMPORT_SHA1] = "sha1", [IMPORT_SHA256] = "sha256", [IMPORT_SHA384] = "sha384", [IMPORT_SHA512] = "sha512",
};

/* The weakest first, by RFC 3766 and NIST SP 800-57; those of AWS's that are not here (22 to 24) nobody should use. */
static const struct group {
	uint8_t number;
	const char *name;
} groups[] = {
	{ 2, "modp1024" }, { 5, "modp1536" }, { 14, "modp2048" }, { 15, "modp3072" }, { 19, "ecp256" }, { 16, "modp4096" },
	{ 17, "modp6144" }, { 18, "modp8192" }, { 20, "ecp384" }, { 21, "ecp521" },
};

enum { N_CIPHERS = 4, N_HASHES = 4, N_GROUPS = sizeof(groups) / sizeof(*groups), GROUP_STRONG = 2 };

struct suite {
	int cipher, hash, group;	/* places in the tables above */
};

static bool is_gcm(int cipher)
{
	return cipher >= IMPORT_AES128_GCM;
}

/* ---- choosing ---- */

/* The highest or lowest bit of @mask below @count; no bit at all stands for all of them. */
static int pick(uint32_t mask, int count, bool weakest)
{
	int i, found = -1;

	for (i = 0; i < count; i++) {
		if (mask && !(mask & UINT32_C(1) << i))
			continue;
		if (found < 0 || !weakest)
			found = i;
	}
	return found;
}

/* Bits of places in our table in place of those of numbers. */
static uint32_t places_of(uint32_t numbers)
{
	uint32_t places = 0;
	int i;

	for (i = 0; i < N_GROUPS; i++)
		if (numbers & UINT32_C(1) << groups[i].number)
			places |= UINT32_C(1) << i;
	return places;
}

/* Of the file's own group; -1: it has none that is here. */
static int place_of(const struct import_phase *phase)
{
	uint32_t places = phase->has_group ? places_of(UINT32_C(1) << phase->group) : 0;

	return places ? pick(places, N_GROUPS, true) : -1;
}

static bool has_minimum(const struct import_phase *phase)
{
	return phase->has_cipher && phase->has_hash && place_of(phase) >= 0;
}

/* The file's own value, if TunnelOptions do not exclude it; else the weakest that they have. */
static int pick_minimum(int own, bool has, uint32_t mask, int count)
{
	if (has && (!mask || mask & UINT32_C(1) << own))
		return own;
	return pick(mask, count, true);
}

static int choose(const struct import_phase *phase, bool weak, struct suite *out, struct why *why)
{
	uint32_t places = places_of(phase->groups);

	if (phase->groups && !places)
		return why_set(why, "of Diffie-Hellman groups TunnelOptions only allow some of 22 to 24, which nobody should use: allow 20 or 14");
	if (weak) {
		out->cipher = pick_minimum(phase->cipher, phase->has_cipher, phase->ciphers, N_CIPHERS);
		out->hash = pick_minimum(phase->hash, phase->has_hash, phase->hashes, N_HASHES);
		out->group = pick_minimum(place_of(phase), place_of(phase) >= 0, places, N_GROUPS);
	} else {
		out->cipher = pick(phase->ciphers, N_CIPHERS, false);
		out->hash = pick(phase->hashes, N_HASHES, false);
		out->group = pick(places, N_GROUPS, false);
	}
	return 0;
}

static bool is_weak(const struct suite *suite, bool ike)
{
	return suite->group < GROUP_STRONG || (suite->hash == IMPORT_SHA1 && (ike || !is_gcm(suite->cipher)));
}

/* ---- writing ---- */

static void write_suite(const struct suite *suite, bool ike, char out[UPGRADE_TEXT_MAX])
{
	text_add(out, UPGRADE_TEXT_MAX, "%s%s", *out ? ", " : "", cipher_names[suite->cipher]);
	if (!is_gcm(suite->cipher))
		text_add(out, UPGRADE_TEXT_MAX, "-%s", hash_names[suite->hash]);
	else if (ike)
		text_add(out, UPGRADE_TEXT_MAX, "-prf%s", hash_names[suite->hash]);
	text_add(out, UPGRADE_TEXT_MAX, "-%s", groups[suite->group].name);
}

/* Whether AWS means the PRF by "integrity" where a GCM cipher is used is nowhere said: with CBC there is no question. */
static void write_second(const struct import_phase *phase, const struct suite *first, char out[UPGRADE_TEXT_MAX])
{
	const uint32_t cbc = 1u << IMPORT_AES128 | 1u << IMPORT_AES256;
	struct suite second = *first;

	if (!is_gcm(first->cipher) || (phase->ciphers && !(phase->ciphers & cbc)))
		return;
	second.cipher = pick(phase->ciphers ? phase->ciphers & cbc : cbc, N_CIPHERS, false);
	write_suite(&second, true, out);
}

static void write_minimum(const struct import_tunnel *tunnel, struct upgrade *out)
{
	const struct import_phase *const phases[] = { &tunnel->ike, &tunnel->esp };
	size_t i;

	for (i = 0; i < 2; i++) {
		const struct import_phase *phase = phases[i];
		struct suite suite = { phase->cipher, phase->hash, place_of(phase) };

		if (!has_minimum(phase))
			continue;
		write_suite(&suite, !i, out->minimum);
		out->minimum_weak |= is_weak(&suite, !i);
	}
}

static bool restricts(const struct import_phase *phase)
{
	return phase->ciphers || phase->hashes || phase->groups;
}

static int write_phase(const struct import_phase *phase, bool weak, bool ike, struct upgrade *out, struct why *why)
{
	char *text = ike ? out->ike : out->esp;
	struct suite suite = { 0 };

	if (!weak && !restricts(phase)) {
		snprintf(text, UPGRADE_TEXT_MAX, "%s", ike ? UPGRADE_STRONG_IKE : UPGRADE_STRONG_ESP);
		return 0;
	}
	if (weak && !restricts(phase) && !has_minimum(phase))
		return why_set(why, "the file has no proposal of its own to take");
	if (choose(phase, weak, &suite, why))
		return -EINVAL;
	write_suite(&suite, ike, text);
	if (ike && !weak)
		write_second(phase, &suite, text);
	out->weak |= is_weak(&suite, ike);
	if (weak || !is_weak(&suite, ike))
		return 0;
	return why_set(why, "TunnelOptions allow nothing better than %s: allow SHA2-256 and group 14 or better in AWS, or take it with --weak",
		       text);
}

int upgrade_tunnel(const struct import_tunnel *tunnel, bool weak, struct upgrade *out, struct why *why)
{
	*out = (struct upgrade){ .weak = false };
	write_minimum(tunnel, out);
	if (write_phase(&tunnel->ike, weak, true, out, why))
		return why_prepend(why, "IKE");
	if (write_phase(&tunnel->esp, weak, false, out, why))
		return why_prepend(why, "IPsec");
	return 0;
}
