// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/iked/lookup.c tools/vpntun/iked/share.c tools/vpntun/util/addr.c */
/* sources: tools/vpntun/util/clock.c tools/vpntun/util/nearest.c tools/vpntun/util/num.c */
/* sources: tools/vpntun/util/prefix.c tools/vpntun/util/text.c tools/vpntun/util/why.c */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "iked/hosts.h"
#include "iked/log.h"
#include "iked/lookup.h"
#include "iked/udp.h"

/*
 * What a network process that asks for addresses without end may have the parent do. A resolver that knows two
 * addresses is made up here; files have no names.
 */
static struct {
	unsigned int given, resolved, settled;
	uint32_t ticket;	/* of the question that waits; 0: none */
} seen;

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
	(void)sites, (void)server, (void)why;
	return 0;
}

void sites_release(struct sites *sites, const struct ip_addr *server)
{
	(void)sites, (void)server;
}

size_t hosts_find(const char *text, const char *name, struct ip_addr *out, size_t max)
{
	(void)text, (void)name, (void)out, (void)max;
	return 0;
}

size_t hosts_servers(const char *text, struct ip_addr *out, size_t max)
{
	(void)text, (void)out, (void)max;
	return 0;
}

int udp_connected(const struct ip_addr *to, uint16_t port, uint32_t mark)
{
	(void)to, (void)port, (void)mark;
	return -ENETUNREACH;
}

void ilog(enum ike_log_level level, const char *name, const char *fmt, ...)
{
	(void)level, (void)name, (void)fmt;
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(questions_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
