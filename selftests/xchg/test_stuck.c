// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "ike/window.h"
#include "pair.h"

/*
 * The peer is there and can be heard, but what is asked of it comes to nothing: a request is never answered, or always
 * refused, or undone at once. The tunnel goes on by an IKE SA made anew, before the one there is has come to its end.
 */

static void up(struct pair *pair, const char *esp_here, const char *esp_there)
{
	pair_init(pair, 8, NULL, esp_here);
	policy_proposals(esp_there, IKE_PROTO_ESP, &pair->side[1].policy.esp);
	pair->side[1].policy.child_life = 28800;
	pair->side[1].policy.ike_life = 86400;
	pair_comes_up(pair);
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

/* Without groups there, both agree on a Child SA in IKE_AUTH, and on none afterwards. */
static void groups_differ(void **state)
{
	struct pair pair;

	(void)state;
	up(&pair, esp, "aes256gcm16");
	stream(&pair, 7200000);
	assert_true(pair_said(&pair, 0, "refuses to rekey the tunnel"));
	assert_in_range(pair_status(&pair, 0).handshakes, 3, 4);
	pair_run(&pair, 60000);
	pair_settled(&pair);
	pair_free(&pair);
}

/* Section 1.3: a peer that knows no CREATE_CHILD_SA says so. */
static bool minimal_peer(struct pair *pair, int from, struct span bytes)
{
	struct ike *ike = pair->side[1].ike;
	struct ike_hdr hdr;
	struct ike_sa *sa;
	struct why why;

	if (no_child_requests(pair, from, bytes))
		return true;
	assert_int_equal(msg_header(bytes, &hdr, &why), 0);
	sa = sa_find(ike, hdr.flags & IKE_FLAG_INITIATOR ? hdr.spi_r : hdr.spi_i);
	if (!sa || hdr.id != sa->win.next_in)
		return true;
	assert_int_equal(window_answer_notify(ike, sa, &hdr, IKE_N_NO_ADDITIONAL_SAS, (struct span){NULL, 0}), 0);
	return false;
}

static void no_more_sas(void **state)
{
	struct pair pair;

	(void)state;
	for (int ike_sa = 0; ike_sa < 2; ike_sa++) {
		up(&pair, esp, esp);
		pair.watch = minimal_peer;
		if (ike_sa)
			assert_int_equal(ike_rekey(pair.side[0].ike, pair.now, POLICY, true), 0);
		stream(&pair, ike_sa ? 60000 : 3600000);
		assert_true(pair_said(&pair, 0, ike_sa ? "refuses to rekey the IKE SA: NO_ADDITIONAL_SAS" :
				      "refuses to rekey the tunnel: NO_ADDITIONAL_SAS"));
		assert_int_equal(pair_status(&pair, 0).handshakes, 2);
		pair_settled(&pair);
		pair_free(&pair);
	}
}

/* Where IKE_AUTH brings nothing, either, what there is is used to its end, and the pauses grow. */
static void nothing_helps(void **state)
{
	struct pair pair;

	(void)state;
	up(&pair, esp, esp);
	policy_proposals("aes128gcm16-x25519", IKE_PROTO_ESP, &pair.side[1].policy.esp);
	assert_int_equal(ike_policy_set(pair.side[1].ike, &pair.side[1].policy), 0);
	stream(&pair, 3590000);
	assert_in_range(pair_status(&pair, 0).ike_sas, 1, 3);
	for (int hour = 0; hour < 4; hour++)
		pair_run(&pair, 3600000);
	assert_int_equal(pair_status(&pair, 0).child_sas, 0);
	assert_int_equal(pair_status(&pair, 0).ike_sas, 1);
	assert_in_range(pair_status(&pair, 0).handshakes, 3, 20);
	policy_proposals(esp, IKE_PROTO_ESP, &pair.side[1].policy.esp);
	assert_int_equal(ike_policy_set(pair.side[1].ike, &pair.side[1].policy), 0);
	pair_run(&pair, 60000);
	pair_settled(&pair);
	pair_free(&pair);
}

/* A peer that ends each Child SA, or IKE SA, as soon as it is there does not keep both hosts busy. */
static void ended_at_once(void **state)
{
	(void)state;
	for (int ike_sa = 0; ike_sa < 2; ike_sa++) {
		unsigned int installs;
		struct pair pair;

		up(&pair, esp, esp);
		installs = pair.side[0].installs;
		for (int i = 0; i < 1200; i++) {
			struct ike_status status = pair_status(&pair, 1);

			if (status.spi_in && ike_sa) {
				ike_down(pair.side[1].ike, pair.now, POLICY);
				pair_up(&pair, 1);
			} else if (status.spi_in) {
				ike_expired(pair.side[1].ike, pair.now, POLICY, status.spi_in, true);
			}
			pair_run(&pair, 50);
		}
		assert_in_range(pair.side[0].installs - installs, 4, 8);
		/* It is done with that. What was there for long is made anew at once. */
		pair_run(&pair, 180000);
		pair_settled(&pair);
		if (!ike_sa) {
			ike_expired(pair.side[1].ike, pair.now, POLICY, pair_status(&pair, 1).spi_in, true);
			pair_run(&pair, 200);
			pair_settled(&pair);
		}
		pair_free(&pair);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(child_unanswered),
		cmocka_unit_test(child_unanswered_silent),
		cmocka_unit_test(rekey_unanswered),
		cmocka_unit_test(rekey_unanswered_hub),
		cmocka_unit_test(groups_differ),
		cmocka_unit_test(no_more_sas),
		cmocka_unit_test(nothing_helps),
		cmocka_unit_test(ended_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
