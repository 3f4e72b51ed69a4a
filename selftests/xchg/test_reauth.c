// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "held.h"
#include "ike/sk.h"
#include "ike/window.h"

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

static uint64_t heard_of;	/* the one IKE SA whose INFORMATIONAL requests side 1 hears */

static bool half_deaf(struct pair *pair, int from, struct span bytes)
{
	struct rd rd = rd_init(bytes);
	uint64_t spi = rd_u64(&rd);

	(void)pair;
	return from == 1 || bytes.at[18] != IKE_EXCH_INFORMATIONAL || spi == heard_of;
}

/*
 * The same, and the peer is slow to delete what the kernel does not take. The IKE SA that the tunnel is in is due to be
 * rekeyed meanwhile: it is not taken for one too many, whichever of them is the one that would go.
 */
static void test_kernel_refuses_late(void **state)
{
	bool lower = false, higher = false;

	(void)state;
	for (uint64_t seed = 0; seed < 8; seed++) {
		struct ike_sa *old, *sa, *fresh = NULL;
		struct pair pair;

		up(&pair, 70 + seed);
		old = held_sa(&pair, 0);
		heard_of = old->spi_i;
		pair.watch = half_deaf;
		pair.side[0].install_err = -22;
		assert_int_equal(ike_reauth(pair.side[0].ike, pair.now, POLICY), 0);
		stream(&pair, 1000);
		for_each_sa(pair.side[0].ike, sa)
			fresh = sa == old ? fresh : sa;
		assert_non_null(fresh);
		assert_int_equal(fresh->children->state, CHILD_DELETING);
		lower |= old->spi_i < fresh->spi_i;
		higher |= old->spi_i > fresh->spi_i;
		old->rekey_at = pair.now;
		sa_touch(pair.side[0].ike, old);
		stream(&pair, 1000);
		assert_true(pair_said(&pair, 0, "the IKE SA has been rekeyed"));
		assert_false(pair_said(&pair, 0, "ending an IKE SA"));
		pair.watch = NULL;
		pair.side[0].install_err = 0;
		stream(&pair, 100000);
		pair_settled(&pair);
		pair_free(&pair);
	}
	assert_true(lower && higher);
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

/* The old IKE SA was being rekeyed, and its successor comes when the new one is there: it ends as the old one would. */
static void test_rekeyed_meanwhile(void **state)
{
	static struct held held;
	struct held_msg answer;
	struct pair pair;

	(void)state;
	held_up(&pair, &held, before, NULL);
	held_rekey(&pair, 0, true);
	pass(&pair, 0, "rekey-ike");
	answer = take(&pair, 1, "yes");
	accept_both(&pair, 0);
	change(&pair, 1);
	assert_int_equal(ike_reauth(pair.side[0].ike, pair.now, POLICY), 0);
	pair_run(&pair, 0);
	for (int i = 0; i < 4; i++)
		pass(&pair, i % 2, "plain");	/* the other group first */
	pass(&pair, 0, "ping");		/* IKE_AUTH */
	pass(&pair, 1, "empty");
	late(&pair, &answer);
	let_go(&pair, 0);
	stream(&pair, 5000);
	pair_settled(&pair);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pair_status(&pair, i).ike.prf, IKE_PRF_HMAC_SHA2_384);
		assert_int_equal(pair_status(&pair, i).ike_sas, 1);
	}
	pair_free(&pair);
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

enum { LIFE = 200 /* s */ };

static struct span life_bytes(uint8_t bytes[4])
{
	struct wr wr = wr_init(bytes, 4);

	wr_u32(&wr, LIFE);
	return wr_done(&wr);
}

/* What was sealed in @msg, as a chain to which more can be added. */
static struct chain opened(struct pair *pair, const struct held_msg *msg, uint8_t *bytes, size_t size)
{
	struct chain chain = chain_init(bytes, size);
	struct ike_hdr hdr;
	struct ike_msg outer;
	struct ike_sa *sa;
	struct span inner;
	struct why why;
	size_t at = 0;

	assert_int_equal(msg_header((struct span){msg->bytes, msg->len}, &hdr, &why), 0);
	assert_int_equal(msg_decode(&outer, hdr.next, (struct span){msg->bytes + IKE_HDR_SIZE, msg->len - IKE_HDR_SIZE},
				    &why), 0);
	sa = sa_find(pair->side[0].ike, hdr.spi_i);
	assert_non_null(sa);
	assert_int_equal(sk_open(&(struct sk_side){&sa->keys, true}, (struct span){msg->bytes, msg->len}, &outer, &chain.wr,
				 &inner), 0);
	assert_ptr_equal(inner.at, bytes);
	chain.wr.len = inner.len;
	chain.first = outer.sk_next;
	do {
		chain.next_at = at;
		at += bytes[at + 2] << 8 | bytes[at + 3];
	} while (bytes[chain.next_at]);
	return chain;
}

