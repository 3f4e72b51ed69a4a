// SPDX-License-Identifier: GPL-2.0
#include "cli/view.h"

#include <string.h>

void view_add_far(const struct view *view, struct knl *knl, struct snap *snap)
{
	size_t i;

	for (i = 0; view->status && i < view->status->n_connections; i++) {
		const struct status_connection *connection = &view->status->connections[i];
		const struct vgw_where where = { .index = connection->far_index, .netnsid = connection->netnsid };

		if (connection->far_index && (!view->ifname || !strcmp(view->ifname, connection->ifname)))
			snap_add_far(knl, &where, snap);
	}
}

bool view_wants(const struct view *view, const struct snap_tunnel *tunnel)
{
	return !view->tunnel || !strcmp(view->tunnel, tunnel->tunnel.name);
}

static bool has_iface(const struct snap *snap, const char *ifname)
{
	size_t i;

	for (i = 0; i < snap->n_ifaces; i++)
		if (!strcmp(snap->ifaces[i].name, ifname))
			return true;
	return false;
}

const struct status_connection *view_lacking_iface(const struct view *view, size_t i)
{
	const struct status_connection *connection = &view->status->connections[i];

	if (view->ifname && strcmp(view->ifname, connection->ifname))
		return NULL;
	return has_iface(view->snap, connection->ifname) ? NULL : connection;
}

const struct status_tunnel *view_lacking_tunnel(const struct view *view, uint32_t ifindex,
						const struct status_connection *connection, size_t i)
{
	const struct status_tunnel *wanted = &connection->tunnels[i];
	const struct snap_tunnel *tunnel;
	size_t count;

	if (view->tunnel && strcmp(view->tunnel, wanted->name))
		return NULL;
	tunnel = snap_tunnels(view->snap, ifindex, &count);
	for (; count; tunnel++, count--)
		if (!strcmp(tunnel->tunnel.name, wanted->name))
			return NULL;
	return wanted;
}

const char *view_state(bool up, const struct status_tunnel *tunnel)
{
	if (up)
		return status_word(STATUS_UP);
	/* What the helper holds for up may be down for another reason: a probe, the route. */
	return status_word(tunnel && tunnel->state == STATUS_CONNECTING ? STATUS_CONNECTING : STATUS_DOWN);
}
