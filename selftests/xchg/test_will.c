// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "pair.h"

/* An engine dies and another one takes its place: what the first has left to be said, and that no packet is lost. */

enum { SEALED_MAX = 512, STEP_MS = 10, OLD_GOES_MS = 8000 };

static void up(struct pair *pair, uint64_t seed)
{
	pair_init(pair, seed, NULL, NULL);
	pair_comes_up(pair);
}

static const struct ike_act_will *only_will(const struct pair *pair, int side)
{
	const struct ike_act_will *found = NULL;

	for (int i = 0; i < WILLS_MAX; i++) {
		if (!pair->side[side].wills[i].len)
			continue;
		assert_null(found);
		found = &pair->side[side].wills[i];
	}
	assert_non_null(found);
	return found;
}

static bool no_will(const struct pair *pair, int side)
{
	for (int i = 0; i < WILLS_MAX; i++)
		if (pair->side[side].wills[i].len)
			return false;
	return true;
}

static uint32_t id_of(const uint8_t *bytes)
{
	return (uint32_t)bytes[20] << 24 | bytes[21] << 16 | bytes[22] << 8 | bytes[23];
}

static struct span bytes_of(const struct ike_act_will *will)
{
	return (struct span){will->bytes, will->len};
}

/* ---- one will after the other ---- */

/* Every message sealed by side 0, the wills among them: one IV may belong to one message alone. */
static struct {
	unsigned int count;
	struct { uint8_t spis[16], iv[8]; size_t len; uint8_t bytes[IKE_DATAGRAM_MAX]; } list[SEALED_MAX];
} sealed;

static void remember(const uint8_t *bytes, size_t len)
{
	const uint8_t *iv = bytes + 28 + 4;

	if (bytes[16] != IKE_PLD_SK)
		return;
	for (unsigned int i = 0; i < sealed.count; i++) {
		if (memcmp(sealed.list[i].spis, bytes, 16) || memcmp(sealed.list[i].iv, iv, 8))
			continue;
		assert_int_equal(sealed.list[i].len, len);
		assert_memory_equal(sealed.list[i].bytes, bytes, len);
		return;
	}
	assert_true(sealed.count < SEALED_MAX);
	memcpy(sealed.list[sealed.count].spis, bytes, 16);
	memcpy(sealed.list[sealed.count].iv, iv, 8);
	sealed.list[sealed.count].len = len;
	memcpy(sealed.list[sealed.count++].bytes, bytes, len);
}

static bool remember_sent(struct pair *pair, int from, struct span bytes)
{
	(void)pair;
	if (!from)
		remember(bytes.at, bytes.len);
	return true;
}

static void test_refreshed(void **state)
{
	struct pair pair;
	uint32_t id;

	(void)state;
	memset(&sealed, 0, sizeof(sealed));
	pair_init(&pair, 1, NULL, NULL);
	pair.watch = remember_sent;
	pair_create(&pair, 1000);
	pair_up(&pair, 1);
	pair_up(&pair, 0);
	assert_true(no_will(&pair, 0));
	assert_true(pair_until_up(&pair, 5000));
	pair_run(&pair, 1000);
	assert_int_equal(id_of(only_will(&pair, 0)->bytes), 2);
	assert_int_equal(id_of(only_will(&pair, 1)->bytes), 0);
	for (unsigned int n = 0; n < 12; n++) {
		unsigned int before = pair.side[0].n_wills, who = n % 3 == 2;
		bool ike_sa = n % 4 == 3;

		id = id_of(only_will(&pair, 0)->bytes);
		remember(only_will(&pair, 0)->bytes, only_will(&pair, 0)->len);
		assert_int_equal(ike_rekey(pair.side[who].ike, pair.now, POLICY, ike_sa), 0);
		pair_run(&pair, 2000);
		pair_settled(&pair);
		/* One for each request of ours that was answered, and none but for those. */
		assert_in_range(pair.side[0].n_wills - before, who && !ike_sa ? 0 : 1, 3);
		if (ike_sa)
			assert_true(id_of(only_will(&pair, 0)->bytes) <= 1);
		else
			assert_int_equal(id_of(only_will(&pair, 0)->bytes), who ? id : id + 2);
	}
	assert_true(sealed.count > 30);
	pair_free(&pair);
}

