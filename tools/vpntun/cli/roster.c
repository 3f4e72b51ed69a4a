// SPDX-License-Identifier: GPL-2.0
#include "cli/roster.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/folder.h"

/* ---- files ---- */

static void take_fault(void *ctx, bool fault, const char *line)
{
	struct roster_file *file = ctx;

	if (fault && !*file->fault)
		snprintf(file->fault, sizeof(file->fault), "%s", line);
}

static void on_file(void *ctx, const char *path, const char *name)
{
	struct roster_files *files = ctx;
	struct roster_file *list = reallocarray(files->list, files->count + 1, sizeof(*list)), *file;
	struct conf_report report = { .say = take_fault };

	if (!list) {
		files->no_memory = true;
		return;
	}
	files->list = list;
	file = &list[files->count++];
	memset(file, 0, sizeof(*file));
	snprintf(file->name, sizeof(file->name), "%.*s", (int)(strlen(name) - strlen(".conf")), name);
	report.ctx = file;
	file->right = !conf_load(path, &file->conf, &report);
}

void roster_read(const char *folder, struct roster_files *files)
{
	*files = (struct roster_files){ 0 };
	files->err = -folder_each(folder, on_file, files);
	if (files->err == ENOENT)
		files->err = 0;
}

void roster_files_free(struct roster_files *files)
{
	size_t i;

	for (i = 0; i < files->count; i++)
		if (files->list[i].right)
			conf_free(&files->list[i].conf);
	free(files->list);
	*files = (struct roster_files){ 0 };
}

/* ---- tunnels ---- */

static int cmp_place(const struct roster_tunnel *a, const struct roster_tunnel *b)
{
	int order = strverscmp(a->ifname, b->ifname);

	return order ? order : strverscmp(a->name, b->name);
}

static int cmp_tunnel(const void *left, const void *right)
{
	const struct roster_tunnel *a = left, *b = right;
	int order = cmp_place(a, b);

	/* Those of files first: what is said twice is said by them. */
	return order ? order : !a->conf - !b->conf;
}

static size_t count_all(const struct roster_files *files, const struct view *view)
{
	size_t i, count = view->snap->n_tunnels;

	for (i = 0; i < files->count; i++)
		count += files->list[i].right ? files->list[i].conf.n_tunnels : 0;
	for (i = 0; view->status && i < view->status->n_connections; i++)
		count += view->status->connections[i].n_tunnels;
	return count;
}

static void add(struct roster *roster, const struct roster_tunnel *tunnel)
{
	roster->list[roster->count++] = *tunnel;
}

static void add_files(struct roster *roster, const struct roster_files *files)
{
	size_t i, j;

	for (i = 0; i < files->count; i++) {
		const struct conf *conf = &files->list[i].conf;

		for (j = 0; files->list[i].right && j < conf->n_tunnels; j++)
			add(roster, &(struct roster_tunnel){ .connection = conf->name, .ifname = conf->ifname,
				.name = conf->tunnels[j].name, .conf = &conf->tunnels[j] });
	}
}

static void add_status(struct roster *roster, const struct status *status)
{
	size_t i, j;

	for (i = 0; status && i < status->n_connections; i++) {
		const struct status_connection *connection = &status->connections[i];

		for (j = 0; j < connection->n_tunnels; j++)
			add(roster, &(struct roster_tunnel){ .connection = connection->name,
				.ifname = connection->ifname, .name = connection->tunnels[j].name,
				.known = &connection->tunnels[j] });
	}
}

static void add_snap(struct roster *roster, const struct snap *snap)
{
	size_t i;

	for (i = 0; i < snap->n_tunnels; i++)
		add(roster, &(struct roster_tunnel){ .connection = "", .ifname = snap->tunnels[i].ifname,
			.name = snap->tunnels[i].tunnel.name, .of = &snap->tunnels[i] });
}

/* What several know becomes one; the list is sorted. */
static void join(struct roster *roster)
{
	struct roster_tunnel *to = roster->list, *from;
	size_t i;

	for (i = 1; i < roster->count; i++) {
		from = &roster->list[i];
		if (cmp_place(to, from)) {
			*++to = *from;
			continue;
		}
		if (!*to->connection)
			to->connection = from->connection;
		to->known = to->known ? to->known : from->known;
		to->of = to->of ? to->of : from->of;
	}
	if (roster->count)
		roster->count = to - roster->list + 1;
}

int roster_make(struct roster *roster, const struct roster_files *files, const struct view *view)
{
	*roster = (struct roster){ .list = calloc(count_all(files, view) + 1, sizeof(*roster->list)) };
	if (!roster->list || files->no_memory) {
		free(roster->list);
		return -ENOMEM;
	}
	add_files(roster, files);
	add_status(roster, view->status);
	add_snap(roster, view->snap);
	qsort(roster->list, roster->count, sizeof(*roster->list), cmp_tunnel);
	join(roster);
	return 0;
}

void roster_free(struct roster *roster)
{
	free(roster->list);
	*roster = (struct roster){ 0 };
}
