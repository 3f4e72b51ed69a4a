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
 * IKE SAs that are rekeyed and deleted while something else is under way: sections 2.8.2 and 2.25.2, and strongSwan's
 * list of cases. In the end there is one, with the Child SA in it, and no packet is lost.
 *
 * its case (suite ike_rekey)                   test
 * regular                                      test_ike_rekey in test_life.c
 * regular, invalid KE                          ke_invalid
 * several key exchanges (7 cases)              not supported here (RFC 9370)
 * collision                                    collision
 * collision, invalid KE, delayed retry         collision_ke_invalid
 * collision, delayed response                  collision_delayed_response
 * collision, dropped request                   collision_dropped_request, collision_dropped
 * collision, delayed request                   collision_delayed_request
 * collision, delayed request and delete        collision_delayed_request_and_delete
 * collision with delete, dropped delete        delete_meets_rekey, .._dropped
 * (suite ike_delete)
 * regular, collision                           test_down in test_life.c, both_delete
 * (suite childless: in a test of its own)
 */

/* With groups to disagree about. */
static const char proposals[] = "aes256gcm16-prfsha256-x25519-ecp256";

/* Who has made the IKE SA that is left is its initiator. */
static int maker(const struct pair *pair)
{
	assert_true(pair_status(pair, 0).initiator != pair_status(pair, 1).initiator);
	return pair_status(pair, 1).initiator;
}

static void ends(struct pair *pair, uint64_t ms)
{
	let_go(pair, ms);
	pair_settled(pair);
	assert_true(pair_status(pair, 0).spi_i == pair_status(pair, 1).spi_i);
	pair_free(pair);
}

/* The messages that have been sent, in their order, some of them lost. */
static void go_on(struct pair *pair, struct held *held, unsigned int lost, unsigned int most)
{
	for (unsigned int bit = 0; bit < most && held->count; bit++) {
		struct held_msg first = held->list[0];

		held->count--;
		memmove(held->list, held->list + 1, held->count * sizeof(first));
		if (!(lost & 1 << bit))
			late(pair, &first);
	}
}

static void set_ike(struct pair *pair, int side, const char *words)
{
	policy_proposals(words, IKE_PROTO_IKE, &pair->side[side].policy.ike);
	assert_int_equal(ike_policy_set(pair->side[side].ike, &pair->side[side].policy), 0);
}

static void ke_invalid(void **state)
{
	static struct held held;

	(void)state;
	for (int who = 0; who < 2; who++) {
		struct pair pair;

		held_up(&pair, &held, proposals, NULL);
		set_ike(&pair, !who, "aes256gcm16-prfsha256-ecp256");
		held_rekey(&pair, who, true);
		pass(&pair, who, "rekey-ike");
		pass(&pair, !who, "INVALID_KE_PAYLOAD");
		pass(&pair, who, "rekey-ike");
		pass(&pair, !who, "yes");
		pass(&pair, who, "delete-ike");
		pass(&pair, !who, "empty");
		quiet(&pair);
		assert_int_equal(pair_status(&pair, 0).ike.group, IKE_GROUP_ECP256);
		assert_int_equal(maker(&pair), who);
		ends(&pair, 1000);
	}
}

static void collision(void **state)
{
	static struct held held;

	(void)state;
	for (unsigned int low = 0; low < 4; low++) {
		/* Made in this order: Ni of 0, Ni of 1, Nr of 1 (for 0's request), Nr of 0. */
		int loser = low == 0 || low == 2 ? 0 : 1;
		struct pair pair;

		held_up(&pair, &held, proposals, NULL);
		held_rig(&pair, low);
		held_rekey(&pair, 0, true);
		held_rekey(&pair, 1, true);
		pass(&pair, 0, "rekey-ike");
		pass(&pair, 1, "rekey-ike");
		pass(&pair, 1, "yes");
		pass(&pair, 0, "yes");
		/* One deletes the old one, the other its own new one. */
		pass(&pair, loser, "delete-ike");
		let_go(&pair, 1000);
		assert_int_equal(maker(&pair), !loser);
		ends(&pair, 1000);
	}
}

