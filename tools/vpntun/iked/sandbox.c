// SPDX-License-Identifier: GPL-2.0
#include "iked/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOBODY = 65534, FILES_MAX = 64 };

static int fail(struct why *why, const char *what)
{
	return why_set(why, "sandbox: %s: %s", what, strerror(errno));
}

static const struct {
	const char *name;
	int resource;
	rlim_t value;
} limits[] = {
	{ "core files", RLIMIT_CORE, 0 },	/* they would hold keys */
	{ "processes", RLIMIT_NPROC, 0 },
	{ "file size", RLIMIT_FSIZE, 0 },
};

static int limit(unsigned int files, struct why *why)
{
	const struct rlimit most = { files, files };
	size_t i;

	if (setrlimit(RLIMIT_NOFILE, &most))
		return fail(why, "descriptors");
	for (i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		const struct rlimit value = { limits[i].value, limits[i].value };

		if (setrlimit(limits[i].resource, &value))
			return fail(why, limits[i].name);
	}
	return 0;
}

static int drop_bounding_set(struct why *why)
{
	cap_value_t cap;

	for (cap = 0; cap < cap_max_bits(); cap++)
		if (cap_get_bound(cap) > 0 && cap_drop_bound(cap))
			return fail(why, "capabilities");
	return 0;
}

static int drop_capabilities(struct why *why)
{
	cap_t none = cap_init();
	int rc;

	rc = none ? cap_set_proc(none) : -1;
	cap_free(none);
	return rc ? fail(why, "capabilities") : 0;
}

static int change_user(struct why *why)
{
	const struct passwd *user = getpwnam(SANDBOX_USER);
	uid_t uid = user ? user->pw_uid : NOBODY;
	gid_t gid = user ? user->pw_gid : NOBODY;

	/* Looked up before there is no file system any more. */
	if (chroot(SANDBOX_ROOT) || chdir("/"))
		return fail(why, SANDBOX_ROOT);
	if (setgroups(0, NULL) || setresgid(gid, gid, gid) || setresuid(uid, uid, uid))
		return fail(why, "user");
	return 0;
}

/* What is allowed whatever its arguments are. */
static const struct {
	int call;
	const char *why;	/* for the reader */
} allowed[] = {
	{ SCMP_SYS(recvmsg), "messages of other processes, datagrams" },
	{ SCMP_SYS(sendmsg), "the same" },
	{ SCMP_SYS(close), "descriptors that were passed" },
	{ SCMP_SYS(epoll_wait), "libevent" },
	{ SCMP_SYS(epoll_pwait), "libevent, by the C library's choice" },
	{ SCMP_SYS(epoll_ctl), "libevent" },
	{ SCMP_SYS(clock_gettime), "libevent, where the clock is not read without a call" },
	{ SCMP_SYS(gettimeofday), "the same" },
	{ SCMP_SYS(time), "the same" },
	{ SCMP_SYS(getrandom), "nonces, SPIs, libcrypto, malloc" },
	{ SCMP_SYS(getpid), "libcrypto asks whether it was forked" },
	{ SCMP_SYS(brk), "malloc" },
	{ SCMP_SYS(munmap), "malloc" },
	{ SCMP_SYS(mremap), "malloc" },
	{ SCMP_SYS(madvise), "malloc, libcrypto" },
	{ SCMP_SYS(futex), "locks of libcrypto" },
	{ SCMP_SYS(restart_syscall), "the kernel's own, after a stop" },
	{ SCMP_SYS(rt_sigreturn), "end of a signal handler" },
	{ SCMP_SYS(rt_sigprocmask), "libevent's loop" },
	{ SCMP_SYS(exit), "the end" },
	{ SCMP_SYS(exit_group), "the end" },
};

/* And to those who serve connections. */
static const int served[] = {
	SCMP_SYS(accept4), SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(ioctl),
	SCMP_SYS(fcntl), SCMP_SYS(getsockopt), SCMP_SYS(setsockopt), SCMP_SYS(getsockname), SCMP_SYS(getpeername),
	SCMP_SYS(shutdown), SCMP_SYS(recvfrom), SCMP_SYS(sendto),
};

