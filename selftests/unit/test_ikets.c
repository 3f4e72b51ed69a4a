// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/ike/ts.c tools/vpntun/util/text.c tools/vpntun/util/addr.c */
/* sources: tools/vpntun/util/num.c tools/vpntun/util/nearest.c tools/vpntun/util/why.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ike/ts.h"

/* "10.0.0.0/8, 192.0.2.1-192.0.2.7" as selectors of all protocols and ports; "" is none. */
static struct ike_ts_list list(const char *text)
{
	struct ike_ts_list made = { 0 };
	struct ip_prefix prefix;
	char copy[1024], *rest = copy, *part, *to;
	struct why why;

	assert_true(strlen(text) < sizeof(copy));
	strcpy(copy, text);
	while (*text && (part = strsep(&rest, ","))) {
		struct ike_ts *ts = &made.list[made.count++];

		assert_true(made.count <= IKE_TS_MAX);
		part += strspn(part, " ");
		to = strchr(part, '-');
		if (to)
			*to++ = '\0';
		assert_int_equal(prefix_parse(part, &prefix, &why), 0);
		*ts = ts_of_prefix(&prefix);
		if (to)
			assert_int_equal(addr_parse(to, &ts->to, &why), 0);
	}
	return made;
}

static const char *text(const struct ike_ts_list *selectors)
{
	static char out[2048];

	return ts_text(selectors, out, sizeof(out));
}

static const char *narrow(const char *offered, const char *configured)
{
	struct ike_ts_list a = list(offered), b = list(configured), out;
	bool any = ts_narrow(&a, &b, &out);

	assert_int_equal(any, out.count > 0);
	/* Whatever comes of it, neither side could object. */
	assert_int_equal(any, ts_within(&out, &a));
	assert_int_equal(any, ts_within(&out, &b));
	return text(&out);
}

static void text_is_what_people_write(void **state)
{
	static const char *const texts[] = {
		"none", "10.0.0.0/8", "0.0.0.0/0", "::/0", "10.0.0.1/32", "2001:db8::/32",
		"192.0.2.1-192.0.2.7", "10.0.0.0/8, 192.0.2.0/24, fd00::1-fd00::3", "255.255.255.254/31",
	};
	struct ike_ts_list made;
	char small[10];
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		made = list(i ? texts[i] : "");
		assert_string_equal(text(&made), texts[i]);
	}
	assert_string_equal(ts_text(&made, small, sizeof(small)), "255.255.2");
	made.list[0].protocol = 6;
	assert_string_equal(text(&made), "255.255.255.254/31[6]");
	made.list[0].port_from = made.list[0].port_to = 80;
	assert_string_equal(text(&made), "255.255.255.254/31[6/80]");
	made.list[0].port_to = 90;
	assert_string_equal(text(&made), "255.255.255.254/31[6/80-90]");
	made.list[0].port_from = 65535;
	made.list[0].port_to = 0;
	assert_string_equal(text(&made), "255.255.255.254/31[6/opaque]");
}

static void a_prefix_is_a_range(void **state)
{
	struct ike_ts_list made = list("10.1.2.0/23");

	(void)state;
	assert_int_equal(made.list[0].from.bytes[3], 0);
	assert_memory_equal(made.list[0].to.bytes, "\12\1\3\377", 4);
	assert_int_equal(made.list[0].to.len, 4);
	assert_int_equal(made.list[0].port_from, 0);
	assert_int_equal(made.list[0].port_to, 65535);
	assert_int_equal(made.list[0].protocol, 0);
	made = list("0.0.0.0/0");
	assert_memory_equal(made.list[0].to.bytes, "\377\377\377\377", 4);
}