static void collision_ke_invalid(void **state)
{
	static struct held held;

	(void)state;
	for (int delayed = 0; delayed < 2; delayed++) {
		struct held_msg again;
		struct pair pair;

		held_up(&pair, &held, proposals, NULL);
		held_rekey(&pair, 0, true);
		held_rekey(&pair, 1, true);
		set_ike(&pair, 0, "aes256gcm16-prfsha256-ecp256");
		set_ike(&pair, 1, "aes256gcm16-prfsha256-ecp256");
		pass(&pair, 0, "rekey-ike");
		pass(&pair, 1, "rekey-ike");
		pass(&pair, 0, "INVALID_KE_PAYLOAD");
		pass(&pair, 1, "INVALID_KE_PAYLOAD");
		if (!delayed) {
			pass(&pair, 0, "rekey-ike");
			pass(&pair, 1, "rekey-ike");
			pass(&pair, 1, "yes");
			pass(&pair, 0, "yes");
			ends(&pair, 30000);
			continue;
		}
		again = take(&pair, 0, "rekey-ike");
		pass(&pair, 1, "rekey-ike");
		pass(&pair, 0, "yes");
		late(&pair, &again);
		pass(&pair, 1, "delete-ike");
		pass(&pair, 1, "TEMPORARY_FAILURE");
		pass(&pair, 0, "empty");
		ends(&pair, 30000);
	}
}

/* One's answer is late, until after the delete of the other, or it is lost. */
static void collision_delayed_response(void **state)
{
	static struct held held;

	(void)state;
	for (unsigned int way = 0; way < 12; way++) {
		int loser = way % 4 == 0 || way % 4 == 2 ? 0 : 1;
		struct held_msg answer;
		struct pair pair;

		held_up(&pair, &held, proposals, NULL);
		held_rig(&pair, way % 4);
		held_rekey(&pair, 0, true);
		held_rekey(&pair, 1, true);
		pass(&pair, 0, "rekey-ike");
		pass(&pair, 1, "rekey-ike");
		answer = take(&pair, 1, "yes");
		pass(&pair, 0, "yes");
		if (way / 4 == 0)
			late(&pair, &answer);
		let_go(&pair, way / 4 == 1 ? 30 : 0);
		if (way / 4 == 1)
			late(&pair, &answer);
		pair_run(&pair, 80000);
		pair_settled(&pair);
		if (way / 4 == 0)
			assert_int_equal(maker(&pair), !loser);
		pair_free(&pair);
	}
}

/* Only one of them learns of the collision. */
static void collision_dropped_request(void **state)
{
	static struct held held;

	(void)state;
	for (unsigned int low = 0; low < 3; low++) {
		struct pair pair;

		held_up(&pair, &held, proposals, NULL);
		held_rig(&pair, low);
		held_rekey(&pair, 0, true);
		take(&pair, 0, "rekey-ike");
		held_rekey(&pair, 1, true);
		pass(&pair, 1, "rekey-ike");
		pass(&pair, 0, "yes");
		pass(&pair, 1, "delete-ike");
		pass(&pair, 0, "empty");
		assert_int_equal(pair_status(&pair, 1).initiator, true);
		ends(&pair, 100000);
	}
}

/* Any of the messages of a collision are lost. */
static void collision_dropped(void **state)
{
	static struct held held;

	(void)state;
	for (unsigned int lost = 0; lost < 256; lost++) {
		struct pair pair;

		held_up(&pair, &held, proposals, NULL);
		held_rig(&pair, lost % 4);
		held_rekey(&pair, 0, true);
		held_rekey(&pair, 1, true);
		go_on(&pair, &held, lost / 2, 8);
		ends(&pair, 100000);
	}
}

