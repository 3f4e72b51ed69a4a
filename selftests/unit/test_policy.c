// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/iked/policy.c tools/vpntun/ike/prop.c tools/vpntun/ike/propname.c tools/vpntun/ike/ident.c tools/vpntun/ike/dn.c */
/* sources: tools/vpntun/ike/ts.c tools/vpntun/ike/buf.c tools/vpntun/conf/parse.c tools/vpntun/conf/lex.c */
/* sources: tools/vpntun/conf/keys.c tools/vpntun/conf/value.c tools/vpntun/conf/defaults.c */
/* sources: tools/vpntun/conf/report.c tools/vpntun/util/addr.c tools/vpntun/util/hex.c tools/vpntun/util/name.c */
/* sources: tools/vpntun/util/nearest.c tools/vpntun/util/num.c tools/vpntun/util/text.c tools/vpntun/util/why.c */
/* sources: tools/vpntun/conf/inside.c tools/vpntun/util/prefix.c */
/* libs: libcrypto */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "iked/policy.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* The policy of a tunnel with these lines. */
static int make(const char *lines, struct ike_policy *policy, struct why *why)
{
	struct conf_report report = { 0 };
	struct conf conf;
	char text[4096];
	int err;

	snprintf(text, sizeof(text), "[Tunnel a]\n%s\n", lines);
	assert_int_equal(conf_parse("/etc/vpntun/office.conf", text, strlen(text), &conf, &report), 0);
	err = policy_make(&conf, &conf.tunnels[0], policy, why);
	conf_free(&conf);
	return err;
}

static struct ike_policy good(const char *lines)
{
	struct ike_policy policy;
	struct why why = { "" };

	if (make(lines, &policy, &why))
		fail_msg("refused: %s", why.text);
	return policy;
}

static void defaults_make_a_policy(void **state)
{
	struct ike_policy policy = good("Remote = 198.51.100.21\nInside = fd00::1/126\n");
	char text[512];

	(void)state;
	assert_int_equal(policy.id, 0);
	assert_string_equal(policy.name, "office/a");
	assert_int_equal(policy.local.len, 0);
	assert_int_equal(policy.remote.len, 4);
	assert_int_equal(policy.local_id.type, IKE_ID_NONE);
	assert_int_equal(policy.remote_id.type, IKE_ID_NONE);
	assert_int_equal(policy.ike.count, 3);
	assert_string_equal(prop_text(&policy.ike.list[0], text, sizeof(text)), "aes256gcm16-prfsha384-ecp384");
	assert_int_equal(policy.ike.list[2].number, 3);
	assert_int_equal(policy.ike.list[2].proto, IKE_PROTO_IKE);
	assert_int_equal(policy.esp.count, 3);
	assert_int_equal(policy.esp.list[1].proto, IKE_PROTO_ESP);
	assert_true(prop_has_group(&policy.esp, prop_first_group(&policy.ike)));
	assert_string_equal(ts_text(&policy.local_ts, text, sizeof(text)), "0.0.0.0/0, ::/0");
	assert_int_equal(policy.ike_life, 28800);
	assert_int_equal(policy.child_life, 3600);
	assert_int_equal(policy.start, IKE_START_START);
	assert_int_equal(policy.dpd_action, IKE_DPD_RESTART);
	assert_int_equal(policy.encap, IKE_ENCAP_AUTO);
	assert_false(policy.initial_contact);
}

static bool offers_esn(const struct ike_proposal *proposal)
{
	size_t i;

	for (i = 0; i < proposal->count; i++)
		if (proposal->transforms[i].type == IKE_T_ESN && proposal->transforms[i].id)
			return true;
	return false;
}

