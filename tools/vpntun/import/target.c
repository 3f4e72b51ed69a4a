// SPDX-License-Identifier: GPL-2.0
#include "import/target.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/daemon.h"
#include "conf/load.h"
#include "conf/report.h"
#include "util/text.h"

enum { FILES_MAX = 4096 };	/* that are looked at */

static bool leads_to(const struct conf *conf, const struct ip_addr *remote)
{
	size_t i;

	for (i = 0; i < conf->n_tunnels; i++)
		if (addr_equal(&conf->tunnels[i].remote, remote))
			return true;
	return false;
}

static bool has_tunnel_of(const char *path, const struct compose *compose, struct conf_report *report)
{
	struct conf_report silent = { 0 };
	struct conf conf;
	bool has = false;
	size_t i;

	if (conf_load(path, &conf, &silent)) {
		report_warning(report, path, 0, "it is not right, so whether it has these tunnels already is not known");
		return false;
	}
	for (i = 0; i < compose->n_tunnels; i++)
		has |= leads_to(&conf, &compose->tunnels[i].tunnel->remote);
	conf_free(&conf);
	return has;
}

/* "/etc/vpntun/office.conf" is "office"; @name has room for it. */
static bool name_of(const char *file, char *name, size_t size)
{
	size_t len = strlen(file);

	if (len <= 5 || len - 5 >= size || strcmp(file + len - 5, ".conf") || *file == '.' || daemon_is_file(file))
		return false;
	snprintf(name, size, "%.*s", (int)(len - 5), file);
	return true;
}

/*
 * The name of the file of the folder that has the tunnels, or one of them, already; "": none has. -EINVAL after telling
 * that several have.
 */
static int find_tunnels(const struct target *target, struct compose *compose, struct conf_report *report)
{
	char path[sizeof(compose->path)], name[sizeof(compose->name)];
	DIR *dir = opendir(target->folder);
	unsigned int count = 0;
	struct dirent *entry;
	int err = 0;

	*compose->name = '\0';
	if (!dir)
		return 0;
	while (!err && (entry = readdir(dir)) && count++ < FILES_MAX) {
		if (!name_of(entry->d_name, name, sizeof(name)) ||
		    (size_t)snprintf(path, sizeof(path), "%s/%s", target->folder, entry->d_name) >= sizeof(path))
			continue;
		if (!has_tunnel_of(path, compose, report))
			continue;
		if (*compose->name) {
			report_fault(report, path, 0, "it has some of the tunnels, and so has %s.conf: import with --split, or leave each tunnel in one of them",
				     compose->name);
			err = -EINVAL;
		}
		memcpy(compose->name, name, sizeof(name));
	}
	closedir(dir);
	return err;
}

static int choose_name(const struct target *target, const char *suffix, struct compose *compose,
		       struct conf_report *report)
{
	const char *base = target->name ? target->name : compose->conn->id;
	const size_t size = sizeof(compose->name);
	char *name = compose->name;
	struct why why = { "" };

	/* The numbers of split ones follow the order of their tunnels, of which one may be new. */
	if (!target->name || *suffix) {
		if (find_tunnels(target, compose, report))
			return -EINVAL;
		if (*name)
			return 0;
	}
	if (!*base) {
		report_fault(report, compose->conn->path, 0, "it has no VPN connection ID: give the connection a --name");
		return -EINVAL;
	}
	*name = '\0';
	text_add(name, size, "%s%s", base, suffix);
	if (strlen(base) + strlen(suffix) >= size)
		why_set(&why, "it is longer than %zu characters", size - 1 - strlen(suffix));
	if (!*why.text && !name_check(name, size, &why) && !daemon_is_file(name))
		return 0;
	report_fault(report, compose->conn->path, 0, "'%.60s' cannot be a connection's name%s%s; give it a --name", base,
		     *why.text ? ": " : "", why.text);
	return -EINVAL;
}

static int read_old(struct compose *compose, struct conf_report *report)
{
	compose->old_text = load_text(compose->path, &compose->old_len, report);
	if (!compose->old_text)
		return -EINVAL;
	return conf_parse(compose->path, compose->old_text, compose->old_len, &compose->old, report);
}

int target_find(const struct target *target, const char *suffix, struct compose *compose, struct conf_report *report)
{
	if (choose_name(target, suffix, compose, report))
		return -EINVAL;
	if ((size_t)snprintf(compose->path, sizeof(compose->path), "%s/%s.conf", target->folder, compose->name) >=
	    sizeof(compose->path)) {
		report_fault(report, target->folder, 0, "%s", strerror(ENAMETOOLONG));
		return -EINVAL;
	}
	if (!access(compose->path, F_OK))
		return read_old(compose, report);
	if (!target->must_exist)
		return 0;
	report_fault(report, compose->path, 0, "%s: --into adds to a connection that is there; --name makes a new one",
		     strerror(errno));
	return -EINVAL;
}