static void collision_delayed_request(void **state)
{
	static struct held held;

	(void)state;
	for (int when = 0; when < 3; when++) {
		struct held_msg request, delete;
		struct pair pair;

		held_up(&pair, &held, proposals, NULL);
		held_rekey(&pair, 0, true);
		request = take(&pair, 0, "rekey-ike");
		held_rekey(&pair, 1, true);
		pass(&pair, 1, "rekey-ike");
		pass(&pair, 0, "yes");
		delete = take(&pair, 1, "delete-ike");
		if (when == 0) {
			late(&pair, &request);
			late(&pair, &delete);
			pass(&pair, 0, "empty");
		} else {
			late(&pair, &delete);
			if (when == 1)
				late(&pair, &request);
			pass(&pair, 0, "empty");
			if (when == 2)
				late(&pair, &request);
		}
		ends(&pair, 100000);
	}
}

/* Both rekey at once, and only the request of side 1 arrives, and its answer. Returns the other. */
static struct held_msg collide(struct pair *pair)
{
	struct held_msg request;

	held_rekey(pair, 0, true);
	request = take(pair, 0, "rekey-ike");
	held_rekey(pair, 1, true);
	pass(pair, 1, "rekey-ike");
	pass(pair, 0, "yes");
	return request;
}

/* The refusal overtakes the delete: that is the end of it, and not a reason to try again. */
static void collision_delayed_request_and_delete(void **state)
{
	static struct held held;
	struct held_msg request, delete;
	struct pair pair;

	(void)state;
	held_up(&pair, &held, proposals, NULL);
	request = collide(&pair);
	delete = take(&pair, 1, "delete-ike");
	late(&pair, &request);
	pass(&pair, 1, "TEMPORARY_FAILURE");
	quiet(&pair);
	late(&pair, &delete);
	pass(&pair, 0, "empty");
	quiet(&pair);
	assert_int_equal(maker(&pair), 1);
	assert_int_equal(pair_status(&pair, 0).ike_rekeys, 1);
	ends(&pair, 30000);
}

static void delete_meets_rekey(void **state)
{
	static struct held held;

	(void)state;
	for (unsigned int way = 0; way < 64; way++) {
		int who = way & 1;
		struct pair pair;

		held_up(&pair, &held, proposals, NULL);
		pair.strict = false;
		held_rekey(&pair, who, true);
		ike_down(pair.side[!who].ike, pair.now, POLICY);
		pair_run(&pair, 0);
		if (way & 2) {
			pass(&pair, who, "rekey-ike");
			pass(&pair, !who, "delete-ike");
			pass(&pair, !who, "TEMPORARY_FAILURE");
		}
		go_on(&pair, &held, way / 4, 4);
		let_go(&pair, 60000);
		pair_gone(&pair, !who);
		pair_up(&pair, !who);
		assert_true(pair_until_up(&pair, 100000));
		ends(&pair, 60000);
	}
}

static void both_delete(void **state)
{
	static struct held held;

	(void)state;
	for (unsigned int lost = 0; lost < 16; lost++) {
		struct pair pair;

		held_up(&pair, &held, proposals, NULL);
		pair.strict = false;
		for (int i = 0; i < 2; i++)
			ike_down(pair.side[i].ike, pair.now, POLICY);
		pair_run(&pair, 0);
		go_on(&pair, &held, lost, 4);
		let_go(&pair, 15000);
		pair_gone(&pair, 0);
		pair_gone(&pair, 1);
		pair_free(&pair);
	}
}

/* One has lost the collision, does not know it yet, and rekeys the new IKE SA: the Child SA goes with that. */
static void rekeyed_again(void **state)
{
	static struct held held;

	(void)state;
	for (int answered = 0; answered < 2; answered++) {
		struct held_msg request, delete;
		struct pair pair;

		held_up(&pair, &held, proposals, NULL);
		held_rekey(&pair, 0, true);
		request = take(&pair, 0, "rekey-ike");
		held_rekey(&pair, 1, true);
		pass(&pair, 1, "rekey-ike");
		pass(&pair, 0, "yes");
		delete = take(&pair, 1, "delete-ike");
		held_rekey(&pair, 0, true);
		pass(&pair, 0, "rekey-ike");
		pass(&pair, 1, "yes");
		if (answered)
			late(&pair, &request);
		late(&pair, &delete);
		assert_int_equal(kernel_count(&pair.side[0]), 1);
		ends(&pair, 100000);
	}
}