static void test_revoked(void **state)
{
	struct pair pair;

	(void)state;
	up(&pair, 2);
	ike_down(pair.side[0].ike, pair.now, POLICY);
	pair_run(&pair, 5000);
	assert_true(no_will(&pair, 0));
	assert_true(no_will(&pair, 1));
	pair_free(&pair);
}

/* ---- what the peer makes of it ---- */

static void test_is_a_delete(void **state)
{
	(void)state;
	for (int who = 0; who < 2; who++) {
		struct pair pair;

		up(&pair, 3);
		pair.side[1].policy.start = IKE_START_ADD;
		pair.cut = true;
		pair_inject(&pair, !who, bytes_of(only_will(&pair, who)));
		pair_run(&pair, 100);
		assert_int_equal(kernel_count(&pair.side[!who]), 0);
		assert_true(pair_said(&pair, !who, "the peer has ended the IKE SA"));
		pair_free(&pair);
	}
}

/* An exchange after it: nothing but a duplicate, or too old. */
static void test_overtaken(void **state)
{
	struct ike_act_will old;
	struct pair pair;

	(void)state;
	up(&pair, 4);
	for (unsigned int rounds = 1; rounds < 3; rounds++) {
		old = *only_will(&pair, 0);
		for (unsigned int n = 0; n < rounds; n++) {
			assert_int_equal(ike_rekey(pair.side[0].ike, pair.now, POLICY, false), 0);
			pair_run(&pair, 2000);
		}
		pair_inject(&pair, 1, bytes_of(&old));
		pair_run(&pair, 2000);
		pair_settled(&pair);
	}
	pair_free(&pair);
}

/* ---- an heir ---- */

/* A model of the parent: what the dead engine had in the kernel goes some seconds after the new SAs are there. */
static void drop_former(struct side *side, uint64_t newest_former)
{
	for (int i = 0; i < KERNEL_MAX; i++)
		if (side->sas[i].order <= newest_former)
			memset(&side->sas[i], 0, sizeof(side->sas[i]));
}

static void stream(struct pair *pair, uint64_t ms)
{
	for (uint64_t end = pair->now + ms; pair->now < end;) {
		pair_run(pair, STEP_MS);
		assert_true(pair_esp(pair, 0));
		assert_true(pair_esp(pair, 1));
	}
}

static void crash(struct pair *pair, int who)
{
	uint64_t former = pair->orders;

	pair_crash(pair, who);
	stream(pair, OLD_GOES_MS);
	assert_int_equal(pair_status(pair, who).state, IKE_STATE_UP);
	assert_int_equal(pair_status(pair, who).ike_sas, 1);
	assert_int_equal(pair_status(pair, !who).ike_sas, 1);
	drop_former(&pair->side[who], former);
	stream(pair, 60000);
	pair_settled(pair);
	assert_false(pair_said(pair, !who, "does not answer"));
	assert_false(pair_said(pair, !who, "forgotten"));
	only_will(pair, who);
	only_will(pair, !who);
}

static void test_crash(void **state)
{
	(void)state;
	for (int who = 0; who < 2; who++) {
		for (uint64_t seed = 0; seed < 6; seed++) {
			struct pair pair;

			up(&pair, 100 + seed);
			pair.strict = true;
			pair.jitter = seed % 3 * 20;
			pair.side[who].policy.initial_contact = false;
			for (unsigned int n = 0; n < 3; n++) {
				stream(&pair, 100 * seed);
				if (n == 1)
					assert_int_equal(ike_rekey(pair.side[who].ike, pair.now, POLICY, true), 0);
				stream(&pair, 1000);
				crash(&pair, who);
			}
			pair_free(&pair);
		}
	}
}

/* Who may come from anywhere is asked where it was. */
static void test_crash_any(void **state)
{
	struct pair pair;

	(void)state;
	pair_init(&pair, 5, NULL, NULL);
	pair.side[1].policy.remote.len = 0;
	pair.side[1].policy.remote_id = (struct ike_ident){
		.type = IKE_ID_IPV4, .len = 4, .bytes = {192, 0, 2, 1},
	};
	pair_create(&pair, 1000);
	pair_up(&pair, 1);
	pair_up(&pair, 0);
	assert_true(pair_until_up(&pair, 5000));
	pair_run(&pair, 1000);
	crash(&pair, 1);
	pair_free(&pair);
}

