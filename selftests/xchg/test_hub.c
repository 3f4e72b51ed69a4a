// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "ike/auth.h"
#include "ike/crypt.h"
#include "pair.h"

/*
 * A hub and its customers, all of them from the same address and known by their identities: they come up, are asked if
 * they are alive, rekey, and go. HUB_TUNNELS=5000 makes a bench of it: the events per second of either engine, which
 * should not depend on how many tunnels there are.
 */

enum { TUNNELS = 100, TUNNELS_MAX = 20000, QUEUE = 64 };

static const char secret[] = "a secret of all of them";

/* What goes from one engine to the other, at once and in order. */
struct hub {
	struct ike *ike[2];		/* 0: the customers, 1: the hub */
	uint64_t now, events;
	unsigned int tunnels;
	unsigned int pairs[2];		/* in the model of the kernel */
	bool lost;			/* nothing arrives */
	bool may_warn;
	unsigned int questions;		/* INFORMATIONAL requests of the hub */
	uint32_t other_secret;		/* a policy of the hub with a secret that nobody else has; 0: none */
};

static struct ike_act *queue[QUEUE];
static int queue_to[QUEUE];
static unsigned int queue_head, queue_tail;

static int fill(void *ctx, void *bytes, size_t size)
{
	static uint64_t seed;
	uint8_t *at = bytes;

	(void)ctx;
	while (size--) {
		/* splitmix64 */
		uint64_t z = seed += 0x9e3779b97f4a7c15;

		z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
		z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
		*at++ = z ^ (z >> 31);
	}
	return 0;
}

/* @named: the number in the customer's name; @first: it knows of no other IKE SA. */
static void set_named(struct hub *hub, int side, uint32_t id, uint32_t named, bool first)
{
	static struct pair pair;
	struct ike_policy pol;
	char name[40];
	struct why why;

	if (!pair.now)
		pair_init(&pair, 1, NULL, NULL);
	pol = pair.side[side].policy;
	pol.id = id;
	snprintf(name, sizeof(name), "gw%u.example.com", named);
	assert_int_equal(ident_parse(name, side ? &pol.remote_id : &pol.local_id, &why), 0);
	assert_int_equal(ident_parse("hub.example.com", side ? &pol.local_id : &pol.remote_id, &why), 0);
	if (side)
		pol.remote.len = 0;
	pol.initial_contact = first;
	assert_int_equal(ike_policy_set(hub->ike[side], &pol), 0);
}

static void set_policy(struct hub *hub, int side, uint32_t id)
{
	set_named(hub, side, id, id, false);
}

static void answer_job(struct hub *hub, int side, const struct ike_act *act)
{
	struct span psk = {(const uint8_t *)secret, sizeof(secret) - 1};
	uint8_t mac[64];

	hub->events++;
	if (act->kind == IKE_ACT_INSTALL) {
		hub->pairs[side]++;
		ike_installed(hub->ike[side], hub->now, act->install.job, 0);
		return;
	}
	if (side && act->auth.policy == hub->other_secret)
		psk.len--;
	assert_int_equal(auth_psk(act->auth.prf, psk, (struct span){act->auth.octets, act->auth.len}, mac), 0);
	if (act->kind == IKE_ACT_SIGN)
		ike_signed(hub->ike[side], hub->now, act->auth.job, (struct span){mac, prf_size(act->auth.prf)});
	else
		ike_verified(hub->ike[side], hub->now, act->auth.job,
			     !memcmp(mac, act->auth.auth, act->auth.auth_len), NULL);
}

