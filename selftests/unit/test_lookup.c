// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/iked/lookup.c tools/vpntun/iked/share.c tools/vpntun/util/addr.c */
/* sources: tools/vpntun/util/clock.c tools/vpntun/util/nearest.c tools/vpntun/util/num.c */
/* sources: tools/vpntun/util/prefix.c tools/vpntun/util/text.c tools/vpntun/util/why.c */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "iked/hosts.h"
#include "iked/log.h"
#include "iked/lookup.h"
#include "iked/udp.h"

/*
 * What a network process that asks for addresses without end may have the parent do, and of which name an address is. A
 * resolver that knows two addresses is made up here; files have no names, but of servers.
 */
static struct {
	unsigned int given, resolved, settled;
	uint32_t ticket;	/* of the question that waits; 0: none */
	char name[256];		/* that it is about */
	unsigned int held, refused, released, warnings;
} seen;
static size_t n_servers;

static struct conn_tunnel tunnel;
static struct conf_tunnel conf_tunnel = { .remote_name = "peer.example" };
static struct conn conn = { .tunnels = &tunnel, .conf = { .n_tunnels = 1, .tunnels = &conf_tunnel } };
static struct conns conns = { .first = &conn };

void procs_send(struct procs *procs, enum proc_kind kind, enum imsg_type type, const void *body, int fd)
{
	(void)procs, (void)kind, (void)fd;
	if (type == IMSG_REMOTE) {
		assert_int_equal(((const struct imsg_remote *)body)->path.remote.len, 4);
		seen.given++;
	} else if (type == IMSG_RESOLVE) {
		seen.ticket = ((const struct imsg_resolve *)body)->ticket;
		snprintf(seen.name, sizeof(seen.name), "%s", ((const struct imsg_resolve *)body)->name);
		seen.resolved++;
	}
}

bool conns_locate(const struct conns *of, uint32_t policy, struct conn_place *place)
{
	*place = (struct conn_place){ of->first, 0 };
	return policy == tunnel.policy.id;
}

int conn_source(const struct conn_tunnel *of, const struct ip_addr *remote, struct ip_addr *local)
{
	(void)of, (void)remote, (void)local;
	return -ENETUNREACH;
}

int site_named(struct site *site, size_t index, const struct ip_addr *remote, struct why *why)
{
	(void)site, (void)index, (void)remote, (void)why;
	seen.settled++;
	return 0;
}

int sites_hold(struct sites *sites, const struct ip_addr *server, struct why *why)
{
	(void)sites;
	/* The second one cannot be. */
	if (server->bytes[3] == 2) {
		seen.refused++;
		return why_set(why, "no");
	}
	seen.held++;
	return 0;
}

void sites_release(struct sites *sites, const struct ip_addr *server)
{
	(void)sites;
	assert_int_not_equal(server->bytes[3], 2);
	seen.released++;
}

size_t hosts_find(const char *text, const char *name, struct ip_addr *out, size_t max)
{
	(void)text, (void)name, (void)out, (void)max;
	return 0;
}

size_t hosts_servers(const char *text, struct ip_addr *out, size_t max)
{
	size_t i;

	(void)text;
	for (i = 0; i < n_servers && i < max; i++)
		out[i] = (struct ip_addr){ .len = 4, .bytes = { 192, 0, 2, i + 1 } };
	return i;
}

int udp_connected(const struct ip_addr *to, uint16_t port, uint32_t mark)
{
	(void)to, (void)port, (void)mark;
	return -ENETUNREACH;
}

void ilog(enum ike_log_level level, const char *name, const char *fmt, ...)
{
	(void)name, (void)fmt;
	seen.warnings += level == IKE_LOG_WARNING;
}

static void answer(struct lookups *lookups)
{
	const struct imsg_resolved resolved = {
		.ticket = seen.ticket, .count = 2, .ttl = 3600,
		.addrs = { { .len = 4, .bytes = { 192, 0, 2, 1 } }, { .len = 4, .bytes = { 192, 0, 2, 2 } } },
	};

	if (!seen.ticket)
		return;
	seen.ticket = 0;
	lookups_take(lookups, &resolved);
}

