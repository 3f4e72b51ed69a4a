// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/iked/conn.c tools/vpntun/iked/wills.c tools/vpntun/util/addr.c tools/vpntun/util/num.c */
/* sources: tools/vpntun/iked/reload.c */
/* sources: tools/vpntun/util/nearest.c tools/vpntun/util/prefix.c tools/vpntun/util/text.c tools/vpntun/util/why.c */
/* libs: jansson */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conf/diff.h"
#include "iked/chan.h"
#include "iked/conn.h"
#include "iked/creds.h"
#include "iked/log.h"
#include "iked/outlet.h"
#include "iked/policy.h"
#include "iked/reload.h"
#include "iked/udp.h"

/*
 * A large gateway whose processes have to be told of all their tunnels. The processes are queues made up here: they take
 * no more than a channel does, and read when the test says so. Files, keys and the host say what the test wants.
 */
enum { CONNS = 3000, TUNNELS = 2, ROOM = 128 };

static struct {
	size_t queued[PROC_KINDS];
	unsigned int keys[CONNS * TUNNELS + 1], policies[CONNS * TUNNELS + 1], ups[CONNS * TUNNELS + 1];
	unsigned int forgotten[PROC_KINDS], downs;
	unsigned int key_forgot[CONNS * TUNNELS + 1];
	unsigned int loads;
	size_t fewer;		/* tunnels that files have no more */
	bool reloading, reloaded;
	uint32_t device;	/* that all tunnels use */
} seen;

static struct conns conns;

void procs_send(struct procs *procs, enum proc_kind kind, enum imsg_type type, const void *body, int fd)
{
	const struct imsg_policy *about = body;

	(void)procs, (void)fd;
	if (++seen.queued[kind] > CHAN_QUEUE_MAX)
		fail_msg("the %d. process does not take its messages", (int)kind);
	if (type == IMSG_FORGET) {
		seen.forgotten[kind]++;
		if (kind == PROC_KEY && about->policy <= CONNS * TUNNELS)
			seen.key_forgot[about->policy]++;
	}
	seen.downs += type == IMSG_DOWN;
	if (type == IMSG_POLICY) {
		const struct ike_policy *policy = body;

		assert_int_equal(policy->via.device, seen.device);
		seen.policies[policy->id]++;
	}
	if (type == IMSG_UP) {
		/* Nobody brings up what is not known yet. */
		assert_true(seen.policies[about->policy] > 0);
		seen.ups[about->policy]++;
	}
}

bool procs_room(const struct procs *procs, enum proc_kind kind)
{
	(void)procs;
	return seen.queued[kind] < ROOM;
}

int conf_load(const char *name, struct conf *out, struct conf_report *report)
{
	size_t i;

	(void)report;
	memset(out, 0, sizeof(*out));
	snprintf(out->name, sizeof(out->name), "%s", name);
	snprintf(out->ifname, sizeof(out->ifname), "%s", name);
	snprintf(out->path, sizeof(out->path), "%s", name);
	out->tunnels = calloc(TUNNELS, sizeof(*out->tunnels));
	assert_non_null(out->tunnels);
	out->n_tunnels = TUNNELS - seen.fewer;
	for (i = 0; i < out->n_tunnels; i++)
		snprintf(out->tunnels[i].name, sizeof(out->tunnels[i].name), "t%zu", i);
	return 0;
}

void conf_free(struct conf *conf)
{
	free(conf->tunnels);
}

int policy_make(const struct conf *conf, const struct conf_tunnel *tunnel, struct ike_policy *out, struct why *why)
{
	(void)conf, (void)tunnel, (void)why;
	memset(out, 0, sizeof(*out));
	return 0;
}

int creds_load(const struct conf *conf, const struct conf_tunnel *tunnel, const struct ike_policy *policy,
	       struct creds *out, struct conf_report *report)
{
	(void)conf, (void)tunnel, (void)report;
	memset(out, 0, sizeof(*out));
	out->psk.policy = policy->id;
	seen.loads++;
	return 0;
}

void creds_free(struct creds *creds)
{
	(void)creds;
}

