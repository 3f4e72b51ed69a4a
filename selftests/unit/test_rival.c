// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/cli/rival.c tools/vpntun/util/addr.c tools/vpntun/util/num.c tools/vpntun/util/nearest.c tools/vpntun/util/why.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/rival.h"

static struct vgw_tunnel new_tunnel(const char *name, uint32_t group, const char *prefixes)
{
	struct vgw_tunnel tunnel = {
		.has = ATTR_BIT(VGW_A_TUNNEL_GROUP) | ATTR_BIT(VGW_A_TUNNEL_PREFIXES),
		.group = group,
	};
	struct why why;

	snprintf(tunnel.name, sizeof(tunnel.name), "%s", name);
	assert_int_equal(prefixes_parse(prefixes, &tunnel.prefixes, &why), 0);
	return tunnel;
}

static void set_peer(struct vgw_tunnel *tunnel, const char *peer)
{
	struct why why;

	assert_int_equal(addr_parse(peer, &tunnel->peer, &why), 0);
	tunnel->has |= ATTR_BIT(VGW_A_TUNNEL_PEER);
}

/* Two tunnels of group 1 and one of group 2 are there. */
static struct snap_tunnel there[3];
static const struct snap snap = { .tunnels = there, .n_tunnels = 3 };

static int set_up(void **state)
{
	(void)state;
	there[0].tunnel = new_tunnel("a", 1, "10.0.0.0/8,fd00::/8");
	there[1].tunnel = new_tunnel("b", 1, "10.0.0.0/8");
	there[2].tunnel = new_tunnel("c", 2, "10.1.0.0/16");
	set_peer(&there[2].tunnel, "169.254.0.1");
	return 0;
}

static int tear_down(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 3; i++)
		prefixes_free(&there[i].tunnel.prefixes);
	return 0;
}

/* @name NULL: nobody has anything that @wanted is to have. */
static void check_rival(struct vgw_tunnel *wanted, const char *name, const char *what)
{
	const struct vgw_tunnel *rival;
	struct ip_prefix prefix;
	char text[ADDR_TEXT_MAX];

	rival = rival_find(&snap, wanted, &prefix);
	prefixes_free(&wanted->prefixes);
	if (!name) {
		assert_null(rival);
		return;
	}
	assert_non_null(rival);
	assert_string_equal(rival->name, name);
	assert_string_equal(prefix_text(&prefix, text), what);
}

static void new_tunnels_have_rivals_in_other_groups(void **state)
{
	struct vgw_tunnel wanted;

	(void)state;
	wanted = new_tunnel("x", 0, "10.2.0.0/16,fd00::/8");
	check_rival(&wanted, "a", "fd00::/8");
	wanted = new_tunnel("x", 1, "10.0.0.0/8,fd00::/8");
	check_rival(&wanted, NULL, NULL);
	wanted = new_tunnel("x", 1, "10.1.0.0/16");
	check_rival(&wanted, "c", "10.1.0.0/16");
	/* Longer or shorter is another prefix. */
	wanted = new_tunnel("x", 0, "10.0.0.0/9,10.1.0.0/24,::/0");
	check_rival(&wanted, NULL, NULL);
}

static void pinned_addresses_are_prefixes(void **state)
{
	struct vgw_tunnel wanted;

	(void)state;
	wanted = new_tunnel("x", 0, "169.254.0.1");
	check_rival(&wanted, "c", "169.254.0.1/32");
	wanted = new_tunnel("x", 0, "none");
	set_peer(&wanted, "169.254.0.1");
	check_rival(&wanted, "c", "169.254.0.1/32");
	wanted = new_tunnel("x", 0, "none");
	set_peer(&wanted, "0.0.0.0");
	check_rival(&wanted, NULL, NULL);
}

static void what_is_not_set_stays(void **state)
{
	struct vgw_tunnel wanted;

	(void)state;
	/* Its prefixes stay, its group is to change. */
	wanted = new_tunnel("b", 3, "none");
	wanted.has = ATTR_BIT(VGW_A_TUNNEL_GROUP);
	check_rival(&wanted, "a", "10.0.0.0/8");
	/* The other way round. */
	wanted = new_tunnel("b", 0, "10.1.0.0/16,10.0.0.0/8");
	wanted.has = ATTR_BIT(VGW_A_TUNNEL_PREFIXES);
	check_rival(&wanted, "c", "10.1.0.0/16");
	wanted = new_tunnel("b", 0, "10.0.0.0/8");
	wanted.has = ATTR_BIT(VGW_A_TUNNEL_PREFIXES);
	check_rival(&wanted, NULL, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_tunnels_have_rivals_in_other_groups),
		cmocka_unit_test(pinned_addresses_are_prefixes),
		cmocka_unit_test(what_is_not_set_stays),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
