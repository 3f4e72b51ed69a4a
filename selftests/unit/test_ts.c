// SPDX-License-Identifier: GPL-2.0
/* sources: kmod/ts.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>

#include "ts.h"

/* Selectors "PREFIX/BITS", ended by NULL, of each side. */
static struct vgw_ts *make(const char *const *locals, const char *const *remotes)
{
	struct vgw_ts *ts = calloc(1, sizeof(*ts) + 16 * sizeof(ts->cidrs[0]));
	const char *const *sides[] = { locals, remotes };
	struct vgw_cidr *cidr;
	char addr[64];
	int side;

	assert_non_null(ts);
	cidr = ts->cidrs;
	for (side = 0; side < 2; side++) {
		for (; *sides[side]; sides[side]++, cidr++) {
			snprintf(addr, sizeof(addr), "%s", *sides[side]);
			cidr->bits = atoi(strchr(addr, '/') + 1);
			*strchr(addr, '/') = '\0';
			cidr->addr.len = strchr(addr, ':') ? VGW_ADDR6_LEN : VGW_ADDR4_LEN;
			assert_int_equal(inet_pton(strchr(addr, ':') ? AF_INET6 : AF_INET, addr, cidr->addr.bytes), 1);
			if (side == 0)
				ts->locals++;
			else
				ts->remotes++;
		}
	}
	return ts;
}

static bool match(const struct vgw_ts *ts, const char *local, const char *remote)
{
	bool ip6 = strchr(local, ':');
	u8 a[VGW_ADDR6_LEN], b[VGW_ADDR6_LEN];
	struct vgw_pair pair = { a, b, ip6 ? VGW_ADDR6_LEN : VGW_ADDR4_LEN };

	assert_int_equal(inet_pton(ip6 ? AF_INET6 : AF_INET, local, a), 1);
	assert_int_equal(inet_pton(ip6 ? AF_INET6 : AF_INET, remote, b), 1);
	return vgw_ts_match(ts, &pair);
}

#define SIDE(...)	((const char *const[]){ __VA_ARGS__, NULL })
#define ANY		((const char *const[]){ NULL })

static void none_means_any(void **state)
{
	struct vgw_ts *ts = make(ANY, ANY);

	(void)state;
	assert_true(match(NULL, "10.0.0.1", "10.0.0.2"));
	assert_true(match(ts, "10.0.0.1", "10.0.0.2"));
	assert_true(match(ts, "fd00::1", "fd00::2"));
	free(ts);
}

static void every_bit_counts(void **state)
{
	struct vgw_ts *ts;
	char selector[32];
	u32 bits, flip;

	(void)state;
	for (bits = 0; bits <= 32; bits++) {
		u32 base = bits ? 0xa5a5a5a5u & ~(u32)0 << (32 - bits) : 0;
		struct in_addr addr = { htonl(base) };

		snprintf(selector, sizeof(selector), "%s/%u", inet_ntoa(addr), bits);
		ts = make(SIDE(selector), ANY);
		for (flip = 0; flip < 32; flip++) {
			addr.s_addr = htonl(base ^ (0x80000000u >> flip));
			assert_int_equal(match(ts, inet_ntoa(addr), "192.0.2.1"), flip >= bits);
		}
		free(ts);
	}
}

static void both_sides_must_fit(void **state)
{
	struct vgw_ts *ts = make(SIDE("10.1.0.0/16"), SIDE("10.2.0.0/16", "192.168.0.0/17"));

	(void)state;
	assert_true(match(ts, "10.1.255.255", "10.2.0.0"));
	assert_true(match(ts, "10.1.0.0", "192.168.127.255"));
	assert_false(match(ts, "10.1.0.0", "192.168.128.0"));
	assert_false(match(ts, "10.2.0.0", "10.2.0.1"));
	assert_false(match(ts, "10.2.0.0", "10.1.0.0"));
	free(ts);
}

static void one_side_may_be_any(void **state)
{
	struct vgw_ts *ts = make(ANY, SIDE("10.2.0.0/16"));

	(void)state;
	assert_true(match(ts, "203.0.113.9", "10.2.3.4"));
	assert_false(match(ts, "203.0.113.9", "10.3.3.4"));
	free(ts);
}

static void families_do_not_mix(void **state)
{
	struct vgw_ts *ts = make(SIDE("0.0.0.0/0"), SIDE("::/0"));

	(void)state;
	assert_false(match(ts, "10.0.0.1", "10.0.0.2"));
	assert_false(match(ts, "fd00::1", "fd00::2"));
	free(ts);
	ts = make(SIDE("0.0.0.0/0", "fd00::/127"), SIDE("0.0.0.0/0", "::/0"));
	assert_true(match(ts, "10.0.0.1", "10.0.0.2"));
	assert_true(match(ts, "fd00::1", "2001:db8::2"));
	assert_false(match(ts, "fd00::2", "2001:db8::2"));
	free(ts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(none_means_any),
		cmocka_unit_test(every_bit_counts),
		cmocka_unit_test(both_sides_must_fit),
		cmocka_unit_test(one_side_may_be_any),
		cmocka_unit_test(families_do_not_mix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
