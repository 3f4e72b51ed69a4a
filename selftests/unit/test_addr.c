// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/util/addr.c tools/vpntun/util/num.c tools/vpntun/util/nearest.c tools/vpntun/util/why.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "util/addr.h"

static void good_addr(const char *text)
{
	char again[ADDR_TEXT_MAX];
	struct ip_addr addr;
	struct why why;

	assert_int_equal(addr_parse(text, &addr, &why), 0);
	assert_string_equal(addr_text(&addr, again), text);
}

static void addr_survives_parse_and_print(void **state)
{
	(void)state;
	good_addr("0.0.0.0");
	good_addr("203.0.113.10");
	good_addr("255.255.255.255");
	good_addr("::");
	good_addr("2001:db8::1");
	good_addr("fe80::1:2");
}

static void addr_refuses_the_rest(void **state)
{
	static const char *const bad[] = {
		"", " ", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.4 ", " 1.2.3.4",
		"01.2.3.4", "1.2.3.4/32", "fe80::1%eth0", "::g", "1::2::3", "auto",
		"host.example", "1.2.3.4:80", "[::1]",
	};
	struct ip_addr addr = { .len = 99 };
	struct why why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		why.text[0] = '\0';
		assert_true(addr_parse(bad[i], &addr, &why) < 0);
		assert_non_null(strstr(why.text, "is not an IPv4 or IPv6 address"));
	}
	assert_int_equal(addr.len, 99);
}

static void auto_and_none_are_no_address(void **state)
{
	struct ip_addr addr = { .len = 4 };
	struct why why;

	(void)state;
	assert_int_equal(addr_parse_auto("auto", &addr, &why), 0);
	assert_int_equal(addr.len, 0);
	assert_true(addr_is_zero(&addr));

	addr.len = 4;
	assert_int_equal(addr_parse_none("none", &addr, &why), 0);
	assert_int_equal(addr.len, 0);
	assert_true(addr_parse_none("auto", &addr, &why) < 0);

	addr.len = 4;
	assert_int_equal(addr_parse_off("off", &addr, &why), 0);
	assert_int_equal(addr.len, 0);
	assert_true(addr_parse_off("none", &addr, &why) < 0);
	assert_int_equal(addr_parse_auto("10.0.0.1", &addr, &why), 0);
	assert_int_equal(addr.len, 4);
}

static void good_prefix(const char *text, const char *as)
{
	char again[ADDR_TEXT_MAX];
	struct ip_prefix prefix;
	struct why why;

	assert_int_equal(prefix_parse(text, &prefix, &why), 0);
	assert_string_equal(prefix_text(&prefix, again), as);
}

static void prefix_survives_parse_and_print(void **state)
{
	(void)state;
	good_prefix("0.0.0.0/0", "0.0.0.0/0");
	good_prefix("10.20.0.0/16", "10.20.0.0/16");
	good_prefix("10.0.0.128/25", "10.0.0.128/25");
	good_prefix("169.254.46.41", "169.254.46.41/32");
	good_prefix("::/0", "::/0");
	good_prefix("2001:db8::/33", "2001:db8::/33");
	good_prefix("2001:db8::1", "2001:db8::1/128");
}

static void bad_prefix(const char *text, const char *reason)
{
	struct ip_prefix prefix;
	struct why why = { "" };

	assert_true(prefix_parse(text, &prefix, &why) < 0);
	assert_non_null(strstr(why.text, reason));
}

static void prefix_refusal_says_why(void **state)
{
	(void)state;
	bad_prefix("10.0.0.1/8", "did you mean '10.0.0.0/8'?");
	bad_prefix("10.0.0.1/31", "did you mean '10.0.0.0/31'?");
	bad_prefix("2001:db8::1/64", "did you mean '2001:db8::/64'?");
	bad_prefix("10.0.0.0/33", "length of an IPv4 prefix is 0 to 32");
	bad_prefix("::/129", "length of an IPv6 prefix is 0 to 128");
	bad_prefix("10.0.0.0/", "length of an IPv4 prefix");
	bad_prefix("10.0.0.0/8 ", "length of an IPv4 prefix");
	bad_prefix("10.0.0.0/-1", "length of an IPv4 prefix");
	bad_prefix("10.0.0.0/99999999999999999999", "length of an IPv4 prefix");
	bad_prefix("10.0.0.0/255.0.0.0", "length of an IPv4 prefix");
	bad_prefix("", "is not an IPv4 or IPv6 prefix");
	bad_prefix("/8", "is not an IPv4 or IPv6 prefix");
	bad_prefix("10.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0/8",
		   "is not an IPv4 or IPv6 prefix");
}