/* Ended before it came to anything: the peer hears of that at once. */
static void test_down_at_once(void **state)
{
	struct pair pair;

	(void)state;
	up(&pair, 6);
	pair_crash(&pair, 0);
	ike_down(pair.side[0].ike, pair.now, POLICY);
	pair_run(&pair, 1000);
	assert_int_equal(kernel_count(&pair.side[1]), 0);
	assert_true(no_will(&pair, 0));
	pair_free(&pair);
}

static bool lose_auth(struct pair *pair, int from, struct span bytes)
{
	(void)pair;
	return from == 0 || bytes.at[18] != IKE_EXCH_AUTH;
}

/* The answer to IKE_AUTH is lost, so one side is up and the other not: */
static void half_up(struct pair *pair, uint64_t seed)
{
	pair_init(pair, seed, NULL, NULL);
	pair->watch = lose_auth;
	pair_create(pair, 1000);
	pair_up(pair, 1);
	pair_up(pair, 0);
	pair_run(pair, 500);
	assert_int_equal(kernel_count(&pair->side[0]), 0);
	assert_int_equal(kernel_count(&pair->side[1]), 1);
	assert_true(no_will(pair, 0));
	assert_int_equal(id_of(only_will(pair, 1)->bytes), 0);
}

/* taken down by who waits for it, its peer hears of that as soon as it can be said; */
static void test_down_unanswered(void **state)
{
	struct pair pair;

	(void)state;
	half_up(&pair, 21);
	ike_down(pair.side[0].ike, pair.now, POLICY);
	pair_run(&pair, 100);
	assert_int_equal(kernel_count(&pair.side[1]), 1);
	pair.watch = NULL;
	pair_run(&pair, 4000);
	assert_int_equal(kernel_count(&pair.side[0]) + kernel_count(&pair.side[1]), 0);
	assert_true(no_will(&pair, 0) && no_will(&pair, 1));
	pair_free(&pair);
}

/* whichever of them dies then, in the end they have one SA. */
static void test_crash_unanswered(void **state)
{
	(void)state;
	for (int who = 0; who < 2; who++) {
		struct pair pair;
		uint64_t former;

		half_up(&pair, 22 + who);
		former = pair.orders;
		pair_crash(&pair, who);
		pair_run(&pair, 100);
		pair.watch = NULL;
		pair_run(&pair, 120000);
		drop_former(&pair.side[who], former);
		pair_settled(&pair);
		pair_free(&pair);
	}
}

/* Of the process that has the keys: nothing is said of them, and all is well when it is back. */
static void test_no_keys(void **state)
{
	(void)state;
	for (int who = 0; who < 2; who++) {
		struct pair pair;

		pair_init(&pair, 8, NULL, NULL);
		pair.side[who].no_keys = true;
		pair_create(&pair, 1000);
		pair_up(&pair, 1);
		pair_up(&pair, 0);
		assert_false(pair_until_up(&pair, 20000));
		assert_true(pair_said(&pair, who, "the key process is not there"));
		assert_false(pair_said(&pair, 0, "pre-shared key"));
		assert_false(pair_said(&pair, 1, "pre-shared key"));
		assert_int_equal(kernel_count(&pair.side[0]) + kernel_count(&pair.side[1]), 0);
		pair.side[who].no_keys = false;
		assert_true(pair_until_up(&pair, 120000));
		pair_run(&pair, 60000);	/* what was half-open is forgotten */
		pair_settled(&pair);
		pair_free(&pair);
	}
}

/* A bounded number, and none for a tunnel that is not there. */
static void test_bounds(void **state)
{
	struct ike_act_will will;
	struct pair pair;

	(void)state;
	up(&pair, 7);
	will = *only_will(&pair, 0);
	will.policy = POLICY + 1;
	assert_int_not_equal(ike_will(pair.side[0].ike, pair.now, &will), 0);
	will.policy = POLICY;
	for (unsigned int n = 0; n < 4; n++)
		assert_int_equal(ike_will(pair.side[0].ike, pair.now, &will), 0);
	assert_int_not_equal(ike_will(pair.side[0].ike, pair.now, &will), 0);
	pair_free(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refreshed),
		cmocka_unit_test(test_revoked),
		cmocka_unit_test(test_is_a_delete),
		cmocka_unit_test(test_overtaken),
		cmocka_unit_test(test_crash),
		cmocka_unit_test(test_crash_any),
		cmocka_unit_test(test_down_at_once),
		cmocka_unit_test(test_down_unanswered),
		cmocka_unit_test(test_crash_unanswered),
		cmocka_unit_test(test_no_keys),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
