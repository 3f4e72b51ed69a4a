// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/util/num.c tools/vpntun/util/nearest.c tools/vpntun/util/why.c tools/vpntun/util/hex.c tools/vpntun/util/name.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "util/hex.h"
#include "util/name.h"
#include "util/num.h"

static void numbers_end_where_their_digits_do(void **state)
{
	static const char *const bad[] = {
		"", " 1", "1 ", "+1", "-1", "0x10", "1e3", "1.0", "12a", "4294967296",
		"18446744073709551616", "99999999999999999999999",
	};
	uint32_t number = 5;
	struct why why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_true(u32_parse(bad[i], &number, &why) < 0);
	assert_int_equal(number, 5);

	assert_int_equal(u32_parse("0", &number, &why), 0);
	assert_int_equal(number, 0);
	assert_int_equal(u32_parse("4294967295", &number, &why), 0);
	assert_int_equal(number, UINT32_MAX);
}

static void ports_have_a_range(void **state)
{
	uint16_t port = 0;
	struct why why;

	(void)state;
	assert_int_equal(port_parse("4500", &port, &why), 0);
	assert_int_equal(port, 4500);
	assert_int_equal(port_parse("65535", &port, &why), 0);
	assert_true(port_parse("0", &port, &why) < 0);
	assert_true(port_parse("65536", &port, &why) < 0);
	assert_string_equal(why.text, "'65536' is not within 1 to 65535");
}

static void spis_are_decimal_or_hex(void **state)
{
	uint32_t spi = 0;
	struct why why;

	(void)state;
	assert_int_equal(spi_parse("256", &spi, &why), 0);
	assert_int_equal(spi, 256);
	assert_int_equal(spi_parse("0x100", &spi, &why), 0);
	assert_int_equal(spi, 256);
	assert_int_equal(spi_parse("0xC0FFEE00", &spi, &why), 0);
	assert_int_equal(spi, 0xc0ffee00);
	assert_int_equal(spi_parse("4294967295", &spi, &why), 0);
	assert_int_equal(spi, UINT32_MAX);

	assert_true(spi_parse("255", &spi, &why) < 0);
	assert_string_equal(why.text, "'255': SPIs below 256 are reserved");
	assert_true(spi_parse("0x", &spi, &why) < 0);
	assert_true(spi_parse("0x100g", &spi, &why) < 0);
	assert_true(spi_parse("c0ffee", &spi, &why) < 0);
	assert_true(spi_parse("0x100000000", &spi, &why) < 0);
	assert_true(spi_parse("0xfffffffffffffffffff", &spi, &why) < 0);
}

static void windows_have_a_range(void **state)
{
	uint32_t window = 0;
	struct why why;

	(void)state;
	assert_int_equal(window_parse("64", &window, &why), 0);
	assert_int_equal(window_parse("8192", &window, &why), 0);
	assert_true(window_parse("63", &window, &why) < 0);
	assert_true(window_parse("8193", &window, &why) < 0);
}

/* A parser, texts that it takes with their values, and texts that it refuses. */
typedef int u32_parser(const char *text, void *out, struct why *why);

struct good {
	const char *text;
	uint32_t value;
};

static void check_u32(u32_parser *parse, const struct good *good, const char *const *bad)
{
	uint32_t value = 0;
	struct why why;

	for (; good->text; good++) {
		assert_int_equal(parse(good->text, &value, &why), 0);
		assert_int_equal(value, good->value);
	}
	for (value = 12345; *bad; bad++) {
		assert_true(parse(*bad, &value, &why) < 0);
		assert_int_equal(value, 12345);
	}
}

#define GOOD(...) ((const struct good[]){ __VA_ARGS__, { NULL, 0 } })
#define BAD(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void options_have_their_ranges(void **state)
{
	(void)state;
	check_u32(mark_parse, GOOD({ "0", 0 }, { "0x0", 0 }, { "0xfFfFfFfF", UINT32_MAX },
				   { "4294967295", UINT32_MAX }, { "010", 10 }),
		  BAD("", "-1", "0x", "0x100000000", "4294967296", "x10", "0x1/0xff", "ff",
		      "0xfffffffffffffffff"));
	check_u32(mss_parse, GOOD({ "off", MSS_OFF }, { "on", MSS_ON }, { "88", 88 },
				  { "65495", 65495 }),
		  BAD("", "0", "1", "87", "65496", "auto", "On", "0x100"));
	check_u32(mtu_parse, GOOD({ "auto", 0 }, { "68", 68 }, { "65535", 65535 }),
		  BAD("", "0", "67", "65536", "off"));
	check_u32(keepalive_parse, GOOD({ "off", 0 }, { "0", 0 }, { "1", 1 }, { "3600", 3600 }),
		  BAD("", "3601", "on", "-1", "20s"));
	check_u32(interval_parse, GOOD({ "100", 100 }, { "3600000", 3600000 }),
		  BAD("", "99", "3600001", "1s", "0"));
	check_u32(misses_parse, GOOD({ "1", 1 }, { "100", 100 }), BAD("", "0", "101"));
	check_u32(life_time_parse, GOOD({ "1", 1 }, { "31536000", 31536000 }),
		  BAD("", "0", "31536001", "1h"));
	check_u32(linger_parse, GOOD({ "0", 0 }, { "60", 60 }), BAD("", "61", "-1"));
}

static void check_u8(u32_parser *parse, const struct good *good, const char *const *bad)
{
	uint8_t value = 0;
	struct why why;

	for (; good->text; good++) {
		assert_int_equal(parse(good->text, &value, &why), 0);
		assert_int_equal(value, good->value);
	}
	for (value = 99; *bad; bad++) {
		assert_true(parse(*bad, &value, &why) < 0);
		assert_int_equal(value, 99);
	}
}

