// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "ike/sa.h"
#include "pair.h"

/*
 * The peer is there and can be heard, but what is asked of it comes to nothing: a request is never answered. The tunnel
 * goes on by an IKE SA made anew, before the one there is has come to its end.
 */

static void up(struct pair *pair, const char *esp_here, const char *esp_there)
{
	pair_init(pair, 8, NULL, esp_here);
	policy_proposals(esp_there, IKE_PROTO_ESP, &pair->side[1].policy.esp);
	pair->side[1].policy.child_life = 28800;
	pair->side[1].policy.ike_life = 86400;
	pair_create(pair, 1000);
	pair_up(pair, 1);
	pair_up(pair, 0);
	assert_true(pair_until_up(pair, 5000));
	pair_run(pair, 1000);
	pair_settled(pair);
}

/* Packets both ways, none of which is lost. */
static void stream(struct pair *pair, uint64_t ms)
{
	for (uint64_t end = pair->now + ms; pair->now < end;) {
		pair_run(pair, 5000);
		assert_true(pair_esp(pair, 0));
		assert_true(pair_esp(pair, 1));
	}
}

/* Nothing that would make or rekey an SA comes through from side 0. */
static bool no_child_requests(struct pair *pair, int from, struct span bytes)
{
	(void)pair;
	return from != 0 || bytes.at[18] != IKE_EXCH_CREATE_CHILD_SA || bytes.at[19] & IKE_FLAG_RESPONSE;
}

static const char esp[] = "aes256gcm16-x25519";

/* A Child SA that cannot be rekeyed is followed by that of another IKE SA in time, again and again. */
static void child_unanswered(void **state)
{
	struct pair pair;

	(void)state;
	up(&pair, esp, esp);
	pair.watch = no_child_requests;
	stream(&pair, 7200000);
	assert_true(pair_said(&pair, 0, "has not answered a request for"));
	assert_in_range(pair_status(&pair, 0).handshakes, 3, 4);
	assert_int_equal(pair_status(&pair, 0).child_rekeys, 0);
	pair_run(&pair, 60000);
	pair_settled(&pair);
	pair_free(&pair);
}

/* Only the peer's pings are heard, and no ESP. */
static void child_unanswered_silent(void **state)
{
	struct pair pair;

	(void)state;
	up(&pair, esp, esp);
	pair.watch = no_child_requests;
	for (int minute = 0; minute < 600; minute++) {
		pair_run(&pair, 60000);
		assert_true(pair_esp(&pair, 0));
		assert_true(pair_esp(&pair, 1));
	}
	pair_free(&pair);
}

/* Meanwhile the peer's own requests were refused, as the IKE SA was being rekeyed. */
static void rekey_unanswered(void **state)
{
	struct pair pair;
	uint64_t old;

	(void)state;
	up(&pair, esp, esp);
	old = pair_status(&pair, 0).spi_i;
	pair.watch = no_child_requests;
	assert_int_equal(ike_rekey(pair.side[0].ike, pair.now, POLICY, true), 0);
	stream(&pair, 300000);
	assert_int_equal(pair_status(&pair, 0).spi_i, old);
	stream(&pair, 60000);
	assert_int_not_equal(pair_status(&pair, 0).spi_i, old);
	stream(&pair, 60000);
	pair_settled(&pair);
	pair_free(&pair);
}

/* A host that cannot begin drops the IKE SA instead, so that the peer begins. */
static void rekey_unanswered_hub(void **state)
{
	struct pair pair;

	(void)state;
	up(&pair, esp, esp);
	pair.side[0].policy.remote.len = 0;
	pair.side[0].policy.start = IKE_START_ADD;
	pair.side[1].policy.dpd_action = IKE_DPD_RESTART;
	for (int i = 0; i < 2; i++)
		assert_int_equal(ike_policy_set(pair.side[i].ike, &pair.side[i].policy), 0);
	pair.watch = no_child_requests;
	assert_int_equal(ike_rekey(pair.side[0].ike, pair.now, POLICY, true), 0);
	stream(&pair, 300000);
	pair_run(&pair, 120000);
	pair_settled(&pair);
	assert_int_equal(pair_status(&pair, 1).handshakes, 2);
	pair_free(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(child_unanswered),
		cmocka_unit_test(child_unanswered_silent),
		cmocka_unit_test(rekey_unanswered),
		cmocka_unit_test(rekey_unanswered_hub),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
