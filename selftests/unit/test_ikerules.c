// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/ike/rules.c tools/vpntun/ike/names.c tools/vpntun/ike/propname.c tools/vpntun/ike/msg.c */
/* sources: tools/vpntun/ike/buf.c tools/vpntun/util/text.c tools/vpntun/util/why.c tools/vpntun/util/nearest.c */
/* libs: libcrypto */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ike/rules.h"

#define REQUEST false
#define RESPONSE true
#define CLEAR false
#define SEALED true

static struct why why;

/* A message that holds one payload of each of these types. */
#define WITH(...)	with((const uint8_t[]){ __VA_ARGS__, 0 }, IKE_PROTO_ESP)
#define WITH_IKE(...)	with((const uint8_t[]){ __VA_ARGS__, 0 }, IKE_PROTO_IKE)

static struct ike_msg *with(const uint8_t *types, uint8_t proto)
{
	static struct ike_msg msg;

	memset(&msg, 0, sizeof(msg));
	for (; *types; types++) {
		msg.counts[*types]++;
		if (*types == IKE_PLD_SA) {
			msg.sa.count = 1;
			msg.sa.list[0].proto = proto;
		}
	}
	return &msg;
}

static struct ike_msg *noting(struct ike_msg *msg, uint16_t type)
{
	msg->counts[IKE_PLD_NOTIFY]++;
	msg->notifies[msg->n_notifies++].type = type;
	return msg;
}

#define good(msg, exchange, response, sealed)						\
	do {										\
		if (rules_check(msg, exchange, response, sealed, &why))			\
			fail_msg("%s", why.text);					\
	} while (0)

#define bad(msg, exchange, response, sealed, reason)					\
	do {										\
		assert_int_equal(rules_check(msg, exchange, response, sealed, &why), -22);	\
		assert_string_equal(why.text, reason);					\
	} while (0)

static void sa_init(void **state)
{
	const int exch = IKE_EXCH_SA_INIT;

	(void)state;
	good(WITH_IKE(33, 34, 40), exch, REQUEST, CLEAR);
	good(WITH_IKE(33, 34, 40, 41, 41, 43, 43), exch, REQUEST, CLEAR);
	good(WITH_IKE(33, 34, 40, 38), exch, RESPONSE, CLEAR);
	bad(WITH_IKE(33, 34, 40, 38), exch, REQUEST, CLEAR, "IKE_SA_INIT request with 1 CERTREQ payloads, 0 at most");
	bad(WITH_IKE(33, 34), exch, REQUEST, CLEAR, "IKE_SA_INIT request without nonce payload");
	bad(WITH_IKE(33, 40), exch, RESPONSE, CLEAR, "IKE_SA_INIT response without KE payload");
	bad(WITH(34, 40), exch, REQUEST, CLEAR, "IKE_SA_INIT request without SA payload");
	bad(WITH_IKE(33, 33, 34, 40), exch, REQUEST, CLEAR, "IKE_SA_INIT request with 2 SA payloads, 1 at most");
	bad(WITH_IKE(33, 34, 34, 40), exch, REQUEST, CLEAR, "IKE_SA_INIT request with 2 KE payloads, 1 at most");
	bad(WITH_IKE(33, 34, 40, 40), exch, RESPONSE, CLEAR, "IKE_SA_INIT response with 2 nonce payloads, 1 at most");
	bad(WITH_IKE(33, 34, 40, 46), exch, REQUEST, CLEAR, "IKE_SA_INIT request with 1 SK payloads, 0 at most");
	bad(WITH_IKE(33, 34, 40, 35), exch, REQUEST, CLEAR, "IKE_SA_INIT request with 1 IDi payloads, 0 at most");
	bad(WITH_IKE(33, 34, 40), exch, REQUEST, SEALED, "IKE_SA_INIT with encrypted payloads");
	bad(WITH(0), exch, REQUEST, SEALED, "IKE_SA_INIT with encrypted payloads");
}

static void a_no_needs_less_than_a_yes(void **state)
{
	(void)state;
	good(noting(WITH(0), IKE_N_NO_PROPOSAL_CHOSEN), IKE_EXCH_SA_INIT, RESPONSE, CLEAR);
	good(noting(WITH(0), IKE_N_COOKIE), IKE_EXCH_SA_INIT, RESPONSE, CLEAR);
	bad(noting(WITH(0), IKE_N_COOKIE), IKE_EXCH_SA_INIT, REQUEST, CLEAR, "IKE_SA_INIT request without SA payload");
	bad(noting(WITH(0), IKE_N_NO_PROPOSAL_CHOSEN), IKE_EXCH_SA_INIT, REQUEST, CLEAR,
	    "IKE_SA_INIT request without SA payload");
	bad(noting(WITH(0), IKE_N_FRAGMENTATION_SUPPORTED), IKE_EXCH_SA_INIT, RESPONSE, CLEAR,
	    "IKE_SA_INIT response without SA payload");
	bad(noting(WITH(0), IKE_N_COOKIE), IKE_EXCH_AUTH, RESPONSE, SEALED, "IKE_AUTH response without IDr payload");
	good(noting(WITH(0), IKE_N_AUTHENTICATION_FAILED), IKE_EXCH_AUTH, RESPONSE, SEALED);
	good(noting(WITH(36, 39), IKE_N_TS_UNACCEPTABLE), IKE_EXCH_AUTH, RESPONSE, SEALED);
	good(noting(WITH(0), IKE_N_TEMPORARY_FAILURE), IKE_EXCH_CREATE_CHILD_SA, RESPONSE, SEALED);
	/* It may still not hold what has no place in it. */
	bad(noting(WITH(34), IKE_N_AUTHENTICATION_FAILED), IKE_EXCH_AUTH, RESPONSE, SEALED,
	    "IKE_AUTH response with 1 KE payloads, 0 at most");
}

