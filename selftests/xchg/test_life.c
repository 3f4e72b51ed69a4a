// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "pair.h"

/* What becomes of a tunnel that is up: rekeyed, deleted, dead. */

static void up(struct pair *pair, uint64_t seed)
{
	pair_init(pair, seed, NULL, NULL);
	pair_comes_up(pair);
	pair->strict = true;
}

/* Whoever offers an SPI is ready for what comes by it before the offer leaves; whoever answers has its SAs by then. */
static bool see_offer(struct pair *pair, int from, struct span bytes)
{
	unsigned int *offers = pair->ctx;
	bool request = !(bytes.at[19] & IKE_FLAG_RESPONSE);

	if (request && (bytes.at[18] == IKE_EXCH_AUTH || bytes.at[18] == IKE_EXCH_CREATE_CHILD_SA))
		assert_int_equal(pair->side[from].reserves, ++offers[from]);
	return true;
}

static void test_reserve(void **state)
{
	(void)state;
	for (int who = 0; who < 2; who++) {
		unsigned int offers[2] = {0}, before;
		struct pair pair;

		pair_init(&pair, 30, NULL, NULL);
		pair.watch = see_offer;
		pair.ctx = offers;
		pair_create(&pair, 1000);
		pair_up(&pair, 1);
		pair_up(&pair, 0);
		assert_true(pair_until_up(&pair, 5000));
		pair_run(&pair, 1000);
		assert_int_not_equal(offers[0] + offers[1], 0);
		for (unsigned int n = 1; n < 4; n++) {
			before = offers[who];
			assert_int_equal(ike_rekey(pair.side[who].ike, pair.now, POLICY, false), 0);
			pair_run(&pair, 2000);
			pair_settled(&pair);
			assert_int_equal(offers[who], before + 1);
			assert_int_equal(pair_status(&pair, who).spi_in, pair.side[who].reserved);
			assert_int_equal(pair.side[!who].reserves, offers[!who]);
		}
		pair_free(&pair);
	}
}

static void test_child_rekey(void **state)
{
	(void)state;
	for (int who = 0; who < 2; who++) {
		struct pair pair;

		up(&pair, 1);
		for (unsigned int n = 1; n < 5; n++) {
			uint32_t before = pair_status(&pair, 0).spi_in;

			assert_int_equal(ike_rekey(pair.side[who].ike, pair.now, POLICY, false), 0);
			pair_run(&pair, 2000);
			pair_settled(&pair);
			assert_int_not_equal(pair_status(&pair, 0).spi_in, before);
			assert_int_equal(pair_status(&pair, 0).child_rekeys, n);
			assert_int_equal(pair_status(&pair, 1).child_rekeys, n);
		}
		assert_int_equal(pair_status(&pair, 0).ike_rekeys, 0);
		pair_free(&pair);
	}
}

static void test_ike_rekey(void **state)
{
	(void)state;
	for (int who = 0; who < 2; who++) {
		struct pair pair;

		up(&pair, 2);
		for (unsigned int n = 1; n < 5; n++) {
			uint32_t child = pair_status(&pair, 0).spi_in;
			uint64_t before = pair_status(&pair, 0).spi_i;

			assert_int_equal(ike_rekey(pair.side[who].ike, pair.now, POLICY, true), 0);
			pair_run(&pair, 2000);
			pair_settled(&pair);
			assert_int_equal(pair_status(&pair, 0).spi_in, child);
			assert_true(pair_status(&pair, 0).spi_i != before);
			assert_int_equal(pair_status(&pair, 0).spi_i, pair_status(&pair, 1).spi_i);
			/* Who has rekeyed it is its initiator. */
			assert_int_equal(pair_status(&pair, who).initiator, true);
			/* The other side's next request goes over the new one. */
			assert_int_equal(ike_rekey(pair.side[!who].ike, pair.now, POLICY, false), 0);
			pair_run(&pair, 2000);
			pair_settled(&pair);
		}
		pair_free(&pair);
	}
}