static void drain(struct hub *hub, int side)
{
	struct ike_act *act;

	while ((act = ike_take(hub->ike[side]))) {
		if (act->kind == IKE_ACT_SEND && hub->lost) {
			act_free(act);
			continue;
		}
		if (act->kind == IKE_ACT_SEND) {
			hub->questions += side && act->send.bytes[18] == IKE_EXCH_INFORMATIONAL &&
					  !(act->send.bytes[19] & IKE_FLAG_RESPONSE);
			queue[queue_tail % QUEUE] = act;
			queue_to[queue_tail++ % QUEUE] = !side;
			assert_true(queue_tail - queue_head < QUEUE);
			continue;
		}
		if (act->kind == IKE_ACT_SIGN || act->kind == IKE_ACT_VERIFY || act->kind == IKE_ACT_INSTALL)
			answer_job(hub, side, act);
		else if (act->kind == IKE_ACT_RESERVE)
			ike_reserved(hub->ike[side], hub->now, &act->reserve);
		else if (act->kind == IKE_ACT_DELETE)
			hub->pairs[side]--;
		else if (act->kind == IKE_ACT_LOG && act->log.level <= IKE_LOG_WARNING && !hub->may_warn)
			fail_msg("side %d says: %s", side, act->log.text);
		act_free(act);
	}
	/* As the driver does after every event. */
	assert_true(ike_due(hub->ike[side]) > 0);
}

/* All that comes of an event, on both sides. */
static void settle(struct hub *hub)
{
	drain(hub, 0);
	drain(hub, 1);
	while (queue_head != queue_tail) {
		struct ike_act *act = queue[queue_head % QUEUE];
		const struct ike_path *sent = &act->send.path;
		struct ike_path path = {sent->remote, sent->local, sent->remote_port, sent->local_port};
		int to = queue_to[queue_head++ % QUEUE];

		hub->events++;
		ike_datagram(hub->ike[to], hub->now, &path, (struct span){act->send.bytes, act->send.len});
		act_free(act);
		drain(hub, to);
	}
}

static void pass_time(struct hub *hub, uint64_t ms)
{
	uint64_t until = hub->now + ms;

	for (;;) {
		uint64_t due[2] = {ike_due(hub->ike[0]), ike_due(hub->ike[1])};
		int who = due[1] < due[0];

		if (due[who] > until)
			break;
		hub->now = due[who] > hub->now ? due[who] : hub->now;
		hub->events++;
		ike_tick(hub->ike[who], hub->now);
		settle(hub);
	}
	hub->now = until;
}

