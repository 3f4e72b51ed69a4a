// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "ike/sa.h"
#include "ike/sk.h"
#include "ike/window.h"
#include "pair.h"

/* A side's address changes: with RFC 4555, without it, behind NAT; and nobody else can move a tunnel. */

enum { EXCHANGE_AT = 18, FLAGS_AT = 19 };

static const struct ip_addr second = {.len = 4, .bytes = {192, 0, 2, 2}}, third = {.len = 4, .bytes = {100, 64, 0, 3}};

static struct ike_sa *only_sa(struct pair *pair, int side)
{
	struct ike_sa *sa, *found = NULL;

	for_each_sa(pair->side[side].ike, sa) {
		assert_null(found);
		found = sa;
	}
	assert_non_null(found);
	return found;
}

static void prepare(struct pair *pair, uint64_t seed, bool mobike)
{
	pair_init(pair, seed, NULL, NULL);
	pair->side[0].policy.mobike = pair->side[1].policy.mobike = mobike;
	/* Who may have any address has a name. */
	pair->side[0].policy.local_id = (struct ike_ident){.type = IKE_ID_FQDN, .len = 4, .bytes = "left"};
	pair->side[1].policy.remote_id = pair->side[0].policy.local_id;
	pair->side[1].policy.remote.len = 0;
}

static void is_at(struct pair *pair, struct ip_addr addr)
{
	struct ip_addr local = pair_status(pair, 0).path.local, remote = pair_status(pair, 1).path.remote;

	assert_true(addr_equal(&local, &addr));
	assert_true(addr_equal(&remote, &addr));
}

/* Section 3.3: on port 4500, though there is no NAT and ESP is not encapsulated. */
static void test_port(void **state)
{
	(void)state;
	for (int way = 0; way < 4; way++) {
		struct pair pair;

		prepare(&pair, 1, false);
		pair.side[0].policy.mobike = way & 1;
		pair.side[1].policy.mobike = way & 2;
		pair_comes_up(&pair);
		for (int i = 0; i < 2; i++) {
			assert_int_equal(only_sa(&pair, i)->mobike, way == 3);
			assert_int_equal(pair_status(&pair, i).path.local_port, way & 1 ? IKE_NATT_PORT : IKE_PORT);
			assert_int_equal(pair_status(&pair, i).path.remote_port, way & 1 ? IKE_NATT_PORT : IKE_PORT);
			assert_false(pair_status(&pair, i).natted || pair.side[i].sas[0].udp);
		}
		pair_free(&pair);
	}
}

/* Nothing is made anew: the SAs are the same, and ESP is through when the first message has arrived. */
static void test_move(void **state)
{
	struct pair pair;
	uint64_t spi;

	(void)state;
	prepare(&pair, 2, true);
	pair_comes_up(&pair);
	spi = pair_status(&pair, 0).spi_i;
	pair_move(&pair, 0, second);
	assert_true(pair_esp(&pair, 0));
	assert_false(pair_esp(&pair, 1));
	pair_run(&pair, 15);
	pair_settled(&pair);
	is_at(&pair, second);
	assert_true(pair_status(&pair, 0).spi_i == spi);
	assert_int_equal(pair.side[0].installs, 1);
	assert_int_equal(pair.side[1].moves, 1);

	/* After rekeying the mover is the same, whoever has rekeyed. */
	assert_int_equal(ike_rekey(pair.side[1].ike, pair.now, POLICY, true), 0);
	pair_run(&pair, 2000);
	pair_settled(&pair);
	assert_false(pair_status(&pair, 0).initiator);
	spi = pair_status(&pair, 0).spi_i;
	pair_move(&pair, 0, third);
	pair_run(&pair, 100);
	pair_settled(&pair);
	is_at(&pair, third);
	assert_true(pair_status(&pair, 0).spi_i == spi);
	assert_int_equal(ike_rekey(pair.side[0].ike, pair.now, POLICY, false), 0);
	assert_int_equal(ike_rekey(pair.side[0].ike, pair.now, POLICY, true), 0);
	pair_run(&pair, 2000);
	pair_settled(&pair);
	is_at(&pair, third);
	pair_free(&pair);
}

/*
 * A peer that goes to the other family and back, as one may that knows both of our addresses (ours knows one, so it is
 * told here): it is followed with both ends of the path.
 */
