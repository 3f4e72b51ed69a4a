// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/conf/daemon.c tools/vpntun/conf/lex.c tools/vpntun/conf/load.c tools/vpntun/conf/report.c */
/* sources: tools/vpntun/conf/keys.c tools/vpntun/conf/value.c tools/vpntun/conf/parse.c tools/vpntun/conf/check.c */
/* sources: tools/vpntun/conf/defaults.c tools/vpntun/conf/inside.c tools/vpntun/util/addr.c tools/vpntun/util/name.c */
/* sources: tools/vpntun/util/nearest.c tools/vpntun/util/num.c tools/vpntun/util/prefix.c tools/vpntun/util/text.c */
/* sources: tools/vpntun/util/why.c */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf/daemon.h"

#define P "/etc/vpntun/daemon.conf"

static char said[4096];

static void say(void *ctx, bool fault, const char *line)
{
	size_t used = strlen(said);

	(void)ctx;
	snprintf(said + used, sizeof(said) - used, "%s%s\n", fault ? "" : "warning: ", line);
}

static int parse(const char *text, struct daemon_conf *out)
{
	struct conf_report report = { .say = say };

	said[0] = '\0';
	return daemon_parse(P, text, strlen(text), out, &report);
}

static void all_keys(void **state)
{
	struct daemon_conf conf;

	(void)state;
	assert_int_equal(parse("# the helper\n[Daemon]\nListen = 203.0.113.1, 2001:db8::1\nLogLevel = debug\nLogFormat = json\n"
			       "LogTo = journal\nCookieThreshold = 0\nHalfOpenMax = 1000\nHalfOpenPerSource = 8\n", &conf), 0);
	assert_string_equal(said, "");
	assert_int_equal(conf.listen.count, 2);
	assert_int_equal(conf.listen.list[1].len, 16);
	assert_int_equal(conf.log_level, DAEMON_DEBUG);
	assert_int_equal(conf.log_format, DAEMON_JSON);
	assert_int_equal(conf.log_to, DAEMON_LOG_JOURNAL);
	assert_int_equal(conf.cookie_threshold, 0);
	assert_int_equal(conf.half_open_max, 1000);
	assert_int_equal(conf.source_max, 8);
}

static void defaults(void **state)
{
	struct daemon_conf conf;

	(void)state;
	assert_int_equal(parse("", &conf), 0);
	assert_int_equal(conf.listen.count, 0);
	assert_int_equal(conf.log_level, DAEMON_INFO);
	assert_int_equal(conf.log_format, DAEMON_TEXT);
	assert_int_equal(conf.log_to, DAEMON_LOG_AUTO);
	assert_int_equal(conf.cookie_threshold, 32);
	assert_int_equal(conf.half_open_max, 512);
	assert_int_equal(conf.source_max, 0);
}

static const struct {
	const char *text, *said;
} wrong[] = {
	{ "LogLevel = info\n", P ":1: LogLevel stands in front of the first section\n" },
	{ "[Interface]\nName = x\n", P ":1: unknown section 'Interface'; this file has [Daemon] alone\n" },
	{ "[Daemon]\nLoglevel = info\n", P ":2: unknown key 'Loglevel'; did you mean 'LogLevel'?\n" },
	{ "[Daemon]\nLogLevel = info\nLogLevel = info\n", P ":3: LogLevel is given already, in line 2\n" },
	{ "[Daemon]\n[Daemon]\n", P ":2: [Daemon] is there already, in line 1\n" },
	{ "[Daemon x]\n", P ":1: [Daemon] has no name behind it\n" },
	{ "[Daemon]\nListen = \n", P ":2: Listen has no value\n" },
	{ "[Daemon]\nListen = 224.0.0.1\nHalfOpenMax = 0\n", P ":2: Listen: '224.0.0.1' is not the address of one host\n"
	  P ":3: HalfOpenMax: '0' is not within 1 to 65536\n" },
	{ "[Daemon]\nnonsense\n", P ":2: neither '[SECTION]' nor 'KEY = VALUE'\n" },
};

static void faults(void **state)
{
	struct daemon_conf conf;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		assert_int_equal(parse(wrong[i].text, &conf), -EINVAL);
		assert_string_equal(said, wrong[i].said);
	}
	assert_int_equal(parse("[Daemon]\nHalfOpenMax = 10\nHalfOpenPerSource = 11\n", &conf), 0);
	assert_string_equal(said, "warning: " P ":2: CookieThreshold (32) is beyond HalfOpenMax (10): cookies are asked for only when all room is taken\n"
			    "warning: " P ":3: HalfOpenPerSource (11) is beyond HalfOpenMax (10): one address may have all\n");
}

static void which_file(void **state)
{
	char folder[] = "/tmp/test_daemon.XXXXXX", path[64];
	struct conf_report report = { .say = say };
	struct daemon_conf conf;

	(void)state;
	assert_true(daemon_is_file("daemon"));
	assert_true(daemon_is_file("daemon.conf"));
	assert_true(daemon_is_file("/some/daemon.conf"));
	assert_false(daemon_is_file("office"));
	assert_false(daemon_is_file("/etc/daemon/x.conf"));
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/daemon.conf", folder);
	said[0] = '\0';
	assert_int_equal(daemon_load(path, &conf, &report), -EINVAL);	/* not there, but asked for */
	assert_non_null(strstr(said, "No such file"));
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_keys), cmocka_unit_test(defaults), cmocka_unit_test(faults),
		cmocka_unit_test(which_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