static void auth(void **state)
{
	const int exch = IKE_EXCH_AUTH;

	(void)state;
	good(WITH(35, 39, 33, 44, 45), exch, REQUEST, SEALED);
	good(WITH(35, 36, 37, 37, 38, 39, 33, 44, 45, 47, 41, 41, 43), exch, REQUEST, SEALED);
	good(WITH(36, 39, 33, 44, 45), exch, RESPONSE, SEALED);
	bad(WITH(35, 33, 44, 45), exch, REQUEST, SEALED, "IKE_AUTH request without AUTH payload");
	bad(WITH(39, 33, 44, 45), exch, REQUEST, SEALED, "IKE_AUTH request without IDi payload");
	bad(WITH(35, 39, 44, 45), exch, REQUEST, SEALED, "IKE_AUTH request without SA payload");
	bad(WITH(35, 39, 33, 45), exch, REQUEST, SEALED, "IKE_AUTH request without TSi payload");
	bad(WITH(35, 39, 33, 44), exch, REQUEST, SEALED, "IKE_AUTH request without TSr payload");
	bad(WITH(35, 39, 33, 44, 45, 40), exch, REQUEST, SEALED, "IKE_AUTH request with 1 nonce payloads, 0 at most");
	bad(WITH(35, 39, 39, 33, 44, 45), exch, REQUEST, SEALED, "IKE_AUTH request with 2 AUTH payloads, 1 at most");
	bad(WITH(35, 35, 39, 33, 44, 45), exch, REQUEST, SEALED, "IKE_AUTH request with 2 IDi payloads, 1 at most");
	bad(WITH(35, 36, 39, 33, 44, 45), exch, RESPONSE, SEALED, "IKE_AUTH response with 1 IDi payloads, 0 at most");
	bad(WITH(36, 39, 33, 44, 45, 48), exch, RESPONSE, SEALED, "IKE_AUTH response with 1 EAP payloads, 0 at most");
	bad(WITH(35, 39, 33, 44, 45, 42), exch, REQUEST, SEALED, "IKE_AUTH request with 1 delete payloads, 0 at most");
	/* A Child SA wholly, or none (RFC 6023); who answers has to say why there is none. */
	good(WITH(35, 39), exch, REQUEST, SEALED);
	good(WITH(35, 37, 38, 39, 41), exch, REQUEST, SEALED);
	bad(WITH(35), exch, REQUEST, SEALED, "IKE_AUTH request without AUTH payload");
	bad(WITH(35, 39, 44), exch, REQUEST, SEALED, "IKE_AUTH request without SA payload");
	bad(WITH(35, 39, 33), exch, REQUEST, SEALED, "IKE_AUTH request without TSi payload");
	bad(WITH(36, 39), exch, RESPONSE, SEALED, "IKE_AUTH response without SA payload");
	bad(WITH(35, 37, 37, 37, 37, 37, 37, 37, 37, 37, 39), exch, REQUEST, SEALED,
	    "IKE_AUTH request with 9 CERT payloads, 8 at most");
	bad(WITH(36, 38, 39, 33, 44, 45), exch, RESPONSE, SEALED,
	    "IKE_AUTH response with 1 CERTREQ payloads, 0 at most");
	/* SK in SK */
	bad(WITH(35, 39, 33, 44, 45, 46), exch, REQUEST, SEALED, "IKE_AUTH request with 1 SK payloads, 0 at most");
	/* What belongs inside stands outside. */
	bad(WITH(35, 39, 33, 44, 45), exch, REQUEST, CLEAR, "IKE_AUTH request with 1 SA payloads, 0 at most");
}

static void outside(void **state)
{
	static const uint8_t exchanges[] = { IKE_EXCH_AUTH, IKE_EXCH_CREATE_CHILD_SA, IKE_EXCH_INFORMATIONAL };
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(exchanges); i++) {
		good(WITH(46), exchanges[i], REQUEST, CLEAR);
		good(WITH(46), exchanges[i], RESPONSE, CLEAR);
		good(noting(WITH(0), IKE_N_INVALID_IKE_SPI), exchanges[i], RESPONSE, CLEAR);
		assert_int_equal(rules_check(WITH(0), exchanges[i], REQUEST, CLEAR, &why), -22);
		assert_int_equal(rules_check(WITH(0), exchanges[i], RESPONSE, CLEAR, &why), -22);
		assert_int_equal(rules_check(noting(WITH(0), IKE_N_INVALID_SPI), exchanges[i], REQUEST, CLEAR, &why), -22);
		assert_int_equal(rules_check(WITH(46, 42), exchanges[i], REQUEST, CLEAR, &why), -22);
	}
}

