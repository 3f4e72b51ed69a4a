// SPDX-License-Identifier: GPL-2.0
#include "conf/conf.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "conf/folder.h"
#include "conf/inside.h"
#include "conf/keys.h"
#include "conf/report.h"
#include "util/prefix.h"

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

		if (!insides_clash(&tunnel->inside, &rival->inside, &at, &with))
			continue;
		report_fault(report, conf->path, line_of(tunnel, "Inside"),
			     "Inside: %s/%u lies in the same block as that of [Tunnel %s] in %s:%u; a VRF would keep them apart",
			     addr_text(&tunnel->inside.list[at].addr, text), tunnel->inside.list[at].length,
			     rival->name, other->path, line_of(rival, "Inside"));
		report_clash(report, tunnel, rival);
	}
}

/* One of them may be meant to stand in for the other. */
static void compare_peers(const struct conf *conf, const struct conf_tunnel *tunnel, const struct conf *other,
			  struct conf_report *report)
{
	size_t i;

	for (i = 0; i < other->n_tunnels; i++)
		if (conf_same_peer(tunnel, &other->tunnels[i]))
			report_warning(report, conf->path, line_of(tunnel, "Remote"),
				       "Remote, Local and RemoteID are those of [Tunnel %s] in %s:%u, too: if the peers begin, they cannot be told apart; give each a RemoteID",
				       other->tunnels[i].name, other->path, other->tunnels[i].line);
}

static void compare_routes(const struct conf *conf, const struct conf *other, struct conf_report *report)
{
	char text[ADDR_TEXT_MAX];
	size_t i;

	if (conf_table(conf) != conf_table(other) || conf->metric != other->metric)
		return;
	for (i = 0; i < conf->routes.count; i++)
		if (prefixes_have(&other->routes, &conf->routes.list[i]))
			report_warning(report, conf->path, keys_line(keys_interface, conf->lines, "Routes"),
				       "Routes: %s is in %s, too, with the same Metric: only one of them gets its packets",
				       prefix_text(&conf->routes.list[i], text), other->path);
}

static void compare(const struct conf *conf, const struct conf *other, struct conf_report *report)
{
	unsigned int line = keys_line(keys_interface, conf->lines, "Name");
	size_t i;

	if (!strcmp(conf->ifname, other->ifname))
		report_fault(report, conf->path, line ? line : conf->line, "the interface %s is that of %s, too",
			     conf->ifname, other->path);
	for (i = 0; !strcmp(conf->netns, other->netns) && i < conf->n_tunnels; i++)
		compare_peers(conf, &conf->tunnels[i], other, report);
	/* Each VRF has addresses of its own. */
	if (strcmp(conf->vrf, other->vrf))
		return;
	for (i = 0; i < conf->n_tunnels; i++)
		compare_tunnels(conf, &conf->tunnels[i], other, report);
	if (!strcmp(conf->netns, other->netns))
		compare_routes(conf, other, report);
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

struct comparison {
	const struct conf *conf;
	const char *file;	/* its name in the folder */
	struct conf_report *report;
};

static void on_file(void *ctx, const char *path, const char *file)
{
	const struct comparison *comparison = ctx;

	if (strcmp(file, comparison->file))
		compare_file(comparison->conf, path, comparison->report);
}

int conf_others(const struct conf *conf, struct conf_report *report)
{
	const char *slash = strrchr(conf->path, '/');
	struct comparison comparison = { conf, slash ? slash + 1 : conf->path, report };
	unsigned int before = report->faults;
	char folder[sizeof(conf->path)];
	int err;

	snprintf(folder, sizeof(folder), "%s", slash ? conf->path : ".");
	/* Of "/a.conf" the slash stays. */
	if (slash)
		folder[slash == conf->path ? 1 : slash - conf->path] = '\0';
	err = folder_each(folder, on_file, &comparison);
	if (err)
		report_warning(report, folder, 0, "%s", strerror(-err));
	return report->faults == before ? 0 : -EINVAL;
}
