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
#include "nl/netns.h"
#include "util/clock.h"

enum { PATH_SIZE = 64, KEPT_MAX = 16384, KEPT_PAUSE = 30 /* s */ };

/* Was up, and could not be taken over yet. Its interface and SAs may still be in the kernel. */
struct kept {
	struct kept *next;
	char ifname[IFNAMSIZ];
	char netns[CONF_TEXT_MAX];	/* of its interface; "": ours */
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

/* A line is a name, and a space ends that of a namespace. */
static bool can_keep(const struct conn *conn)
{
	return !conn->ending && !strpbrk(conn->conf.netns, " \n") && !strchr(conn->conf.path, '\n');
}

/* IFNAME FILE, or IFNAME/NAMESPACE FILE: no interface is called so. */
static void write_line(FILE *file, const char *ifname, const char *netns, const char *path)
{
	fprintf(file, "%s%s%s %s\n", ifname, *netns ? "/" : "", netns, path);
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
			write_line(file, conn->conf.ifname, conn->conf.netns, conn->conf.path);
	for (kept = conns->kept; kept; kept = kept->next)
		write_line(file, kept->ifname, kept->netns, kept->file);
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

static bool is_far(const struct kept *kept)
{
	struct why why;
	int netns = netns_open(kept->netns, &why), home;
	bool found = false;

	home = netns < 0 ? -1 : netns_enter(netns);
	if (home >= 0) {
		found = if_nametoindex(kept->ifname);
		netns_leave(home);
	}
	if (netns >= 0)
		close(netns);
	return found;
}

static bool has_interface(const struct kept *kept)
{
	return *kept->netns ? is_far(kept) : if_nametoindex(kept->ifname);
}

/* Those that are up by now, by whoever's word, or whose interface is gone are waited for no more. */
static void drop_settled(struct conns *conns)
{
	struct kept **at = &conns->kept, *kept;

	while ((kept = *at)) {
		if (!is_up(conns, kept) && has_interface(kept)) {
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

static void keep(struct conns *conns, const struct kept *line)
{
	struct kept *kept = malloc(sizeof(*kept));

	if (!kept)
		return;
	*kept = *line;
	kept->next = conns->kept;
	conns->kept = kept;
}

/* False if it does not fit. */
static bool take_text(char *to, size_t size, const char *text)
{
	return snprintf(to, size, "%s", text) < (int)size;
}

/* What a line names, if its connection is to be taken over. */
static bool read_line(char *line, struct kept *kept)
{
	char *file = strchr(line, ' '), *netns;

	line[strcspn(line, "\n")] = '\0';
	if (!file)
		return false;
	*file++ = '\0';
	netns = strchr(line, '/');
	if (netns)
		*netns++ = '\0';
	return *file == '/' && take_text(kept->ifname, sizeof(kept->ifname), line) &&
	       take_text(kept->netns, sizeof(kept->netns), netns ? netns : "") &&
	       take_text(kept->file, sizeof(kept->file), file) && has_interface(kept);
}

void kept_load(struct conns *conns)
{
	char path[PATH_SIZE], *line = NULL;
	struct why why = { "" };
	unsigned int count = 0;
	struct kept kept;
	size_t size = 0;
	FILE *file;

	file = find_path(path, "") ? fopen(path, "re") : NULL;
	while (file && count++ < KEPT_MAX && getline(&line, &size, file) > 0) {
		if (!read_line(line, &kept) || !take_over(conns, kept.file, &why))
			continue;
		ilog(IKE_LOG_ERROR, NULL, "%s was up, and cannot be brought up again: %s; that is tried each %d s",
		     kept.file, why.text, KEPT_PAUSE);
		keep(conns, &kept);
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

bool kept_end(struct conns *conns, const char *name, struct kept_place *left)
{
	struct kept **at, *kept;

	drop_settled(conns);
	for (at = &conns->kept; *at && !is_called(*at, name); at = &(*at)->next)
		;
	kept = *at;
	if (!kept)
		return false;
	memcpy(left->ifname, kept->ifname, sizeof(left->ifname));
	memcpy(left->netns, kept->netns, sizeof(left->netns));
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
		if (has_interface(kept))
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