static void all_up(const struct hub *hub)
{
	for (int side = 0; side < 2; side++) {
		struct ike_totals totals;

		ike_totals(hub->ike[side], &totals);
		assert_int_equal(totals.sas, hub->tunnels);
		assert_int_equal(totals.children, hub->tunnels);
		assert_int_equal(totals.half_open, 0);
		assert_int_equal(hub->pairs[side], hub->tunnels);
		for (uint32_t id = 1; id <= hub->tunnels; id++) {
			struct ike_status status;

			assert_int_equal(ike_status(hub->ike[side], id, &status), 0);
			assert_int_equal(status.state, IKE_STATE_UP);
		}
	}
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static void phase(struct hub *hub, const char *what, double *since, uint64_t *events)
{
	double took = seconds() - *since;

	print_message("%u tunnels, %-8s %8llu events, %9.0f a second\n", hub->tunnels, what,
		      (unsigned long long)(hub->events - *events), (hub->events - *events) / (took > 0 ? took : 1));
	all_up(hub);
	*since = seconds();
	*events = hub->events;
}

static void test_hub(void **state)
{
	const struct ike_settings settings = {.random = fill, .cookie_threshold = 50, .half_open_max = 100};
	const char *wanted = getenv("HUB_TUNNELS");
	struct hub hub = {.now = 1000};
	double since = seconds();
	uint64_t events = 0;
	uint32_t id;

	(void)state;
	hub.tunnels = wanted ? strtoul(wanted, NULL, 10) : TUNNELS;
	assert_in_range(hub.tunnels, 1, TUNNELS_MAX);
	for (int side = 0; side < 2; side++) {
		hub.ike[side] = ike_create(&settings);
		assert_non_null(hub.ike[side]);
		for (id = 1; id <= hub.tunnels; id++)
			set_policy(&hub, side, id);
	}
	for (id = 1; id <= hub.tunnels; id++)
		ike_up(hub.ike[1], hub.now, id);
	for (id = 1; id <= hub.tunnels; id++) {
		ike_up(hub.ike[0], hub.now, id);
		settle(&hub);
		/* Not all of them at the same moment. */
		pass_time(&hub, 1);
	}
	phase(&hub, "up:", &since, &events);
	pass_time(&hub, 60000);
	phase(&hub, "asked:", &since, &events);
	assert_true(ike_rekey(hub.ike[0], hub.now, hub.tunnels + 1, false) != 0);
	for (id = 1; id <= hub.tunnels; id++) {
		assert_int_equal(ike_rekey(hub.ike[id & 1], hub.now, id, false), 0);
		settle(&hub);
	}
	phase(&hub, "rekeyed:", &since, &events);
	for (id = 1; id <= hub.tunnels; id++)
		for (int side = 0; side < 2; side++)
			ike_heard(hub.ike[side], hub.now, id);
	hub.events += 2 * hub.tunnels;
	phase(&hub, "heard:", &since, &events);
	ike_free(hub.ike[0]);
	ike_free(hub.ike[1]);
}

/* ---- a few of them ---- */

static void few_up(struct hub *hub, unsigned int tunnels)
{
	const struct ike_settings settings = {.random = fill, .cookie_threshold = 50, .half_open_max = 100};

	*hub = (struct hub){.now = 1000, .tunnels = tunnels};
	for (int side = 0; side < 2; side++) {
		hub->ike[side] = ike_create(&settings);
		assert_non_null(hub->ike[side]);
		for (uint32_t id = 1; id <= tunnels; id++)
			set_policy(hub, side, id);
	}
	for (uint32_t id = 1; id <= tunnels; id++) {
		ike_up(hub->ike[1], hub->now, id);
		ike_up(hub->ike[0], hub->now, id);
		settle(hub);
	}
	all_up(hub);
}

static void few_free(struct hub *hub)
{
	ike_free(hub->ike[0]);
	ike_free(hub->ike[1]);
}

static struct ike_status status_of(const struct hub *hub, int side, uint32_t id)
{
	struct ike_status status;

	assert_int_equal(ike_status(hub->ike[side], id, &status), 0);
	return status;
}

/* A customer forgets its tunnel, without a word, and begins anew. */
static void begin_anew(struct hub *hub, uint32_t id, bool initial_contact)
{
	hub->lost = true;
	ike_policy_del(hub->ike[0], id);
	drain(hub, 0);
	hub->lost = false;
	set_named(hub, 0, id, id, initial_contact);
	ike_up(hub->ike[0], hub->now, id);
	settle(hub);
}

/* "I know of no other IKE SA" is said of one tunnel: the others go on. */
static void test_initial_contact(void **state)
{
	struct ike_status before[3];
	struct hub hub;

	(void)state;
	few_up(&hub, 3);
	for (uint32_t id = 1; id <= 3; id++)
		before[id - 1] = status_of(&hub, 1, id);
	begin_anew(&hub, 2, true);
	all_up(&hub);
	for (uint32_t id = 1; id <= 3; id++)
		assert_int_equal(status_of(&hub, 1, id).spi_i == before[id - 1].spi_i, id != 2);
	few_free(&hub);
}

/* Without that the older one is asked at once whether it is alive; what is sent goes by the newest. */
static void test_side_by_side(void **state)
{
	unsigned int questions;
	struct hub hub;

	(void)state;
	few_up(&hub, 2);
	hub.may_warn = true;
	questions = hub.questions;
	begin_anew(&hub, 1, false);
	assert_int_equal(status_of(&hub, 1, 1).ike_sas, 2);
	assert_int_equal(status_of(&hub, 1, 1).spi_out, status_of(&hub, 0, 1).spi_in);
	assert_int_equal(status_of(&hub, 1, 1).spi_i, status_of(&hub, 0, 1).spi_i);
	assert_int_equal(hub.questions, questions + 1);
	/* However often, there are four at the most beside the newest, and those of another tunnel do not count. */
	for (int i = 0; i < 10; i++) {
		begin_anew(&hub, 1, false);
		assert_in_range(status_of(&hub, 1, 1).ike_sas, 2, 4 + 1);
		assert_int_equal(status_of(&hub, 1, 1).spi_out, status_of(&hub, 0, 1).spi_in);
		assert_int_equal(status_of(&hub, 1, 2).ike_sas, 1);
	}
	pass_time(&hub, 60000);
	all_up(&hub);
	few_free(&hub);
}

/* Two tunnels for one identity: the first is it, also if only the other one's key would fit. */
static void test_one_identity(void **state)
{
	struct hub hub;

	(void)state;
	for (int wrong = 0; wrong < 2; wrong++) {
		few_up(&hub, 0);
		hub.may_warn = true;
		hub.other_secret = wrong ? 1 : 2;
		set_policy(&hub, 0, 1);
		set_named(&hub, 1, 1, 1, false);
		set_named(&hub, 1, 2, 1, false);
		ike_up(hub.ike[1], hub.now, 1);
		ike_up(hub.ike[1], hub.now, 2);
		ike_up(hub.ike[0], hub.now, 1);
		settle(&hub);
		assert_int_equal(status_of(&hub, 1, 1).state == IKE_STATE_UP, !wrong);
		assert_int_not_equal(status_of(&hub, 1, 2).state, IKE_STATE_UP);
		assert_int_equal(hub.pairs[1], !wrong);
		few_free(&hub);
	}
}

static uint8_t request[IKE_DATAGRAM_MAX];
static size_t request_len;
static unsigned int cookies;

static bool keep_first(struct pair *pair, int from, struct span bytes)
{
	(void)pair;
	if (!from && !request_len) {
		memcpy(request, bytes.at, bytes.len);
		request_len = bytes.len;
	}
	/* The first payload of an answer that asks for a cookie is that notify, and the only one. */
	cookies += from && bytes.at[16] == IKE_PLD_NOTIFY && (bytes.at[34] << 8 | bytes.at[35]) == IKE_N_COOKIE;
	return true;
}

/* Who floods with offers that nobody takes is to show that its address is true; later all is as before. */
static void test_refused(void **state)
{
	enum { THRESHOLD = 50, FLOOD = 10000 };
	struct ike_totals totals;
	struct pair pair;

	(void)state;
	pair_init(&pair, 3, NULL, NULL);
	policy_proposals("aes128-sha256-modp2048", IKE_PROTO_IKE, &pair.side[0].policy.ike);
	pair_create(&pair, THRESHOLD);
	pair_up(&pair, 1);
	pair.watch = keep_first;
	pair_up(&pair, 0);
	pair_run(&pair, 100);
	assert_true(request_len > 0 && !cookies);
	pair.cut = true;
	for (unsigned int i = 0; i < FLOOD; i++) {
		memcpy(request, &i, sizeof(i));
		request[7] = 1;
		pair_inject(&pair, 1, (struct span){request, request_len});
		pair_run(&pair, 1);
	}
	/* But for the first ones. */
	assert_in_range(cookies, FLOOD - THRESHOLD, FLOOD);
	ike_totals(pair.side[1].ike, &totals);
	assert_int_equal(totals.half_open, 0);
	pair_run(&pair, 60000);
	cookies = 0;
	pair_inject(&pair, 1, (struct span){request, request_len});
	pair_run(&pair, 10);
	assert_int_equal(cookies, 0);
	pair_free(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hub),
		cmocka_unit_test(test_initial_contact),
		cmocka_unit_test(test_side_by_side),
		cmocka_unit_test(test_one_identity),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
