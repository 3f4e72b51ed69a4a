// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/iked/sandbox.c tools/vpntun/util/why.c */
/* libs: libseccomp libcap */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "iked/sandbox.h"

/* What a process can still do that was taken over after it had entered: each test has a process of its own for that. */
enum { LEFT_OUT = 4, ENTERED = 7, PATIENCE = 30 /* s */ };

static const char before[] = "said before\n", after[] = "<0>said by who has taken it over\n";

/* In the process: writes to standard error before and after. */
static void write_twice(int (*enter)(struct why *why))
{
	struct why why = { "" };

	if (write(STDERR_FILENO, before, strlen(before)) < 0)
		_exit(1);
	if (enter(&why)) {
		dprintf(STDERR_FILENO, "%s\n", why.text);
		_exit(1);
	}
	if (write(STDERR_FILENO, after, strlen(after)) != (ssize_t)strlen(after))
		_exit(1);
	/* The sanitizer's _exit() looks for a stack of signals first, which the sandbox forbids. */
	syscall(SYS_exit_group, ENTERED);
}

/* Whose standard error is the test's: what came there is left in @said. Its status. */
static int said_by(int (*enter)(struct why *why), char *said, size_t size)
{
	size_t len = 0;
	ssize_t got;
	int fds[2], status;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		dup2(fds[1], STDERR_FILENO);
		write_twice(enter);
	}
	close(fds[1]);
	while (len < size - 1 && (got = read(fds[0], said + len, size - 1 - len)) > 0)
		len += got;
	said[len] = '\0';
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void nothing_is_said(int (*enter)(struct why *why))
{
	char said[256];
	int status = said_by(enter, said, sizeof(said));

	assert_string_equal(said, before);
	/* And nobody is ended for it: libraries complain there. */
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), ENTERED);
}

static void standard_error_leads_nowhere(void **state)
{
	(void)state;
	nothing_is_said(sandbox_enter);
}

static void nor_does_a_servers(void **state)
{
	(void)state;
	nothing_is_said(sandbox_enter_server);
}

/* In the process: enters, tells its id, and waits for what never comes. */
static void wait_inside(int fd)
{
	pid_t pid = getpid();
	struct iovec part = { &pid, sizeof(pid) };
	struct msghdr msg = { .msg_iov = &part, .msg_iovlen = 1 };
	struct why why = { "" };

	if (sandbox_enter(&why) || sendmsg(fd, &msg, 0) != sizeof(pid))
		_exit(1);
	while (recvmsg(fd, &msg, 0) > 0)
		;
	syscall(SYS_exit_group, ENTERED);
}

static void one_that_hangs_ends_with_its_parent(void **state)
{
	const struct timeval patience = { PATIENCE, 0 };
	pid_t parent, hung;
	ssize_t got;
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
	parent = fork();
	assert_true(parent >= 0);
	if (!parent) {
		close(fds[0]);
		if (!fork())
			wait_inside(fds[1]);
		close(fds[1]);
		while (pause())
			;
	}
	close(fds[1]);
	assert_int_equal(recv(fds[0], &hung, sizeof(hung), 0), sizeof(hung));
	assert_int_equal(kill(hung, SIGSTOP), 0);
	assert_int_equal(kill(parent, SIGKILL), 0);
	assert_int_equal(waitpid(parent, NULL, 0), parent);
	/* The end of the only process that has the other end. */
	got = recv(fds[0], &hung, sizeof(hung), 0);
	if (got < 0)
		kill(hung, SIGKILL);
	close(fds[0]);
	assert_int_equal(got, 0);
}

/* Where the C library reads no clock without a system call: kernels without a vDSO (vdso=0, User Mode Linux). */
static void every_clock_can_be_read(void **state)
{
	struct timespec now;
	struct timeval day;
	struct why why;
	int status;
	pid_t pid;

	(void)state;
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		if (sandbox_enter(&why))
			_exit(1);
		syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
		syscall(SYS_gettimeofday, &day, NULL);
#ifdef SYS_time
		syscall(SYS_time, NULL);
#endif
		syscall(SYS_exit_group, ENTERED);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), ENTERED);
}

/* How a process ends that makes this call inside. */
static int status_of(int (*enter)(struct why *why), long call, long a, long b, long c, long d)
{
	struct why why = { "" };
	int status;
	pid_t pid;

	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		if (enter(&why))
			_exit(1);
		syscall(call, a, b, c, d, -1, 0);
		syscall(SYS_exit_group, ENTERED);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* Who has taken a process over makes no other, runs nothing, and opens no way out. */
static void what_it_does_not_need_ends_it(void **state)
{
	static int (*const enters[])(struct why *why) = { sandbox_enter, sandbox_enter_server };
	static char *const nothing[] = { NULL };
	const struct {
		long call, args[4];
	} calls[] = {
		{ SYS_execve, { (long)"/bin/true", (long)nothing, (long)nothing } },
		{ SYS_clone, { SIGCHLD } },
		{ SYS_bind, { 0 } },
		{ SYS_connect, { 0 } },
		{ SYS_ptrace, { 0 } },
		{ SYS_kill, { 1 } },
		{ SYS_setresuid, { -1, -1, -1 } },
		{ SYS_chroot, { (long)"/" } },
		{ SYS_mmap, { 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS } },
		{ SYS_mprotect, { 0, 4096, PROT_EXEC } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(enters) / sizeof(*enters); i++)
		for (size_t j = 0; j < sizeof(calls) / sizeof(*calls); j++) {
			const long *args = calls[j].args;
			int status = status_of(enters[i], calls[j].call, args[0], args[1], args[2], args[3]);

			if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
				fail_msg("call %zu of sandbox %zu: status %#x", j, i, status);
		}
	/* Who serves may ask for a socket in vain, all others are ended for it. */
	assert_true(WIFSIGNALED(status_of(sandbox_enter, SYS_socket, AF_INET, SOCK_DGRAM, 0, 0)));
	assert_true(WIFEXITED(status_of(sandbox_enter_server, SYS_socket, AF_INET, SOCK_DGRAM, 0, 0)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_does_not_need_ends_it),
		cmocka_unit_test(every_clock_can_be_read),
		cmocka_unit_test(standard_error_leads_nowhere),
		cmocka_unit_test(nor_does_a_servers),
		cmocka_unit_test(one_that_hangs_ends_with_its_parent),
	};
	struct why why = { "" };

	if (geteuid() || sandbox_prepare(&why)) {
		printf("left out: only root enters the sandbox %s\n", why.text);
		return LEFT_OUT;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