/* Side 1 is a peer that lets nobody be who he is for long: it says so in each answer to IKE_AUTH. */
static bool limit(struct pair *pair, int from, struct span bytes)
{
	uint8_t payloads[HELD_SIZE], life[4];
	static struct held_msg msg;
	struct chain chain;

	if (from != 1 || bytes.at[18] != IKE_EXCH_AUTH)
		return true;
	msg.from = from;
	msg.len = bytes.len;
	memcpy(msg.bytes, bytes.at, bytes.len);
	chain = opened(pair, &msg, payloads, sizeof(payloads));
	chain_notify(&chain, IKE_N_AUTH_LIFETIME, life_bytes(life));
	held_reseal(pair, &msg, &chain);
	pair_inject(pair, 0, (struct span){msg.bytes, msg.len});
	return false;
}

/* Runs with ESP until there is another IKE SA than @old and nothing of that is left, and returns after how many seconds. */
static uint64_t until_another(struct pair *pair, uint64_t old)
{
	uint64_t begin = pair->now;

	while (pair_status(pair, 0).spi_i == old || pair_status(pair, 0).ike_sas > 1) {
		stream(pair, 1000);
		assert_true(pair->now < begin + LIFE * 1000);
	}
	return (pair->now - begin) / 1000;
}

/* RFC 4478: before the peer ends the IKE SA there is another one, and no packet is lost, time after time. */
static void test_lifetime(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 5; seed++) {
		struct pair pair;
		uint64_t old;

		pair_init(&pair, 50 + seed, NULL, NULL);
		pair_create(&pair, 1000);
		pair.watch = limit;
		pair_up(&pair, 1);
		pair_up(&pair, 0);
		assert_true(pair_until_up(&pair, 5000));
		for (int round = 0; round < 3; round++) {
			old = pair_status(&pair, 0).spi_i;
			assert_in_range(until_another(&pair, old), LIFE * 3 / 4 - 2, LIFE * 17 / 20 + 4);
			pair_settled(&pair);
			assert_true(pair_status(&pair, 0).initiator);
		}
		assert_true(pair_said(&pair, 0, "the peer wants us to authenticate again"));
		for (int i = 0; i < 2; i++)
			assert_string_equal(pair_status(&pair, i).last_error, "");
		pair_free(&pair);
	}
}

/* The same, said later. It is for who has begun, and a rekeying, by whomever, puts it off for nobody. */
static void test_lifetime_later(void **state)
{
	(void)state;
	for (int from = 0; from < 2; from++) {
		for (int rekeys = 0; rekeys < 2; rekeys++) {
			uint8_t payloads[64], life[4];
			struct chain chain = chain_init(payloads, sizeof(payloads));
			struct pair pair;
			uint64_t old;

			up(&pair, 60);
			chain_notify(&chain, IKE_N_AUTH_LIFETIME, life_bytes(life));
			assert_int_equal(window_request(pair.side[from].ike, held_sa(&pair, from), IKE_EXCH_INFORMATIONAL,
							&chain, 500), 0);
			held_sa(&pair, from)->out.kind = TASK_PING;
			stream(&pair, 5000);
			assert_int_equal(ike_rekey(pair.side[rekeys].ike, pair.now, POLICY, true), 0);
			stream(&pair, 5000);
			old = pair_status(&pair, 0).spi_i;
			if (from == 1) {
				assert_in_range(until_another(&pair, old), LIFE * 3 / 4 - 12, LIFE * 17 / 20 - 6);
			} else {
				stream(&pair, LIFE * 1000);
				assert_int_equal(pair_status(&pair, 0).spi_i, old);
			}
			pair_settled(&pair);
			pair_free(&pair);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_make_before_break),
		cmocka_unit_test(test_kernel_refuses),
		cmocka_unit_test(test_kernel_refuses_late),
		cmocka_unit_test(test_not_yet),
		cmocka_unit_test(test_both_at_once),
		cmocka_unit_test(test_rekeyed_meanwhile),
		cmocka_unit_test(test_on_its_way),
		cmocka_unit_test(test_down),
		cmocka_unit_test(test_lifetime),
		cmocka_unit_test(test_lifetime_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
