// SPDX-License-Identifier: GPL-2.0
#include "cli/cmds.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "util/psk.h"
#include "util/wipe.h"

/* Past stdio, whose buffer would keep a copy; all of it or an error. */
static int print_line(const struct psk *psk)
{
	struct iovec parts[] = {
		{ .iov_base = (void *)psk->text, .iov_len = sizeof(psk->text) },
		{ .iov_base = "\n", .iov_len = 1 },
	};
	ssize_t wrote = writev(STDOUT_FILENO, parts, 2);

	if (wrote < 0)
		return -errno;
	/* Half a key must not pass for one. */
	return wrote == (ssize_t)sizeof(psk->text) + 1 ? 0 : -EIO;
}

static int run(const struct request *request, struct why *why)
{
	struct psk psk;
	int err;

	(void)request;
	if (psk_make(&psk, getentropy)) {
		why_set(why, "no random numbers: %s", strerror(errno));
		return FAILED;
	}

	err = print_line(&psk);
	wipe(&psk);
	if (!err)
		return DONE;
	why_set(why, "standard output: %s", strerror(-err));
	return FAILED;
}

const struct command cmd_genpsk = {
	.name = "genpsk",
	.syntax = "",
	.summary = "Prints a new strong pre-shared key.",
	.text = "48 letters, digits, '.' and '_', not beginning with 0: 287 random bits, in the\n"
		"form that AWS takes. Keep it in a file: (umask 077; vpntun genpsk > FILE)\n",
	.run = run,
};
