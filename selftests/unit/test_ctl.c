// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/iked/ctl_request.c tools/vpntun/util/why.c */
/* libs: jansson */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "iked/ctl_request.h"

static struct ctl_request request;
static struct why why;

static int parse(const char *line)
{
	why.text[0] = '\0';
	return ctl_request_parse(line, strlen(line), &request, &why);
}

static void requests_are_read(void **state)
{
	(void)state;
	assert_int_equal(parse("{\"v\":1,\"do\":\"up\",\"file\":\"/etc/vpntun/office.conf\"}"), 0);
	assert_int_equal(request.what, CTL_UP);
	assert_string_equal(request.file, "/etc/vpntun/office.conf");
	assert_int_equal(parse("{\"v\":1,\"do\":\"down\",\"name\":\"office\"}"), 0);
	assert_int_equal(request.what, CTL_DOWN);
	assert_string_equal(request.name, "office");
	assert_string_equal(request.file, "");
	assert_int_equal(parse("{\"v\":1,\"do\":\"reload\",\"file\":\"/etc/vpntun/office.conf\",\"dry\":true}"), 0);
	assert_int_equal(request.what, CTL_RELOAD);
	assert_true(request.dry);
	assert_int_equal(parse("{\"v\":1,\"do\":\"rekey\",\"name\":\"office\",\"tunnel\":\"a\",\"ike\":true}"), 0);
	assert_int_equal(request.what, CTL_REKEY);
	assert_string_equal(request.tunnel, "a");
	assert_true(request.ike);
	assert_int_equal(parse("{\"v\":1,\"do\":\"log\",\"name\":null,\"follow\":true}"), 0);
	assert_int_equal(request.what, CTL_LOG);
	assert_string_equal(request.name, "");
	assert_true(request.follow);
	assert_false(request.ike);
	assert_int_equal(parse("{\"v\":1,\"do\":\"status\"}"), 0);
	assert_int_equal(request.what, CTL_STATUS);
	assert_int_equal(parse("{\"v\":1,\"do\":\"ping\"}"), 0);
	assert_int_equal(request.what, CTL_PING);
}

static void only_some_change_things(void **state)
{
	static const bool changes[CTL_DOS] = {
		[CTL_UP] = true, [CTL_DOWN] = true, [CTL_RELOAD] = true, [CTL_REKEY] = true,
	};
	int what;

	(void)state;
	for (what = 0; what < CTL_DOS; what++)
		assert_int_equal(ctl_request_changes(&(struct ctl_request){ .what = what }), changes[what]);
}

static void others_are_refused(void **state)
{
	static const char *const bad[] = {
		"", "{", "[]", "7", "null", "\"up\"", "{}", "{\"do\":\"ping\"}", "{\"v\":1}",
		"{\"v\":2,\"do\":\"ping\"}", "{\"v\":\"1\",\"do\":\"ping\"}", "{\"v\":1,\"do\":\"fly\"}",
		"{\"v\":1,\"do\":7}", "{\"v\":1,\"do\":\"ping\"} x", "{\"v\":1,\"do\":\"ping\",\"do\":\"down\"}",
		"{\"v\":1,\"do\":\"ping\",\"name\":\"office\"}", "{\"v\":1,\"do\":\"ping\",\"colour\":\"red\"}",
		"{\"v\":1,\"do\":\"up\"}", "{\"v\":1,\"do\":\"up\",\"file\":null}",
		"{\"v\":1,\"do\":\"up\",\"file\":\"office.conf\"}", "{\"v\":1,\"do\":\"up\",\"file\":\"\"}",
		"{\"v\":1,\"do\":\"up\",\"file\":[\"/a\"]}", "{\"v\":1,\"do\":\"up\",\"file\":\"/a\",\"name\":\"a\"}",
		"{\"v\":1,\"do\":\"down\"}", "{\"v\":1,\"do\":\"down\",\"name\":7}",
		"{\"v\":1,\"do\":\"down\",\"name\":\"a\\u0000b\"}",
		"{\"v\":1,\"do\":\"down\",\"name\":\"01234567890123456789012345678901\"}",
		"{\"v\":1,\"do\":\"rekey\",\"tunnel\":\"a\"}", "{\"v\":1,\"do\":\"rekey\",\"name\":\"a\",\"ike\":1}",
		"{\"v\":1,\"do\":\"log\",\"follow\":\"yes\"}",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (!parse(bad[i]))
			fail_msg("taken: %s", bad[i]);
		assert_true(*why.text);
	}
}

static void the_longest_name_fits(void **state)
{
	char line[1024], path[CTL_FILE_MAX + 1];

	(void)state;
	assert_int_equal(parse("{\"v\":1,\"do\":\"down\",\"name\":\"0123456789012345678901234567890\"}"), 0);
	assert_int_equal(strlen(request.name), CONF_NAME_SIZE - 1);

	memset(path, '/', sizeof(path));
	path[CTL_FILE_MAX - 1] = '\0';
	snprintf(line, sizeof(line), "{\"v\":1,\"do\":\"up\",\"file\":\"%s\"}", path);
	assert_int_equal(parse(line), 0);
	path[CTL_FILE_MAX - 1] = '/';
	path[CTL_FILE_MAX] = '\0';
	snprintf(line, sizeof(line), "{\"v\":1,\"do\":\"up\",\"file\":\"%s\"}", path);
	assert_int_equal(parse(line), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_read),
		cmocka_unit_test(only_some_change_things),
		cmocka_unit_test(others_are_refused),
		cmocka_unit_test(the_longest_name_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
