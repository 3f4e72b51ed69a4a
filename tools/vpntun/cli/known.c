// SPDX-License-Identifier: GPL-2.0
#include "cli/known.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int cmp_place(const void *left, const void *right)
{
	const struct known_tunnel *a = left, *b = right;

	if (a->ifindex != b->ifindex)
		return a->ifindex < b->ifindex ? -1 : 1;
	return (a->id > b->id) - (a->id < b->id);
}

/* What an event leaves out stays as it was. */
static void take(struct known_tunnel *entry, const struct vgw_tunnel *tunnel)
{
	entry->state = tunnel->state;
	if (VGW_HAS(tunnel, VGW_A_TUNNEL_REMOTE))
		entry->remote = tunnel->remote;
	if (VGW_HAS(tunnel, VGW_A_TUNNEL_DPORT))
		entry->dport = tunnel->dport;
}

static void fill(struct known_tunnel *entry, uint32_t ifindex, const char *ifname,
		 const struct vgw_tunnel *tunnel)
{
	memset(entry, 0, sizeof(*entry));
	entry->ifindex = ifindex;
	entry->id = tunnel->id;
	memcpy(entry->ifname, ifname, sizeof(entry->ifname));
	memcpy(entry->name, tunnel->name, sizeof(entry->name));
	take(entry, tunnel);
}

int known_init(struct known *known, const struct snap *snap)
{
	size_t i;

	known->count = 0;
	known->list = calloc(snap->n_tunnels + 1, sizeof(*known->list));
	if (!known->list)
		return -ENOMEM;

	for (i = 0; i < snap->n_tunnels; i++) {
		const struct snap_tunnel *of = &snap->tunnels[i];

		fill(&known->list[i], of->ifindex, of->ifname, &of->tunnel);
	}
	known->count = snap->n_tunnels;
	qsort(known->list, known->count, sizeof(*known->list), cmp_place);
	return 0;
}

void known_exit(struct known *known)
{
	free(known->list);
	known->list = NULL;
	known->count = 0;
}

const struct known_tunnel *known_find(const struct known *known, uint32_t ifindex,
				      uint32_t id)
{
	const struct known_tunnel wanted = { .ifindex = ifindex, .id = id };

	if (!known->count)
		return NULL;
	return bsearch(&wanted, known->list, known->count, sizeof(wanted), cmp_place);
}

/* Moving the rest is nothing against the printing of a line. */
static int insert(struct known *known, const struct vgw_message *msg)
{
	struct known_tunnel entry, *list;
	size_t i = known->count;

	list = reallocarray(known->list, known->count + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;

	known->list = list;
	fill(&entry, msg->ifindex, msg->ifname, &msg->tunnel);
	while (i && cmp_place(&list[i - 1], &entry) > 0)
		i--;
	memmove(&list[i + 1], &list[i], (known->count - i) * sizeof(*list));
	list[i] = entry;
	known->count++;
	return 0;
}

static void delete(struct known *known, struct known_tunnel *entry)
{
	size_t behind = known->list + known->count - (entry + 1);

	memmove(entry, entry + 1, behind * sizeof(*entry));
	known->count--;
}

static bool has_moved(const struct known_tunnel *entry, const struct vgw_tunnel *tunnel)
{
	if (VGW_HAS(tunnel, VGW_A_TUNNEL_REMOTE) &&
	    !addr_equal(&entry->remote, &tunnel->remote))
		return true;
	return VGW_HAS(tunnel, VGW_A_TUNNEL_DPORT) && entry->dport != tunnel->dport;
}

int known_update(struct known *known, const struct vgw_message *msg,
		 enum known_change *change)
{
	const struct vgw_tunnel *tunnel = &msg->tunnel;
	bool up = tunnel->state == VGW_STATE_UP;
	struct known_tunnel *entry;

	entry = (void *)known_find(known, msg->ifindex, tunnel->id);
	if (tunnel->reason == VGW_REASON_REMOVED) {
		*change = KNOWN_REMOVED;
		if (entry)
			delete(known, entry);
		return 0;
	}

	*change = up ? KNOWN_UP : KNOWN_DOWN;
	if (!entry) {
		/* A tunnel is made without SAs, so one that is up is only new to us. */
		if (!up)
			*change = KNOWN_NEW;
		return insert(known, msg);
	}
	if (entry->state == tunnel->state && has_moved(entry, tunnel))
		*change = KNOWN_MOVED;
	take(entry, tunnel);
	return 0;
}
