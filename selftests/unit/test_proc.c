// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/iked/proc.c tools/vpntun/iked/chan.c tools/vpntun/iked/imsg.c tools/vpntun/util/why.c */
/* libs: libevent_core */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>

#include "iked/chan.h"
#include "iked/proc.h"

/*
 * The table of processes, with processes: this program itself, which is started anew by the name of each. The network
 * process may begin with IMSG_UP, and says then if it can ask the key process.
 */
enum { PATIENCE = 60 /* s */, ENDS_WITH = 7 };

/* ---- as one of them ---- */

struct child {
	struct event_base *base;
	struct chan *parent;
	bool network;
	int key;		/* as network process, to the key process; -1: none */
};

/* The key process answers whatever comes; nothing does when the other side is gone. */
static void echo(evutil_socket_t fd, short what, void *arg)
{
	char byte;

	(void)what, (void)arg;
	if (recv(fd, &byte, 1, 0) == 1 && send(fd, &byte, 1, MSG_NOSIGNAL) != 1)
		_exit(1);
}

static void take_channel(struct child *child, int fd)
{
	struct event *readable;

	child->key = fd;
	if (child->network)
		return;
	readable = event_new(child->base, fd, EV_READ, echo, NULL);
	if (!readable || event_add(readable, NULL))
		_exit(1);
}

static void begin(struct child *child)
{
	struct ike_act_log log = { .text = "alone" };
	char byte = 'k';

	if (child->key >= 0 && send(child->key, &byte, 1, MSG_NOSIGNAL) == 1 && recv(child->key, &byte, 1, 0) == 1)
		strcpy(log.text, "with a key process");
	if (chan_send(child->parent, IMSG_LOG, &log, -1))
		_exit(1);
}

static void child_message(void *ctx, const struct imsg *msg, int fd)
{
	struct child *child = ctx;

	if (msg->type == IMSG_CHANNEL)
		take_channel(child, fd);
	else if (msg->type == IMSG_UP)
		begin(child);
	else if (msg->type == IMSG_DOWN)
		_exit(ENDS_WITH);
}

static void child_closed(void *ctx, const char *sentence)
{
	(void)ctx, (void)sentence;
	_exit(1);
}

static int child_run(const char *name)
{
	static const struct chan_ops ops = { .message = child_message, .closed = child_closed };
	struct child child = { .network = !strcmp(name, "network"), .key = -1 };
	struct imsg_way in = { .from = IMSG_PARENT };

	alarm(PATIENCE);
	in.to = child.network ? IMSG_NETWORK : !strcmp(name, "key") ? IMSG_KEY : IMSG_RESOLVER;
	child.base = event_base_new();
	child.parent = child.base ? chan_create(child.base, PROC_FD, in, &ops, &child) : NULL;
	if (!child.parent)
		_exit(1);
	event_base_dispatch(child.base);
	_exit(1);
}

/* ---- as the parent ---- */

struct parent {
	struct event_base *base;
	struct procs *procs;
	unsigned int starts[PROC_KINDS];
	char said[2][IKE_LOG_SIZE];		/* by each network process */
	unsigned int n_said;
	char how[64];			/* the first one has ended */
};

static const struct imsg_policy policy = { .policy = 1 };

static void started(void *ctx, enum proc_kind kind)
{
	struct parent *parent = ctx;

	parent->starts[kind]++;
	if (kind == PROC_NETWORK)
		procs_send(parent->procs, kind, IMSG_UP, &policy, -1);
}

static void ended(void *ctx, enum proc_kind kind, const char *how)
{
	struct parent *parent = ctx;

	assert_int_equal(kind, PROC_NETWORK);
	snprintf(parent->how, sizeof(parent->how), "%s", how);
}

static void message(void *ctx, enum proc_kind kind, const struct imsg *msg)
{
	struct parent *parent = ctx;

	assert_int_equal(kind, PROC_NETWORK);
	assert_int_equal(msg->type, IMSG_LOG);
	assert_true(parent->n_said < 2);
	snprintf(parent->said[parent->n_said++], sizeof(parent->said[0]), "%s", msg->u.log.text);
	event_base_loopbreak(parent->base);
}