/* By themselves, at 75 to 85 % of their lifetimes. */
static void test_lifetimes(void **state)
{
	struct ike_status status;
	struct pair pair;

	(void)state;
	up(&pair, 3);
	status = pair_status(&pair, 0);
	assert_in_range(status.child_rekey_due - status.child_since, 3600 * 750, 3600 * 850);
	assert_in_range(status.ike_rekey_due - status.ike_since, 28800 * 750, 28800 * 850);
	for (int minute = 0; minute < 24 * 60; minute++) {
		pair_run(&pair, 60000);
		assert_true(pair_esp(&pair, 0));
		assert_true(pair_esp(&pair, 1));
	}
	pair_run(&pair, 200000);
	assert_in_range(pair_status(&pair, 0).child_rekeys, 27, 33);
	assert_in_range(pair_status(&pair, 1).ike_rekeys, 3, 4);
	assert_in_range(kernel_count(&pair.side[0]), 1, 2);
	pair_free(&pair);
}

/* Sections 2.8.1 and 2.8.2: at the same moment, with any order of the packets. */
static void both_rekey(bool ike_sa)
{
	for (uint64_t seed = 0; seed < 200; seed++) {
		struct pair pair;

		up(&pair, seed);
		pair.jitter = 60;
		pair.job_jitter = 100;
		pair.loss = seed % 2 * 200;
		for (int i = 0; i < 2; i++)
			assert_int_equal(ike_rekey(pair.side[i].ike, pair.now, POLICY, ike_sa), 0);
		pair_run(&pair, 9000);
		pair.loss = 0;
		pair_run(&pair, seed % 2 * 100000);
		pair_settled(&pair);
		assert_true(pair_status(&pair, 0).spi_i == pair_status(&pair, 1).spi_i);
		pair_free(&pair);
	}
}

static void test_both_rekey_child(void **state)
{
	(void)state;
	both_rekey(false);
}

static void test_both_rekey_ike(void **state)
{
	(void)state;
	both_rekey(true);
}

/* One the Child SA, the other the IKE SA. */
static void test_rekey_crosswise(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 60; seed++) {
		struct pair pair;

		up(&pair, seed);
		pair.jitter = 60;
		pair.job_jitter = 30;
		assert_int_equal(ike_rekey(pair.side[0].ike, pair.now, POLICY, seed & 1), 0);
		assert_int_equal(ike_rekey(pair.side[1].ike, pair.now, POLICY, !(seed & 1)), 0);
		pair_run(&pair, 20000);
		pair_settled(&pair);
		pair_free(&pair);
	}
}

static void test_down(void **state)
{
	(void)state;
	for (int who = 0; who < 2; who++) {
		struct pair pair;

		up(&pair, 4);
		pair.strict = false;
		ike_down(pair.side[who].ike, pair.now, POLICY);
		pair_run(&pair, 0);
		assert_int_equal(kernel_count(&pair.side[who]), 0);
		pair_run(&pair, 500);
		pair_gone(&pair, who);
		assert_int_equal(kernel_count(&pair.side[!who]), 0);
		assert_true(pair_said(&pair, !who, "the peer has ended the IKE SA"));
		pair_run(&pair, 100000);
		assert_int_equal(pair_status(&pair, who).state, IKE_STATE_DOWN);
		assert_int_equal(pair_status(&pair, !who).state, who ? IKE_STATE_CONNECTING : IKE_STATE_DOWN);
		pair_up(&pair, who);
		assert_true(pair_until_up(&pair, 100000));
		pair_run(&pair, 1000);
		pair_settled(&pair);
		pair_free(&pair);
	}
}

/* Ended while a request is under way that has been lost: the peer takes the delete all the same. */
static void test_down_busy(void **state)
{
	(void)state;
	for (int way = 0; way < 8; way++) {
		int who = way & 1;
		struct pair pair;

		up(&pair, 5);
		pair.strict = false;
		pair.cut = way & 2;
		if (way & 4)
			assert_int_equal(ike_rekey(pair.side[who].ike, pair.now, POLICY, false), 0);
		else
			ike_expired(pair.side[who].ike, pair.now, POLICY, pair_status(&pair, who).spi_in, true);
		pair_run(&pair, pair.cut ? 300 : 5);
		pair.cut = false;
		ike_down(pair.side[who].ike, pair.now, POLICY);
		pair_run(&pair, 1500);
		assert_int_equal(pair_status(&pair, !who).ike_sas, 0);
		pair_gone(&pair, who);
		pair_free(&pair);
	}
}