static void test_families(void **state)
{
	static const struct ip_addr six[2] = {
		{.len = 16, .bytes = {0x20, 0x01, 0x0d, 0xb8, [15] = 1}},
		{.len = 16, .bytes = {0x20, 0x01, 0x0d, 0xb8, [15] = 2}},
	};
	struct ip_addr four[2];
	struct pair pair;
	uint64_t spi;

	(void)state;
	prepare(&pair, 20, true);
	pair.side[1].policy.local.len = 0;
	four[0] = pair.side[0].addr;
	four[1] = pair.side[1].addr;
	pair_comes_up(&pair);
	spi = pair_status(&pair, 0).spi_i;
	for (unsigned int move = 1; move <= 4; move++) {
		const struct ip_addr *to = move & 1 ? six : four;
		struct ip_addr local;

		pair.side[1].addr = to[1];
		only_sa(&pair, 0)->path.remote = to[1];
		pair_move(&pair, 0, to[0]);
		pair_run(&pair, 15);
		pair_settled(&pair);
		is_at(&pair, to[0]);
		local = pair_status(&pair, 1).path.local;
		assert_true(addr_equal(&local, &to[1]));
		assert_true(addr_equal(&pair.side[1].way.local, &to[1]));
		assert_true(addr_equal(&pair.side[1].way.remote, &to[0]));
		assert_int_equal(pair.side[1].moves, move);
		assert_int_equal(ike_rekey(pair.side[1].ike, pair.now, POLICY, false), 0);
		pair_run(&pair, 2000);
		pair_settled(&pair);
	}
	assert_true(pair_status(&pair, 0).spi_i == spi);
	pair_free(&pair);
}

/* On a new path there may be NAT, or no longer. */
static void test_nat_comes_and_goes(void **state)
{
	struct pair pair;

	(void)state;
	prepare(&pair, 3, true);
	pair_comes_up(&pair);
	pair.nat = true;
	pair.nat_shift = 7;
	pair_move(&pair, 0, second);
	pair_run(&pair, 100);
	pair_settled(&pair);
	assert_true(pair.side[0].sas[0].udp && pair.side[1].sas[0].udp);
	assert_true(pair.side[0].keeps_alive && pair.side[1].roams);
	assert_false(pair.side[0].roams || pair.side[1].keeps_alive);
	assert_int_equal(pair_status(&pair, 1).path.remote_port, IKE_NATT_PORT + 7);
	pair.nat = false;
	pair_move(&pair, 0, third);
	pair_run(&pair, 100);
	pair_settled(&pair);
	is_at(&pair, third);
	assert_false(pair.side[0].sas[0].udp || pair.side[1].sas[0].udp);
	assert_false(pair.side[0].keeps_alive || pair.side[1].roams);
	pair_free(&pair);
}

/* A peer on port 500, which only our answer to its move tells of the NAT that it is behind now. */
static void test_nat_comes_on_500(void **state)
{
	struct pair pair;

	(void)state;
	prepare(&pair, 21, true);
	pair_comes_up(&pair);
	for (int i = 0; i < 2; i++) {
		struct ike_path *path = &only_sa(&pair, i)->path;

		path->local_port = path->remote_port = IKE_PORT;
	}
	pair.nat = true;
	pair_move(&pair, 0, second);
	pair_run(&pair, 100);
	assert_false(pair_said(&pair, 1, "no NAT"));
	assert_true(pair_status(&pair, 1).peer_natted && pair_status(&pair, 0).natted);
	assert_true(pair.side[0].sas[0].udp && pair.side[1].sas[0].udp);
	/* It goes to port 4500 then, and the next update is from there. */
	pair_move(&pair, 0, third);
	pair_run(&pair, 100);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pair_status(&pair, i).path.local_port, IKE_NATT_PORT);
	pair_settled(&pair);
	pair_free(&pair);
}

/* Section 3.8: the translator takes another port, and the one behind it notices that. */
static void test_nat_mapping(void **state)
{
	struct pair pair;
	uint64_t spi;

	(void)state;
	prepare(&pair, 4, true);
	pair.nat = true;
	pair_comes_up(&pair);
	spi = pair_status(&pair, 0).spi_i;
	pair_run(&pair, 12000);
	assert_int_equal(pair_status(&pair, 1).path.remote_port, IKE_NATT_PORT);
	pair.nat_shift = 9;
	pair_run(&pair, 12000);
	assert_int_equal(pair_status(&pair, 1).path.remote_port, IKE_NATT_PORT + 9);
	pair_settled(&pair);
	assert_true(pair_status(&pair, 0).spi_i == spi);
	pair_free(&pair);
}