static void drained(void *ctx)
{
	(void)ctx;
}

static void wait_for(struct parent *parent, unsigned int said)
{
	while (parent->n_said < said)
		assert_int_equal(event_base_dispatch(parent->base), 0);
}

/* As after a crash: policies are told, and begin at once. So a new one has its key process before it is told anything. */
static void test_again(void **state)
{
	static const struct procs_ops ops = { .started = started, .ended = ended, .message = message, .drained = drained };
	struct parent parent = { .base = event_base_new() };
	struct why why;

	(void)state;
	assert_non_null(parent.base);
	parent.procs = procs_create(parent.base, &ops, &parent);
	assert_non_null(parent.procs);
	assert_int_equal(procs_start(parent.procs, &why), 0);
	wait_for(&parent, 1);
	assert_string_equal(parent.said[0], "alone");	/* the first one of all: there is nothing to begin with, either */

	procs_send(parent.procs, PROC_NETWORK, IMSG_DOWN, &policy, -1);
	wait_for(&parent, 2);
	assert_string_equal(parent.how, "ended with status 7");
	assert_string_equal(parent.said[1], "with a key process");
	assert_int_equal(parent.starts[PROC_NETWORK], 2);
	assert_int_equal(parent.starts[PROC_KEY], 1);
	assert_true(procs_alive(parent.procs));
	procs_free(parent.procs);
	event_base_free(parent.base);
}

/* ---- a channel ---- */

static void never(void *ctx, const struct imsg *msg, int fd)
{
	(void)ctx, (void)msg, (void)fd;
	fail();
}

static void not_drained(void *ctx)
{
	(void)ctx;
	fail();
}

static void free_closed(void *ctx, const char *sentence)
{
	struct chan **chan = ctx;

	assert_string_equal(sentence, "cannot be written to");
	chan_free(*chan);
	*chan = NULL;
}

/* The other side goes while messages wait for it: the channel is freed in the middle of that, and not touched any more. */
static void test_chan_ends(void **state)
{
	static const struct chan_ops ops = { .message = never, .closed = free_closed, .drained = not_drained };
	const struct imsg_way in = { .from = IMSG_NETWORK, .to = IMSG_PARENT };
	struct event_base *base = event_base_new();
	int fds[2], size = 4096;
	struct chan *chan;
	char bytes[4096];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	assert_int_equal(setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), 0);
	chan = chan_create(base, fds[0], in, &ops, &chan);
	assert_non_null(chan);
	while (!chan_backlog(chan))
		assert_int_equal(chan_send(chan, IMSG_UP, &policy, -1), 0);
	assert_int_equal(shutdown(fds[1], SHUT_RD), 0);
	while (recv(fds[1], bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
	while (chan)
		assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
	close(fds[1]);
	event_base_free(base);
}

/* Under an emulator of another processor the kernel does not know what /proc/self/exe is to be run with. */
static bool can_begin_anew(void)
{
	char *argv[] = { "test_proc", "--ends", NULL };
	int status;
	pid_t pid;

	pid = fork();
	if (!pid) {
		execv("/proc/self/exe", argv);
		_exit(1);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == ENDS_WITH;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest processes[] = { cmocka_unit_test(test_again) };
	const struct CMUnitTest channels[] = { cmocka_unit_test(test_chan_ends) };

	if (argc == 4 && !strcmp(argv[2], "--process"))
		return child_run(argv[3]);
	if (argc == 2 && !strcmp(argv[1], "--ends"))
		return ENDS_WITH;
	alarm(PATIENCE);
	if (cmocka_run_group_tests(channels, NULL, NULL))
		return 1;
	if (!can_begin_anew()) {
		printf("SKIP: what runs this program cannot begin it anew\n");
		return 4;
	}
	return cmocka_run_group_tests(processes, NULL, NULL);
}