/* Nobody hears our farewell: we do not wait for long. */
static void test_down_unheard(void **state)
{
	unsigned int sent;
	struct pair pair;

	(void)state;
	up(&pair, 5);
	pair.strict = false;
	pair.cut = true;
	sent = pair.side[0].sent;
	ike_down(pair.side[0].ike, pair.now, POLICY);
	pair_run(&pair, 12000);
	pair_gone(&pair, 0);
	assert_in_range(pair.side[0].sent - sent, 3, 5);
	pair_free(&pair);
}

static void test_policy_del(void **state)
{
	unsigned int sent;
	struct pair pair;

	(void)state;
	up(&pair, 6);
	pair.strict = false;
	sent = pair.side[0].sent;
	ike_policy_del(pair.side[0].ike, POLICY);
	pair_run(&pair, 1000);
	pair_gone(&pair, 0);
	assert_int_equal(pair.side[0].sent, sent);
	pair_run(&pair, 100000);
	/* The other side has found out by DPD. */
	pair_gone(&pair, 1);
	pair_free(&pair);
}

/* Silence: asked after 10 seconds, dead 40 later; one side starts anew for ever, the other drops it. */
static void test_dpd(void **state)
{
	struct pair pair;

	(void)state;
	up(&pair, 7);
	pair_run(&pair, 60000);
	pair_settled(&pair);
	pair.strict = false;
	pair.cut = true;
	pair_run(&pair, 45000);
	assert_int_equal(kernel_count(&pair.side[0]), 1);
	pair_run(&pair, 20000);
	assert_true(pair_said(&pair, 0, "does not answer any more"));
	pair_gone(&pair, 1);
	assert_int_equal(kernel_count(&pair.side[0]), 0);
	assert_int_equal(pair_status(&pair, 0).state, IKE_STATE_CONNECTING);
	pair_run(&pair, 3600 * 1000);
	pair.cut = false;
	assert_true(pair_until_up(&pair, 150000));
	pair_run(&pair, 1000);
	pair_settled(&pair);
	pair_free(&pair);
}

/* ESP that is heard is as good as an answer. */
static void test_heard(void **state)
{
	unsigned int sent;
	struct pair pair;

	(void)state;
	up(&pair, 8);
	sent = pair.side[0].sent + pair.side[1].sent;
	for (int i = 0; i < 100; i++) {
		pair_run(&pair, 5000);
		assert_true(pair_esp(&pair, 0));
		assert_true(pair_esp(&pair, 1));
	}
	assert_int_equal(pair.side[0].sent + pair.side[1].sent, sent);
	/* Even to a request that IKE loses. */
	pair.cut = true;
	assert_int_equal(ike_rekey(pair.side[0].ike, pair.now, POLICY, false), 0);
	for (int i = 0; i < 60; i++) {
		pair_run(&pair, 5000);
		assert_true(pair_esp(&pair, 0));
		assert_true(pair_esp(&pair, 1));
	}
	pair.cut = false;
	pair_run(&pair, 20000);
	pair_settled(&pair);
	assert_int_equal(pair_status(&pair, 0).child_rekeys, 1);
	pair_free(&pair);
}

/* The peer forgets everything and comes back: INITIAL_CONTACT ends what it no longer knows. */
static void test_restart(void **state)
{
	(void)state;
	for (int contact = 0; contact < 2; contact++) {
		struct pair pair;

		up(&pair, 9);
		pair.strict = false;
		pair.side[0].policy.initial_contact = contact;
		ike_policy_del(pair.side[0].ike, POLICY);
		assert_int_equal(ike_policy_set(pair.side[0].ike, &pair.side[0].policy), 0);
		pair_up(&pair, 0);
		pair_run(&pair, 3000);
		assert_int_equal(pair_status(&pair, 0).child_sas, 1);
		assert_int_equal(pair_status(&pair, 1).child_sas, contact ? 1 : 2);
		assert_true(pair_esp(&pair, 0));
		assert_true(pair_esp(&pair, 1));
		/* Else DPD finds out, also when ESP on the new one goes on. */
		for (int i = 0; i < 50; i++) {
			pair_run(&pair, 1000);
			assert_true(pair_esp(&pair, 0));
			assert_true(pair_esp(&pair, 1));
		}
		pair_settled(&pair);
		pair_free(&pair);
	}
}

