// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/iked/kept.c tools/vpntun/util/why.c */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "iked/ctl.h"
#include "iked/kept.h"
#include "iked/log.h"
#include "nl/netns.h"
#include "util/clock.h"

/*
 * The list of what is up, across a crash. There is an interface lo, and in the namespace "blue", which is also
 * /run/netns/blue, one called vgw7; no connection is really made.
 */
static char folder[] = "/tmp/test_kept.XXXXXX";
static char path[64];
static struct conns conns;
static struct conn made[4];
static size_t n_made;
static bool office_fails;
static uint64_t now;
static bool in_blue, no_blue;

enum { HOME = 1000 };

unsigned int if_nametoindex(const char *name)
{
	return !strcmp(name, in_blue ? "vgw7" : "lo");
}

int netns_open(const char *name, struct why *why)
{
	if (!no_blue && (!strcmp(name, "blue") || !strcmp(name, "/run/netns/blue")))
		return dup(STDERR_FILENO);
	why_set(why, "there is no network namespace %s", name);
	return -ENOENT;
}

int netns_enter(int netns)
{
	assert_true(netns >= 0 && !in_blue);
	in_blue = true;
	return HOME;
}

void netns_leave(int home)
{
	assert_true(home == HOME && in_blue);
	in_blue = false;
}

int ctl_path(char *out, size_t size)
{
	snprintf(out, size, "%s/ctl-77", folder);
	return 0;
}

uint64_t clock_ms(clockid_t clock)
{
	(void)clock;
	return now;
}

void ilog(enum ike_log_level level, const char *name, const char *fmt, ...)
{
	(void)level, (void)name, (void)fmt;
}

int conns_up(struct conns *to, const char *file, struct why *why)
{
	struct conn *conn = &made[n_made];

	if (office_fails && strstr(file, "office"))
		return why_set(why, "there is no Device ppp0");
	assert_true(n_made < sizeof(made) / sizeof(*made));
	snprintf(conn->conf.path, sizeof(conn->conf.path), "%s", file);
	snprintf(conn->conf.ifname, sizeof(conn->conf.ifname), strstr(file, "far") ? "vgw7" : "lo");
	snprintf(conn->conf.netns, sizeof(conn->conf.netns), "%s",
		 !strstr(file, "far") ? "" : strstr(file, "path") ? "/run/netns/blue" : "blue");
	conn->next = to->first;
	to->first = conn;
	n_made++;
	return 0;
}

