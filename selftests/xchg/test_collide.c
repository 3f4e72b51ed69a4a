// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "held.h"
#include "ike/child.h"
#include "ike/state.h"

/*
 * Child SAs that are rekeyed, made and deleted while something else is under way: sections 1.4.1, 2.8.1 and 2.25.1, and
 * strongSwan's list of cases. Whatever happens, in the end there is one Child SA, the same on both sides, that of the
 * RFC; nothing is left beside it; and no packet that is sent meanwhile is lost.
 *
 * its case (suite child_rekey)                 test
 * regular                                      test_child_rekey in test_life.c
 * regular, invalid KE                          ke_invalid
 * regular, several key exchanges               not supported here (RFC 9370)
 * responder: soft expire ignored               soft_expire_while_replaced
 * responder: hard expire                       hard_expire_while_replaced
 * responder: incorrect delete                  incorrect_delete
 * responder: lost SA                           lost_sa
 * collision                                    collision
 * collision, invalid KE                        collision_ke_invalid, .._delayed_retry
 * collision, delayed response                  collision_delayed_response
 * collision, delayed request                   collision_delayed_request
 * collision, delayed request, and more         collision_delayed_request_and_delete, .._and_answer
 * collision, dropped request, answer, delete   collision_dropped
 * collision with delete, either way            delete_meets_rekey, delete_meets_rekey_dropped
 * collision with IKE rekey, either way         ike_rekey_meets_rekey
 * collision with IKE delete, either way        ike_delete_meets_rekey
 * retries                                      retry, TEMPORARY_FAILURE: ike_rekey_meets_rekey
 * (suite child_create)
 * KE in IKE_AUTH                               test_suites in test_up.c: groups are left out
 * duplicate                                    both_make_up
 * collision with IKE rekey                     ike_rekey_meets_new
 * several key exchanges                        not supported here (RFC 9370)
 * (suite child_delete; these and all with deletes and IKE SAs: test_collide_gone.c)
 * regular                                      delete_regular
 * collision, dropped                           both_delete
 * collision with IKE rekey, either way         ike_rekey_meets_delete
 */

static void ends(struct pair *pair, uint64_t ms)
{
	let_go(pair, ms);
	pair_settled(pair);
	pair_free(pair);
}

static void ke_invalid(void **state)
{
	static struct held held;

	(void)state;
	for (int who = 0; who < 2; who++) {
		struct pair pair;

		held_up(&pair, &held, NULL, "aes256gcm16-ecp256-x25519");
		policy_proposals("aes256gcm16-x25519-ecp256", IKE_PROTO_ESP, &pair.side[!who].policy.esp);
		if (who)
			policy_proposals("aes256gcm16-x25519", IKE_PROTO_ESP, &pair.side[!who].policy.esp);
		assert_int_equal(ike_policy_set(pair.side[!who].ike, &pair.side[!who].policy), 0);
		held_rekey(&pair, who, false);
		pass(&pair, who, "rekey-child");
		if (who) {
			pass(&pair, !who, "INVALID_KE_PAYLOAD");
			pass(&pair, who, "rekey-child");
		}
		pass(&pair, !who, "yes");
		pass(&pair, who, "delete-child");
		pass(&pair, !who, "deleted");
		quiet(&pair);
		assert_int_equal(pair_status(&pair, 0).esp.group, who ? IKE_GROUP_X25519 : IKE_GROUP_ECP256);
		assert_int_equal(held_maker(&pair), who);
		ends(&pair, 1000);
	}
}

/* The responder has answered, and the old one waits to be deleted: its soft lifetime is nothing to it any more. */
static void soft_expire_while_replaced(void **state)
{
	static struct held held;
	struct pair pair;
	uint32_t old;

	(void)state;
	held_up(&pair, &held, NULL, NULL);
	old = pair_status(&pair, 1).spi_in;
	held_rekey(&pair, 0, false);
	pass(&pair, 0, "rekey-child");
	ike_expired(pair.side[1].ike, pair.now, POLICY, old, false);
	pair_run(&pair, 0);
	pass(&pair, 1, "yes");
	ike_expired(pair.side[1].ike, pair.now, POLICY, old, false);
	pair_run(&pair, 0);
	pass(&pair, 0, "delete-child");
	pass(&pair, 1, "deleted");
	quiet(&pair);
	ends(&pair, 1000);
}