/* A client that begins again and again is not let to pile up SAs. */
static void test_many(void **state)
{
	struct pair pair;

	(void)state;
	up(&pair, 10);
	pair.strict = false;
	for (int i = 0; i < 10; i++) {
		ike_policy_del(pair.side[0].ike, POLICY);
		assert_int_equal(ike_policy_set(pair.side[0].ike, &pair.side[0].policy), 0);
		pair_up(&pair, 0);
		pair_run(&pair, 500);
		assert_true(pair_status(&pair, 1).ike_sas <= 4);
		assert_true(kernel_count(&pair.side[1]) <= 4);
	}
	pair_run(&pair, 60000);
	pair_settled(&pair);
	pair_free(&pair);
}

static void test_expired(void **state)
{
	struct pair pair;

	(void)state;
	up(&pair, 11);
	ike_expired(pair.side[1].ike, pair.now, POLICY, pair_status(&pair, 1).spi_out, false);
	pair_run(&pair, 2000);
	pair_settled(&pair);
	assert_int_equal(pair_status(&pair, 0).child_rekeys, 1);
	/* Hard: the initiator makes another one. */
	pair.strict = false;
	ike_expired(pair.side[0].ike, pair.now, POLICY, pair_status(&pair, 0).spi_in, true);
	pair_run(&pair, 10000);
	pair_settled(&pair);
	pair_free(&pair);
}

/* A live policy is replaced: nothing breaks, and the next SAs are by the new one. */
static void test_policy_set(void **state)
{
	struct pair pair;

	(void)state;
	up(&pair, 12);
	for (int i = 0; i < 2; i++) {
		policy_proposals("aes128-sha256-x25519", IKE_PROTO_ESP, &pair.side[i].policy.esp);
		assert_int_equal(ike_policy_set(pair.side[i].ike, &pair.side[i].policy), 0);
	}
	pair_run(&pair, 1000);
	pair_settled(&pair);
	assert_int_equal(ike_rekey(pair.side[1].ike, pair.now, POLICY, false), 0);
	pair_run(&pair, 2000);
	pair_settled(&pair);
	assert_int_equal(pair_status(&pair, 0).esp.encr, IKE_ENCR_AES_CBC);
	pair_free(&pair);
}

/* The kernel of either side refuses the new SA: the old one stays in use. */
static void test_rekey_refused(void **state)
{
	(void)state;
	for (int who = 0; who < 4; who++) {
		struct pair pair;

		up(&pair, 13);
		pair.side[who / 2].install_err = -12;
		assert_int_equal(ike_rekey(pair.side[who & 1].ike, pair.now, POLICY, false), 0);
		pair_run(&pair, 1500);
		pair.side[who / 2].install_err = 0;
		pair_run(&pair, 60000);
		pair_settled(&pair);
		pair_free(&pair);
	}
}

/* The kernel's answer to a rekeying gets lost: the SA does not wait for it for ever. */
static void test_install_unanswered(void **state)
{
	(void)state;
	for (int who = 0; who < 2; who++) {
		struct ike_status status;
		struct pair pair;

		up(&pair, 20);
		pair.side[who].mute_jobs = true;
		pair.side[who].refused = 1;
		assert_int_equal(ike_rekey(pair.side[0].ike, pair.now, POLICY, false), 0);
		pair_run(&pair, 1000);
		pair.side[who].mute_jobs = false;
		status = pair_status(&pair, 0);
		pair_run(&pair, 60000);
		pair_settled(&pair);
		assert_true(pair_said(&pair, who, "the kernel refuses"));
		assert_int_equal(pair_status(&pair, 0).spi_i, status.spi_i);
		assert_int_equal(pair_status(&pair, 0).child_rekeys, 1);
		pair_free(&pair);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reserve),
		cmocka_unit_test(test_child_rekey),
		cmocka_unit_test(test_ike_rekey),
		cmocka_unit_test(test_lifetimes),
		cmocka_unit_test(test_both_rekey_child),
		cmocka_unit_test(test_both_rekey_ike),
		cmocka_unit_test(test_rekey_crosswise),
		cmocka_unit_test(test_down),
		cmocka_unit_test(test_down_busy),
		cmocka_unit_test(test_down_unheard),
		cmocka_unit_test(test_policy_del),
		cmocka_unit_test(test_dpd),
		cmocka_unit_test(test_heard),
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_expired),
		cmocka_unit_test(test_policy_set),
		cmocka_unit_test(test_rekey_refused),
		cmocka_unit_test(test_install_unanswered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
