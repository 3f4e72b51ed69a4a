// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/iked/via.c tools/vpntun/util/addr.c tools/vpntun/util/num.c tools/vpntun/util/text.c */
/* sources: tools/vpntun/util/nearest.c tools/vpntun/util/why.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "iked/via.h"
#include "values.h"

/* Which way a datagram takes that the engine wants sent. */

enum { ETH0 = 2, ETH1 = 3 };

static struct vias vias;

static void set(uint32_t id, const char *local, const char *remote, struct ike_via via)
{
	struct ike_policy policy = { .id = id, .via = via };

	if (local)
		policy.local = addr(local);
	if (remote)
		policy.remote = addr(remote);
	assert_int_equal(vias_set(&vias, &policy), 0);
}

static uint32_t device_to(const char *local, const char *remote)
{
	struct ike_path path = { .remote = addr(remote) };

	if (local)
		path.local = addr(local);
	return vias_find(&vias, &path).device;
}

static void usual_ones_are_not_kept(void **state)
{
	(void)state;
	set(1, "203.0.113.1", "198.51.100.1", (struct ike_via){ 0 });
	assert_int_equal(vias.count, 0);
	assert_int_equal(device_to("203.0.113.1", "198.51.100.1"), 0);
}

static void two_uplinks_to_one_peer(void **state)
{
	(void)state;
	set(1, "203.0.113.1", "198.51.100.1", (struct ike_via){ .device = ETH0 });
	set(2, "203.0.114.1", "198.51.100.1", (struct ike_via){ .device = ETH1 });
	assert_int_equal(device_to("203.0.113.1", "198.51.100.1"), ETH0);
	assert_int_equal(device_to("203.0.114.1", "198.51.100.1"), ETH1);
	assert_int_equal(device_to("203.0.115.1", "198.51.100.1"), 0);
	assert_int_equal(device_to("203.0.113.1", "2001:db8::1"), ETH0);	/* it has moved */
	vias_free(&vias);
}

/* Of a name nothing is known at first. */
static void a_name_is_resolved(void **state)
{
	const struct ip_addr remote = addr("198.51.100.1"), local = addr("203.0.113.1"), none = { 0 };

	(void)state;
	set(1, NULL, NULL, (struct ike_via){ .device = ETH0 });
	set(2, "203.0.114.1", "198.51.100.1", (struct ike_via){ .device = ETH1 });
	assert_int_equal(device_to("203.0.113.1", "198.51.100.1"), 0);
	vias_ends(&vias, 1, &none, &remote);
	assert_int_equal(device_to("203.0.113.1", "198.51.100.1"), ETH0);
	vias_ends(&vias, 1, &local, &none);
	assert_int_equal(device_to("203.0.113.1", "198.51.100.1"), ETH0);
	assert_int_equal(device_to("203.0.114.1", "198.51.100.1"), ETH1);
	vias_free(&vias);
}

static void the_peers_own_policy_goes_first(void **state)
{
	(void)state;
	set(1, "203.0.113.1", NULL, (struct ike_via){ .device = ETH0 });
	set(2, "203.0.113.1", "198.51.100.1", (struct ike_via){ .device = ETH1, .mark = 7 });
	assert_int_equal(device_to("203.0.113.1", "198.51.100.1"), ETH1);
	assert_int_equal(device_to("203.0.113.1", "198.51.100.2"), ETH0);
	vias_free(&vias);
}

static void a_changed_policy_takes_the_place(void **state)
{
	(void)state;
	set(1, NULL, "198.51.100.1", (struct ike_via){ .device = ETH0 });
	assert_int_equal(device_to(NULL, "198.51.100.1"), ETH0);
	set(1, NULL, "198.51.100.1", (struct ike_via){ .device = ETH1 });
	assert_int_equal(vias.count, 1);
	assert_int_equal(device_to("203.0.113.1", "198.51.100.1"), ETH1);
	vias_forget(&vias, 1);
	vias_forget(&vias, 1);
	assert_int_equal(vias.count, 0);
	vias_free(&vias);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usual_ones_are_not_kept),
		cmocka_unit_test(two_uplinks_to_one_peer),
		cmocka_unit_test(a_name_is_resolved),
		cmocka_unit_test(the_peers_own_policy_goes_first),
		cmocka_unit_test(a_changed_policy_takes_the_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