/* Its hard one neither: the peer, which has rekeyed it, deletes it. */
static void hard_expire_while_replaced(void **state)
{
	static struct held held;
	struct pair pair;
	uint32_t old;

	(void)state;
	held_up(&pair, &held, NULL, NULL);
	old = pair_status(&pair, 1).spi_in;
	held_rekey(&pair, 0, false);
	pass(&pair, 0, "rekey-child");
	pass(&pair, 1, "yes");
	ike_expired(pair.side[1].ike, pair.now, POLICY, old, true);
	pair_run(&pair, 0);
	pass(&pair, 0, "delete-child");
	pass(&pair, 1, "deleted");
	quiet(&pair);
	ends(&pair, 1000);
}

/* The responder deletes the old one itself, which is not its business: both may do so at once. */
static void incorrect_delete(void **state)
{
	static struct held held;

	(void)state;
	for (int early = 0; early < 2; early++) {
		struct ike_child *old;
		struct pair pair;
		struct ike_sa *sa;
		uint32_t spi;

		held_up(&pair, &held, NULL, NULL);
		sa = held_sa(&pair, 1);
		spi = pair_status(&pair, 1).spi_in;
		held_rekey(&pair, 0, false);
		pass(&pair, 0, "rekey-child");
		if (!early)
			pass(&pair, 1, "yes");
		old = child_by_in(sa, spi);
		assert_int_equal(old->state, CHILD_REPLACED);
		pair.strict = !early;
		old->state = CHILD_CLOSING;
		sa_touch(pair.side[1].ike, sa);
		pair_run(&pair, 0);
		if (early) {
			struct held_msg answer = take(&pair, 1, "yes");

			/* Even before the answer is there. */
			pass(&pair, 1, "delete-child");
			pass(&pair, 0, "deleted");
			late(&pair, &answer);
		} else {
			pass(&pair, 1, "delete-child");
			pass(&pair, 0, "delete-child");
			pass(&pair, 0, "empty");
			pass(&pair, 1, "empty");
		}
		quiet(&pair);
		assert_int_equal(held_maker(&pair), 0);
		ends(&pair, 1000);
	}
}

/* Section 2.25: the responder knows nothing of it; another one is made in its place. */
static void lost_sa(void **state)
{
	static struct held held;

	(void)state;
	for (int who = 0; who < 2; who++) {
		struct pair pair;
		struct ike_sa *sa;

		held_up(&pair, &held, NULL, NULL);
		pair.strict = false;
		sa = held_sa(&pair, !who);
		child_remove(pair.side[!who].ike, sa, sa->children);
		if (who)
			pair.side[0].policy.start = IKE_START_ADD;
		held_rekey(&pair, who, false);
		pass(&pair, who, "rekey-child");
		pass(&pair, !who, "CHILD_SA_NOT_FOUND");
		assert_int_equal(kernel_count(&pair.side[who]), 0);
		ends(&pair, 5000);
	}
}

static struct ike_nonce nonce_of(uint16_t len, uint8_t first, uint8_t rest)
{
	struct ike_nonce nonce = { .len = len };

	memset(nonce.bytes, rest, len);
	nonce.bytes[0] = first;
	return nonce;
}

/*
 * Octet by octet, as if they were texts in a dictionary, whatever their lengths (section 2.8.1): ours have 32 bytes, a
 * peer's have 16 to 256. What lies in memory behind the shorter one decides nothing.
 */
