// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "pair.h"

/* A policy changes while its tunnel is up: another IKE SA takes the place of the one there is, and no packet is lost. */

static const char *const before = "aes256gcm16-prfsha256-x25519", *const after = "aes128gcm16-prfsha384-ecp256";

static void up(struct pair *pair, uint64_t seed)
{
	pair_init(pair, seed, before, NULL);
	pair_comes_up(pair);
}

static void change(struct pair *pair, int side)
{
	policy_proposals(after, IKE_PROTO_IKE, &pair->side[side].policy.ike);
	assert_int_equal(ike_policy_set(pair->side[side].ike, &pair->side[side].policy), 0);
}

static void accept_both(struct pair *pair, int side)
{
	char words[128];

	snprintf(words, sizeof(words), "%s, %s", before, after);
	policy_proposals(words, IKE_PROTO_IKE, &pair->side[side].policy.ike);
	assert_int_equal(ike_policy_set(pair->side[side].ike, &pair->side[side].policy), 0);
}

static void stream(struct pair *pair, uint64_t ms)
{
	for (uint64_t end = pair->now + ms; pair->now < end;) {
		pair_run(pair, 10);
		assert_true(pair_esp(pair, 0));
		assert_true(pair_esp(pair, 1));
	}
}

static void test_make_before_break(void **state)
{
	(void)state;
	for (int who = 0; who < 2; who++) {
		for (uint64_t seed = 0; seed < 5; seed++) {
			struct pair pair;
			uint64_t old;

			up(&pair, seed);
			pair.jitter = seed * 10;
			old = pair_status(&pair, 0).spi_i;
			accept_both(&pair, !who);
			change(&pair, who);
			assert_int_equal(ike_reauth(pair.side[who].ike, pair.now, POLICY), 0);
			stream(&pair, 10000);
			pair_settled(&pair);
			assert_int_not_equal(pair_status(&pair, 0).spi_i, old);
			assert_int_equal(pair_status(&pair, 0).ike.prf, IKE_PRF_HMAC_SHA2_384);
			assert_int_equal(pair_status(&pair, who).initiator, true);
			for (int i = 0; i < 2; i++)
				assert_string_equal(pair_status(&pair, i).last_error, "");
			pair_free(&pair);
		}
	}
}

/* The new IKE SA comes up, but the kernel does not take its Child SA: what there is stays, until it does. */
static void test_kernel_refuses(void **state)
{
	(void)state;
	for (int who = 0; who < 2; who++) {
		struct pair pair;
		uint64_t old;

		up(&pair, 40 + who);
		old = pair_status(&pair, 0).spi_i;
		accept_both(&pair, 1);
		change(&pair, 0);
		pair.side[who].install_err = -22;
		assert_int_equal(ike_reauth(pair.side[0].ike, pair.now, POLICY), 0);
		stream(&pair, 20000);
		assert_true(pair_said(&pair, who, "the kernel refuses"));
		pair.side[who].install_err = 0;
		stream(&pair, 100000);
		pair_settled(&pair);
		assert_int_not_equal(pair_status(&pair, 0).spi_i, old);
		assert_int_equal(pair_status(&pair, 0).ike.prf, IKE_PRF_HMAC_SHA2_384);
		pair_free(&pair);
	}
}

/* The peer has not been changed yet: what there is stays, until it has. */
static void test_not_yet(void **state)
{
	struct pair pair;
	uint64_t old;

	(void)state;
	up(&pair, 10);
	old = pair_status(&pair, 0).spi_i;
	change(&pair, 0);
	assert_int_equal(ike_reauth(pair.side[0].ike, pair.now, POLICY), 0);
	stream(&pair, 100000);
	assert_int_equal(pair_status(&pair, 0).spi_i, old);
	assert_true(pair_said(&pair, 0, "accepts none of our IKE proposals"));
	change(&pair, 1);
	stream(&pair, 100000);
	pair_settled(&pair);
	assert_int_not_equal(pair_status(&pair, 0).spi_i, old);
	pair_free(&pair);
}

static void test_both_at_once(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 10; seed++) {
		struct pair pair;

		up(&pair, 20 + seed);
		pair.jitter = seed * 5;
		for (int i = 0; i < 2; i++)
			change(&pair, i);
		for (int i = 0; i < 2; i++) {
			assert_int_equal(ike_reauth(pair.side[i].ike, pair.now, POLICY), 0);
			pair_run(&pair, seed);
		}
		stream(&pair, 10000);
		for (int i = 0; i < 2; i++) {
			assert_int_equal(pair_status(&pair, i).ike.prf, IKE_PRF_HMAC_SHA2_384);
			assert_in_range(pair_status(&pair, i).ike_sas, 1, 2);
		}
		pair_free(&pair);
	}
}

/* What is on its way up with the old policy begins again with the new one; what is not wanted stays down. */
static void test_on_its_way(void **state)
{
	struct pair pair;

	(void)state;
	pair_init(&pair, 30, before, NULL);
	policy_proposals(after, IKE_PROTO_IKE, &pair.side[1].policy.ike);
	pair_create(&pair, 1000);
	assert_int_equal(ike_reauth(pair.side[0].ike, pair.now, POLICY), 0);
	pair_run(&pair, 1000);
	assert_int_equal(pair.side[0].sent, 0);
	pair_up(&pair, 1);
	pair_up(&pair, 0);
	pair_run(&pair, 2000);
	change(&pair, 0);
	assert_int_equal(ike_reauth(pair.side[0].ike, pair.now, POLICY), 0);
	assert_true(pair_until_up(&pair, 1000));
	pair_run(&pair, 60000);
	pair_settled(&pair);
	assert_int_not_equal(ike_reauth(pair.side[0].ike, pair.now, POLICY + 1), 0);
	pair_free(&pair);
}

/* Ended in the middle of it. */
static void test_down(void **state)
{
	struct pair pair;

	(void)state;
	up(&pair, 40);
	change(&pair, 0);
	accept_both(&pair, 1);
	assert_int_equal(ike_reauth(pair.side[0].ike, pair.now, POLICY), 0);
	pair_run(&pair, 25);
	ike_down(pair.side[0].ike, pair.now, POLICY);
	pair_run(&pair, 60000);
	pair_gone(&pair, 0);
	pair_gone(&pair, 1);
	pair_free(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_make_before_break),
		cmocka_unit_test(test_kernel_refuses),
		cmocka_unit_test(test_not_yet),
		cmocka_unit_test(test_both_at_once),
		cmocka_unit_test(test_on_its_way),
		cmocka_unit_test(test_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
