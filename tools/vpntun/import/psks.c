// SPDX-License-Identifier: GPL-2.0
#include "import/psks.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "conf/report.h"
#include "import/lines.h"
#include "import/take.h"
#include "util/wipe.h"

static struct import_tunnel *find(struct import_connection *conn, const struct ip_addr *remote)
{
	size_t i;

	for (i = 0; i < conn->n_tunnels; i++)
		if (addr_equal(&conn->tunnels[i].remote, remote))
			return &conn->tunnels[i];
	return NULL;
}

/* -EINVAL: @why. @others: the tunnel had another one. */
static int take_for(struct import_connection *conn, const char *address, const char *key, bool *others, struct why *why)
{
	char before[IMPORT_PSK_MAX + 1];
	struct import_tunnel *tunnel;
	struct ip_addr remote;
	int err;

	*others = false;
	if (addr_parse(address, &remote, why))
		return why_set(why, "in front of the key stands no address");
	tunnel = find(conn, &remote);
	if (!tunnel)
		return why_set(why, "there is no tunnel to %s", address);
	memcpy(before, tunnel->psk, sizeof(before));
	err = take_field(tunnel, FIELD_PSK, key, why);
	*others = !err && *before && strcmp(before, tunnel->psk);
	wipe(&before);
	return err;
}

static int take_for_all(struct import_connection *conn, const char *key, struct why *why)
{
	size_t i;

	if (take_psk(key, why))
		return -EINVAL;
	for (i = 0; i < conn->n_tunnels; i++)
		if (!*conn->tunnels[i].psk)
			snprintf(conn->tunnels[i].psk, sizeof(conn->tunnels[i].psk), "%s", key);
	return 0;
}

int psks_take(const char *path, const char *text, size_t len, struct import_connection *conn,
	      struct conf_report *report)
{
	unsigned int before = report->faults;
	struct why why = { "" };
	struct lines lines;
	char *line, *key;
	bool others;
	int err;

	lines_init(&lines, text, len);
	while ((line = lines_next(&lines))) {
		if (!*line || *line == '#')
			continue;
		key = strchr(line, ' ');
		if (key) {
			*key++ = '\0';
			err = take_for(conn, line, key, &others, &why);
			if (others)
				report_warning(report, path, lines.number,
					       "AWS's file has another key for the tunnel to %s; this one is taken", line);
		} else {
			err = take_for_all(conn, line, &why);
		}
		if (err)
			report_fault(report, path, lines.number, "%s", why.text);
	}
	explicit_bzero(&lines, sizeof(lines));
	return report->faults == before ? 0 : -EINVAL;
}
