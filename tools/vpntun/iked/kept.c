// SPDX-License-Identifier: GPL-2.0
#include "iked/kept.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "iked/ctl.h"
#include "iked/log.h"

enum { PATH_SIZE = 64, KEPT_MAX = 1024 };

static bool find_path(char path[PATH_SIZE], const char *suffix)
{
	char ctl[CTL_PATH_MAX];

	return !ctl_path(ctl, sizeof(ctl)) &&
	       snprintf(path, PATH_SIZE, "/run/vpntun/up-%s%s", strrchr(ctl, '-') + 1, suffix) < PATH_SIZE;
}

/* Its interface is looked for where we are; a line is a name. */
static bool can_keep(const struct conn *conn)
{
	return !conn->ending && !*conn->conf.netns && !strchr(conn->conf.path, '\n');
}

static int write_list(const char *path, const struct conns *conns)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	const struct conn *conn;
	bool bad;

	if (!file)
		return -errno;
	for (conn = conns->first; conn; conn = conn->next)
		if (can_keep(conn))
			fprintf(file, "%s %s\n", conn->conf.ifname, conn->conf.path);
	bad = ferror(file);
	return fclose(file) || bad ? -EIO : 0;
}

void kept_save(const struct conns *conns)
{
	char path[PATH_SIZE], fresh[PATH_SIZE];
	const struct conn *conn = conns->first;

	if (!find_path(path, "") || !find_path(fresh, ".new"))
		return;
	while (conn && !can_keep(conn))
		conn = conn->next;
	if (!conn)
		unlink(path);
	else if (write_list(fresh, conns) || rename(fresh, path))
		ilog(IKE_LOG_WARNING, NULL, "%s cannot be written: after a crash, connections have to be brought up by hand",
		     path);
}

/* The file that a line names, if its connection is to be taken over; NULL: not. */
static const char *file_of(char *line)
{
	char *file = strchr(line, ' ');

	line[strcspn(line, "\n")] = '\0';
	if (!file)
		return NULL;
	*file++ = '\0';
	return *file == '/' && if_nametoindex(line) ? file : NULL;
}

void kept_load(void (*fn)(void *ctx, const char *file), void *ctx)
{
	char path[PATH_SIZE], *line = NULL;
	unsigned int count = 0;
	const char *kept;
	size_t size = 0;
	FILE *file;

	file = find_path(path, "") ? fopen(path, "re") : NULL;
	/* The list is written anew while it is read: by another file in its place. */
	while (file && count++ < KEPT_MAX && getline(&line, &size, file) > 0) {
		kept = file_of(line);
		if (kept)
			fn(ctx, kept);
	}
	free(line);
	if (file)
		fclose(file);
}
