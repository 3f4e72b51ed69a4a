// SPDX-License-Identifier: GPL-2.0
#include "iked/proc.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "iked/chan.h"

enum {
	PAUSE_FIRST = 100,	/* ms before it is started again */
	PAUSE_MAX = 30000,
	RUNS_WELL = 60,		/* s after which the pause is short again */
	CHAN_BUFFER = 1024 * 1024,
	ROOM_BACKLOG = 128,	/* messages; each may hold a descriptor, so far below CHAN_QUEUE_MAX */
	PING_PAUSE = 5,		/* s */
	PINGS_MAX = 6,		/* without an answer */
	ALIVE = 120,		/* s after an answer: time for a new one */
};

struct proc {
	struct procs *procs;
	enum proc_kind kind;
	pid_t pid;		/* 0: does not run */
	struct chan *chan;
	const char *fault;	/* why we killed it, or NULL */
	struct event *again;
	unsigned int pause;
	unsigned int pings;	/* that were not answered */
	struct timespec since;
	struct timespec heard;	/* its last PONG, or the beginning of the table */
};

struct procs {
	struct event_base *base;
	const struct procs_ops *ops;
	void *ctx;
	struct event *child, *ping;
	struct proc list[PROC_KINDS];
};

static const struct {
	const char *name;
	enum imsg_role role;
} kinds[PROC_KINDS] = {
	[PROC_NETWORK] = { "network", IMSG_NETWORK },
	[PROC_KEY] = { "key", IMSG_KEY },
	[PROC_RESOLVER] = { "resolver", IMSG_RESOLVER },
};

const char *proc_name(enum proc_kind kind)
{
	return kinds[kind].name;
}

static int pair(int fds[2])
{
	int size = CHAN_BUFFER, i;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
		return -errno;
	for (i = 0; i < 2; i++)
		setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	return 0;
}

/* In the child: nothing but system calls until exec. */
static void become(const char *name, int fd)
{
	char *const argv[] = { "vpntun", "ike", "--process", (char *)name, NULL };
	char *const envp[] = { NULL };
	sigset_t none;
	int null;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	null = open("/dev/null", O_RDWR);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		_exit(1);
	/* dup2() onto itself would leave close-on-exec set. */
	if (fd == PROC_FD ? fcntl(fd, F_SETFD, 0) : dup2(fd, PROC_FD) < 0)
		_exit(1);
	close_range(PROC_FD + 1, ~0U, 0);
	execve("/proc/self/exe", argv, envp);
	_exit(1);
}

/* The network process asks the key process without the parent in between: a new pair whenever one of them is new. */
static void connect_both(struct procs *procs)
{
	struct proc *network = &procs->list[PROC_NETWORK], *key = &procs->list[PROC_KEY];
	int fds[2];

	if (!network->pid || !key->pid || pair(fds))
		return;
	procs_send(procs, PROC_NETWORK, IMSG_CHANNEL, NULL, fds[0]);
	procs_send(procs, PROC_KEY, IMSG_CHANNEL, NULL, fds[1]);
	close(fds[0]);
	close(fds[1]);
}

static void on_message(void *ctx, const struct imsg *msg, int fd)
{
	struct proc *proc = ctx;

	if (fd >= 0)
		close(fd);
	if (msg->type == IMSG_PONG) {
		proc->pings = 0;
		clock_gettime(CLOCK_MONOTONIC, &proc->heard);
	} else {
		proc->procs->ops->message(proc->procs->ctx, proc->kind, msg);
	}
}

/* SIGCHLD tells that it is gone; until then there is no other in its place. */
static void on_closed(void *ctx, const char *sentence)
{
	struct proc *proc = ctx;

	chan_free(proc->chan);
	proc->chan = NULL;
	if (!proc->fault)
		proc->fault = sentence;
	kill(proc->pid, SIGKILL);
}

static void on_drained(void *ctx)
{
	const struct proc *proc = ctx;

	proc->procs->ops->drained(proc->procs->ctx);
}

static const struct chan_ops chan_ops = { .message = on_message, .closed = on_closed, .drained = on_drained };

static int start(struct proc *proc)
{
	struct imsg_way in = { .from = kinds[proc->kind].role, .to = IMSG_PARENT };
	struct procs *procs = proc->procs;
	int fds[2], err;
	pid_t pid;

	err = pair(fds);
	if (err)
		return err;
	pid = fork();
	if (!pid)
		become(kinds[proc->kind].name, fds[1]);
	err = pid < 0 ? -errno : 0;
	close(fds[1]);
	if (err) {
		close(fds[0]);
		return err;
	}

	proc->pid = pid;
	proc->fault = NULL;
	proc->pings = 0;
	clock_gettime(CLOCK_MONOTONIC, &proc->since);
	proc->chan = chan_create(procs->base, fds[0], in, &chan_ops, proc);
	if (!proc->chan) {
		kill(pid, SIGKILL);
		return 0;	/* and SIGCHLD tries again */
	}
	/* A network process that is told of its policies begins at once; a key process has its keys before it is asked. */
	if (proc->kind == PROC_NETWORK)
		connect_both(procs);
	procs->ops->started(procs->ctx, proc->kind);
	if (proc->kind == PROC_KEY)
		connect_both(procs);
	return 0;
}