/* Something is heard all the time, so nothing need be asked but that; the peer has a request that nobody hears. */
static void test_nat_mapping_busy(void **state)
{
	unsigned int installs;
	struct pair pair;

	(void)state;
	prepare(&pair, 22, true);
	pair.nat = true;
	pair_comes_up(&pair);
	pair_run(&pair, 12000);
	installs = pair.side[1].installs;
	pair.nat_shift = 9;
	ike_rekey(pair.side[1].ike, pair.now, POLICY, false);
	for (int i = 0; i < 40; i++) {
		pair_run(&pair, 1000);
		ike_heard(pair.side[0].ike, pair.now, POLICY);
		ike_heard(pair.side[1].ike, pair.now, POLICY);
		if (i % 3 == 0)
			ike_rekey(pair.side[0].ike, pair.now, POLICY, false);
	}
	pair_settled(&pair);
	assert_true(pair.side[1].installs > installs);
	assert_int_equal(pair_status(&pair, 1).path.remote_port, IKE_NATT_PORT + 9);
	pair_free(&pair);
}

/* What the peer said of us by the SPIs of an IKE SA says nothing by those of the next. */
static void test_nat_mapping_rekeyed(void **state)
{
	struct pair pair;

	(void)state;
	for (int who = 0; who < 3; who++) {
		prepare(&pair, 23, true);
		pair.nat = true;
		pair_comes_up(&pair);
		/* Or at once, before anything was asked. */
		if (who < 2) {
			pair_run(&pair, 12000);
			ike_rekey(pair.side[who].ike, pair.now, POLICY, true);
			pair_run(&pair, 25);
		}
		pair.nat_shift = 9;
		pair_run(&pair, 25000);
		pair_settled(&pair);
		assert_int_equal(pair_status(&pair, 1).path.remote_port, IKE_NATT_PORT + 9);
		pair_free(&pair);
	}
}

static unsigned int lost;

static bool lose_first_info(struct pair *pair, int from, struct span bytes)
{
	(void)pair;
	(void)from;
	return bytes.at[EXCHANGE_AT] != IKE_EXCH_INFORMATIONAL || lost++ >= 3;
}

/* Updates, or the answers to them, get lost; and the next address comes before the last one is known. */
static void test_move_unheard(void **state)
{
	struct pair pair;
	uint64_t spi;

	(void)state;
	prepare(&pair, 5, true);
	pair_comes_up(&pair);
	spi = pair_status(&pair, 0).spi_i;
	lost = 0;
	pair.watch = lose_first_info;
	pair_move(&pair, 0, second);
	pair_run(&pair, 500);
	assert_false(pair_esp(&pair, 1));
	pair_move(&pair, 0, third);
	pair_run(&pair, 10000);
	pair_settled(&pair);
	is_at(&pair, third);
	/* And once more while another exchange is under way. */
	assert_int_equal(ike_rekey(pair.side[0].ike, pair.now, POLICY, true), 0);
	assert_true(pair_status(&pair, 0).spi_i == spi);
	pair_move(&pair, 0, second);
	pair_run(&pair, 5000);
	pair_settled(&pair);
	is_at(&pair, second);
	assert_int_equal(pair.side[0].installs, 1);
	pair_free(&pair);
}

/* Without MOBIKE: another IKE SA is made at once, and the old one serves as long as its address is there. */
static void test_without(void **state)
{
	struct pair pair;
	uint64_t spi;

	(void)state;
	prepare(&pair, 6, false);
	pair_comes_up(&pair);
	spi = pair_status(&pair, 0).spi_i;
	pair_move(&pair, 0, second);
	assert_int_equal(kernel_count(&pair.side[0]), 1);
	pair_run(&pair, 200);
	pair_settled(&pair);
	is_at(&pair, second);
	assert_true(pair_status(&pair, 0).spi_i != spi);
	assert_int_equal(pair.side[0].moves, 0);
	assert_true(pair_status(&pair, 0).attempts == 0);
	pair_free(&pair);
}

