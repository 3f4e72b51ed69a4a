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

static void set_policy(struct hub *hub, int side, uint32_t id)
{
	static struct pair pair;
	struct ike_policy pol;
	char name[40];
	struct why why;

	if (!pair.now)
		pair_init(&pair, 1, NULL, NULL);
	pol = pair.side[side].policy;
	pol.id = id;
	snprintf(name, sizeof(name), "gw%u.example.com", id);
	assert_int_equal(ident_parse(name, side ? &pol.remote_id : &pol.local_id, &why), 0);
	assert_int_equal(ident_parse("hub.example.com", side ? &pol.local_id : &pol.remote_id, &why), 0);
	if (side)
		pol.remote.len = 0;
	assert_int_equal(ike_policy_set(hub->ike[side], &pol), 0);
}

static void answer_job(struct hub *hub, int side, const struct ike_act *act)
{
	const struct span psk = {(const uint8_t *)secret, sizeof(secret) - 1};
	uint8_t mac[64];

	hub->events++;
	if (act->kind == IKE_ACT_INSTALL) {
		hub->pairs[side]++;
		ike_installed(hub->ike[side], hub->now, act->install.job, 0);
		return;
	}
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
		if (act->kind == IKE_ACT_SEND) {
			queue[queue_tail % QUEUE] = act;
			queue_to[queue_tail++ % QUEUE] = !side;
			assert_true(queue_tail - queue_head < QUEUE);
			continue;
		}
		if (act->kind == IKE_ACT_SIGN || act->kind == IKE_ACT_VERIFY || act->kind == IKE_ACT_INSTALL)
			answer_job(hub, side, act);
		else if (act->kind == IKE_ACT_DELETE)
			hub->pairs[side]--;
		else if (act->kind == IKE_ACT_LOG && act->log.level <= IKE_LOG_WARNING)
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hub),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
