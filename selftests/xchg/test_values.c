// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <openssl/bn.h>

#include "held.h"

/*
 * Answers whose Diffie-Hellman value is none: of IKE_SA_INIT, where nobody vouches for it, and of rekeyings, where the
 * peer itself is at fault. The initiator takes none of them, says of which group it was, and goes on with what it has.
 * Requests with such values are in test_attack.c and test_algs.c.
 */

enum value { ZERO, ONE, P_MINUS_ONE, P, OFF_CURVE, BEYOND, SHORT, LONG, OTHER_GROUP, VALUES };

#define BIT(value) (1 << (value))

static const struct {
	const char *word;
	uint16_t id;
	uint16_t values;	/* of enum value: a bit for each that this family knows */
} groups[] = {
	{"modp2048", IKE_GROUP_MODP2048,
	 BIT(ZERO) | BIT(ONE) | BIT(P_MINUS_ONE) | BIT(P) | BIT(BEYOND) | BIT(SHORT) | BIT(LONG) | BIT(OTHER_GROUP)},
	{"ecp256", IKE_GROUP_ECP256,
	 BIT(ZERO) | BIT(OFF_CURVE) | BIT(BEYOND) | BIT(SHORT) | BIT(LONG) | BIT(OTHER_GROUP)},
	{"ecp521", IKE_GROUP_ECP521, BIT(ZERO) | BIT(OFF_CURVE) | BIT(BEYOND) | BIT(SHORT)},
	{"x25519", IKE_GROUP_X25519,
	 BIT(ZERO) | BIT(ONE) | BIT(P_MINUS_ONE) | BIT(P) | BIT(SHORT) | BIT(LONG) | BIT(OTHER_GROUP)},
	{"x448", IKE_GROUP_X448, BIT(ZERO) | BIT(ONE) | BIT(P_MINUS_ONE) | BIT(P) | BIT(SHORT)},
};

enum { N_GROUPS = sizeof(groups) / sizeof(groups[0]) };

struct spoilt {
	uint16_t group;
	size_t len;
	uint8_t bytes[IKE_KE_MAX];
};

/* Little endian, as RFC 7748 has it: 2^255 - 19 and 2^448 - 2^224 - 1. */
static void curve_prime(uint16_t group, uint8_t *to, size_t len)
{
	memset(to, 0xff, len);
	if (group == IKE_GROUP_X25519) {
		to[0] = 0xed;
		to[31] = 0x7f;
	} else {
		to[28] = 0xfe;
	}
}

static void prime(uint16_t group, uint8_t *to, size_t len)
{
	BIGNUM *p;

	if (group != IKE_GROUP_MODP2048) {
		curve_prime(group, to, len);
		return;
	}
	p = BN_get_rfc3526_prime_2048(NULL);
	assert_int_equal(BN_bn2binpad(p, to, (int)len), len);
	BN_free(p);
}

/* @out is a good value: one that is not is made of it. */
static void spoil_value(enum value value, struct spoilt *out)
{
	bool modp = out->group == IKE_GROUP_MODP2048;
	uint8_t *low = &out->bytes[modp ? out->len - 1 : 0];

	switch (value) {
	case ZERO:
	case ONE:
		memset(out->bytes, 0, out->len);
		*low = value == ONE;
		return;
	case P:
	case P_MINUS_ONE:
		prime(out->group, out->bytes, out->len);
		*low -= value == P_MINUS_ONE;
		return;
	case OFF_CURVE:
		out->bytes[out->len - 1] ^= 1;
		return;
	case BEYOND:
		memset(out->bytes, 0xff, out->len);
		return;
	case SHORT:
		out->len--;
		return;
	case LONG:
		out->bytes[out->len++] = 1;
		return;
	case OTHER_GROUP:
		out->group = out->group == IKE_GROUP_ECP384 ? IKE_GROUP_ECP256 : IKE_GROUP_ECP384;
		return;
	case VALUES:
		break;
	}
	fail();
}

static void take_value(const struct ike_msg *msg, enum value value, struct spoilt *out)
{
	out->group = msg->ke_group;
	out->len = msg->ke.len;
	assert_true(out->len && out->len < sizeof(out->bytes));
	memcpy(out->bytes, msg->ke.at, out->len);
	spoil_value(value, out);
}

/* The payloads of an answer, with that value. */
static struct chain put_answer(const struct ike_msg *msg, enum value value, void *buffer, size_t size)
{
	struct chain chain = chain_init(buffer, size);
	struct spoilt spoilt;

	take_value(msg, value, &spoilt);
	chain_sa(&chain, &msg->sa);
	chain_nonce(&chain, msg->nonce);
	chain_ke(&chain, spoilt.group, (struct span){spoilt.bytes, spoilt.len});
	if (!msg->tsi.count)
		return chain;
	chain_ts(&chain, IKE_PLD_TSI, &msg->tsi);
	chain_ts(&chain, IKE_PLD_TSR, &msg->tsr);
	return chain;
}

static struct held_msg spoil_plain(const struct held_msg *good, enum value value)
{
	uint8_t payloads[HELD_SIZE];
	struct held_msg bad = *good;
	struct wr out = wr_init(bad.bytes, sizeof(bad.bytes));
	struct ike_msg msg;
	struct ike_hdr hdr;
	struct chain chain;
	struct why why;

	assert_int_equal(msg_header((struct span){good->bytes, good->len}, &hdr, &why), 0);
	assert_int_equal(msg_decode(&msg, hdr.next, (struct span){good->bytes + IKE_HDR_SIZE, good->len - IKE_HDR_SIZE},
				    &why), 0);
	chain = put_answer(&msg, value, payloads, sizeof(payloads));
	assert_int_equal(msg_plain(&hdr, &chain, &out), 0);
	bad.len = out.len;
	return bad;
}

