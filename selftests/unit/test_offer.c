// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/cli/doctor_offer.c */
/* What the doctor makes of a peer's offer: words that a stranger chooses become no advice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/doctor_offer.h"

#define TUNNEL "the peer's tunnel is refused: "

static const struct {
	const char *error, *fix;	/* NULL: none */
} rows[] = {
	{ TUNNEL "no common group: offered modp3072; configured ecp384; it offered aes256gcm16-modp3072-noesn",
	  "take modp3072, which the peer offers, into ESPProposals, then: vpntun reload office" },
	{ TUNNEL "no common group: offered modp3072, ecp256; configured ecp384",
	  "take modp3072, ecp256, which the peer offers, into ESPProposals, then: vpntun reload office" },
	{ TUNNEL "no common proposal: offered aes256gcm16-modp3072-noesn, aes128-sha256-ecp384-noesn; configured aes128gcm16-ecp384",
	  "take aes256gcm16-modp3072-noesn, aes128-sha256-ecp384-noesn, which the peer offers, into ESPProposals, then: vpntun reload office" },
	{ "the peer's rekeying of the IKE SA is refused: no common group: offered modp3072; configured ecp384",
	  "take modp3072, which the peer offers, into IKEProposals, then: vpntun reload office" },
	/* weak, or nothing */
	{ TUNNEL "no common group: offered modp1024; configured ecp384", NULL },
	{ TUNNEL "no common group: offered ecp384, modp1024; configured ecp521", NULL },
	{ TUNNEL "no common group: offered modp2048s256; configured ecp521", NULL },
	{ TUNNEL "no common group: offered none; configured ecp521", NULL },
	{ TUNNEL "no common encryption: offered 3des; configured aes256", NULL },
	{ TUNNEL "no common encryption: offered null; configured aes256", NULL },
	{ TUNNEL "no common integrity: offered sha1; configured sha256", NULL },
	{ TUNNEL "no common ESN: offered esn; configured noesn", NULL },
	/* from anybody */
	{ "192.0.2.2:500: no common IKE proposal: no common group: offered modp1024; configured ecp384; offered aes128-sha1-modp1024",
	  "somebody at 192.0.2.2:500 offers that, which may be anybody: if it is your peer, agree with it on IKEProposals, then: vpntun reload office" },
	{ "192.0.2.2:500: no common IKE proposal: no common group: offered modp3072; configured ecp384; offered aes128-sha256-modp3072",
	  "somebody at 192.0.2.2:500 offers that, which may be anybody: if it is your peer, agree with it on IKEProposals, then: vpntun reload office" },
	{ "the peer refuses the tunnel: NO_PROPOSAL_CHOSEN; offered aes256gcm16-ecp384", NULL },
	{ "", NULL },
};

static void advice(void **state)
{
	char fix[FINDING_TEXT_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const bool has = doctor_offer(rows[i].error, "office", fix);

		if (has != (rows[i].fix != NULL))
			fail_msg("%s: %s", rows[i].error, has ? fix : "no advice");
		if (has)
			assert_string_equal(fix, rows[i].fix);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(advice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
