// SPDX-License-Identifier: GPL-2.0
#include "nl/snap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A dump that changes meet is made anew; on a busy hub the last one must do. */
enum { FETCH_TRIES = 5 };

/*
 * The list with room for one more object, or NULL. It doubles each time its
 * size has become a power of two.
 */
static void *grow(void *list, size_t count, size_t size)
{
	if (count & (count - 1))
		return list;
	return reallocarray(list, count ? count * 2 : 1, size);
}

static int add_iface(struct snap *snap, const struct vgw_message *msg)
{
	struct snap_iface *list;

	list = grow(snap->ifaces, snap->n_ifaces, sizeof(*list));
	if (!list)
		return -ENOMEM;

	snap->ifaces = list;
	list += snap->n_ifaces++;
	list->ifindex = msg->ifindex;
	list->iface = msg->iface;
	memcpy(list->name, msg->ifname, sizeof(list->name));
	return 0;
}

static int add_tunnel(struct snap *snap, struct vgw_message *msg)
{
	struct snap_tunnel *list;

	list = grow(snap->tunnels, snap->n_tunnels, sizeof(*list));
	if (!list)
		return -ENOMEM;

	snap->tunnels = list;
	list += snap->n_tunnels++;
	list->ifindex = msg->ifindex;
	memcpy(list->ifname, msg->ifname, sizeof(list->ifname));
	list->tunnel = msg->tunnel;
	/* Its lists are ours now. */
	memset(&msg->tunnel, 0, sizeof(msg->tunnel));
	return 0;
}

static int add_sa(struct snap *snap, const struct vgw_message *msg)
{
	struct snap_sa *list;

	list = grow(snap->sas, snap->n_sas, sizeof(*list));
	if (!list)
		return -ENOMEM;

	snap->sas = list;
	list += snap->n_sas++;
	list->ifindex = msg->ifindex;
	list->tunnel_id = msg->tunnel.id;
	list->sa = msg->sa;
	return 0;
}

static int on_answer(const struct nlmsghdr *nlh, void *arg)
{
	struct snap *snap = arg;
	struct vgw_message msg;
	int err;

	err = vgw_decode(nlh, &msg);
	if (err)
		return err;

	if (snap->as)
		msg.ifindex = snap->as;
	if (VGW_HAS(&msg, VGW_A_SA))
		err = add_sa(snap, &msg);
	else if (VGW_HAS(&msg, VGW_A_TUNNEL))
		err = add_tunnel(snap, &msg);
	else if (VGW_HAS(&msg, VGW_A_IFACE))
		err = add_iface(snap, &msg);
	vgw_message_free(&msg);
	return err;
}

static int cmp_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int cmp_iface(const void *left, const void *right)
{
	const struct snap_iface *a = left, *b = right;

	return strverscmp(a->name, b->name);
}

static int cmp_tunnel(const void *left, const void *right)
{
	const struct snap_tunnel *a = left, *b = right;
	int order = cmp_u64(a->ifindex, b->ifindex);

	return order ? order : strverscmp(a->tunnel.name, b->tunnel.name);
}

static int cmp_sa_place(const struct snap_sa *a, uint32_t ifindex, uint32_t id)
{
	int order = cmp_u64(a->ifindex, ifindex);

	return order ? order : cmp_u64(a->tunnel_id, id);
}

static int cmp_sa(const void *left, const void *right)
{
	const struct snap_sa *a = left, *b = right;
	int order = cmp_sa_place(a, b->ifindex, b->tunnel_id);

	if (!order)
		order = cmp_u64(a->sa.direction, b->sa.direction);
	if (!order)
		order = cmp_u64(a->sa.age, b->sa.age);
	return order ? order : cmp_u64(a->sa.spi, b->sa.spi);
}

static void sort(void *list, size_t count, size_t size,
		 int (*cmp)(const void *, const void *))
{
	if (count)
		qsort(list, count, size, cmp);
}

static void snap_sort(struct snap *snap)
{
	sort(snap->ifaces, snap->n_ifaces, sizeof(*snap->ifaces), cmp_iface);
	sort(snap->tunnels, snap->n_tunnels, sizeof(*snap->tunnels), cmp_tunnel);
	sort(snap->sas, snap->n_sas, sizeof(*snap->sas), cmp_sa);
}

/* Adds what one query shows; an interrupted dump is noted and used. */
static int fetch(struct knl *knl, const struct vgw_query *query,
		 struct snap *snap)
{
	int err = vgw_get(knl, query, on_answer, snap);

	if (err != -EINTR)
		return err;
	snap->changed = true;
	return 0;
}

