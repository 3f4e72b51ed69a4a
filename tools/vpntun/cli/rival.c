// SPDX-License-Identifier: GPL-2.0
#include "cli/rival.h"

#include <string.h>

/* A pinned address is a prefix too; false if there is none. */
static bool peer_prefix(const struct vgw_tunnel *tunnel, struct ip_prefix *prefix)
{
	if (addr_is_zero(&tunnel->peer))
		return false;
	prefix->addr = tunnel->peer;
	prefix->length = tunnel->peer.len * 8;
	return true;
}

static bool has_prefix(const struct vgw_tunnel *tunnel, const struct ip_prefix *prefix)
{
	struct ip_prefix peer;
	size_t i;

	for (i = 0; i < tunnel->prefixes.count; i++)
		if (prefix_equal(&tunnel->prefixes.list[i], prefix))
			return true;
	return peer_prefix(tunnel, &peer) && prefix_equal(&peer, prefix);
}

/* Has @other anything that @tunnel has? */
static bool share(const struct vgw_tunnel *tunnel, const struct vgw_tunnel *other,
		  struct ip_prefix *prefix)
{
	size_t i;

	for (i = 0; i < tunnel->prefixes.count; i++) {
		*prefix = tunnel->prefixes.list[i];
		if (has_prefix(other, prefix))
			return true;
	}
	return peer_prefix(tunnel, prefix) && has_prefix(other, prefix);
}

/* What the tunnel would be like; the lists stay their owners'. */
static struct vgw_tunnel merge(const struct snap *snap, const struct vgw_tunnel *wanted)
{
	struct vgw_tunnel tunnel = *wanted;
	size_t i;

	for (i = 0; i < snap->n_tunnels; i++) {
		const struct vgw_tunnel *now = &snap->tunnels[i].tunnel;

		if (strcmp(now->name, wanted->name))
			continue;
		if (!VGW_HAS(wanted, VGW_A_TUNNEL_GROUP))
			tunnel.group = now->group;
		if (!VGW_HAS(wanted, VGW_A_TUNNEL_PREFIXES))
			tunnel.prefixes = now->prefixes;
		if (!VGW_HAS(wanted, VGW_A_TUNNEL_PEER))
			tunnel.peer = now->peer;
	}
	return tunnel;
}

const struct vgw_tunnel *rival_find(const struct snap *snap,
				    const struct vgw_tunnel *wanted,
				    struct ip_prefix *prefix)
{
	struct vgw_tunnel tunnel = merge(snap, wanted);
	size_t i;

	for (i = 0; i < snap->n_tunnels; i++) {
		const struct vgw_tunnel *other = &snap->tunnels[i].tunnel;

		if (strcmp(other->name, tunnel.name) &&
		    other->group != tunnel.group && share(&tunnel, other, prefix))
			return other;
	}
	return NULL;
}
