// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/cli/known.c tools/vpntun/util/addr.c tools/vpntun/util/nearest.c tools/vpntun/util/num.c */
/* sources: tools/vpntun/util/why.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/known.h"

/* An event on tunnel @id of interface 7. */
static struct vgw_message event(uint32_t id, uint8_t state, uint8_t reason)
{
	struct vgw_message msg = {
		.ifindex = 7, .ifname = "vgw0",
		.tunnel = { .id = id, .state = state, .reason = reason },
	};

	snprintf(msg.tunnel.name, sizeof(msg.tunnel.name), "t%u", id);
	return msg;
}

static void set_remote(struct vgw_tunnel *tunnel, uint8_t last, uint16_t port)
{
	tunnel->remote = (struct ip_addr){ .len = 4, .bytes = { 10, 0, 0, last } };
	tunnel->dport = port;
	tunnel->has |= ATTR_BIT(VGW_A_TUNNEL_REMOTE) | ATTR_BIT(VGW_A_TUNNEL_DPORT);
}

static enum known_change change(struct known *known, const struct vgw_message *msg)
{
	enum known_change result;

	assert_int_equal(known_update(known, msg, &result), 0);
	return result;
}

static void a_tunnel_lives(void **state)
{
	struct vgw_message made = event(1, VGW_STATE_DOWN, VGW_REASON_NO_SA);
	struct vgw_message up = event(1, VGW_STATE_UP, VGW_REASON_NONE);
	struct vgw_message gone = event(1, VGW_STATE_DOWN, VGW_REASON_REMOVED);
	struct known known = { 0 };

	(void)state;
	assert_int_equal(change(&known, &made), KNOWN_NEW);
	assert_int_equal(change(&known, &made), KNOWN_DOWN);
	assert_int_equal(change(&known, &up), KNOWN_UP);
	assert_int_equal(change(&known, &made), KNOWN_DOWN);
	assert_int_equal(change(&known, &gone), KNOWN_REMOVED);
	assert_int_equal(known.count, 0);
	assert_int_equal(change(&known, &gone), KNOWN_REMOVED);
	assert_int_equal(change(&known, &made), KNOWN_NEW);
	known_exit(&known);
}

static void peers_move(void **state)
{
	struct vgw_message here = event(1, VGW_STATE_UP, VGW_REASON_NONE);
	struct vgw_message there = here, bare = here, down;
	struct known known = { 0 };

	(void)state;
	set_remote(&here.tunnel, 1, 4500);
	set_remote(&there.tunnel, 2, 4500);
	/* Up, and yet never heard of: it is not new, only we are. */
	assert_int_equal(change(&known, &here), KNOWN_UP);
	assert_int_equal(change(&known, &there), KNOWN_MOVED);
	assert_int_equal(change(&known, &there), KNOWN_UP);
	/* An event without addresses moves nothing and forgets nothing. */
	assert_int_equal(change(&known, &bare), KNOWN_UP);
	there.tunnel.dport = 1024;
	assert_int_equal(change(&known, &there), KNOWN_MOVED);
	/* Whether it carries packets is the greater news. */
	down = event(1, VGW_STATE_DOWN, VGW_REASON_PROBE);
	set_remote(&down.tunnel, 3, 4500);
	assert_int_equal(change(&known, &down), KNOWN_DOWN);
	known_exit(&known);
}

static void tunnels_are_told_apart(void **state)
{
	static const uint32_t ids[] = { 5, 1, 9, 3, 7, 2 };
	struct vgw_message msg;
	struct known known = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
		msg = event(ids[i], VGW_STATE_DOWN, VGW_REASON_NO_SA);
		assert_int_equal(change(&known, &msg), KNOWN_NEW);
	}
	msg.ifindex = 6;
	assert_int_equal(change(&known, &msg), KNOWN_NEW);
	assert_int_equal(known.count, 7);

	msg = event(3, VGW_STATE_DOWN, VGW_REASON_REMOVED);
	assert_int_equal(change(&known, &msg), KNOWN_REMOVED);
	assert_null(known_find(&known, 7, 3));
	assert_null(known_find(&known, 6, 1));
	assert_non_null(known_find(&known, 6, 2));
	for (i = 0; i < sizeof(ids) / sizeof(*ids); i++)
		if (ids[i] != 3)
			assert_int_equal(known_find(&known, 7, ids[i])->id, ids[i]);
	known_exit(&known);
}

static void a_dump_is_the_beginning(void **state)
{
	struct snap_tunnel tunnels[2] = {
		{ .ifindex = 7, .ifname = "vgw0", .tunnel = { .id = 2, .name = "t2" } },
		{ .ifindex = 7, .ifname = "vgw0", .tunnel = { .id = 1, .name = "t1" } },
	};
	const struct snap snap = { .tunnels = tunnels, .n_tunnels = 2 }, none = { 0 };
	struct vgw_message msg = event(1, VGW_STATE_DOWN, VGW_REASON_ADMIN);
	struct known known;

	(void)state;
	assert_int_equal(known_init(&known, &snap), 0);
	assert_int_equal(change(&known, &msg), KNOWN_DOWN);
	assert_string_equal(known_find(&known, 7, 2)->name, "t2");
	known_exit(&known);

	assert_int_equal(known_init(&known, &none), 0);
	assert_null(known_find(&known, 7, 1));
	assert_int_equal(change(&known, &msg), KNOWN_NEW);
	known_exit(&known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tunnel_lives),
		cmocka_unit_test(peers_move),
		cmocka_unit_test(tunnels_are_told_apart),
		cmocka_unit_test(a_dump_is_the_beginning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