/*
 * What is refused, but ends nobody. Libraries look for optional files (time zone, libcrypto's configuration): there are
 * none. Newer C libraries ask for the processors before they choose an arena, and name their memory; both go without.
 */
static const int denied[] = {
	SCMP_SYS(openat), SCMP_SYS(newfstatat), SCMP_SYS(fstat), SCMP_SYS(statx), SCMP_SYS(sched_getaffinity),
	SCMP_SYS(prctl),
};

/* What only certain arguments make harmless. */
static int allow_some(scmp_filter_ctx filter)
{
	int err = 0;
	size_t i;

	/* Memory, but none that can be executed. */
	err |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	err |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
				SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	/* Libraries complain there, and are not to be ended for it: nobody hears it, see silence(). */
	err |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1, SCMP_A0(SCMP_CMP_EQ, STDERR_FILENO));
	err |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(writev), 1, SCMP_A0(SCMP_CMP_EQ, STDERR_FILENO));
	for (i = 0; i < sizeof(denied) / sizeof(*denied); i++)
		err |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), denied[i], 0);
	return err;
}

static int allow_serving(scmp_filter_ctx filter)
{
	int err = 0;
	size_t i;

	for (i = 0; i < sizeof(served) / sizeof(*served); i++)
		err |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, served[i], 0);
	/* The name of a link-local address' interface is asked for by a socket. */
	err |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(socket), 0);
	return err;
}

static int filter_calls(bool serves, struct why *why)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int err;
	size_t i;

	/* Also where another filter forbids to ask the kernel what it can do. */
	if (!filter)
		return why_set(why, "sandbox: a filter of system calls cannot be made");
	err = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	for (i = 0; !err && i < sizeof(allowed) / sizeof(*allowed); i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i].call, 0);
	if (!err)
		err = allow_some(filter);
	if (!err && serves)
		err = allow_serving(filter);
	if (!err)
		err = seccomp_load(filter);
	seccomp_release(filter);
	return err ? why_set(why, "sandbox: the filter of system calls cannot be loaded") : 0;
}

/* Standard error is the parent's, a terminal or the journal: who takes us over is not to write there. */
static int silence(int null, struct why *why)
{
	return dup2(null, STDERR_FILENO) < 0 ? fail(why, "standard error") : 0;
}

static int give_up_rights(unsigned int files, struct why *why)
{
	int err;

	err = drop_bounding_set(why);	/* while we may */
	if (!err)
		err = change_user(why);
	if (!err)
		err = drop_capabilities(why);
	if (!err)
		err = limit(files, why);
	if (err)
		return err;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return fail(why, "no new privileges");
	/* After the change of user, which sets it anew: nobody of that user may trace us or read our memory. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return fail(why, "not dumpable");
	return 0;
}

static int enter(bool serves, unsigned int files, struct why *why)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);	/* while there is one */
	int err;

	if (null < 0)
		return fail(why, "/dev/null");
	err = give_up_rights(files, why);
	/*
	 * One that hangs does not see its channel's end, and would keep the port of a helper that is gone. After the
	 * change of user, which undoes it. The end of a parent before this is seen by the channel: nothing hangs yet.
	 */
	if (!err && !serves && prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0))
		err = fail(why, "end with the parent");
	/* Faults before this are still told. */
	if (!err)
		err = silence(null, why);
	close(null);
	return err ? err : filter_calls(serves, why);
}

int sandbox_enter(struct why *why)
{
	return enter(false, FILES_MAX, why);
}

int sandbox_enter_wide(unsigned int files, struct why *why)
{
	return enter(false, files, why);
}

int sandbox_enter_server(struct why *why)
{
	return enter(true, FILES_MAX, why);
}

bool sandbox_has_user(void)
{
	return getpwnam(SANDBOX_USER);
}

int sandbox_prepare(struct why *why)
{
	if ((mkdir("/run/vpntun", 0755) && errno != EEXIST) || (mkdir(SANDBOX_ROOT, 0755) && errno != EEXIST))
		return why_set(why, "/run/vpntun: %s", strerror(errno));
	return 0;
}