/* The side that did not begin cannot update. If it can begin, it does; else the other one must notice. */
static void test_responder_moves(void **state)
{
	(void)state;
	for (int way = 0; way < 2; way++) {
		struct pair pair;

		prepare(&pair, 7, way);
		pair.side[0].policy.remote.len = 4;
		pair.side[0].policy.local_id.type = IKE_ID_NONE;
		pair.side[0].policy.remote_id = (struct ike_ident){.type = IKE_ID_FQDN, .len = 5, .bytes = "right"};
		pair.side[1].policy.local_id = pair.side[0].policy.remote_id;
		pair.side[1].policy.remote_id.type = IKE_ID_NONE;
		pair.side[1].policy.remote = pair.side[0].policy.local;
		pair.side[1].policy.start = IKE_START_START;
		pair_create(&pair, 1000);
		pair_up(&pair, 0);
		pair_run(&pair, 100);
		pair_up(&pair, 1);
		assert_true(pair_until_up(&pair, 20000));
		pair_run(&pair, 1000);
		pair.side[0].policy.remote = second;
		assert_int_equal(ike_policy_set(pair.side[0].ike, &pair.side[0].policy), 0);
		pair_move(&pair, 1, second);
		pair_run(&pair, 5000);
		pair_settled(&pair);
		pair_free(&pair);
	}
}

/* Who is behind NAT is followed anyway. */
static void test_without_behind_nat(void **state)
{
	struct pair pair;
	uint64_t spi;

	(void)state;
	prepare(&pair, 8, false);
	pair.nat = true;
	pair_comes_up(&pair);
	spi = pair_status(&pair, 0).spi_i;
	pair.nat_shift = 11;
	pair_move(&pair, 0, second);
	pair_run(&pair, 100);
	pair_settled(&pair);
	assert_true(pair_status(&pair, 0).spi_i == spi);
	assert_int_equal(pair_status(&pair, 1).path.remote_port, IKE_NATT_PORT + 11);
	pair_free(&pair);
}

/* The address goes before there is an IKE SA: the next attempt does not wait. */
static void test_attempt(void **state)
{
	struct pair pair;

	(void)state;
	for (int ms = 5; ms < 60; ms += 10) {
		prepare(&pair, 9, true);
		pair_create(&pair, 1000);
		pair_up(&pair, 1);
		pair_up(&pair, 0);
		pair_run(&pair, ms);
		pair_move(&pair, 0, second);
		pair_run(&pair, 800);
		assert_true(pair_esp(&pair, 0) && pair_esp(&pair, 1));
		is_at(&pair, second);
		/* Until what was begun before is forgotten. */
		pair_run(&pair, 60000);
		pair_settled(&pair);
		pair_free(&pair);
	}
}

/* Our side has another address than the tunnel may use. */
static void test_unacceptable(void **state)
{
	struct pair pair;

	(void)state;
	prepare(&pair, 10, true);
	pair_comes_up(&pair);
	pair.side[1].ike->tunnels->pol.local = third;
	pair_move(&pair, 0, second);
	pair_run(&pair, 100);
	assert_true(pair_said(&pair, 0, "UNACCEPTABLE_ADDRESSES"));
	assert_int_equal(pair.side[1].moves, 0);
	pair.side[1].ike->tunnels->pol.local = pair.side[1].addr;
	pair_run(&pair, 10000);
	pair_settled(&pair);
	is_at(&pair, second);
	pair_free(&pair);
}

static struct {
	uint8_t bytes[IKE_DATAGRAM_MAX];
	size_t len;
	bool swallow;
} kept;

static bool keep_request(struct pair *pair, int from, struct span bytes)
{
	(void)pair;
	if (from || (bytes.at[FLAGS_AT] & IKE_FLAG_RESPONSE))
		return true;
	memcpy(kept.bytes, bytes.at, bytes.len);
	kept.len = bytes.len;
	return !kept.swallow;
}

/* What somebody has kept, or catches and sends on from elsewhere, moves nothing. */
static void test_replayed(void **state)
{
	struct pair pair;

	(void)state;
	prepare(&pair, 11, true);
	pair.side[1].policy.dpd_interval = 0;
	pair_comes_up(&pair);
	pair.watch = keep_request;
	kept.swallow = false;
	pair_move(&pair, 0, second);
	pair_run(&pair, 100);
	/* Injected packets come from where side 0 was first. */
	pair_inject(&pair, 1, (struct span){kept.bytes, kept.len});
	pair_run(&pair, 100);
	is_at(&pair, second);
	kept.bytes[30] ^= 1;
	pair_inject(&pair, 1, (struct span){kept.bytes, kept.len});
	pair_run(&pair, 100);
	is_at(&pair, second);
	/* A ping that is caught: answered, but it is no update. */
	kept.swallow = true;
	kept.len = 0;
	pair_run(&pair, 10100);
	assert_true(kept.len > 0);
	pair_inject(&pair, 1, (struct span){kept.bytes, kept.len});
	pair_run(&pair, 100);
	is_at(&pair, second);
	assert_int_equal(pair.side[1].moves, 1);
	pair_free(&pair);
}