static void nonces_of_other_lengths(void **state)
{
	static const uint16_t lens[] = { IKE_NONCE_MIN, 31, 32, 33, 255, IKE_NONCE_MAX };
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(lens) / sizeof(*lens); i++)
		for (j = 0; j < sizeof(lens) / sizeof(*lens); j++) {
			struct ike_nonce low = nonce_of(lens[i], 1, 0xff), high = nonce_of(lens[j], 2, 0);
			struct ike_nonce begins = nonce_of(lens[i], 7, 7), goes_on = nonce_of(lens[j], 7, 7);

			assert_ptr_equal(nonce_lower(&low, &high), &low);
			assert_ptr_equal(nonce_lower(&high, &low), &low);
			if (lens[i] >= lens[j])
				continue;
			memset(begins.bytes + begins.len, 0xff, sizeof(begins.bytes) - begins.len);
			assert_ptr_equal(nonce_lower(&begins, &goes_on), &begins);
			assert_ptr_equal(nonce_lower(&goes_on, &begins), &begins);
			goes_on.bytes[lens[i] - 1] = 6;
			assert_ptr_equal(nonce_lower(&begins, &goes_on), &goes_on);
		}
}

/* Both at once, the four nonces in every order: the new one with the lowest of them goes, by who has made it. */
static void collision(void **state)
{
	static struct held held;

	(void)state;
	for (unsigned int low = 0; low < 4; low++) {
		/* Made in this order: Ni of 0, Ni of 1, Nr of 1 (for 0's request), Nr of 0. */
		int loser = low == 0 || low == 2 ? 0 : 1;
		struct pair pair;

		held_up(&pair, &held, NULL, NULL);
		held_rig(&pair, low);
		held_rekey(&pair, 0, false);
		held_rekey(&pair, 1, false);
		pass(&pair, 0, "rekey-child");
		pass(&pair, 1, "rekey-child");
		pass(&pair, 1, "yes");
		pass(&pair, 0, "yes");
		/* One deletes the old one, the other its own new one. */
		pass(&pair, 0, "delete-child");
		pass(&pair, 1, "delete-child");
		pass(&pair, 0, "deleted");
		pass(&pair, 1, "deleted");
		quiet(&pair);
		assert_int_equal(held_maker(&pair), !loser);
		ends(&pair, 1000);
	}
}

/*
 * The same, but the peer does not delete what it has made in vain. After a while we do; or the peer deletes the other one
 * meanwhile, and its own stays.
 */
static void collision_loser_stays(void **state)
{
	static struct held held;

	(void)state;
	for (unsigned int low = 0; low < 4; low++) {
		for (int otherwise = 0; otherwise < 2; otherwise++) {
			int loser = low == 0 || low == 2 ? 0 : 1;
			struct pair pair;
			struct ike_sa *sa;
			uint32_t best;

			held_up(&pair, &held, NULL, NULL);
			held_rig(&pair, low);
			held_rekey(&pair, 0, false);
			held_rekey(&pair, 1, false);
			pass(&pair, 0, "rekey-child");
			pass(&pair, 1, "rekey-child");
			sa = held_sa(&pair, loser);
			best = sa->out.rival_spi;
			sa->out.rival_spi = 0;
			let_go(&pair, 50000);
			assert_int_equal(kernel_count(&pair.side[0]), 2);
			assert_int_equal(kernel_count(&pair.side[1]), 2);
			if (otherwise) {
				child_by_in(sa, best)->state = CHILD_CLOSING;
				sa_touch(pair.side[loser].ike, sa);
			}
			pair_run(&pair, otherwise ? 300000 : 20000);
			assert_int_equal(held_maker(&pair), otherwise ? loser : !loser);
			ends(&pair, 1000);
		}
	}
}

static void set_esp(struct pair *pair, int side, const char *words)
{
	policy_proposals(words, IKE_PROTO_ESP, &pair->side[side].policy.esp);
	assert_int_equal(ike_policy_set(pair->side[side].ike, &pair->side[side].policy), 0);
}