static void bytes_have_their_ranges(void **state)
{
	(void)state;
	check_u8(dscp_parse, GOOD({ "0", 0 }, { "63", 63 }, { "copy", DSCP_COPY }),
		 BAD("", "64", "255", "256", "ef", "0x2e", "COPY"));
	check_u8(ttl_parse, GOOD({ "1", 1 }, { "255", 255 }), BAD("", "0", "256", "inherit"));
}

static void check_bytes(const char *text, uint64_t bytes)
{
	uint64_t value = 0;
	struct why why;

	assert_int_equal(life_bytes_parse(text, &value, &why), 0);
	assert_true(value == bytes);
}

static void lives_are_large_numbers(void **state)
{
	static const char *const bad[] = {
		"", "0", "K", "0K", "-1", "1KB", "1k", "1.5G", "1 G", "GG", "1GG", "18446744073709551616",
		"18014398509481984K", "16777216T", "99999999999999999999999999999999999999G",
	};
	uint64_t value = 7;
	struct why why;
	size_t i;

	(void)state;
	check_bytes("1", 1);
	check_bytes("18446744073709551615", UINT64_MAX);
	check_bytes("1K", 1024);
	check_bytes("3M", UINT64_C(3) << 20);
	check_bytes("5G", UINT64_C(5) << 30);
	check_bytes("16777215T", UINT64_C(16777215) << 40);
	check_bytes("18014398509481983K", UINT64_C(18014398509481983) << 10);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_true(life_bytes_parse(bad[i], &value, &why) < 0);
	assert_true(life_parse("0", &value, &why) < 0);
	assert_true(life_parse("1K", &value, &why) < 0);
	assert_int_equal(value, 7);
	assert_int_equal(life_parse("18446744073709551615", &value, &why), 0);
	assert_true(value == UINT64_MAX);
}

static void devices_are_those_here(void **state)
{
	uint32_t device = 7;
	struct why why;

	(void)state;
	assert_true(device_parse("no-such-device-here", &device, &why) < 0);
	assert_true(device_parse("", &device, &why) < 0);
	assert_int_equal(device, 7);
	assert_int_equal(device_parse("none", &device, &why), 0);
	assert_int_equal(device, 0);
	assert_int_equal(device_parse("lo", &device, &why), 0);
	assert_int_equal(device, 1);
}

static void choices_name_the_nearest(void **state)
{
	static const char *const names[] = { NULL, "soft", "hard" };
	unsigned int value = 9;
	uint8_t flag = 9;
	struct why why;

	(void)state;
	assert_int_equal(choice_parse("hard", names, 3, &value, &why), 0);
	assert_int_equal(value, 2);
	assert_true(choice_parse("sfot", names, 3, &value, &why) < 0);
	assert_string_equal(why.text, "unknown value 'sfot'; did you mean 'soft'?");
	assert_true(choice_parse("zzz", names, 3, &value, &why) < 0);
	assert_string_equal(why.text, "unknown value 'zzz'");

	assert_int_equal(onoff_parse("on", &flag, &why), 0);
	assert_int_equal(flag, 1);
	assert_int_equal(onoff_parse("off", &flag, &why), 0);
	assert_int_equal(flag, 0);
	assert_true(onoff_parse("yes", &flag, &why) < 0);
}

static void hex_is_whole_bytes(void **state)
{
	uint8_t out[4] = { 0 };
	struct why why;

	(void)state;
	assert_int_equal(hex_decode("00fFA5", 6, out, sizeof(out), &why), 3);
	assert_memory_equal(out, "\x00\xff\xa5", 3);

	assert_true(hex_decode("abc", 3, out, sizeof(out), &why) < 0);
	assert_true(hex_decode("0011223344", 10, out, sizeof(out), &why) < 0);
	assert_true(hex_decode("00x1", 4, out, sizeof(out), &why) < 0);
	assert_string_equal(why.text, "character 3 is not a hex digit");
}

static void names_are_fit_for_shells_and_terminals(void **state)
{
	char copy[8];
	struct why why;

	(void)state;
	assert_int_equal(name_check("aws-1.b_c:d@e+f", TUNNEL_NAME_SIZE, &why), 0);
	assert_true(name_check("", TUNNEL_NAME_SIZE, &why) < 0);
	assert_true(name_check("-x", TUNNEL_NAME_SIZE, &why) < 0);
	assert_true(name_check("a b", TUNNEL_NAME_SIZE, &why) < 0);
	assert_true(name_check("a\033[2J", TUNNEL_NAME_SIZE, &why) < 0);
	assert_int_equal(name_check("abcdefghijklmno", IFACE_NAME_SIZE, &why), 0);
	assert_true(name_check("abcdefghijklmnop", IFACE_NAME_SIZE, &why) < 0);

	name_copy(copy, sizeof(copy), "a\033b", 3);
	assert_string_equal(copy, "a?b");
	name_copy(copy, sizeof(copy), "longer than that", 16);
	assert_string_equal(copy, "longer?");
	name_copy(copy, sizeof(copy), "ab\0cd", 5);
	assert_string_equal(copy, "ab");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_end_where_their_digits_do),
		cmocka_unit_test(ports_have_a_range),
		cmocka_unit_test(spis_are_decimal_or_hex),
		cmocka_unit_test(windows_have_a_range),
		cmocka_unit_test(options_have_their_ranges),
		cmocka_unit_test(bytes_have_their_ranges),
		cmocka_unit_test(lives_are_large_numbers),
		cmocka_unit_test(devices_are_those_here),
		cmocka_unit_test(choices_name_the_nearest),
		cmocka_unit_test(hex_is_whole_bytes),
		cmocka_unit_test(names_are_fit_for_shells_and_terminals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