void creds_tell(const struct creds *creds, struct procs *procs, enum proc_kind kind)
{
	procs_send(procs, kind, IMSG_PSK, &creds->psk, -1);
	if (kind == PROC_KEY)
		seen.keys[creds->psk.policy]++;
}

enum creds_age creds_age(time_t not_after, time_t now)
{
	(void)not_after, (void)now;
	return CREDS_FRESH;
}

void creds_warn(const char *name, time_t not_after)
{
	(void)name, (void)not_after;
}

void ilog(enum ike_log_level level, const char *name, const char *fmt, ...)
{
	(void)level, (void)name, (void)fmt;
}

int outlets_need(struct outlets *outlets, struct procs *procs, const struct ike_via *via, struct why *why)
{
	(void)outlets, (void)procs, (void)via, (void)why;
	return 0;
}

int udp_source(const struct ip_addr *remote, uint32_t mark, uint32_t device, struct ip_addr *local)
{
	(void)remote, (void)mark, (void)device, (void)local;
	return -1;
}

/* Nobody looks into it. */
static int a_site;

struct site *site_up(struct sites *sites, const struct conf *conf, struct why *why)
{
	(void)sites, (void)conf, (void)why;
	return (struct site *)&a_site;
}

void site_down(struct site *site)
{
	(void)site;
}

void site_via(const struct site *site, size_t tunnel, struct ike_via *via)
{
	(void)site, (void)tunnel;
	memset(via, 0, sizeof(*via));
	via->device = seen.device;
}

void sites_follow(struct sites *sites)
{
	(void)sites;
}

/* Files stay what they are. */
void conf_diff(const struct conf *from, const struct conf *to,
	       void (*fn)(void *ctx, const struct diff_change *change), void *ctx)
{
	(void)fn, (void)ctx;
	assert_string_equal(from->name, to->name);
}

struct site *site_again(struct site *site, const struct conf *conf, struct why *why)
{
	(void)conf, (void)why;
	return site;
}

/* Nobody but a signal asks. */
void ctl_server_answer(struct ctl_server *server, uint64_t client, json_t *answer)
{
	(void)server, (void)client, (void)answer;
	fail();
}

void ctl_server_refuse(struct ctl_server *server, uint64_t client, int status, const char *sentence)
{
	(void)server, (void)client, (void)status, (void)sentence;
	fail();
}

/* The process reads all that waits for it. True: there was something. */
static bool read_all(enum proc_kind kind)
{
	if (!seen.queued[kind])
		return false;
	seen.queued[kind] = 0;
	conns_feed(&conns);
	if (seen.reloading && !seen.reloaded)
		seen.reloaded = reload_more(&conns);
	return true;
}

static void run(void)
{
	while (read_all(PROC_NETWORK) | read_all(PROC_KEY))
		;
}

static void start(enum proc_kind kind)
{
	seen.queued[kind] = 0;
	conns_tell(&conns, kind);
}

static void assert_all(const unsigned int *counts, unsigned int expected)
{
	size_t id;

	for (id = 1; id <= CONNS * TUNNELS; id++)
		if (counts[id] != expected)
			fail_msg("tunnel %zu: %u times instead of %u", id, counts[id], expected);
}