/* Out of the tunnel's share, like the work on its SAs: each question costs a route, and files or the resolver. */
static void questions_are_bounded(void **state)
{
	struct lookups *lookups = lookups_create(&conns);
	unsigned int i, given;

	(void)state;
	assert_non_null(lookups);
	tunnel.policy.id = 1;
	tunnel.policy.by_name = true;
	tunnel.policy.local = (struct ip_addr){ .len = 4, .bytes = { 198, 51, 100, 1 } };
	/* The first address of those resolved, the second, and all are resolved anew. */
	for (i = 1; i <= 3; i++) {
		lookups_ask(lookups, 1);
		answer(lookups);
		assert_int_equal(seen.given, i);
	}
	assert_int_equal(seen.resolved, 2);
	for (i = 0; i < 10000; i++) {
		lookups_ask(lookups, 1);
		answer(lookups);
	}
	assert_in_range(seen.settled, 10, 5000);
	assert_in_range(seen.resolved, 5, 5000);

	/* Who was refused gets an answer all the same, at the next tick. */
	tunnel.work_until = UINT64_MAX / 2;
	given = seen.given;
	lookups_ask(lookups, 1);
	answer(lookups);
	assert_int_equal(seen.given, given);
	lookups_tick(lookups);
	answer(lookups);
	assert_int_equal(seen.given, given + 1);
	lookups_free(lookups);
}

static void begin(void)
{
	memset(&seen, 0, sizeof(seen));
	n_servers = 0;
	tunnel = (struct conn_tunnel){
		.policy = { .id = 1, .by_name = true, .local = { .len = 4, .bytes = { 198, 51, 100, 1 } } },
	};
	strcpy(conf_tunnel.remote_name, "peer.example");
}

/* A reload with another Remote: what is known of the former name, or asked, is nothing that the new one has. */
static void another_name(void **state)
{
	struct lookups *lookups = lookups_create(&conns);

	(void)state;
	/* with an address left of those found */
	begin();
	lookups_ask(lookups, 1);
	answer(lookups);
	assert_int_equal(seen.given, 1);
	strcpy(conf_tunnel.remote_name, "other.example");
	lookups_ask(lookups, 1);
	assert_int_equal(seen.given, 1);
	assert_string_equal(seen.name, "other.example");
	/* with a question under way, whose answer comes late */
	strcpy(conf_tunnel.remote_name, "third.example");
	lookups_ask(lookups, 1);
	assert_string_equal(seen.name, "third.example");
	answer(lookups);
	assert_int_equal(seen.given, 2);
	strcpy(conf_tunnel.remote_name, "fourth.example");
	lookups_tick(lookups);
	assert_string_equal(seen.name, "fourth.example");
	strcpy(conf_tunnel.remote_name, "fifth.example");
	answer(lookups);
	assert_int_equal(seen.settled, 2);
	assert_string_equal(seen.name, "fifth.example");
	lookups_free(lookups);
}

/* A reload with an address in place of the name: that is it, whatever the name's is. */
static void no_name_any_more(void **state)
{
	const struct ip_addr said = { .len = 4, .bytes = { 203, 0, 113, 9 } };
	struct lookups *lookups = lookups_create(&conns);
	unsigned int settled;

	(void)state;
	begin();
	lookups_ask(lookups, 1);
	assert_int_not_equal(seen.ticket, 0);
	settled = seen.settled;
	tunnel.policy.by_name = false;
	tunnel.policy.remote = said;
	*conf_tunnel.remote_name = '\0';
	answer(lookups);
	assert_int_equal(seen.settled, settled);
	assert_true(addr_equal(&tunnel.policy.remote, &said));
	seen.resolved = 0;
	lookups_again(lookups);
	lookups_tick(lookups);
	assert_int_equal(seen.resolved, 0);
	lookups_free(lookups);
}

/* Questions take the ways that can be held, and do not begin anew for the one that cannot. */
static void a_server_without_a_way(void **state)
{
	struct lookups *lookups = lookups_create(&conns);
	int i;

	(void)state;
	begin();
	n_servers = 3;
	for (i = 0; i < 3; i++) {
		lookups_ask(lookups, 1);
		answer(lookups);
	}
	assert_int_equal(seen.resolved, 2);
	assert_int_equal(seen.held, 2);
	assert_int_equal(seen.refused, 2);
	assert_int_equal(seen.released, 0);
	assert_int_equal(seen.warnings, 1);
	n_servers = 1;
	answer(lookups);
	lookups_ask(lookups, 1);
	assert_int_equal(seen.released, 2);
	assert_int_equal(seen.held, 3);
	lookups_free(lookups);
	assert_int_equal(seen.released, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(questions_are_bounded),
		cmocka_unit_test(another_name),
		cmocka_unit_test(no_name_any_more),
		cmocka_unit_test(a_server_without_a_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
