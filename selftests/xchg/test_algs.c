// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/iked/suite.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "iked/suite.h"
#include "pair.h"

/* Every group, PRF and suite carries a tunnel; public values that cannot be are refused. */

static void carries(const char *ike, const char *esp, uint32_t suite, bool esn)
{
	struct pair pair;

	pair_init(&pair, 1, ike, esp);
	pair_create(&pair, 1000);
	pair_up(&pair, 1);
	pair_up(&pair, 0);
	if (!pair_until_up(&pair, 5000))
		fail_msg("%s, %s do not come up", ike ? ike : "", esp ? esp : "");
	pair_run(&pair, 1000);
	pair_settled(&pair);
	pair.strict = true;
	assert_int_equal(ike_rekey(pair.side[0].ike, pair.now, POLICY, false), 0);
	pair_run(&pair, 2000);
	assert_int_equal(ike_rekey(pair.side[1].ike, pair.now, POLICY, true), 0);
	pair_run(&pair, 2000);
	pair_settled(&pair);
	assert_int_equal(pair_status(&pair, 0).child_rekeys, 1);
	assert_int_equal(pair_status(&pair, 1).ike_rekeys, 1);
	for (int i = 0; i < KERNEL_MAX; i++) {
		if (!pair.side[0].sas[i].used)
			continue;
		if (suite)
			assert_int_equal(suite_of(&pair.side[0].sas[i].suite), suite);
		assert_int_equal(pair.side[0].sas[i].suite.esn, esn);
	}
	pair_free(&pair);
}

static void every_group(void **state)
{
	static const char *const groups[] = {"modp1024", "modp1536", "modp2048", "modp3072", "modp4096", "modp6144",
					     "modp8192", "ecp256", "ecp384", "ecp521", "x25519", "x448"};

	(void)state;
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		char ike[80], esp[80];

		snprintf(ike, sizeof(ike), "aes128-sha1-%s", groups[i]);
		snprintf(esp, sizeof(esp), "aes128gcm16-%s", groups[i]);
		carries(ike, esp, VGW_SUITE_AES128GCM16, false);
	}
}

static void every_suite(void **state)
{
	static const char *const words[] = {
		[VGW_SUITE_AES128GCM16] = "aes128gcm16", "aes192gcm16", "aes256gcm16", "aes128-sha256",
		"aes192-sha256", "aes256-sha256", "chacha20poly1305", "aes128gcm8", "aes192gcm8", "aes256gcm8",
		"aes128gcm12", "aes192gcm12", "aes256gcm12", "aes128-sha1", "aes192-sha1", "aes256-sha1",
		"aes128-sha384", "aes192-sha384", "aes256-sha384", "aes128-sha512", "aes192-sha512", "aes256-sha512",
		"aes128gmac", "aes192gmac", "aes256gmac", "null-sha256", "null-sha384", "null-sha512",
	};

	(void)state;
	assert_int_equal(sizeof(words) / sizeof(words[0]), VGW_SUITE_MAX + 1);
	for (uint32_t suite = 1; suite <= VGW_SUITE_MAX; suite++) {
		for (int way = 0; way < 4; way++) {
			char esp[80];

			snprintf(esp, sizeof(esp), "%s%s%s", words[suite], way & 1 ? "-x25519" : "",
				 way & 2 ? "-esn" : "");
			carries(NULL, esp, suite, way & 2);
		}
	}
}

static uint16_t bad_group;
static uint8_t bad_byte;
static int bad_from;

/* The KE payload of IKE_SA_INIT gets another value: nobody has sealed that. */
static bool spoil(struct pair *pair, int from, struct span bytes)
{
	uint8_t *at = (uint8_t *)bytes.at + IKE_HDR_SIZE, *end = (uint8_t *)bytes.at + bytes.len;
	uint8_t type = bytes.at[16];

	(void)pair;
	if (from != bad_from || bytes.at[18] != IKE_EXCH_SA_INIT)
		return true;
	while (at + 8 <= end && type) {
		size_t len = at[2] << 8 | at[3];

		if (type == IKE_PLD_KE && (at[4] << 8 | at[5]) == bad_group)
			memset(at + 8, bad_byte, len - 8);
		type = at[0];
		at += len;
	}
	return true;
}

static void bad_values(void **state)
{
	static const struct {
		uint16_t group;
		const char *word;
	} groups[] = {
		{IKE_GROUP_MODP1024, "modp1024"}, {IKE_GROUP_MODP2048, "modp2048"}, {IKE_GROUP_ECP256, "ecp256"},
		{IKE_GROUP_ECP521, "ecp521"}, {IKE_GROUP_X25519, "x25519"}, {IKE_GROUP_X448, "x448"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		for (bad_from = 0; bad_from < 2; bad_from++) {
			struct ike_totals totals;
			struct pair pair;
			char ike[80];

			snprintf(ike, sizeof(ike), "aes128-sha256-%s", groups[i].word);
			bad_group = groups[i].group;
			bad_byte = 0;
			pair_init(&pair, i, ike, NULL);
			pair_create(&pair, 1000);
			pair.watch = spoil;
			pair_up(&pair, 1);
			pair_up(&pair, 0);
			assert_false(pair_until_up(&pair, 500));
			/* At a responder it takes up a place for a while, an initiator waits for a better answer. */
			ike_totals(pair.side[1].ike, &totals);
			assert_int_equal(totals.half_open, 1);
			assert_true(pair_said(&pair, 0, "Diffie-Hellman value of group") == bad_from);
			pair.watch = NULL;
			assert_true(pair_until_up(&pair, 100000));
			pair_run(&pair, 60000);
			pair_settled(&pair);
			pair_free(&pair);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_group),
		cmocka_unit_test(every_suite),
		cmocka_unit_test(bad_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