static struct ike_msg answer;

static bool open_answer(struct pair *pair, int from, struct span bytes)
{
	struct ike_sa *sa = only_sa(pair, 0);
	const struct sk_side side = {&sa->keys, true};
	static uint8_t text[IKE_DATAGRAM_MAX];
	struct wr out = wr_init(text, sizeof(text));
	struct ike_msg outer;
	struct why why;
	struct span in;

	if (from != 1 || !(bytes.at[FLAGS_AT] & IKE_FLAG_RESPONSE))
		return true;
	assert_int_equal(msg_decode(&outer, bytes.at[16], (struct span){bytes.at + 28, bytes.len - 28}, &why), 0);
	assert_int_equal(sk_open(&side, bytes, &outer, &out, &in), 0);
	assert_int_equal(msg_decode(&answer, outer.sk_next, in, &why), 0);
	return true;
}

/* What a peer may ask besides: the cookie comes back, and how it is seen; news of addresses are no harm. */
static void test_questions(void **state)
{
	static const uint8_t cookie[16] = {1, 2, 3}, addr[4] = {10, 0, 0, 1};

	(void)state;
	for (int way = 0; way < 2; way++) {
		uint8_t payloads[512];
		struct chain chain = chain_init(payloads, sizeof(payloads));
		const struct ike_notify_pld *notify;
		struct pair pair;

		prepare(&pair, 12, !way);
		pair_comes_up(&pair);
		pair.watch = open_answer;
		chain_notify(&chain, IKE_N_ADDITIONAL_IP4_ADDRESS, (struct span){addr, 4});
		chain_notify(&chain, IKE_N_NO_ADDITIONAL_ADDRESSES, (struct span){NULL, 0});
		chain_notify(&chain, IKE_N_COOKIE2, (struct span){cookie, sizeof(cookie)});
		chain_notify(&chain, IKE_N_NAT_DETECTION_SOURCE_IP, (struct span){payloads, 20});
		chain_notify(&chain, IKE_N_NAT_DETECTION_DESTINATION_IP, (struct span){payloads, 20});
		assert_int_equal(window_request(pair.side[0].ike, only_sa(&pair, 0), IKE_EXCH_INFORMATIONAL, &chain, 500),
				 0);
		pair_run(&pair, 100);
		notify = msg_notify(&answer, IKE_N_COOKIE2);
		assert_int_equal(notify != NULL, !way);
		assert_int_equal(msg_notify(&answer, IKE_N_NAT_DETECTION_DESTINATION_IP) != NULL, !way);
		if (notify)
			assert_true(span_equal(notify->data, (struct span){cookie, sizeof(cookie)}));
		assert_int_equal(pair.side[1].moves, 0);
		pair_settled(&pair);
		pair_free(&pair);
	}
}

/* An update from a peer with which it was not agreed on, or from the side that may not. */
static void test_not_agreed(void **state)
{
	(void)state;
	for (int way = 0; way < 2; way++) {
		uint8_t payloads[64];
		struct chain chain = chain_init(payloads, sizeof(payloads));
		struct pair pair;
		struct ike_sa *sa;

		prepare(&pair, 13, way);
		pair_comes_up(&pair);
		chain_notify(&chain, IKE_N_UPDATE_SA_ADDRESSES, (struct span){NULL, 0});
		sa = only_sa(&pair, way);
		assert_int_equal(window_request(pair.side[way].ike, sa, IKE_EXCH_INFORMATIONAL, &chain, 500), 0);
		pair_run(&pair, 100);
		assert_int_equal(pair.side[!way].moves, 0);
		pair_settled(&pair);
		pair_free(&pair);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_port),
		cmocka_unit_test(test_move),
		cmocka_unit_test(test_families),
		cmocka_unit_test(test_nat_comes_and_goes),
		cmocka_unit_test(test_nat_comes_on_500),
		cmocka_unit_test(test_nat_mapping),
		cmocka_unit_test(test_nat_mapping_busy),
		cmocka_unit_test(test_nat_mapping_rekeyed),
		cmocka_unit_test(test_move_unheard),
		cmocka_unit_test(test_without),
		cmocka_unit_test(test_responder_moves),
		cmocka_unit_test(test_without_behind_nat),
		cmocka_unit_test(test_attempt),
		cmocka_unit_test(test_unacceptable),
		cmocka_unit_test(test_replayed),
		cmocka_unit_test(test_questions),
		cmocka_unit_test(test_not_agreed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
