// SPDX-License-Identifier: GPL-2.0
#include "iked/iked.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "iked/key.h"
#include "iked/log.h"
#include "iked/net.h"
#include "iked/notify.h"
#include "iked/parent.h"
#include "iked/proc.h"
#include "iked/resolve.h"

enum { STATUS_DONE = 0, STATUS_FAILED = 1 };

static void no_news(void *ctx)
{
	(void)ctx;
}

/* The one who started us may go now; nothing more is to be written there. */
static void tell_ready(void *ctx)
{
	int *ready = ctx;

	close(*ready);
	*ready = -1;
}

/* Before there are children: they would keep the caller's terminal, or the pipe that is read to its end. */
static int let_go(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	bool good = null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(null, STDOUT_FILENO) >= 0 &&
		    dup2(null, STDERR_FILENO) >= 0;

	if (null > STDERR_FILENO)
		close(null);
	return good ? 0 : -EIO;
}

/* In the background: what it says on @ready before that closes is why it cannot begin. */
static int run_behind(int ready)
{
	struct why why = { "" };
	int err;

	setsid();
	/* Whoever closed the standard descriptors may have made it one of them. */
	if (ready <= STDERR_FILENO)
		ready = fcntl(ready, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (ready < 0 || chdir("/") || let_go())
		return STATUS_FAILED;
	err = parent_run(tell_ready, &ready, &why);
	if (err && write(ready, why.text, strlen(why.text)) < 0)
		return STATUS_FAILED;
	return err ? STATUS_FAILED : STATUS_DONE;
}

static int detach(struct why *why)
{
	struct why told = { "" };
	int fds[2], status = 0;
	ssize_t got;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC)) {
		why_set(why, "%s", strerror(errno));
		return STATUS_FAILED;
	}
	pid = fork();
	if (!pid) {
		close(fds[0]);
		_exit(run_behind(fds[1]));
	}
	close(fds[1]);
	got = pid < 0 ? -1 : read(fds[0], told.text, sizeof(told.text) - 1);
	close(fds[0]);
	if (!got && !waitpid(pid, &status, WNOHANG))
		return STATUS_DONE;
	why_set(why, "%s", got > 0 ? told.text : "the IKE helper ended as it began");
	return STATUS_FAILED;
}

int iked_run(bool foreground, struct why *why)
{
	if (geteuid()) {
		why_set(why, "not permitted: the IKE helper runs as root");
		return STATUS_FAILED;
	}
	ilog_open(foreground);
	if (!foreground)
		return detach(why);
	notify_init();
	return parent_run(no_news, NULL, why) ? STATUS_FAILED : STATUS_DONE;
}

int iked_process(const char *name, struct why *why)
{
	struct stat channel;
	int err;

	/* Signals are the parent's: when it ends, so do we. */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	if (fstat(PROC_FD, &channel) || !S_ISSOCK(channel.st_mode)) {
		why_set(why, "only the IKE helper starts its processes");
		return STATUS_FAILED;
	}
	prctl(PR_SET_NAME, name);	/* the program's file is known as "exe" otherwise */
	if (!strcmp(name, "network"))
		err = net_run(PROC_FD, why);
	else if (!strcmp(name, "key"))
		err = key_run(PROC_FD, why);
	else if (!strcmp(name, "resolver"))
		err = resolve_run(PROC_FD, why);
	else
		err = why_set(why, "there is no process '%s'", name);
	return err ? STATUS_FAILED : STATUS_DONE;
}
