// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "held.h"
#include "ike/window.h"

/*
 * What sides tell one another when something cannot be.
 *
 * TEMPORARY_FAILURE, CHILD_SA_NOT_FOUND            test_collide.c, test_collide_gone.c, test_collide_ike.c
 * UNSUPPORTED_CRITICAL_PAYLOAD, INVALID_SYNTAX     test_bad_content in test_attack.c; unsealed: critical, here
 * INVALID_MAJOR_VERSION, INVALID_IKE_SPI           versions, here
 * COOKIE with INVALID_KE_PAYLOAD, section 2.6.1    test_invalid_ke in test_up.c; for ever: cookies_without_end, here
 * NO_ADDITIONAL_SAS, INVALID_SPI                   here
 */

static void up(struct pair *pair)
{
	pair_init(pair, 1, NULL, "aes256gcm16");
	pair_comes_up(pair);
}

static void put_child(const struct pair *pair, uint8_t number, struct chain *chain)
{
	uint8_t nonce[32] = {1, 2, 3, number};
	struct ike_proposals offer = pair->side[0].policy.esp;

	offer.list[0].spi_len = 4;
	memset(offer.list[0].spi, 0x50 + number, 4);
	chain_sa(chain, &offer);
	chain_nonce(chain, (struct span){nonce, sizeof(nonce)});
	chain_ts(chain, IKE_PLD_TSI, &pair->side[0].policy.local_ts);
	chain_ts(chain, IKE_PLD_TSR, &pair->side[0].policy.remote_ts);
}

/* Side 0 asks for a Child SA that its engine has no task for: so the answer is of no use to it. */
static void ask_child(struct pair *pair, uint8_t number)
{
	struct ike_sa *sa = held_sa(pair, 0);
	uint8_t payloads[1024];
	struct chain chain = chain_init(payloads, sizeof(payloads));

	put_child(pair, number, &chain);
	assert_int_equal(window_request(pair->side[0].ike, sa, IKE_EXCH_CREATE_CHILD_SA, &chain, 500), 0);
	sa->win.exchange = 0;
	pair_run(pair, 25);
	sa->win.busy = false;
}

static char answer[HELD_KIND];

static bool note(struct pair *pair, int from, struct span bytes)
{
	uint8_t buffer[IKE_DATAGRAM_MAX];
	struct wr text = wr_init(buffer, sizeof(buffer));
	struct ike_msg msg;

	if (from == 1)
		snprintf(answer, sizeof(answer), "%s", held_peek(pair, from, bytes, &msg, &text));
	return true;
}

/* A peer that asks for one Child SA after the other has its fill; the tunnel is none the worse for it. */
static void no_additional_sas(void **state)
{
	unsigned int made = 1;
	struct pair pair;

	(void)state;
	up(&pair);
	pair.watch = note;
	for (uint8_t i = 0; i < 20; i++) {
		ask_child(&pair, i);
		made += !strcmp(answer, "yes");
		assert_string_equal(answer, made < CHILDREN_PER_SA || i == CHILDREN_PER_SA - 2 ? "yes" :
				    "NO_ADDITIONAL_SAS");
	}
	assert_int_equal(made, CHILDREN_PER_SA);
	assert_int_equal(kernel_count(&pair.side[1]), CHILDREN_PER_SA);
	pair_free(&pair);
}

/* As a peer does that has an SA for each pair of networks: a second one for less than the first is refused, and says so. */
static void one_pair_of_sas(void **state)
{
	const struct ike_ts half = {.from = {4, {192, 168, 1}}, .to = {4, {192, 168, 1, 127}}, .port_to = UINT16_MAX};
	struct ike_ts_list whole;
	struct pair pair;

	(void)state;
	up(&pair);
	pair.watch = note;
	whole = pair.side[0].policy.local_ts;
	for (uint8_t i = 0; i < 2; i++) {
		/* First a part, then all of it. */
		pair.side[0].policy.local_ts = i ? whole : (struct ike_ts_list){.count = 1, .list = {half}};
		ask_child(&pair, i);
		assert_string_equal(answer, i ? "yes" : "TS_UNACCEPTABLE");
		assert_int_equal(pair.side[1].installs, 1 + i);
		if (i)
			continue;
		assert_true(pair_said(&pair, 1, "this one is for 0.0.0.0/0 and 192.168.1.0"));
		assert_true(pair_esp(&pair, 0) && pair_esp(&pair, 1));
		pair_settled(&pair);
	}
	pair_free(&pair);
}

/* NO_ADDITIONAL_SAS from the peer: what is there is used on, and asked for again after a while. */
static void no_additional_sas_for_us(void **state)
{
	static struct held held;
	uint8_t payloads[64];
	struct chain chain = chain_init(payloads, sizeof(payloads));
	struct held_msg msg;
	struct pair pair;

	(void)state;
	held_up(&pair, &held, NULL, NULL);
	held_rekey(&pair, 0, false);
	pair.side[1].install_err = -12;
	pass(&pair, 0, "rekey-child");
	pair.side[1].install_err = 0;
	msg = take(&pair, 1, "TEMPORARY_FAILURE");
	chain_notify(&chain, IKE_N_NO_ADDITIONAL_SAS, (struct span){NULL, 0});
	held_reseal(&pair, &msg, &chain);
	late(&pair, &msg);
	assert_true(pair_said(&pair, 0, "refuses to rekey the tunnel: NO_ADDITIONAL_SAS"));
	quiet(&pair);
	assert_int_equal(kernel_count(&pair.side[0]), 1);
	let_go(&pair, 30000);
	assert_int_equal(pair_status(&pair, 0).child_rekeys, 1);
	pair_settled(&pair);
	pair_free(&pair);
}