static void later(struct proc *proc)
{
	struct timeval pause = { proc->pause / 1000, proc->pause % 1000 * 1000 };

	event_add(proc->again, &pause);
	proc->pause = proc->pause * 2 > PAUSE_MAX ? PAUSE_MAX : proc->pause * 2;
}

static void on_again(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	if (start(arg))
		later(arg);
}

static void ended(struct proc *proc, int status)
{
	struct timespec now;
	char how[128];

	if (proc->fault)
		snprintf(how, sizeof(how), "%s: killed", proc->fault);
	else if (WIFSIGNALED(status))
		snprintf(how, sizeof(how), "ended by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(how, sizeof(how), "ended with status %d", WEXITSTATUS(status));

	chan_free(proc->chan);
	proc->chan = NULL;
	proc->pid = 0;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec - proc->since.tv_sec >= RUNS_WELL)
		proc->pause = PAUSE_FIRST;
	later(proc);
	proc->procs->ops->ended(proc->procs->ctx, proc->kind, how);
}

static void on_child(evutil_socket_t fd, short what, void *arg)
{
	struct procs *procs = arg;
	int status, i;

	(void)fd;
	(void)what;
	for (i = 0; i < PROC_KINDS; i++)
		if (procs->list[i].pid && waitpid(procs->list[i].pid, &status, WNOHANG) > 0)
			ended(&procs->list[i], status);
}

void procs_send(struct procs *procs, enum proc_kind kind, enum imsg_type type, const void *body, int fd)
{
	struct proc *proc = &procs->list[kind];

	if (!proc->chan || !chan_send(proc->chan, type, body, fd))
		return;
	/* It does not read, or is about to end: what was lost cannot be made up for but by a new one. */
	if (!proc->fault)
		proc->fault = "does not take its messages";
	kill(proc->pid, SIGKILL);
}

bool procs_room(const struct procs *procs, enum proc_kind kind)
{
	const struct proc *proc = &procs->list[kind];

	/* Without one nothing is queued. */
	return !proc->chan || chan_backlog(proc->chan) < ROOM_BACKLOG;
}

/* One that hangs is as good as dead, and worse: nobody would start it again. */
static void on_ping(evutil_socket_t fd, short what, void *arg)
{
	struct procs *procs = arg;
	int i;

	(void)fd;
	(void)what;
	for (i = 0; i < PROC_KINDS; i++) {
		struct proc *proc = &procs->list[i];

		if (!proc->pid)
			continue;
		if (proc->pings++ < PINGS_MAX) {
			procs_send(procs, i, IMSG_PING, NULL, -1);
			continue;
		}
		if (!proc->fault)
			proc->fault = "does not answer any more";
		kill(proc->pid, SIGKILL);
	}
}

struct procs *procs_create(struct event_base *base, const struct procs_ops *ops, void *ctx)
{
	static const struct timeval ping = { PING_PAUSE, 0 };
	struct procs *procs = calloc(1, sizeof(*procs));
	bool good;
	int i;

	if (!procs)
		return NULL;
	procs->base = base;
	procs->ops = ops;
	procs->ctx = ctx;
	procs->child = evsignal_new(base, SIGCHLD, on_child, procs);
	procs->ping = event_new(base, -1, EV_PERSIST, on_ping, procs);
	good = procs->child && !event_add(procs->child, NULL) && procs->ping && !event_add(procs->ping, &ping);
	for (i = 0; i < PROC_KINDS; i++) {
		struct proc *proc = &procs->list[i];

		proc->procs = procs;
		proc->kind = i;
		proc->pause = PAUSE_FIRST;
		clock_gettime(CLOCK_MONOTONIC, &proc->heard);
		proc->again = evtimer_new(base, on_again, proc);
		good &= !!proc->again;
	}
	if (good)
		return procs;
	procs_free(procs);
	return NULL;
}

bool procs_alive(const struct procs *procs)
{
	struct timespec now;
	int i;

	clock_gettime(CLOCK_MONOTONIC, &now);
	for (i = 0; i < PROC_KINDS; i++)
		if (now.tv_sec - procs->list[i].heard.tv_sec > ALIVE)
			return false;
	return true;
}

int procs_start(struct procs *procs, struct why *why)
{
	int err, i;

	for (i = 0; i < PROC_KINDS; i++) {
		err = start(&procs->list[i]);
		if (err) {
			why_set(why, "cannot start the %s process: %s", kinds[i].name, strerror(-err));
			return err;
		}
	}
	return 0;
}

void procs_free(struct procs *procs)
{
	int i;

	for (i = 0; i < PROC_KINDS; i++) {
		struct proc *proc = &procs->list[i];

		chan_free(proc->chan);
		if (proc->again)
			event_free(proc->again);
		/* They hold nothing that would be lost. */
		if (proc->pid && !kill(proc->pid, SIGKILL))
			waitpid(proc->pid, NULL, 0);
	}
	if (procs->child)
		event_free(procs->child);
	if (procs->ping)
		event_free(procs->ping);
	free(procs);
}
