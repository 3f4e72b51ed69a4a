// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/iked/ask.c tools/vpntun/util/why.c */
/* libs: jansson libevent_core */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <event2/event.h>

#include "iked/ask.h"
#include "iked/status.h"

/*
 * A large gateway whose state many clients ask for at once. Network process, sites and control socket are made up here:
 * questions are counted, and answered when the test says so.
 */
enum { CONNS = 2500, TUNNELS = 2, CLIENTS = 24, MANY = 500 /* far below what a channel takes */ };

static struct {
	struct imsg_ask open[CONNS * TUNNELS * CLIENTS];
	size_t first, end;	/* of @open */
	size_t most;		/* were open at a time */
	unsigned int answers[CLIENTS + 1];
	size_t tunnels, up;	/* in the last answer */
	bool ok;
} seen;

static struct conn list[CONNS];
static struct conn_tunnel tunnels[CONNS][TUNNELS];
static struct conf_tunnel conf_tunnels[CONNS][TUNNELS];
static struct conns conns;
static struct event_base *base;
static struct asks *asks;

void procs_send(struct procs *procs, enum proc_kind kind, enum imsg_type type, const void *body, int fd)
{
	(void)procs, (void)fd;
	assert_int_equal(kind, PROC_NETWORK);
	assert_true(type == IMSG_ASK_STATUS || type == IMSG_REKEY);
	assert_true(seen.end < sizeof(seen.open) / sizeof(*seen.open));
	memcpy(&seen.open[seen.end++], body, sizeof(*seen.open));
	if (seen.end - seen.first > seen.most)
		seen.most = seen.end - seen.first;
}

void ctl_server_answer(struct ctl_server *server, uint64_t client, json_t *answer)
{
	const json_t *connection, *tunnel;
	size_t i, j;

	(void)server;
	assert_true(client <= CLIENTS);
	seen.answers[client]++;
	seen.ok = json_is_true(json_object_get(answer, "ok"));
	seen.tunnels = 0;
	seen.up = 0;
	json_array_foreach(json_object_get(answer, "connections"), i, connection) {
		json_array_foreach(json_object_get(connection, "tunnels"), j, tunnel) {
			seen.tunnels++;
			seen.up += !strcmp(json_string_value(json_object_get(tunnel, "state")), "up");
		}
	}
	json_decref(answer);
}

void ctl_server_refuse(struct ctl_server *server, uint64_t client, int status, const char *sentence)
{
	(void)server, (void)client, (void)status;
	fail_msg("refused: %s", sentence);
}

bool site_far(const struct site *site, uint32_t *index, int32_t *netnsid)
{
	(void)site, (void)index, (void)netnsid;
	return false;
}

json_t *status_ike(const struct imsg_status *from)
{
	(void)from;
	return json_null();
}

void status_counts(json_t *tunnel, const struct imsg_status *status)
{
	(void)tunnel, (void)status;
}

const char *status_state(const struct imsg_status *from)
{
	return from->known ? "up" : "down";
}

struct conn *conns_find(const struct conns *of, const char *name)
{
	struct conn *conn;

	for (conn = of->first; conn; conn = conn->next)
		if (!strcmp(conn->conf.name, name))
			return conn;
	return NULL;
}

bool conns_locate(const struct conns *of, uint32_t policy, struct conn_place *place)
{
	size_t i = policy / TUNNELS;

	(void)of;
	*place = (struct conn_place){ &list[i], policy % TUNNELS };
	return i < CONNS;
}

static int setup(void **state)
{
	size_t i, j;

	(void)state;
	memset(&seen, 0, sizeof(seen));
	memset(list, 0, sizeof(list));
	for (i = 0; i < CONNS; i++) {
		snprintf(list[i].conf.name, sizeof(list[i].conf.name), "branch%zu", i);
		list[i].conf.n_tunnels = TUNNELS;
		list[i].conf.tunnels = conf_tunnels[i];
		list[i].tunnels = tunnels[i];
		list[i].next = i + 1 < CONNS ? &list[i + 1] : NULL;
		for (j = 0; j < TUNNELS; j++) {
			snprintf(conf_tunnels[i][j].name, sizeof(conf_tunnels[i][j].name), "t%zu", j);
			tunnels[i][j].policy.id = i * TUNNELS + j;
		}
	}
	conns.first = list;
	base = event_base_new();
	asks = base ? asks_create(base, &conns) : NULL;
	return asks ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	asks_free(asks);
	event_base_free(base);
	return 0;
}

static void ask_status(uint64_t client, const char *name)
{
	struct ctl_request request = { .what = CTL_STATUS };

	snprintf(request.name, sizeof(request.name), "%s", name);
	asks_status(asks, NULL, client, &request);
}

