// SPDX-License-Identifier: GPL-2.0
#include "conf/conf.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "conf/inside.h"
#include "conf/keys.h"
#include "conf/daemon.h"
#include "conf/report.h"

enum { OTHERS_MAX = 4096 };	/* files that are looked at */

static unsigned int line_of(const struct conf_tunnel *tunnel, const char *key)
{
	unsigned int line = keys_line(keys_tunnel, tunnel->lines, key);

	return line ? line : tunnel->line;
}

static void compare_tunnels(const struct conf *conf, const struct conf_tunnel *tunnel, const struct conf *other,
			    struct conf_report *report)
{
	char text[ADDR_TEXT_MAX];
	size_t i, at, with;

	for (i = 0; i < other->n_tunnels; i++) {
		const struct conf_tunnel *rival = &other->tunnels[i];

		if (insides_clash(&tunnel->inside, &rival->inside, &at, &with))
			report_fault(report, conf->path, line_of(tunnel, "Inside"),
				     "Inside: %s/%u lies in the same block as that of [Tunnel %s] in %s:%u; a VRF would keep them apart",
				     addr_text(&tunnel->inside.list[at].addr, text), tunnel->inside.list[at].length,
				     rival->name, other->path, line_of(rival, "Inside"));
	}
}

static void compare(const struct conf *conf, const struct conf *other, struct conf_report *report)
{
	unsigned int line = keys_line(keys_interface, conf->lines, "Name");
	size_t i;

	if (!strcmp(conf->ifname, other->ifname))
		report_fault(report, conf->path, line ? line : conf->line, "the interface %s is that of %s, too",
			     conf->ifname, other->path);
	/* Each VRF has addresses of its own. */
	if (strcmp(conf->vrf, other->vrf))
		return;
	for (i = 0; i < conf->n_tunnels; i++)
		compare_tunnels(conf, &conf->tunnels[i], other, report);
}

/* Its faults are told when it is its turn. */
static void compare_file(const struct conf *conf, const char *path, struct conf_report *report)
{
	struct conf_report silent = { 0 };
	struct conf other;

	if (conf_load(path, &other, &silent))
		return;
	compare(conf, &other, report);
	conf_free(&other);
}

/* Is it one of the folder's connections, but not this one? */
static bool is_other(const struct conf *conf, const char *name)
{
	const char *slash = strrchr(conf->path, '/');
	size_t len = strlen(name);

	return len > 5 && !strcmp(name + len - 5, ".conf") && name[0] != '.' && !daemon_is_file(name) &&
	       strcmp(name, slash ? slash + 1 : conf->path);
}

int conf_others(const struct conf *conf, struct conf_report *report)
{
	const char *slash = strrchr(conf->path, '/');
	unsigned int before = report->faults, count = 0;
	char folder[sizeof(conf->path)], path[sizeof(folder) + 256 + 1];
	struct dirent *entry;
	DIR *dir;

	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - conf->path) + 1 : 2,
		 slash ? conf->path : "./");
	dir = opendir(folder);
	if (!dir) {
		report_warning(report, folder, 0, "%s", strerror(errno));
		return 0;
	}
	while ((entry = readdir(dir)) && count < OTHERS_MAX) {
		if (!is_other(conf, entry->d_name))
			continue;
		snprintf(path, sizeof(path), "%s%s", folder, entry->d_name);
		compare_file(conf, path, report);
		count++;
	}
	closedir(dir);
	return report->faults == before ? 0 : -EINVAL;
}