static int fetch_once(struct knl *knl, const struct vgw_where *where, const char *tunnel,
		      struct snap *snap)
{
	/* A name asks for one object: the kernel then says if there is none. */
	const struct vgw_query ifaces = {
		.cmd = VGW_CMD_IFACE_GET, .dump = !where->ifname && !where->index, .where = *where,
	};
	const struct vgw_query tunnels = {
		.cmd = VGW_CMD_TUNNEL_GET, .dump = !tunnel,
		.where = *where, .tunnel = tunnel,
	};
	const struct vgw_query sas = {
		.cmd = VGW_CMD_SA_GET, .dump = true,
		.where = *where, .tunnel = tunnel,
	};
	int err;

	err = fetch(knl, &ifaces, snap);
	if (!err)
		err = fetch(knl, &tunnels, snap);
	if (err)
		return err;

	/* Those who may not read SAs may still read the rest. */
	err = fetch(knl, &sas, snap);
	snap->sas_hidden |= err == -EPERM || err == -EACCES;
	return snap->sas_hidden ? 0 : err;
}

static int fetch_whole(struct knl *knl, const struct vgw_where *where, const char *tunnel, struct snap *snap)
{
	int tries = 1, err;

	memset(snap, 0, sizeof(*snap));
	err = fetch_once(knl, where, tunnel, snap);
	while (!err && snap->changed && tries++ < FETCH_TRIES) {
		snap_free(snap);
		err = fetch_once(knl, where, tunnel, snap);
	}

	if (err)
		snap_free(snap);
	else
		snap_sort(snap);
	return err;
}

int snap_fetch(struct knl *knl, const char *ifname, const char *tunnel,
	       struct snap *snap)
{
	const struct vgw_where where = { .ifname = ifname };

	return fetch_whole(knl, &where, tunnel, snap);
}

int snap_fetch_at(struct knl *knl, const struct vgw_where *where, struct snap *snap)
{
	return fetch_whole(knl, where, NULL, snap);
}

int snap_add_far(struct knl *knl, const struct vgw_where *where, struct snap *snap)
{
	int err;

	snap->as = UINT32_MAX - snap->n_ifaces;
	err = fetch_once(knl, where, NULL, snap);
	snap->as = 0;
	snap_sort(snap);
	return err;
}

int snap_fetch_tunnels(struct knl *knl, const char *ifname, struct snap *snap)
{
	const struct vgw_query query = {
		.cmd = VGW_CMD_TUNNEL_GET, .dump = true, .where = { .ifname = ifname },
	};
	int err;

	memset(snap, 0, sizeof(*snap));
	err = fetch(knl, &query, snap);
	if (err)
		snap_free(snap);
	else
		snap_sort(snap);
	return err;
}

void snap_free(struct snap *snap)
{
	size_t i;

	for (i = 0; i < snap->n_tunnels; i++)
		vgw_tunnel_free(&snap->tunnels[i].tunnel);
	free(snap->ifaces);
	free(snap->tunnels);
	free(snap->sas);
	memset(snap, 0, sizeof(*snap));
}

const struct snap_tunnel *snap_tunnels(const struct snap *snap, uint32_t ifindex,
				       size_t *count)
{
	size_t i = 0, first;

	while (i < snap->n_tunnels && snap->tunnels[i].ifindex != ifindex)
		i++;
	first = i;
	while (i < snap->n_tunnels && snap->tunnels[i].ifindex == ifindex)
		i++;
	*count = i - first;
	return snap->tunnels + first;
}

const struct snap_sa *snap_sas(const struct snap *snap,
			       const struct snap_tunnel *of, size_t *count)
{
	size_t low = 0, high = snap->n_sas, end;

	/* By halving: a hub has tens of thousands of tunnels. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (cmp_sa_place(&snap->sas[middle], of->ifindex,
				 of->tunnel.id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < snap->n_sas; end++)
		if (cmp_sa_place(&snap->sas[end], of->ifindex, of->tunnel.id))
			break;
	*count = end - low;
	return snap->sas + low;
}

bool snap_active(const struct snap *snap, const struct snap_tunnel *of)
{
	const struct snap_sa *sa;
	size_t count;

	if (of->tunnel.state != VGW_STATE_UP)
		return false;
	/* The kernel calls no tunnel up that has no current outbound SA. */
	if (snap->sas_hidden)
		return true;

	for (sa = snap_sas(snap, of, &count); count; sa++, count--)
		if (sa->sa.direction == VGW_DIRECTION_OUT && sa->sa.current)
			return true;
	return false;
}