static void keys_reach_the_policy(void **state)
{
	struct ike_policy policy = good("Remote = any\nLocal = 203.0.113.10\nLocalID = gw@example.com\n"
					"RemoteID = fqdn:office.example.com\nLocalTS = 10.0.0.0/8, fd00::/8\n"
					"RemoteTS = 10.20.0.0/16\nESPProposals = aes128-sha256\nESN = yes\n"
					"DPDInterval = 3\nDPDTimeout = 9\nDPDAction = none\nLifeBytes = 1G\n"
					"IKELifetime = 50\nLifetime = 40\nEncap = udp\n");
	char text[512];

	(void)state;
	assert_int_equal(policy.remote.len, 0);
	assert_int_equal(policy.local.len, 4);
	assert_int_equal(policy.local_id.type, IKE_ID_EMAIL);
	assert_int_equal(policy.remote_id.type, IKE_ID_FQDN);
	assert_int_equal(policy.remote_id.len, strlen("office.example.com"));
	assert_string_equal(ts_text(&policy.local_ts, text, sizeof(text)), "10.0.0.0/8, fd00::/8");
	assert_string_equal(ts_text(&policy.remote_ts, text, sizeof(text)), "10.20.0.0/16");
	assert_int_equal(policy.esp.count, 1);
	assert_true(offers_esn(&policy.esp.list[0]));
	assert_int_equal(policy.ike_life, 50);
	assert_int_equal(policy.child_life, 40);
	assert_int_equal(policy.child_life_bytes, 1u << 30);
	assert_int_equal(policy.dpd_interval, 3);
	assert_int_equal(policy.dpd_timeout, 9);
	assert_int_equal(policy.start, IKE_START_ADD);
	assert_int_equal(policy.dpd_action, IKE_DPD_NONE);
	assert_int_equal(policy.encap, IKE_ENCAP_UDP);

	policy = good("Remote = 10.0.0.1\nStartAction = trap\nDPDAction = clear\nEncap = none\n");
	assert_int_equal(policy.start, IKE_START_TRAP);
	assert_int_equal(policy.dpd_action, IKE_DPD_CLEAR);
	assert_int_equal(policy.encap, IKE_ENCAP_NONE);
	assert_false(offers_esn(&policy.esp.list[0]));
}

static void wrong_keys_are_named(void **state)
{
	static const char *const wrongs[][2] = {
		{ "IKEProposals = rot13-sha256-modp2048", "IKEProposals: rot13-sha256-modp2048: " },
		{ "IKEProposals = aes256-sha256-modp2048, aes256-sha256", "IKEProposals: aes256-sha256: " },
		{ "IKEProposals = aes256-sha256-modp768", "IKEProposals: aes256-sha256-modp768: " },
		{ "ESPProposals = aes256", "ESPProposals: aes256: " },
		{ "ESPProposals = aes256gcm16-prfsha384", "ESPProposals: aes256gcm16-prfsha384: " },
		{ "LocalID = dn:C=DEU", "LocalID: dn: 'C=DEU' cannot be in a distinguished name" },
		{ "RemoteID = ipv4:10.0.0.256", "RemoteID: '10.0.0.256'" },
		{ "LocalTS = 10.1.0.0,10.1.0.1,10.1.0.2,10.1.0.3,10.1.0.4,10.1.0.5,10.1.0.6,10.1.0.7,10.1.0.8,"
		  "10.1.0.9,10.1.0.10,10.1.0.11,10.1.0.12,10.1.0.13,10.1.0.14,10.1.0.15,10.1.0.16",
		  "LocalTS: 17 prefixes are too many, 16 are the most" },
	};
	struct ike_policy policy;
	struct why why;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(wrongs); i++) {
		assert_int_not_equal(make(wrongs[i][0], &policy, &why), 0);
		if (strncmp(why.text, wrongs[i][1], strlen(wrongs[i][1])))
			fail_msg("%s: %s", wrongs[i][0], why.text);
	}
}

/* Nothing of what is there by itself is weak or made with SHA-1; who names a weak group is warned, with the key. */
static void weak_groups_are_warned_of(void **state)
{
	struct ike_policy policy = good("Remote = 10.0.0.1\n");
	struct why why = { "" };
	char text[512];

	(void)state;
	assert_false(policy_doubtful(&policy, &why));
	assert_null(strstr(prop_list_text(&policy.ike, text, sizeof(text)), "sha1"));
	assert_null(strstr(prop_list_text(&policy.esp, text, sizeof(text)), "sha1"));
	policy = good("Remote = 10.0.0.1\nIKEProposals = aes128-sha1-modp1024\n");
	assert_true(policy_doubtful(&policy, &why));
	assert_int_equal(strncmp(why.text, "IKEProposals: the group modp1024 is weak", 40), 0);
	policy = good("Remote = 10.0.0.1\nESPProposals = aes128-sha256, aes128-sha256-modp1536\n");
	assert_true(policy_doubtful(&policy, &why));
	assert_int_equal(strncmp(why.text, "ESPProposals: the group modp1536 is weak", 40), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_make_a_policy),
		cmocka_unit_test(keys_reach_the_policy),
		cmocka_unit_test(wrong_keys_are_named),
		cmocka_unit_test(weak_groups_are_warned_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