static void answer_one(void)
{
	struct imsg_status status = {
		.ticket = seen.open[seen.first].ticket, .policy = seen.open[seen.first].policy, .known = 1,
	};

	seen.first++;
	asks_take_status(asks, &status);
}

static void answer_all(void)
{
	while (seen.first < seen.end)
		answer_one();
}

static void few_questions_are_under_way(void **state)
{
	uint64_t client;

	(void)state;
	for (client = 1; client <= CLIENTS; client++)
		ask_status(client, "");
	answer_all();
	for (client = 1; client <= CLIENTS; client++)
		assert_int_equal(seen.answers[client], 1);
	assert_int_equal(seen.up, CONNS * TUNNELS);
	assert_true(seen.most < MANY);
	/* Who came while the first was served shares the second turn. */
	assert_int_equal(seen.end, 2 * CONNS * TUNNELS);
}

static void each_asks_for_its_own(void **state)
{
	char name[CONF_NAME_SIZE];
	uint64_t client;

	(void)state;
	ask_status(1, "");
	for (client = 2; client <= CLIENTS; client++) {
		snprintf(name, sizeof(name), "branch%u", (unsigned int)client);
		ask_status(client, name);
	}
	answer_all();
	assert_int_equal(seen.tunnels, TUNNELS);
	assert_int_equal(seen.up, TUNNELS);
	assert_int_equal(seen.end, (CONNS + CLIENTS - 1) * TUNNELS);
	for (client = 1; client <= CLIENTS; client++)
		assert_int_equal(seen.answers[client], 1);
	ask_status(1, "nobody");
	assert_int_equal(seen.answers[1], 2);
	assert_true(seen.ok);
	assert_int_equal(seen.tunnels, 0);
}

/* What comes up after a client has asked may be left out, but not what was up before. */
static void a_later_client_sees_what_is_new(void **state)
{
	(void)state;
	conns.first = &list[CONNS - 1];
	ask_status(1, "");
	ask_status(2, "");
	conns.first = &list[CONNS - 2];
	ask_status(3, "");
	answer_all();
	assert_int_equal(seen.answers[1], 1);
	assert_int_equal(seen.answers[2], 1);
	assert_int_equal(seen.answers[3], 1);
	assert_int_equal(seen.up, 2 * TUNNELS);
}

static void a_silent_process_keeps_nobody_waiting(void **state)
{
	uint64_t client;

	(void)state;
	for (client = 1; client <= CLIENTS; client++)
		ask_status(client, "");
	answer_one();
	event_base_dispatch(base);	/* returns when nobody waits any more */
	for (client = 1; client <= CLIENTS; client++)
		assert_int_equal(seen.answers[client], 1);
	assert_true(seen.ok);
	assert_int_equal(seen.tunnels, CONNS * TUNNELS);
	assert_true(seen.most < MANY);
	/* Too late: nobody asks any more. */
	answer_all();
	assert_int_equal(seen.answers[1], 1);
}

static void a_lost_process_answers_all(void **state)
{
	(void)state;
	ask_status(1, "");
	ask_status(2, "");
	asks_rekey(asks, NULL, 3, &(struct ctl_request){ .what = CTL_REKEY, .name = "branch7" });
	asks_give_up(asks);
	assert_int_equal(seen.answers[1], 1);
	assert_int_equal(seen.answers[2], 1);
	assert_int_equal(seen.answers[3], 1);
	assert_false(seen.ok);
}

static void a_rekey_waits_for_its_tunnels(void **state)
{
	struct imsg_rekeyed rekeyed = { 0 };

	(void)state;
	ask_status(1, "");
	seen.first = seen.end;
	asks_rekey(asks, NULL, 2, &(struct ctl_request){ .what = CTL_REKEY, .name = "branch7" });
	assert_int_equal(seen.end - seen.first, TUNNELS);
	while (seen.first < seen.end) {
		assert_int_equal(seen.answers[2], 0);
		rekeyed.ticket = seen.open[seen.first].ticket;
		rekeyed.policy = seen.open[seen.first++].policy;
		asks_take_rekeyed(asks, &rekeyed);
	}
	assert_int_equal(seen.answers[2], 1);
	assert_true(seen.ok);
	asks_rekey(asks, NULL, 2, &(struct ctl_request){ .what = CTL_REKEY, .name = "nobody" });
	assert_int_equal(seen.answers[2], 2);
	assert_false(seen.ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(few_questions_are_under_way, setup, teardown),
		cmocka_unit_test_setup_teardown(each_asks_for_its_own, setup, teardown),
		cmocka_unit_test_setup_teardown(a_later_client_sees_what_is_new, setup, teardown),
		cmocka_unit_test_setup_teardown(a_silent_process_keeps_nobody_waiting, setup, teardown),
		cmocka_unit_test_setup_teardown(a_lost_process_answers_all, setup, teardown),
		cmocka_unit_test_setup_teardown(a_rekey_waits_for_its_tunnels, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