/* Neither takes the group that the other begins with: both are refused once, and meet again. */
static void invalid_both(struct pair *pair, struct held *held)
{
	held_up(pair, held, NULL, NULL);
	set_esp(pair, 0, "aes256gcm16-ecp256-x25519");
	set_esp(pair, 1, "aes256gcm16-x25519-ecp256");
	held_rekey(pair, 0, false);
	held_rekey(pair, 1, false);
	set_esp(pair, 0, "aes256gcm16-ecp256");
	set_esp(pair, 1, "aes256gcm16-x25519");
	pass(pair, 0, "rekey-child");
	pass(pair, 1, "rekey-child");
	set_esp(pair, 0, "aes256gcm16-ecp256-x25519");
	set_esp(pair, 1, "aes256gcm16-x25519-ecp256");
}

static void collision_ke_invalid(void **state)
{
	static struct held held;

	(void)state;
	for (int delayed = 0; delayed < 2; delayed++) {
		struct pair pair;

		invalid_both(&pair, &held);
		pass(&pair, 1, "INVALID_KE_PAYLOAD");
		pass(&pair, 0, "INVALID_KE_PAYLOAD");
		if (delayed) {
			/* One's second request comes when the other's exchange is over. */
			struct held_msg again = take(&pair, 0, "rekey-child");

			pass(&pair, 1, "rekey-child");
			pass(&pair, 0, "yes");
			pass(&pair, 1, "delete-child");
			late(&pair, &again);
			pass(&pair, 1, "TEMPORARY_FAILURE");
			pass(&pair, 0, "deleted");
			quiet(&pair);
			assert_int_equal(held_maker(&pair), 1);
		} else {
			pass(&pair, 0, "rekey-child");
			pass(&pair, 1, "rekey-child");
			pass(&pair, 1, "yes");
			pass(&pair, 0, "yes");
		}
		ends(&pair, 30000);
	}
}

/* One's answer is late: the other has ended its exchange, and perhaps deleted what it found to be too many. */
static void collision_delayed_response(void **state)
{
	static struct held held;

	(void)state;
	for (unsigned int low = 0; low < 4; low++) {
		int loser = low == 0 || low == 2 ? 0 : 1;
		struct held_msg answer;
		struct pair pair;

		held_up(&pair, &held, NULL, NULL);
		held_rig(&pair, low);
		held_rekey(&pair, 0, false);
		held_rekey(&pair, 1, false);
		pass(&pair, 0, "rekey-child");
		pass(&pair, 1, "rekey-child");
		answer = take(&pair, 1, "yes");
		pass(&pair, 0, "yes");
		pass(&pair, 1, "delete-child");
		pass(&pair, 0, "deleted");
		late(&pair, &answer);
		pass(&pair, 0, "delete-child");
		pass(&pair, 1, "deleted");
		quiet(&pair);
		assert_int_equal(held_maker(&pair), !loser);
		ends(&pair, 1000);
	}
}

/* One's request is late: the other has rekeyed it meanwhile, and knows of no collision. */
static void collision_delayed_request(void **state)
{
	static struct held held;

	(void)state;
	for (int when = 0; when < 3; when++) {
		struct held_msg request;
		struct pair pair;

		held_up(&pair, &held, NULL, NULL);
		held_rekey(&pair, 0, false);
		request = take(&pair, 0, "rekey-child");
		held_rekey(&pair, 1, false);
		pass(&pair, 1, "rekey-child");
		pass(&pair, 0, "yes");
		/* Before the delete is sent on, after that and before its answer, or when all is over. */
		if (when == 0)
			late(&pair, &request);
		pass(&pair, 1, "delete-child");
		if (when == 1)
			late(&pair, &request);
		pass(&pair, 0, "deleted");
		if (when == 2)
			late(&pair, &request);
		pass(&pair, 1, when == 2 ? "CHILD_SA_NOT_FOUND" : "TEMPORARY_FAILURE");
		assert_int_equal(held_maker(&pair), 1);
		ends(&pair, 30000);
	}
}