/* Section 1.5: the peer hears ESP that it knows nothing of. Only what is true, and of that IKE SA, is believed. */
static void invalid_spi(void **state)
{
	(void)state;
	for (int known = 0; known < 2; known++) {
		uint8_t payloads[64], bytes[4];
		struct chain chain = chain_init(payloads, sizeof(payloads));
		struct wr spi = wr_init(bytes, sizeof(bytes));
		struct pair pair;
		uint32_t before;

		up(&pair);
		before = pair_status(&pair, 0).spi_in;
		wr_u32(&spi, known ? pair_status(&pair, 0).spi_out : 12345);
		chain_notify(&chain, IKE_N_INVALID_SPI, wr_done(&spi));
		assert_int_equal(window_request(pair.side[1].ike, held_sa(&pair, 1), IKE_EXCH_INFORMATIONAL, &chain,
						500), 0);
		held_sa(&pair, 1)->out.kind = TASK_PING;
		pair_run(&pair, 20000);
		assert_true((pair_status(&pair, 0).spi_in != before) == known);
		assert_true(pair_said(&pair, 0, "does not know the tunnel's SA") == known);
		pair_settled(&pair);
		pair_free(&pair);
	}
}

static uint8_t heard[64];

static bool keep(struct pair *pair, int from, struct span bytes)
{
	(void)pair;
	if (from == 1 && bytes.len <= sizeof(heard))
		memcpy(heard, bytes.at, bytes.len);
	return true;
}

/* A version that is not ours, an IKE SA that is not there, a payload that nobody knows: each is told by its notify. */
static void versions(void **state)
{
	static const struct {
		uint8_t version, exchange, payload, flags;
		uint16_t notify;
	} cases[] = {
		{0x30, IKE_EXCH_SA_INIT, IKE_PLD_SA, 0, IKE_N_INVALID_MAJOR_VERSION},
		{0x30, IKE_EXCH_INFORMATIONAL, IKE_PLD_SK, 0, IKE_N_INVALID_MAJOR_VERSION},
		{0x20, IKE_EXCH_INFORMATIONAL, IKE_PLD_SK, 0, IKE_N_INVALID_IKE_SPI},
		{0x20, IKE_EXCH_SA_INIT, 200, 0x80, IKE_N_UNSUPPORTED_CRITICAL_PAYLOAD},
	};
	struct pair pair;

	(void)state;
	up(&pair);
	pair.watch = keep;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t message[36] = {1, 2, 3, [16] = cases[i].payload, cases[i].version, cases[i].exchange,
				       IKE_FLAG_INITIATOR, [27] = 36, [29] = cases[i].flags, [31] = 8};

		if (cases[i].exchange == IKE_EXCH_INFORMATIONAL)
			message[8] = 9;
		memset(heard, 0, sizeof(heard));
		pair_inject(&pair, 1, (struct span){message, sizeof(message)});
		pair_run(&pair, 1);
		assert_memory_equal(heard, message, 16);
		assert_int_equal(heard[16], IKE_PLD_NOTIFY);
		assert_int_equal(heard[17], IKE_VERSION);
		assert_int_equal(heard[19], IKE_FLAG_RESPONSE);
		assert_int_equal(heard[34] << 8 | heard[35], cases[i].notify);
		/* The same as an answer: nobody answers answers. */
		message[19] |= IKE_FLAG_RESPONSE;
		memset(heard, 0, sizeof(heard));
		pair_inject(&pair, 1, (struct span){message, sizeof(message)});
		pair_run(&pair, 1);
		assert_int_equal(heard[16], 0);
	}
	pair_run(&pair, 1000);
	pair_settled(&pair);
	pair_free(&pair);
}

/* A peer that asks for cookie after cookie, and for groups between: there is an end to it. */
static bool asks(struct pair *pair, int from, struct span bytes)
{
	static uint8_t count;
	uint8_t payloads[64], message[128];
	struct chain chain = chain_init(payloads, sizeof(payloads));
	struct wr out = wr_init(message, sizeof(message));
	uint8_t group[2] = {0, count & 2 ? IKE_GROUP_X25519 : IKE_GROUP_ECP256};
	struct ike_hdr hdr;
	struct why why;

	if (from)
		return false;
	assert_int_equal(msg_header(bytes, &hdr, &why), 0);
	hdr.flags = IKE_FLAG_RESPONSE;
	if (count++ & 1)
		chain_notify(&chain, IKE_N_COOKIE, (struct span){&count, 1});
	else
		chain_notify(&chain, IKE_N_INVALID_KE_PAYLOAD, (struct span){group, 2});
	assert_int_equal(msg_plain(&hdr, &chain, &out), 0);
	pair_inject(pair, 0, wr_done(&out));
	return false;
}

static void cookies_without_end(void **state)
{
	struct pair pair;

	(void)state;
	pair_init(&pair, 1, "aes256gcm16-prfsha256-x25519-ecp256", NULL);
	pair_create(&pair, 1000);
	pair.watch = asks;
	pair_up(&pair, 0);
	pair_run(&pair, 50000);
	/* Six rounds, and what is sent again within a minute. */
	assert_in_range(pair.side[0].sent, 7, 16);
	assert_true(pair_said(&pair, 0, "too often"));
	/* It was not for good. */
	pair.watch = NULL;
	pair_up(&pair, 1);
	assert_true(pair_until_up(&pair, 60000));
	pair_free(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_additional_sas),
		cmocka_unit_test(no_additional_sas_for_us),
		cmocka_unit_test(one_pair_of_sas),
		cmocka_unit_test(invalid_spi),
		cmocka_unit_test(versions),
		cmocka_unit_test(cookies_without_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