/* RFC 7296 section 2.9 */
static void narrowing(void **state)
{
	(void)state;
	/* The responder's policy is the smaller, the larger, the same, or another. */
	assert_string_equal(narrow("0.0.0.0/0", "10.0.0.0/8"), "10.0.0.0/8");
	assert_string_equal(narrow("10.1.0.0/16", "10.0.0.0/8"), "10.1.0.0/16");
	assert_string_equal(narrow("10.0.0.0/8", "10.0.0.0/8"), "10.0.0.0/8");
	assert_string_equal(narrow("10.0.0.0/8", "11.0.0.0/8"), "none");
	assert_string_equal(narrow("", "11.0.0.0/8"), "none");
	assert_string_equal(narrow("11.0.0.0/8", ""), "none");
	/* Ranges that overlap in part */
	assert_string_equal(narrow("192.0.2.0-192.0.2.66", "192.0.2.60-192.0.2.70"), "192.0.2.60-192.0.2.66");
	assert_string_equal(narrow("192.0.2.5-192.0.2.5", "192.0.2.5/32"), "192.0.2.5/32");
	/* Families keep apart. */
	assert_string_equal(narrow("::/0", "0.0.0.0/0"), "none");
	assert_string_equal(narrow("::/0, 0.0.0.0/0", "10.0.0.0/8, 2001:db8::/32"), "2001:db8::/32, 10.0.0.0/8");
	/* In the order of the offer */
	assert_string_equal(narrow("10.2.0.0/16, 10.1.0.0/16, 172.16.0.0/12", "10.0.0.0/8"), "10.2.0.0/16, 10.1.0.0/16");
	assert_string_equal(narrow("0.0.0.0/0", "192.0.2.0/24, 10.0.0.0/8"), "192.0.2.0/24, 10.0.0.0/8");
	/* What is in another one goes, whichever came first. */
	assert_string_equal(narrow("10.1.2.3/32, 10.0.0.0/8, 10.1.0.0/16", "0.0.0.0/0"), "10.0.0.0/8");
	assert_string_equal(narrow("10.1.2.3/32, 11.0.0.0/8, 10.0.0.0/8", "0.0.0.0/0"), "11.0.0.0/8, 10.0.0.0/8");
	assert_string_equal(narrow("10.0.0.0/8, 10.0.0.0/8", "10.0.0.0/9, 10.0.0.0/8"), "10.0.0.0/8");
}

static void narrowing_fills_no_more_than_a_list(void **state)
{
	struct ike_ts_list a = { .count = IKE_TS_MAX }, b = a, out;
	unsigned int i;

	(void)state;
	/* Combs with teeth of 16 and of 4 addresses: four pieces to each tooth, 64 in all. */
	for (i = 0; i < IKE_TS_MAX; i++) {
		a.list[i] = list("10.0.0.0/28").list[0];
		a.list[i].from.bytes[3] = i * 16;
		a.list[i].to.bytes[3] = i * 16 + 15;
		b.list[i] = list("10.0.0.0/30").list[0];
		b.list[i].from.bytes[3] = i * 5;
		b.list[i].to.bytes[3] = i * 5 + 3;
	}
	assert_true(ts_narrow(&a, &b, &out));
	assert_int_equal(out.count, IKE_TS_MAX);
	assert_true(ts_within(&out, &a));
	assert_true(ts_within(&out, &b));
}

/* Some initiators put the packet that started it in front, with protocol and ports. */
static void single_ports_are_passed_over(void **state)
{
	struct ike_ts_list offered = list("10.1.2.3/32, 10.0.0.0/8"), ours = list("0.0.0.0/0"), out;

	(void)state;
	offered.list[0].protocol = 6;
	offered.list[0].port_from = offered.list[0].port_to = 443;
	assert_true(ts_narrow(&offered, &ours, &out));
	assert_string_equal(text(&out), "10.0.0.0/8");
	offered.count = 1;
	assert_false(ts_narrow(&offered, &ours, &out));
	offered.list[0].protocol = 0;
	offered.list[0].port_from = 65535;
	offered.list[0].port_to = 0;
	assert_false(ts_narrow(&offered, &ours, &out));
	offered = list("10.0.0.0/8");
	offered.list[0].protocol = 47;
	assert_false(ts_narrow(&offered, &ours, &out));
	assert_false(ts_narrow(&ours, &offered, &out));
}

static bool within(const char *part, const char *whole)
{
	struct ike_ts_list a = list(part), b = list(whole);

	return ts_within(&a, &b);
}