static void write_text(const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void assert_text(const char *expected)
{
	char text[512] = "";
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(text, expected);
}

static int setup(void **state)
{
	(void)state;
	memset(&conns, 0, sizeof(conns));
	memset(made, 0, sizeof(made));
	n_made = 0;
	now = 1000;
	office_fails = true;
	no_blue = false;
	unlink(path);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	kept_free(&conns);
	return 0;
}

static void what_is_up_is_taken_over(void **state)
{
	(void)state;
	office_fails = false;
	write_text("lo /etc/vpntun/office.conf\nno-such-if /etc/vpntun/gone.conf\nlo /etc/vpntun/home.conf\n");
	kept_load(&conns);
	assert_int_equal(n_made, 2);
	assert_text("lo /etc/vpntun/home.conf\nlo /etc/vpntun/office.conf\n");
	conns.first = NULL;
	kept_save(&conns);
	assert_int_equal(access(path, F_OK), -1);
}

static void what_fails_is_kept_and_tried_again(void **state)
{
	(void)state;
	write_text("lo /etc/vpntun/office.conf\nlo /etc/vpntun/home.conf\n");
	kept_load(&conns);
	assert_int_equal(n_made, 1);
	assert_text("lo /etc/vpntun/home.conf\nlo /etc/vpntun/office.conf\n");
	office_fails = false;
	kept_tick(&conns);	/* not yet */
	assert_int_equal(n_made, 1);
	office_fails = true;
	now += 3600 * 1000;
	kept_tick(&conns);
	assert_text("lo /etc/vpntun/home.conf\nlo /etc/vpntun/office.conf\n");
	office_fails = false;
	now += 3600 * 1000;
	kept_tick(&conns);
	assert_int_equal(n_made, 2);
	assert_text("lo /etc/vpntun/office.conf\nlo /etc/vpntun/home.conf\n");
	now += 3600 * 1000;
	kept_tick(&conns);
	assert_int_equal(n_made, 2);
}

/* Another crash before it could be brought up. */
static void the_next_helper_tries_too(void **state)
{
	(void)state;
	write_text("lo /etc/vpntun/office.conf\n");
	kept_load(&conns);
	assert_int_equal(n_made, 0);
	kept_free(&conns);
	memset(&conns, 0, sizeof(conns));
	office_fails = false;
	kept_load(&conns);
	assert_int_equal(n_made, 1);
}

static void by_hand_will_do(void **state)
{
	struct why why;

	(void)state;
	write_text("lo /etc/vpntun/office.conf\n");
	kept_load(&conns);
	office_fails = false;
	assert_int_equal(conns_up(&conns, "/etc/vpntun/office.conf", &why), 0);
	kept_save(&conns);
	assert_text("lo /etc/vpntun/office.conf\n");
	now += 3600 * 1000;
	kept_tick(&conns);
	assert_int_equal(n_made, 1);
}

static void what_is_in_a_namespace_is_looked_for_there(void **state)
{
	(void)state;
	write_text("vgw7/blue /etc/vpntun/far.conf\nvgw7//run/netns/blue /etc/vpntun/far path.conf\n"
		   "vgw7 /etc/vpntun/far1.conf\nlo/blue /etc/vpntun/far2.conf\nvgw7/red /etc/vpntun/far3.conf\n");
	kept_load(&conns);
	assert_int_equal(n_made, 2);
	assert_text("vgw7//run/netns/blue /etc/vpntun/far path.conf\nvgw7/blue /etc/vpntun/far.conf\n");
	assert_false(in_blue);
}

static void a_namespace_that_goes_ends_it(void **state)
{
	struct kept_place left;

	(void)state;
	write_text("vgw7/blue /etc/vpntun/far-office.conf\n");
	kept_load(&conns);
	assert_int_equal(n_made, 0);
	assert_text("vgw7/blue /etc/vpntun/far-office.conf\n");
	assert_true(kept_end(&conns, "far-office", &left));
	assert_string_equal(left.ifname, "vgw7");
	assert_string_equal(left.netns, "blue");
	assert_int_equal(access(path, F_OK), -1);

	write_text("vgw7/blue /etc/vpntun/far-office.conf\n");
	kept_load(&conns);
	no_blue = true;
	now += 3600 * 1000;
	kept_tick(&conns);
	assert_int_equal(n_made, 0);
	assert_int_equal(access(path, F_OK), -1);
	assert_false(kept_end(&conns, "far-office", &left));
}

/* Who can write there is root; what does not fit is nobody's all the same. */
static void lines_that_do_not_fit_are_left_out(void **state)
{
	char text[2048];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		static const char *const form[] = { "lo%0300d /etc/vpntun/home.conf\n",
						    "lo/%0300d /etc/vpntun/home.conf\n",
						    "lo /%01500d/home.conf\n" };

		snprintf(text, sizeof(text), form[i], 0);
		write_text(text);
		kept_load(&conns);
		assert_int_equal(n_made, 0);
	}
}

/* The user does not want it any more, whatever was to be waited for. */
static void down_ends_it(void **state)
{
	static const char *const named[] = { "office", "lo" };
	struct kept_place left;

	(void)state;
	for (size_t i = 0; i < sizeof(named) / sizeof(*named); i++) {
		setup(NULL);
		write_text("lo /etc/vpntun/office.conf\n");
		kept_load(&conns);
		assert_false(kept_end(&conns, "offic", &left));
		assert_false(kept_end(&conns, "office.conf", &left));
		assert_false(kept_end(&conns, "", &left));
		assert_text("lo /etc/vpntun/office.conf\n");
		assert_true(kept_end(&conns, named[i], &left));
		assert_string_equal(left.ifname, "lo");
		assert_string_equal(left.netns, "");
		assert_int_equal(access(path, F_OK), -1);
		assert_false(kept_end(&conns, named[i], &left));
		office_fails = false;
		now += 3600 * 1000;
		kept_tick(&conns);
		assert_int_equal(n_made, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_up_is_taken_over, setup, teardown),
		cmocka_unit_test_setup_teardown(what_fails_is_kept_and_tried_again, setup, teardown),
		cmocka_unit_test_setup_teardown(the_next_helper_tries_too, setup, teardown),
		cmocka_unit_test_setup_teardown(by_hand_will_do, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_in_a_namespace_is_looked_for_there, setup, teardown),
		cmocka_unit_test_setup_teardown(a_namespace_that_goes_ends_it, setup, teardown),
		cmocka_unit_test_setup_teardown(lines_that_do_not_fit_are_left_out, setup, teardown),
		cmocka_unit_test_setup_teardown(down_ends_it, setup, teardown),
	};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof(path), "%s/up-77", folder);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	rmdir(folder);
	return failed;
}
