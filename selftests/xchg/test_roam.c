// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "ike/sa.h"
#include "pair.h"

/* A translator takes another port, and ESP, which side 0 sends all the time, has shown side 1's kernel the new one. */

enum { SHIFT = 9 };

static const struct ip_addr outside = {.len = 4, .bytes = {203, 0, 113, 9}};

static void comes_up(struct pair *pair, uint64_t seed, bool mobike)
{
	pair_init(pair, seed, NULL, NULL);
	pair->nat = true;
	pair->side[0].policy.mobike = pair->side[1].policy.mobike = mobike;
	pair->side[0].policy.local_id = (struct ike_ident){.type = IKE_ID_FQDN, .len = 4, .bytes = "left"};
	pair->side[1].policy.remote_id = pair->side[0].policy.local_id;
	pair->side[1].policy.remote.len = 0;
	pair->side[1].policy.start = IKE_START_ADD;
	pair->side[1].policy.dpd_action = IKE_DPD_CLEAR;
	/* Side 0 has no reason to ask for anything. */
	pair->side[0].policy.child_life = pair->side[0].policy.ike_life = 86400;
	pair_comes_up(pair);
	assert_int_equal(pair_status(pair, 1).path.remote_port, IKE_NATT_PORT);
}

/* The kernel of side 1 has followed, and says so. */
static void roam(struct pair *pair)
{
	pair->nat_shift = SHIFT;
	pair->side[1].way.remote_port = IKE_NATT_PORT + SHIFT;
	ike_roamed(pair->side[1].ike, pair->now, POLICY, &outside, IKE_NATT_PORT + SHIFT);
}

static void heard_for(struct pair *pair, unsigned int seconds)
{
	while (seconds--) {
		ike_heard(pair->side[0].ike, pair->now, POLICY);
		ike_heard(pair->side[1].ike, pair->now, POLICY);
		pair_run(pair, 1000);
	}
}

/* Then the hub's own requests are answered: a rekey, one that was under way already, and what follows. */
static void test_follows(void **state)
{
	(void)state;
	for (int busy = 0; busy < 2; busy++) {
		unsigned int installs, moves;
		struct pair pair;

		comes_up(&pair, 31 + busy, false);
		installs = pair.side[1].installs;
		moves = pair.side[1].moves;
		if (busy) {
			pair.nat_shift = SHIFT;
			assert_int_equal(ike_rekey(pair.side[1].ike, pair.now, POLICY, false), 0);
			heard_for(&pair, 5);
			assert_int_equal(pair.side[1].installs, installs);
		}
		roam(&pair);
		assert_int_equal(pair_status(&pair, 1).path.remote_port, IKE_NATT_PORT + SHIFT);
		if (!busy)
			assert_int_equal(ike_rekey(pair.side[1].ike, pair.now, POLICY, false), 0);
		heard_for(&pair, 1);
		pair_settled(&pair);
		assert_int_equal(pair.side[1].installs, installs + 1);
		assert_int_equal(ike_rekey(pair.side[1].ike, pair.now, POLICY, true), 0);
		heard_for(&pair, 1);
		pair_settled(&pair);
		assert_int_equal(pair_status(&pair, 1).path.remote_port, IKE_NATT_PORT + SHIFT);
		/* The kernel need not be told where it is. */
		assert_int_equal(pair.side[1].moves, moves);
		pair_free(&pair);
	}
}

/* Through the whole of a Child SA's life, which side 1 ends sooner than side 0 would. */
static void test_lives_on(void **state)
{
	struct pair pair;

	(void)state;
	comes_up(&pair, 33, false);
	roam(&pair);
	for (unsigned int minute = 0; minute < 90; minute++) {
		heard_for(&pair, 60);
		assert_int_not_equal(pair_status(&pair, 1).child_sas, 0);
		assert_true(pair_esp(&pair, 0) && pair_esp(&pair, 1));
	}
	assert_true(pair_status(&pair, 1).child_rekeys >= 1);
	assert_int_equal(pair_status(&pair, 1).handshakes, 1);
	pair_free(&pair);
}

/* RFC 4555 section 3.8: the peer says when it moves. And who is behind NAT is not to be moved away. */
static void test_must_not(void **state)
{
	struct ike_path before, after;
	struct pair pair;

	(void)state;
	comes_up(&pair, 34, true);
	roam(&pair);
	assert_int_equal(pair_status(&pair, 1).path.remote_port, IKE_NATT_PORT);
	pair_free(&pair);

	comes_up(&pair, 35, false);
	before = pair_status(&pair, 0).path;
	ike_roamed(pair.side[0].ike, pair.now, POLICY, &outside, 1);
	after = pair_status(&pair, 0).path;
	assert_true(path_equal(&after, &before));
	/* Of another family, and of a tunnel that is not there. */
	ike_roamed(pair.side[1].ike, pair.now, POLICY, &(struct ip_addr){.len = 16}, IKE_NATT_PORT + SHIFT);
	ike_roamed(pair.side[1].ike, pair.now, POLICY + 1, &outside, IKE_NATT_PORT + SHIFT);
	assert_int_equal(pair_status(&pair, 1).path.remote_port, IKE_NATT_PORT);
	pair_settled(&pair);
	pair_free(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_follows),
		cmocka_unit_test(test_lives_on),
		cmocka_unit_test(test_must_not),
	};

	return cmocka_run_group_tests_name("roam", tests, NULL, NULL);
}
