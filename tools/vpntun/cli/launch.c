// SPDX-License-Identifier: GPL-2.0
#include "cli/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	READY_TRIES = 100,	/* of READY_PAUSE each: ten seconds */
	READY_PAUSE = 100000000, /* nanoseconds */
	ERRORS_MAX = 4096,	/* bytes of what a helper may say as it dies */
	EXIT_NO_EXEC = 127,
};

/* Whoever calls us has no say in what the helper's environment is. */
static char *const environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };

static void pause_a_little(void)
{
	const struct timespec pause = { .tv_nsec = READY_PAUSE };

	nanosleep(&pause, NULL);
}

/* systemd starts its services in the network namespace that it is in itself. */
static bool systemd_is_here(void)
{
	struct stat self, first;

	return !access("/run/systemd/system", F_OK) && !stat("/proc/self/ns/net", &self) &&
	       !stat("/proc/1/ns/net", &first) && self.st_dev == first.st_dev && self.st_ino == first.st_ino;
}

static bool unit_is_there(void)
{
	static const char *const files[] = {
		"/etc/systemd/system/vpntun.service",
		"/run/systemd/system/vpntun.service",
		"/usr/local/lib/systemd/system/vpntun.service",
		"/usr/lib/systemd/system/vpntun.service",
		"/lib/systemd/system/vpntun.service",
	};
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (!access(files[i], F_OK))
			return true;
	return false;
}

/*
 * What a new helper writes to standard error, kept in memory: it has no reader later, and would be killed for writing to
 * a pipe then. It cannot grow.
 */
static int errors_open(void)
{
	int fd = memfd_create("vpntun", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -errno;
	if (!ftruncate(fd, ERRORS_MAX) && !fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK))
		return fd;
	close(fd);
	return -EIO;
}

/* The first line of it, without our own names in front: the reason is there. */
static void errors_tell(int fd, struct why *why)
{
	static const char own[] = "vpntun: ike: ";
	char text[sizeof(why->text)] = "", *begin = text;
	ssize_t got = pread(fd, text, sizeof(text) - 1, 0);

	text[got > 0 ? got : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	if (!strncmp(text, own, sizeof(own) - 1))
		begin += sizeof(own) - 1;
	if (*begin)
		why_set(why, "the IKE helper does not start: %s", begin);
	else
		why_set(why, "the IKE helper does not start; the system's log may say why");
}

/* In the child: a session, descriptors and environment of its own. */
static void become(const char *program, char *const args[], int errors)
{
	int null = open("/dev/null", O_RDWR);

	if (null < 0 || setsid() < 0 || chdir("/") || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(null, STDOUT_FILENO) < 0 || dup2(errors < 0 ? null : errors, STDERR_FILENO) < 0)
		_exit(EXIT_NO_EXEC);
	close_range(STDERR_FILENO + 1, ~0U, 0);
	execve(program, args, environment);
	dprintf(STDERR_FILENO, "%s: %s\n", program, strerror(errno));
	_exit(EXIT_NO_EXEC);
}

static pid_t spawn(const char *program, char *const args[], int errors, struct why *why)
{
	pid_t pid = fork();

	if (!pid)
		become(program, args, errors);
	if (pid < 0)
		why_set(why, "the IKE helper does not start: %s", strerror(errno));
	return pid;
}

static int start_unit(struct why *why)
{
	static char *const args[] = { "systemctl", "--quiet", "start", "vpntun.service", NULL };
	const char *program = access("/usr/bin/systemctl", X_OK) ? "/bin/systemctl" : "/usr/bin/systemctl";
	pid_t pid = spawn(program, args, -1, why);
	int status;

	if (pid < 0)
		return -EAGAIN;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return why_set(why, "systemctl: %s", strerror(errno));
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	return why_set(why, "vpntun.service does not start: journalctl -u vpntun.service");
}

/* Has it failed? One that ended well has put itself into the background. */
static bool has_failed(pid_t *pid)
{
	int status;

	if (!*pid || waitpid(*pid, &status, WNOHANG) != *pid)
		return false;
	*pid = 0;
	return !WIFEXITED(status) || WEXITSTATUS(status);
}

/* @pid: the helper's, if it is ours to watch; 0: systemd's. */
static int wait_ready(pid_t pid, int errors, bool (*ready)(void *ctx), void *ctx, struct why *why)
{
	bool failed = false;
	int i;

	for (i = 0; i < READY_TRIES && !failed; i++) {
		/* One that has failed may have found that another was quicker. */
		failed = has_failed(&pid);
		if (ready(ctx))
			return 0;
		if (!failed)
			pause_a_little();
	}
	if (failed) {
		errors_tell(errors, why);
		return -ECHILD;
	}
	why_set(why, "the IKE helper was started, but does not answer");
	return -ETIMEDOUT;
}

static int start_daemon(bool (*ready)(void *ctx), void *ctx, struct why *why)
{
	static char *const args[] = { "vpntun", "ike", NULL };
	int errors = errors_open(), err = -EAGAIN;
	pid_t pid;

	if (errors < 0)
		return why_set(why, "the IKE helper does not start: %s", strerror(-errors));
	pid = spawn("/proc/self/exe", args, errors, why);
	if (pid > 0)
		err = wait_ready(pid, errors, ready, ctx, why);
	close(errors);
	return err;
}

int launch_helper(bool (*ready)(void *ctx), void *ctx, struct why *why)
{
	int err;

	if (geteuid())
		return why_set(why, "no IKE helper runs here, and only root may start it");
	if (!systemd_is_here() || !unit_is_there())
		return start_daemon(ready, ctx, why);

	err = start_unit(why);
	return err ? err : wait_ready(0, -1, ready, ctx, why);
}