static void create_child_sa(void **state)
{
	const int exch = IKE_EXCH_CREATE_CHILD_SA;

	(void)state;
	good(WITH(33, 40, 44, 45), exch, REQUEST, SEALED);
	good(WITH(33, 40, 34, 44, 45, 41), exch, REQUEST, SEALED);
	good(WITH(33, 40, 34, 44, 45, 41), exch, RESPONSE, SEALED);
	good(WITH(47, 33, 40, 34, 44, 45), exch, REQUEST, SEALED);
	good(WITH(47, 33, 40, 34, 44, 45), exch, RESPONSE, SEALED);
	good(WITH_IKE(33, 40, 34), exch, REQUEST, SEALED);
	good(WITH_IKE(33, 40, 34), exch, RESPONSE, SEALED);
	bad(WITH_IKE(33, 40), exch, REQUEST, SEALED, "CREATE_CHILD_SA request without KE payload");
	bad(WITH_IKE(33, 40, 34, 44, 45), exch, REQUEST, SEALED, "CREATE_CHILD_SA request with 1 TSi payloads, 0 at most");
	bad(WITH(33, 40, 34), exch, REQUEST, SEALED, "CREATE_CHILD_SA request without TSi payload");
	bad(WITH(33, 40, 44), exch, RESPONSE, SEALED, "CREATE_CHILD_SA response without TSr payload");
	bad(WITH(33, 44, 45), exch, REQUEST, SEALED, "CREATE_CHILD_SA request without nonce payload");
	bad(WITH(40, 44, 45), exch, REQUEST, SEALED, "CREATE_CHILD_SA request without SA payload");
	bad(WITH(33, 40, 44, 45, 39), exch, REQUEST, SEALED, "CREATE_CHILD_SA request with 1 AUTH payloads, 0 at most");
	bad(WITH(47, 47, 33, 40, 44, 45), exch, REQUEST, SEALED, "CREATE_CHILD_SA request with 2 CP payloads, 1 at most");
	bad(WITH_IKE(47, 33, 40, 34), exch, REQUEST, SEALED, "CREATE_CHILD_SA request with 1 CP payloads, 0 at most");
}

static void informational(void **state)
{
	const int exch = IKE_EXCH_INFORMATIONAL;

	(void)state;
	good(WITH(0), exch, REQUEST, SEALED);
	good(WITH(0), exch, RESPONSE, SEALED);
	good(WITH(42, 42, 41, 47, 43), exch, REQUEST, SEALED);
	bad(WITH(33), exch, REQUEST, SEALED, "INFORMATIONAL request with 1 SA payloads, 0 at most");
	bad(WITH(47, 47), exch, RESPONSE, SEALED, "INFORMATIONAL response with 2 CP payloads, 1 at most");
}

/* RFC 7383: SKF stands where SK does, and nowhere else. */
static void parts(void **state)
{
	(void)state;
	good(WITH(53), IKE_EXCH_AUTH, REQUEST, CLEAR);
	good(WITH(53), IKE_EXCH_CREATE_CHILD_SA, RESPONSE, CLEAR);
	good(WITH(53), IKE_EXCH_INFORMATIONAL, REQUEST, CLEAR);
	bad(WITH(46, 53), IKE_EXCH_INFORMATIONAL, REQUEST, CLEAR, "INFORMATIONAL request with 2 SK payloads, 1 at most");
	bad(WITH(53, 53), IKE_EXCH_AUTH, REQUEST, CLEAR, "IKE_AUTH request with 2 SK payloads, 1 at most");
	bad(WITH(53), IKE_EXCH_INFORMATIONAL, REQUEST, SEALED, "INFORMATIONAL request with 1 SK payloads, 0 at most");
	bad(WITH(33, 34, 40, 53), IKE_EXCH_SA_INIT, REQUEST, CLEAR,
	    "IKE_SA_INIT request with 1 SK payloads, 0 at most");
}

static void strangers(void **state)
{
	(void)state;
	good(WITH(200, 200, 1, 255, 49), IKE_EXCH_INFORMATIONAL, REQUEST, SEALED);
	bad(WITH(0), 33, REQUEST, CLEAR, "exchange 33 is not supported");
	bad(WITH(0), 43, REQUEST, SEALED, "IKE_INTERMEDIATE is not supported");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sa_init),
		cmocka_unit_test(a_no_needs_less_than_a_yes),
		cmocka_unit_test(auth),
		cmocka_unit_test(outside),
		cmocka_unit_test(create_child_sa),
		cmocka_unit_test(informational),
		cmocka_unit_test(parts),
		cmocka_unit_test(strangers),
	};

	return cmocka_run_group_tests_name("ikerules", tests, NULL, NULL);
}
