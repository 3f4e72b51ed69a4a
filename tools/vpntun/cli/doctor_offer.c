// SPDX-License-Identifier: GPL-2.0
#include "cli/doctor_offer.h"

#include <stdio.h>
#include <string.h>

/* As good as the defaults. What is not here somebody may still choose, who knows why. */
static const char *const good[] = {
	"aes128gcm16", "aes192gcm16", "aes256gcm16", "chacha20poly1305", "aes128", "aes192", "aes256",
	"sha256", "sha384", "sha512", "prfsha256", "prfsha384", "prfsha512",
	"modp2048", "modp3072", "modp4096", "modp6144", "modp8192", "ecp256", "ecp384", "ecp521", "x25519", "x448", "noesn",
};

static bool is_good(const char *word, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(*good); i++)
		if (strlen(good[i]) == len && !memcmp(good[i], word, len))
			return true;
	return false;
}

/* "modp3072, ecp384", or proposals. */
static bool all_good(const char *list, const char *end)
{
	size_t len;

	for (; list < end; list += len) {
		list += strspn(list, ", -");
		len = strcspn(list, ", -;");
		if (!len || !is_good(list, len))
			return false;
	}
	return true;
}

/* "ADDRESS:PORT: no common IKE proposal: ..": nobody has authenticated by then, and anybody can send that. */
static bool of_anybody(const char *error, const char *connection, char fix[FINDING_TEXT_MAX])
{
	const char *end = strstr(error, ": no common IKE proposal: ");

	if (!end)
		return false;
	snprintf(fix, FINDING_TEXT_MAX,
		 "somebody at %.*s offers that, which may be anybody: if it is your peer, agree with it on IKEProposals, then: vpntun reload %s",
		 (int)(end - error), error, connection);
	return true;
}

bool doctor_offer(const char *error, const char *connection, char fix[FINDING_TEXT_MAX])
{
	static const char from[] = ": offered ", to[] = "; configured ";
	const char *offer = strstr(error, from), *end = offer ? strstr(offer, to) : NULL;

	if (of_anybody(error, connection, fix))
		return true;
	if (!end || !all_good(offer + strlen(from), end))
		return false;
	offer += strlen(from);
	snprintf(fix, FINDING_TEXT_MAX, "take %.*s, which the peer offers, into %s, then: vpntun reload %s", (int)(end - offer),
		 offer, strstr(error, "rekeying of the IKE SA") ? "IKEProposals" : "ESPProposals", connection);
	return true;
}