static void being_within(void **state)
{
	struct ike_ts_list a = list("10.0.0.0/8"), b = a;

	(void)state;
	assert_true(within("10.0.0.0/8", "10.0.0.0/8"));
	assert_true(within("10.0.0.0/8, 192.0.2.1/32", "0.0.0.0/0"));
	assert_false(within("10.0.0.0/8, 192.0.2.1/32", "10.0.0.0/8"));
	assert_false(within("10.0.0.0/7", "10.0.0.0/8"));
	assert_false(within("", "0.0.0.0/0"));
	assert_false(within("10.0.0.0/8", ""));
	assert_false(within("::/0", "0.0.0.0/0"));
	/* Several may hold one together, in any order, to the last address. */
	assert_true(within("10.0.0.0/24", "10.0.0.128/25, 10.0.0.0/25"));
	assert_true(within("0.0.0.0/0", "0.0.0.0-9.255.255.255, 9.0.0.0-255.255.255.255"));
	assert_true(within("255.255.255.0/24", "255.255.255.0/25, 255.255.255.128/25"));
	assert_false(within("10.0.0.0/24", "10.0.0.0/25, 10.0.0.129-10.0.0.255"));
	assert_false(within("10.0.0.0/24", "10.0.0.1-10.0.0.255"));

	/* Ports and protocols */
	a.list[0].protocol = 6;
	assert_true(ts_within(&a, &b));
	assert_false(ts_within(&b, &a));
	b.list[0].protocol = 17;
	assert_false(ts_within(&a, &b));
	b.list[0].protocol = 6;
	b.list[0].port_to = 100;
	assert_false(ts_within(&a, &b));
	a.list[0].port_to = 99;
	assert_true(ts_within(&a, &b));
	a.list[0].port_from = 65535;
	a.list[0].port_to = 0;
	assert_false(ts_within(&a, &b));
	b.list[0].port_to = 65535;
	assert_true(ts_within(&a, &b));
	assert_false(ts_within(&b, &a));
	assert_true(ts_within(&a, &a));
}

static const char *prefixes(const char *ranges, size_t max)
{
	static char out[300 * (ADDR_TEXT_MAX + 1)];
	struct ip_prefix found[300];
	struct ike_ts_list made = list(ranges);
	char word[ADDR_TEXT_MAX];
	int i, count = ts_prefixes(&made, found, max);

	assert_true(max <= 300);
	if (count < 0)
		return count == -7 ? "too many" : "?";
	out[0] = '\0';
	for (i = 0; i < count; i++) {
		strcat(out, i ? " " : "");
		strcat(out, prefix_text(&found[i], word));
	}
	return out;
}

static void ranges_as_prefixes(void **state)
{
	(void)state;
	assert_string_equal(prefixes("10.0.0.0/8", 1), "10.0.0.0/8");
	assert_string_equal(prefixes("0.0.0.0/0, ::/0", 2), "0.0.0.0/0 ::/0");
	assert_string_equal(prefixes("192.0.2.1-192.0.2.7", 3), "192.0.2.1/32 192.0.2.2/31 192.0.2.4/30");
	assert_string_equal(prefixes("192.0.2.1-192.0.2.7", 2), "too many");
	assert_string_equal(prefixes("255.255.255.240-255.255.255.254", 4),
			    "255.255.255.240/29 255.255.255.248/30 255.255.255.252/31 255.255.255.254/32");
	assert_string_equal(prefixes("0.0.0.0-255.255.255.254", 31), "too many");
	assert_string_not_equal(prefixes("0.0.0.0-255.255.255.254", 32), "too many");
	assert_string_equal(prefixes("255.255.255.255/32", 1), "255.255.255.255/32");
	assert_string_equal(prefixes("2001:db8::1-2001:db8::2", 2), "2001:db8::1/128 2001:db8::2/128");
	assert_string_equal(prefixes("", 0), "");
	assert_string_equal(prefixes("10.0.0.0/8", 0), "too many");
	/* The worst there is: 2 * 127 */
	assert_string_not_equal(prefixes("::1-ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", 254), "too many");
	assert_string_equal(prefixes("::1-ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", 253), "too many");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_what_people_write),
		cmocka_unit_test(a_prefix_is_a_range),
		cmocka_unit_test(narrowing),
		cmocka_unit_test(narrowing_fills_no_more_than_a_list),
		cmocka_unit_test(single_ports_are_passed_over),
		cmocka_unit_test(being_within),
		cmocka_unit_test(ranges_as_prefixes),
	};

	return cmocka_run_group_tests_name("ikets", tests, NULL, NULL);
}
