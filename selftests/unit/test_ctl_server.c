// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/iked/ctl_server.c tools/vpntun/iked/ctl_request.c tools/vpntun/util/why.c */
/* libs: jansson libevent_core */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>

#include "iked/ctl.h"
#include "iked/ctl_server.h"
#include "iked/log.h"

/* Many clients at once: the units of a host with many connections, and others who may only ask. */
enum { CLIENTS = 400, OTHERS = 40, NOBODY = 65534, LEFT_OUT = 4 };

static char folder[] = "/tmp/test_ctl_server.XXXXXX";
static struct event_base *base;
static struct ctl_server *server;

int ctl_path(char *path, size_t size)
{
	snprintf(path, size, "%s/ctl-1", folder);
	return 0;
}

void ilog(enum ike_log_level level, const char *name, const char *fmt, ...)
{
	(void)level, (void)name, (void)fmt;
}

void ilog_each(ilog_fn *fn, void *ctx)
{
	(void)fn, (void)ctx;
}

void ilog_follow(ilog_fn *fn, void *ctx)
{
	(void)fn, (void)ctx;
}

const char *ilog_time(const struct ilog_line *line, char text[ILOG_TIME_SIZE])
{
	(void)line;
	return strcpy(text, "");
}

const char *ilog_level_name(enum ike_log_level level)
{
	(void)level;
	return "";
}

static void on_request(void *ctx, uint64_t client, const struct ctl_request *request)
{
	(void)ctx, (void)client, (void)request;
	fail_msg("none was sent but pings");
}

static const struct ctl_server_ops ops = { .request = on_request };

static int dial(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	ctl_path(address.sun_path, sizeof(address.sun_path));
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return -1;
	return fd;
}

static void ping(int fd)
{
	static const char line[] = "{\"v\":1,\"do\":\"ping\"}\n";

	assert_int_equal(send(fd, line, sizeof(line) - 1, MSG_NOSIGNAL), sizeof(line) - 1);
}

/* What has come for it: 'y' or 'n' as it was answered or refused, 0: nothing yet. */
static char answer(int fd)
{
	char text[256] = "";

	if (recv(fd, text, sizeof(text) - 1, 0) <= 0)
		return 0;
	return strstr(text, "\"ok\":true") ? 'y' : 'n';
}

static void turn(void)
{
	int i;

	for (i = 0; i < 3 * CLIENTS; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
}

static int setup(void **state)
{
	struct why why;
	char path[CTL_PATH_MAX];

	(void)state;
	base = event_base_new();
	server = base ? ctl_server_create(base, &ops, NULL, &why) : NULL;
	ctl_path(path, sizeof(path));
	return server && !chmod(path, 0666) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	ctl_server_free(server);
	event_base_free(base);
	return 0;
}

/* They stay connected, as those do who wait for a tunnel: the last ones have their turn when the first have gone. */
static void root_is_never_refused(void **state)
{
	unsigned int answered = 0, rounds;
	int fds[CLIENTS], i;
	char got;

	(void)state;
	for (i = 0; i < CLIENTS; i++) {
		fds[i] = dial();
		assert_true(fds[i] >= 0);
		ping(fds[i]);
	}
	for (rounds = 0; answered < CLIENTS && rounds < CLIENTS; rounds++) {
		turn();
		for (i = 0; i < CLIENTS; i++) {
			got = fds[i] < 0 ? 0 : answer(fds[i]);
			assert_int_not_equal(got, 'n');
			if (!got)
				continue;
			answered++;
			close(fds[i]);
			fds[i] = -1;
		}
	}
	assert_int_equal(answered, CLIENTS);
}

/* In a process of their own, which says how many got in. */
static void be_others(int told)
{
	int fds[OTHERS], i;
	char text[2], ready = 'r';

	if (setgid(NOBODY) || setuid(NOBODY))
		_exit(1);
	for (i = 0; i < OTHERS; i++) {
		fds[i] = dial();
		if (fds[i] < 0)
			_exit(1);
	}
	if (write(told, &ready, 1) != 1 || read(told, text, 1) != 1)
		_exit(1);
	_exit(0);
}

static void others_keep_nobody_waiting(void **state)
{
	int pair[2], status, fd;
	char ready;
	pid_t pid;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	pid = fork();
	if (!pid)
		be_others(pair[1]);
	assert_int_equal(read(pair[0], &ready, 1), 1);
	turn();
	fd = dial();
	ping(fd);
	turn();
	assert_int_equal(answer(fd), 'y');
	close(fd);
	assert_int_equal(write(pair[0], "x", 1), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(root_is_never_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(others_keep_nobody_waiting, setup, teardown),
	};
	int failed;

	if (geteuid()) {
		puts("root alone has clients who are root and others: left out");
		return LEFT_OUT;
	}
	if (!mkdtemp(folder) || chmod(folder, 0755))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(folder);
	return failed;
}