static bool drop_old(struct pair *pair, int from, struct span bytes)
{
	uint64_t *old = pair->ctx, spi = 0;

	(void)from;
	for (int i = 0; i < 8; i++)
		spi = spi << 8 | bytes.at[i];
	return spi != *old;
}

/* Nothing more comes through of the old IKE SA, where the Child SA waits: the new one is not taken for a spare. */
static void collision_waits(void **state)
{
	static struct held held;
	struct pair pair;
	uint64_t old;

	(void)state;
	held_up(&pair, &held, proposals, NULL);
	old = pair_status(&pair, 0).spi_i;
	for (int i = 0; i < 2; i++) {
		pair.side[i].policy.dpd_timeout = 120;
		assert_int_equal(ike_policy_set(pair.side[i].ike, &pair.side[i].policy), 0);
	}
	collide(&pair);
	pair.ctx = &old;
	pair.watch = drop_old;
	for (int i = 0; i < 40; i++) {
		pair_run(&pair, 5000);
		assert_true(pair_esp(&pair, 0));
		assert_true(pair_esp(&pair, 1));
	}
	assert_int_equal(pair_status(&pair, 0).handshakes, 1);
	pair_settled(&pair);
	pair_free(&pair);
}

/* The peer's new IKE SA has gone when ours is refused: the old one is rekeyed again. */
static void collision_forgotten(void **state)
{
	static struct held held;
	uint8_t payloads[16];
	struct chain chain = chain_init(payloads, sizeof(payloads));
	struct held_msg request;
	struct pair pair;

	(void)state;
	held_up(&pair, &held, proposals, NULL);
	request = collide(&pair);
	take(&pair, 1, "delete-ike");
	chain_delete_ike(&chain);
	assert_int_equal(window_request(pair.side[1].ike, held_sa(&pair, 1), IKE_EXCH_INFORMATIONAL, &chain, 500), 0);
	pair_run(&pair, 0);
	pass(&pair, 1, "delete-ike");
	pass(&pair, 0, "empty");
	late(&pair, &request);
	pass(&pair, 1, "TEMPORARY_FAILURE");
	pair_run(&pair, 2 * TASK_AGAIN_SOON_MS);
	take(&pair, 0, "rekey-ike");
	pair_free(&pair);
}

/* Both began at once, so there are two; one of them ends in place of being rekeyed, and no packet is lost by it. */
static void two_become_one(void **state)
{
	int twice = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct pair pair;

		pair_init(&pair, seed, NULL, NULL);
		pair.jitter = 50;
		pair.side[1].policy.start = IKE_START_START;
		for (int i = 0; i < 2; i++)
			pair.side[i].policy.ike_life = 600;
		pair_create(&pair, 1000);
		pair_up(&pair, 1);
		pair_up(&pair, 0);
		assert_true(pair_until_up(&pair, 10000));
		pair_run(&pair, 60000);
		twice += pair_status(&pair, 0).ike_sas == 2;
		pair.strict = true;
		pair.jitter = 0;
		pair_run(&pair, 3000000);
		pair_settled(&pair);
		pair_free(&pair);
	}
	assert_true(twice > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ke_invalid),
		cmocka_unit_test(collision),
		cmocka_unit_test(collision_ke_invalid),
		cmocka_unit_test(collision_delayed_response),
		cmocka_unit_test(collision_dropped_request),
		cmocka_unit_test(collision_dropped),
		cmocka_unit_test(collision_delayed_request),
		cmocka_unit_test(collision_delayed_request_and_delete),
		cmocka_unit_test(delete_meets_rekey),
		cmocka_unit_test(both_delete),
		cmocka_unit_test(rekeyed_again),
		cmocka_unit_test(collision_waits),
		cmocka_unit_test(collision_forgotten),
		cmocka_unit_test(two_become_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