static void prefixes_are_a_list(void **state)
{
	struct ip_prefixes prefixes;
	char text[ADDR_TEXT_MAX];
	struct why why;

	(void)state;
	assert_int_equal(prefixes_parse("10.0.0.0/8,::/0,1.2.3.4", &prefixes, &why), 0);
	assert_int_equal(prefixes.count, 3);
	assert_string_equal(prefix_text(&prefixes.list[0], text), "10.0.0.0/8");
	assert_string_equal(prefix_text(&prefixes.list[1], text), "::/0");
	assert_string_equal(prefix_text(&prefixes.list[2], text), "1.2.3.4/32");
	prefixes_free(&prefixes);

	assert_int_equal(prefixes_parse("none", &prefixes, &why), 0);
	assert_int_equal(prefixes.count, 0);
	prefixes_free(&prefixes);
}

static void selectors_may_be_any(void **state)
{
	struct ip_prefixes prefixes = { .count = 7 };
	struct why why;

	(void)state;
	assert_int_equal(selectors_parse("any", &prefixes, &why), 0);
	assert_int_equal(prefixes.count, 0);
	prefixes.count = 7;
	assert_int_equal(selectors_parse("", &prefixes, &why), 0);
	assert_int_equal(prefixes.count, 0);
	assert_int_equal(selectors_parse("10.0.0.0/8,fd00::/8", &prefixes, &why), 0);
	assert_int_equal(prefixes.count, 2);
	assert_true(prefix_equal(&prefixes.list[0], &prefixes.list[0]));
	assert_false(prefix_equal(&prefixes.list[0], &prefixes.list[1]));
	prefixes_free(&prefixes);
	assert_true(selectors_parse("none", &prefixes, &why) < 0);
	assert_true(selectors_parse("any,10.0.0.0/8", &prefixes, &why) < 0);
	assert_true(selectors_parse("10.0.0.1/8", &prefixes, &why) < 0);
}

static void prefixes_refuse_what_is_no_list(void **state)
{
	static const char *const bad[] = {
		"", ",", "10.0.0.0/8,", ",10.0.0.0/8", "10.0.0.0/8,,::/0",
		"10.0.0.0/8, ::/0", "10.0.0.0/8,none", "10.0.0.0/8,10.0.0.0/8",
	};
	struct ip_prefixes prefixes = { .count = 7 };
	struct why why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_true(prefixes_parse(bad[i], &prefixes, &why) < 0);
	assert_string_equal(why.text, "prefix '10.0.0.0/8' is given twice");
	assert_int_equal(prefixes.count, 7);
}

static void ports_are_printed_apart_from_addresses(void **state)
{
	char text[ADDR_TEXT_MAX];
	struct ip_addr addr;
	struct why why;

	(void)state;
	assert_int_equal(addr_parse("1.2.3.4", &addr, &why), 0);
	assert_string_equal(addr_port_text(&addr, 4500, text), "1.2.3.4:4500");
	assert_int_equal(addr_parse("2001:db8::1", &addr, &why), 0);
	assert_string_equal(addr_port_text(&addr, 65535, text), "[2001:db8::1]:65535");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addr_survives_parse_and_print),
		cmocka_unit_test(addr_refuses_the_rest),
		cmocka_unit_test(auto_and_none_are_no_address),
		cmocka_unit_test(prefix_survives_parse_and_print),
		cmocka_unit_test(prefix_refusal_says_why),
		cmocka_unit_test(prefixes_are_a_list),
		cmocka_unit_test(selectors_may_be_any),
		cmocka_unit_test(prefixes_refuse_what_is_no_list),
		cmocka_unit_test(ports_are_printed_apart_from_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
