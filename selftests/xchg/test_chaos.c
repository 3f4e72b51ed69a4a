// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "pair.h"

/*
 * A bad network: packets are lost, doubled, late, broken; the sides rekey, go down and up whenever they like. Whenever
 * the network is good again for a while there is a tunnel, the same on both sides, and nothing else is left. Then they
 * go on rekeying: no packet may be lost by that.
 *
 * The same lives each time, however fast the machine is. CHAOS_SEED=N runs one seed, CHAOS_EVENTS=N as many as make N
 * random events.
 */

enum { SEEDS = 100, ROUNDS = 4, MEDDLES = 12, CALM = 8 };

/* What has been run. */
static uint64_t commands, fates, lives, running;

/* To one of four addresses, behind another port of the translator's if there is one. */
static void move(struct pair *pair)
{
	struct ip_addr addr = pair->side[0].addr;

	addr.bytes[3] = 1 + pair_random(pair) % 4;
	if (pair->side[1].policy.remote.len)
		return;
	pair->nat_shift = pair_random(pair) % 20;
	pair_move(pair, 0, addr);
}

static void meddle(struct pair *pair)
{
	int who = pair_random(pair) & 1;
	struct side *side = &pair->side[who];

	switch (pair_random(pair) % 14) {
	case 0:
	case 1:
	case 2:
		ike_rekey(side->ike, pair->now, POLICY, false);
		break;
	case 3:
	case 4:
		ike_rekey(side->ike, pair->now, POLICY, true);
		break;
	case 5:
		ike_rekey(pair->side[0].ike, pair->now, POLICY, false);
		ike_rekey(pair->side[1].ike, pair->now, POLICY, false);
		break;
	case 6:
		ike_rekey(pair->side[0].ike, pair->now, POLICY, true);
		ike_rekey(pair->side[1].ike, pair->now, POLICY, pair_random(pair) & 1);
		break;
	case 7:
		ike_down(side->ike, pair->now, POLICY);
		pair_run(pair, pair_random(pair) % 3000);
		ike_up(side->ike, pair->now, POLICY);
		break;
	case 8:
		ike_expired(side->ike, pair->now, POLICY, pair_status(pair, who).spi_in, pair_random(pair) & 1);
		break;
	case 9:
		pair->cut = true;
		pair_run(pair, pair_random(pair) % 120000);
		pair->cut = false;
		break;
	case 10:
		side->install_err = -12;
		pair_run(pair, pair_random(pair) % 2000);
		side->install_err = 0;
		break;
	case 11:
	case 12:
		move(pair);
		break;
	default:
		ike_acquire(pair->side[0].ike, pair->now, POLICY);
		break;
	}
}

/* How bad it is, by chance. */
static void weather(struct pair *pair)
{
	pair->loss = pair_random(pair) % 300;
	pair->twice = pair_random(pair) % 300;
	pair->corrupt = pair_random(pair) % 50;
	pair->jitter = pair_random(pair) % 500;
	pair->job_jitter = pair_random(pair) % 100;
}

static void check(struct pair *pair, uint64_t seed, unsigned int most)
{
	for (int i = 0; i < 2; i++) {
		struct ike_totals totals;
		bool esp = pair_esp(pair, i);

		ike_totals(pair->side[i].ike, &totals);
		if (!esp || !totals.sas || totals.sas > most || !totals.children || totals.children > totals.sas ||
		    totals.half_open || kernel_count(&pair->side[i]) != totals.children)
			fail_msg("seed %llu: side %d: ESP %d, IKE SAs %u, Child SAs %u, in the kernel %u",
				 (unsigned long long)seed, i, esp, totals.sas, totals.children,
				 kernel_count(&pair->side[i]));
	}
	if (most == 1)
		pair_settled(pair);
}

/* They rekey as they like, and packets of IKE are late or lost: those of ESP are not. */
static void calm(struct pair *pair)
{
	pair->loss = pair_random(pair) % 200;
	pair->jitter = pair_random(pair) % 100;
	pair->job_jitter = pair_random(pair) % 50;
	pair->strict = true;
	for (int i = 0; i < CALM; i++) {
		pair_run(pair, pair_random(pair) % 6000);
		ike_rekey(pair->side[pair_random(pair) & 1].ike, pair->now, POLICY, !(pair_random(pair) % 4));
		if (pair_random(pair) & 1)
			ike_rekey(pair->side[pair_random(pair) & 1].ike, pair->now, POLICY, !(pair_random(pair) % 4));
		pair_run(pair, pair_random(pair) % 100);
		if (!pair_esp(pair, pair_random(pair) & 1))
			fail_msg("a packet was lost");
		commands++;
	}
	pair->loss = pair->jitter = pair->job_jitter = 0;
	pair_run(pair, 300000);
	pair->strict = false;
}

static void live(uint64_t seed)
{
	unsigned int most = 1;
	struct pair pair;

	running = seed;
	pair_init(&pair, seed, NULL, NULL);
	weather(&pair);
	pair.nat = pair_random(&pair) & 1;
	pair.side[0].policy.mobike = pair_random(&pair) & 1;
	pair.side[1].policy.mobike = pair_random(&pair) % 4;
	if (pair.nat || pair_random(&pair) & 1) {
		pair.side[1].policy.remote.len = 0;
		pair.side[0].policy.local_id =
			(struct ike_ident){.type = IKE_ID_IPV4, .len = 4, .bytes = {192, 0, 2, 1}};
		pair.side[1].policy.remote_id = pair.side[0].policy.local_id;
	} else if (pair_random(&pair) & 1) {
		pair.side[1].policy.start = IKE_START_START;
		/* One of each, if they began at the same moment. */
		most = 2;
	}
	/* Every message in two parts or more. */
	if (pair_random(&pair) & 1) {
		pair.fragment_size = 62 + pair_random(&pair) % 200;
		pair.side[0].policy.fragmentation = pair.side[1].policy.fragmentation = true;
	}
	pair_create(&pair, pair_random(&pair) % 3);
	pair_up(&pair, 1);
	pair_up(&pair, 0);
	for (int round = 0; round < ROUNDS; round++) {
		weather(&pair);
		for (int i = 0; i < MEDDLES; i++) {
			pair_run(&pair, pair_random(&pair) % 6000);
			meddle(&pair);
			commands++;
			pair_esp(&pair, pair_random(&pair) & 1);
		}
		pair.loss = pair.twice = pair.corrupt = pair.jitter = pair.job_jitter = 0;
		/* Long enough for whatever was left behind to be noticed, and for the longest pause. */
		pair_run(&pair, 300000);
		check(&pair, seed, most);
		calm(&pair);
		check(&pair, seed, most);
	}
	fates += pair.fates;
	lives++;
	pair_free(&pair);
}

static void test_chaos(void **state)
{
	const char *one = getenv("CHAOS_SEED"), *many = getenv("CHAOS_EVENTS");
	uint64_t events = many ? strtoull(many, NULL, 0) : 0;

	(void)state;
	if (one) {
		live(strtoull(one, NULL, 0));
		return;
	}
	while (many ? commands + fates < events : lives < SEEDS)
		live(lives);
	print_message("%llu lives: %llu random events, %llu commands and the fates of %llu packets\n",
		      (unsigned long long)lives, (unsigned long long)(commands + fates),
		      (unsigned long long)commands, (unsigned long long)fates);
}

/* For CHAOS_SEED. */
static int name_seed(void **state)
{
	(void)state;
	print_message("the last seed was %llu\n", (unsigned long long)running);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_chaos, name_seed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