/* As after a crash of the parent: all come up before anybody reads. */
static int setup(void **state)
{
	struct why why;
	char name[32];
	int i;

	(void)state;
	memset(&seen, 0, sizeof(seen));
	memset(&conns, 0, sizeof(conns));
	start(PROC_NETWORK);
	start(PROC_KEY);
	for (i = 0; i < CONNS; i++) {
		snprintf(name, sizeof(name), "c%d", i);
		if (conns_up(&conns, name, &why))
			return -1;
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	while (conns.first) {
		memset(seen.queued, 0, sizeof(seen.queued));
		conns_remove(&conns, conns.first);
	}
	return 0;
}

static void all_are_told_once(void **state)
{
	(void)state;
	run();
	assert_all(seen.keys, 1);
	assert_all(seen.policies, 1);
	assert_all(seen.ups, 1);
}

static void a_new_process_is_told_as_it_reads(void **state)
{
	(void)state;
	run();
	start(PROC_NETWORK);
	run();
	assert_all(seen.keys, 1);
	assert_all(seen.policies, 2);
	assert_all(seen.ups, 2);
	start(PROC_KEY);
	run();
	assert_all(seen.keys, 2);
	assert_all(seen.policies, 2);
}

/* The one who ends in the middle has heard some, the next one hears all. */
static void one_that_ends_meanwhile_is_followed(void **state)
{
	uint32_t id;

	(void)state;
	read_all(PROC_NETWORK);
	memset(seen.policies, 0, sizeof(seen.policies));
	memset(seen.ups, 0, sizeof(seen.ups));
	start(PROC_NETWORK);
	run();
	assert_all(seen.ups, 1);
	for (id = 1; id <= CONNS * TUNNELS; id++)
		assert_true(seen.keys[id] == 1);
}

static void all_follow_a_route(void **state)
{
	(void)state;
	run();
	seen.device = 7;
	conns_follow(&conns);
	run();
	assert_all(seen.policies, 2);
	assert_all(seen.ups, 1);
	conns_follow(&conns);
	run();
	assert_all(seen.policies, 2);
}

/* SIGHUP: each file is read again, once, and one that goes down meanwhile is not. */
static void all_are_reloaded(void **state)
{
	struct conn *gone = conns_find(&conns, "c7");

	(void)state;
	run();
	seen.loads = 0;
	seen.reloading = true;
	reload_all(&conns);
	assert_false(reload_more(&conns));
	assert_in_range(seen.loads, 1, CONNS * TUNNELS / 2);
	conns_down(&conns, gone);
	run();
	assert_true(seen.reloaded);
	assert_int_equal(seen.loads, (CONNS - 1) * TUNNELS);
	assert_int_equal(seen.policies[gone->tunnels[0].policy.id], 1);
	gone = conns_find(&conns, "c8");
	assert_int_equal(seen.policies[gone->tunnels[0].policy.id], 2);
	assert_int_equal(seen.ups[gone->tunnels[0].policy.id], 1);
}

/* It goes down before the network process has heard of it. */
static void what_goes_down_untold_is_not_told(void **state)
{
	struct conn *conn = conns_find(&conns, "c2999");
	uint32_t id = conn->tunnels[0].policy.id;

	(void)state;
	assert_int_equal(seen.policies[id], 0);
	conns_down(&conns, conn);
	run();
	assert_int_equal(seen.policies[id], 0);
	assert_null(conns_ended(&conns, id));
	assert_ptr_equal(conns_ended(&conns, id + 1), conn);
}

/* The key process forgets tunnels that files have no more, though the network process says nothing, or anything. */
static void a_removed_tunnels_key_goes_at_once(void **state)
{
	uint32_t id = conns_find(&conns, "c5")->tunnels[1].policy.id;
	int i;

	(void)state;
	run();
	seen.fewer = 1;
	seen.reloading = true;
	reload_all(&conns);
	assert_false(reload_more(&conns));
	run();
	assert_true(seen.reloaded);
	assert_int_equal(seen.downs, CONNS);
	assert_int_equal(seen.forgotten[PROC_KEY], CONNS);
	assert_int_equal(seen.key_forgot[id], 1);
	assert_int_equal(seen.key_forgot[id - 1], 0);
	assert_int_equal(seen.forgotten[PROC_NETWORK], 0);
	/* That forgets what it says it has ended; what it says of others is nothing to the key process. */
	assert_null(conns_ended(&conns, id));
	for (i = 0; i < 100; i++)
		assert_null(conns_ended(&conns, UINT32_MAX - i));
	assert_int_equal(seen.forgotten[PROC_NETWORK], 101);
	assert_int_equal(seen.forgotten[PROC_KEY], CONNS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_are_told_once, setup, teardown),
		cmocka_unit_test_setup_teardown(a_new_process_is_told_as_it_reads, setup, teardown),
		cmocka_unit_test_setup_teardown(one_that_ends_meanwhile_is_followed, setup, teardown),
		cmocka_unit_test_setup_teardown(all_follow_a_route, setup, teardown),
		cmocka_unit_test_setup_teardown(all_are_reloaded, setup, teardown),
		cmocka_unit_test_setup_teardown(what_goes_down_untold_is_not_told, setup, teardown),
		cmocka_unit_test_setup_teardown(a_removed_tunnels_key_goes_at_once, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
