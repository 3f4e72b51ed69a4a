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
		cmocka_unit_test(choices_name_the_nearest),
		cmocka_unit_test(hex_is_whole_bytes),
		cmocka_unit_test(names_are_fit_for_shells_and_terminals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
