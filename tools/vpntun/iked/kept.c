// SPDX-License-Identifier: GPL-2.0
#include "iked/kept.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "iked/ctl.h"
#include "iked/ctl_request.h"
#include "iked/log.h"
#include "util/clock.h"

enum { PATH_SIZE = 64, KEPT_MAX = 16384, KEPT_PAUSE = 30 /* s */ };

/* Was up, and could not be taken over yet. Its interface and SAs may still be in the kernel. */
struct kept {
	struct kept *next;
	char ifname[IFNAMSIZ];
	char file[CTL_FILE_MAX];
};

/* Beside the control socket, whose name ends with the inode of the namespace, too. */
static bool find_path(char path[PATH_SIZE], const char *suffix)
{
	char ctl[CTL_PATH_MAX], *name;

	if (ctl_path(ctl, sizeof(ctl)))
		return false;
	name = strrchr(ctl, '/') + 1;
	return snprintf(path, PATH_SIZE, "%.*sup-%s%s", (int)(name - ctl), ctl, strrchr(name, '-') + 1,
			suffix) < PATH_SIZE;
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
	const struct kept *kept;
	bool bad;

	if (!file)
		return -errno;
	for (conn = conns->first; conn; conn = conn->next)
		if (can_keep(conn))
			fprintf(file, "%s %s\n", conn->conf.ifname, conn->conf.path);
	for (kept = conns->kept; kept; kept = kept->next)
		fprintf(file, "%s %s\n", kept->ifname, kept->file);
	bad = ferror(file);
	return fclose(file) || bad ? -EIO : 0;
}

static bool is_up(const struct conns *conns, const struct kept *kept)
{
	const struct conn *conn;

	for (conn = conns->first; conn; conn = conn->next)
		if (!strcmp(conn->conf.path, kept->file))
			return true;
	return false;
}

/* Those that are up by now, by whoever's word, or whose interface is gone are waited for no more. */
static void drop_settled(struct conns *conns)
{
	struct kept **at = &conns->kept, *kept;

	while ((kept = *at)) {
		if (!is_up(conns, kept) && if_nametoindex(kept->ifname)) {
			at = &kept->next;
			continue;
		}
		*at = kept->next;
		free(kept);
	}
}

void kept_save(struct conns *conns)
{
	char path[PATH_SIZE], fresh[PATH_SIZE];
	const struct conn *conn = conns->first;

	drop_settled(conns);
	if (!find_path(path, "") || !find_path(fresh, ".new"))
		return;
	while (conn && !can_keep(conn))
		conn = conn->next;
	if (!conn && !conns->kept)
		unlink(path);
	else if (write_list(fresh, conns) || rename(fresh, path))
		ilog(IKE_LOG_WARNING, NULL, "%s cannot be written: after a crash, connections have to be brought up by hand",
		     path);
}

/* ---- after a crash ---- */

static int take_over(struct conns *conns, const char *file, struct why *why)
{
	int err = conns_up(conns, file, why);

	if (!err)
		ilog(IKE_LOG_INFO, conns->first->conf.name, "is taken over from a helper that was killed");
	return err;
}

static void keep(struct conns *conns, const char *ifname, const char *file)
{
	struct kept *kept = calloc(1, sizeof(*kept));

	if (!kept)
		return;
	snprintf(kept->ifname, sizeof(kept->ifname), "%s", ifname);
	snprintf(kept->file, sizeof(kept->file), "%s", file);
	kept->next = conns->kept;
	conns->kept = kept;
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

void kept_load(struct conns *conns)
{
	char path[PATH_SIZE], *line = NULL;
	struct why why = { "" };
	unsigned int count = 0;
	const char *kept;
	size_t size = 0;
	FILE *file;

	file = find_path(path, "") ? fopen(path, "re") : NULL;
	while (file && count++ < KEPT_MAX && getline(&line, &size, file) > 0) {
		kept = file_of(line);
		if (!kept || !take_over(conns, kept, &why))
			continue;
		ilog(IKE_LOG_ERROR, NULL, "%s was up, and cannot be brought up again: %s; that is tried each %d s", kept,
		     why.text, KEPT_PAUSE);
		keep(conns, line, kept);
	}
	free(line);
	if (file)
		fclose(file);
	kept_save(conns);
	conns->kept_next = clock_ms(CLOCK_MONOTONIC) + KEPT_PAUSE * UINT64_C(1000);
}

/* By the name that its file gives it: DIR/NAME.conf. */
static bool is_called(const struct kept *kept, const char *name)
{
	const char *base = strrchr(kept->file, '/') + 1;
	size_t length = strlen(name);

	return !strcmp(kept->ifname, name) || (!strncmp(base, name, length) && !strcmp(base + length, ".conf"));
}

bool kept_end(struct conns *conns, const char *name, char ifname[IFNAMSIZ])
{
	struct kept **at, *kept;

	drop_settled(conns);
	for (at = &conns->kept; *at && !is_called(*at, name); at = &(*at)->next)
		;
	kept = *at;
	if (!kept)
		return false;
	snprintf(ifname, IFNAMSIZ, "%s", kept->ifname);
	*at = kept->next;
	free(kept);
	kept_save(conns);
	return true;
}

void kept_tick(struct conns *conns)
{
	uint64_t now = clock_ms(CLOCK_MONOTONIC);
	const struct kept *kept;
	struct why why;

	if (!conns->kept || now < conns->kept_next)
		return;
	conns->kept_next = now + KEPT_PAUSE * UINT64_C(1000);
	for (kept = conns->kept; kept; kept = kept->next)
		if (if_nametoindex(kept->ifname))
			take_over(conns, kept->file, &why);
	kept_save(conns);
}

void kept_free(struct conns *conns)
{
	struct kept *kept;

	while ((kept = conns->kept)) {
		conns->kept = kept->next;
		free(kept);
	}
}
