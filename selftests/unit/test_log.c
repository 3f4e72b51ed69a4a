// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/iked/log.c tools/vpntun/ike/names.c tools/vpntun/ike/propname.c tools/vpntun/util/text.c */
/* sources: tools/vpntun/util/nearest.c tools/vpntun/util/why.c */
/* libs: jansson */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "iked/log.h"

/* What gets into the log of bytes that others chose: the network process, and who named the parent's files. */
static FILE *written;
static int stderr_was;

/* Standard error is a file; but not while a test may complain. */
static void divert(void)
{
	written = tmpfile();
	stderr_was = dup(STDERR_FILENO);
	assert_non_null(written);
	assert_true(stderr_was >= 0);
	assert_true(dup2(fileno(written), STDERR_FILENO) >= 0);
}

static void set(enum daemon_format format)
{
	const struct daemon_conf conf = { .log_level = DAEMON_INFO, .log_format = format, .log_to = DAEMON_LOG_STDERR };

	ilog_open(true);
	ilog_set(&conf);
}

/* The one line that was written since. */
static const char *line(void)
{
	static char text[2048];
	size_t len;

	fflush(stderr);
	assert_true(dup2(stderr_was, STDERR_FILENO) >= 0);
	close(stderr_was);
	rewind(written);
	len = fread(text, 1, sizeof(text) - 1, written);
	fclose(written);
	assert_true(len > 0);
	text[len] = '\0';
	assert_ptr_equal(strchr(text, '\n'), text + len - 1);
	text[len - 1] = '\0';
	return text;
}

static void said_in_json(const char *message)
{
	json_error_t error;
	json_t *object = json_loads(line(), 0, &error);

	assert_non_null(object);
	assert_string_equal(json_string_value(json_object_get(object, "message")), message);
	assert_string_equal(json_string_value(json_object_get(object, "connection")), "office");
	json_decref(object);
}

static void a_network_process_says_plain_text(void **state)
{
	/* CSI as one character of UTF-8 and as a byte, no UTF-8 at all, the end of line, and what is neither. */
	const struct ike_act_log event = { .level = IKE_LOG_INFO, .text = "a\xc2\x9b" "b\x9b" "c\xff" "d\ne\x7f ~" };

	(void)state;
	set(DAEMON_TEXT);
	divert();
	ilog_event("office", &event);
	assert_string_equal(line(), "vpntun: info: office: a??b?c?d?e? ~");
	set(DAEMON_JSON);
	divert();
	ilog_event("office", &event);
	said_in_json("a??b?c?d?e? ~");
}

static void every_line_of_json_is_json(void **state)
{
	(void)state;
	set(DAEMON_JSON);
	divert();
	ilog(IKE_LOG_INFO, "office", "%s", "b\xc3\xbcro.conf");
	said_in_json("b\xc3\xbcro.conf");
	divert();
	ilog(IKE_LOG_INFO, "office", "%s", "b\xfcro.conf");
	said_in_json("b?ro.conf");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_network_process_says_plain_text),
		cmocka_unit_test(every_line_of_json_is_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