/* The same, and the refusal overtakes the delete. */
static void collision_delayed_request_and_delete(void **state)
{
	static struct held held;
	struct held_msg request, delete;
	struct pair pair;

	(void)state;
	held_up(&pair, &held, NULL, NULL);
	held_rekey(&pair, 0, false);
	request = take(&pair, 0, "rekey-child");
	held_rekey(&pair, 1, false);
	pass(&pair, 1, "rekey-child");
	pass(&pair, 0, "yes");
	delete = take(&pair, 1, "delete-child");
	late(&pair, &request);
	pass(&pair, 1, "TEMPORARY_FAILURE");
	/* What it is told to be replaced it does not rekey again. */
	pair_run(&pair, 0);
	quiet(&pair);
	late(&pair, &delete);
	pass(&pair, 0, "deleted");
	assert_int_equal(held_maker(&pair), 1);
	ends(&pair, 30000);
}

/* Each message of a collision is lost once, or each of one side's. */
static void collision_dropped(void **state)
{
	static struct held held;

	(void)state;
	for (unsigned int lost = 0; lost < 64; lost++) {
		struct pair pair;

		held_up(&pair, &held, NULL, NULL);
		held_rig(&pair, lost % 4);
		held_rekey(&pair, 0, false);
		held_rekey(&pair, 1, false);
		for (unsigned int bit = 0; bit < 6 && held.count; bit++) {
			struct held_msg first = held.list[0];

			held.count--;
			memmove(held.list, held.list + 1, held.count * sizeof(first));
			if (!(lost & 1 << bit))
				late(&pair, &first);
		}
		ends(&pair, 30000);
	}
}

/* A refused rekeying is tried again until it is taken. */
static void retry(void **state)
{
	static struct held held;

	(void)state;
	for (int who = 0; who < 2; who++) {
		struct pair pair;

		held_up(&pair, &held, NULL, NULL);
		pair.side[!who].install_err = -12;
		held_rekey(&pair, who, false);
		for (int i = 0; i < 3; i++) {
			pass(&pair, who, "rekey-child");
			pass(&pair, !who, "TEMPORARY_FAILURE");
			quiet(&pair);
			for (int ms = 0; !held.count && ms < 5000; ms += 100)
				pair_run(&pair, 100);
		}
		pair.side[!who].install_err = 0;
		ends(&pair, 10000);
	}
}

/* Neither has a Child SA: each asks for one, that of the IKE SA's initiator is made. */
static void both_make_up(void **state)
{
	static struct held held;
	struct pair pair;

	(void)state;
	held_up(&pair, &held, NULL, NULL);
	pair.strict = false;
	held_expire(&pair, 0);
	held_expire(&pair, 1);
	ike_acquire(pair.side[1].ike, pair.now, POLICY);
	pass(&pair, 0, "delete-child");
	pass(&pair, 1, "delete-child");
	pass(&pair, 0, "empty");
	pass(&pair, 1, "empty");
	pass(&pair, 0, "new-child");
	pass(&pair, 1, "new-child");
	pass(&pair, 0, "TEMPORARY_FAILURE");
	pass(&pair, 1, "yes");
	quiet(&pair);
	assert_int_equal(held_maker(&pair), 0);
	ends(&pair, 60000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ke_invalid),
		cmocka_unit_test(soft_expire_while_replaced),
		cmocka_unit_test(hard_expire_while_replaced),
		cmocka_unit_test(incorrect_delete),
		cmocka_unit_test(lost_sa),
		cmocka_unit_test(nonces_of_other_lengths),
		cmocka_unit_test(collision),
		cmocka_unit_test(collision_loser_stays),
		cmocka_unit_test(collision_ke_invalid),
		cmocka_unit_test(collision_delayed_response),
		cmocka_unit_test(collision_delayed_request),
		cmocka_unit_test(collision_delayed_request_and_delete),
		cmocka_unit_test(collision_dropped),
		cmocka_unit_test(retry),
		cmocka_unit_test(both_make_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