static void spoil_sealed(struct pair *pair, struct held_msg *held, enum value value)
{
	uint8_t payloads[HELD_SIZE], buffer[HELD_SIZE];
	struct wr text = wr_init(buffer, sizeof(buffer));
	struct ike_msg msg;
	struct chain chain;

	held_peek(pair, held->from, (struct span){held->bytes, held->len}, &msg, &text);
	chain = put_answer(&msg, value, payloads, sizeof(payloads));
	held_reseal(pair, held, &chain);
}

/* Side 0 has said why, and which group it was. */
static void said_which(const struct pair *pair, size_t group, enum value value)
{
	char text[80];

	snprintf(text, sizeof(text), "Diffie-Hellman value of group %s is bad", groups[group].word);
	if (value == OTHER_GROUP)
		return;
	if (!pair_said(pair, 0, text))
		fail_msg("value %d: nobody says: %s", value, text);
}

/* Every value of every group: @ike and @esp are the proposals for it. */
static void each(void (*test)(size_t group, enum value value, const char *ike, const char *esp), bool for_esp)
{
	for (size_t group = 0; group < N_GROUPS; group++) {
		char words[64];

		snprintf(words, sizeof(words), for_esp ? "aes128gcm16-%s" : "aes128-sha256-%s", groups[group].word);
		for (int value = 0; value < VALUES; value++)
			if (groups[group].values & BIT(value))
				test(group, value, for_esp ? NULL : words, for_esp ? words : NULL);
	}
}

/* A better answer may still come: and is taken. Without one the attempt ends, and the next is as any. */
static void spoil_init(size_t group, enum value value, const char *ike, const char *esp)
{
	for (int better = 0; better < 2; better++) {
		struct held_msg good, bad;
		struct held held;
		struct pair pair;

		pair_init(&pair, 1, ike, esp);
		pair_create(&pair, 1000);
		hold(&pair, &held);
		pair_up(&pair, 1);
		pair_up(&pair, 0);
		pair_run(&pair, 0);
		pass(&pair, 0, "plain");
		good = take(&pair, 1, "plain");
		bad = spoil_plain(&good, value);
		late(&pair, &bad);
		quiet(&pair);
		said_which(&pair, group, value);
		if (better) {
			late(&pair, &good);
			let_go(&pair, 1000);
		} else {
			let_go(&pair, 100000);
		}
		pair_settled(&pair);
		pair_free(&pair);
	}
}

static void test_init(void **state)
{
	(void)state;
	each(spoil_init, false);
}

/* What there is goes on; the peer is told that its new Child SA is none, and another rekeying succeeds. */
static void spoil_child(size_t group, enum value value, const char *ike, const char *esp)
{
	struct held_msg bad;
	struct held held;
	struct pair pair;
	uint32_t before;

	held_up(&pair, &held, ike, esp);
	before = pair_status(&pair, 0).spi_in;
	held_rekey(&pair, 0, false);
	pass(&pair, 0, "rekey-child");
	bad = take(&pair, 1, "yes");
	spoil_sealed(&pair, &bad, value);
	late(&pair, &bad);
	said_which(&pair, group, value);
	assert_int_equal(pair.side[0].installs, 1);
	assert_int_equal(pair_status(&pair, 0).spi_in, before);
	pass(&pair, 0, "delete-child");
	pass(&pair, 1, "deleted");
	quiet(&pair);
	pair_settled(&pair);
	let_go(&pair, 60000);
	pair_settled(&pair);
	assert_int_not_equal(pair_status(&pair, 0).spi_in, before);
	assert_int_equal(pair_status(&pair, 0).child_rekeys, 1);
	pair_free(&pair);
}

static void test_child(void **state)
{
	(void)state;
	each(spoil_child, true);
}

/*
 * The peer has an IKE SA that we cannot have, and the Child SA with it (RFC 7296 section 2.21.3). What there is carries
 * on, and another one is made beside it from the beginning; then what is left of the others goes.
 */
static void spoil_ike(size_t group, enum value value, const char *ike, const char *esp)
{
	struct held_msg bad;
	struct ike_sa *before;
	uint64_t spi;
	struct held held;
	struct pair pair;

	held_up(&pair, &held, ike, esp);
	before = held_sa(&pair, 0);
	spi = sa_spi(before);
	held_rekey(&pair, 0, true);
	pass(&pair, 0, "rekey-ike");
	bad = take(&pair, 1, "yes");
	spoil_sealed(&pair, &bad, value);
	late(&pair, &bad);
	said_which(&pair, group, value);
	assert_ptr_equal(held_sa(&pair, 0), before);
	assert_int_equal(pair_status(&pair, 0).ike_rekeys, 0);
	pass(&pair, 0, "plain");
	assert_true(pair_esp(&pair, 0) && pair_esp(&pair, 1));
	let_go(&pair, 500);
	/* The first packet by the new pair has the peer use it, too. */
	assert_true(pair_esp(&pair, 0) && pair_esp(&pair, 1));
	pair_run(&pair, 60000);
	pair_settled(&pair);
	assert_int_not_equal(sa_spi(held_sa(&pair, 0)), spi);
	assert_int_equal(pair.side[0].installs, 2);
	pair_free(&pair);
}

static void test_ike(void **state)
{
	(void)state;
	each(spoil_ike, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_init),
		cmocka_unit_test(test_child),
		cmocka_unit_test(test_ike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
