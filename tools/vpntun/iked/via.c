// SPDX-License-Identifier: GPL-2.0
#include "iked/via.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct via_entry *find(const struct vias *vias, uint32_t policy)
{
	size_t i;

	for (i = 0; i < vias->count; i++)
		if (vias->list[i].policy == policy)
			return &vias->list[i];
	return NULL;
}

void vias_forget(struct vias *vias, uint32_t policy)
{
	struct via_entry *entry = find(vias, policy);

	if (entry)
		*entry = vias->list[--vias->count];
}

int vias_set(struct vias *vias, const struct ike_policy *policy)
{
	const struct ike_via *via = &policy->via;
	struct via_entry *entry;

	vias_forget(vias, policy->id);
	if (!via->mark && !via->device && !via->vrf)
		return 0;
	entry = reallocarray(vias->list, vias->count + 1, sizeof(*entry));
	if (!entry)
		return -ENOMEM;
	vias->list = entry;
	entry[vias->count++] = (struct via_entry){
		.policy = policy->id, .local = policy->local, .remote = policy->remote, .via = *via,
	};
	return 0;
}

void vias_ends(struct vias *vias, uint32_t policy, const struct ip_addr *local, const struct ip_addr *remote)
{
	for (size_t i = 0; i < vias->count; i++) {
		struct via_entry *entry = &vias->list[i];

		if (entry->policy != policy)
			continue;
		if (local->len)
			entry->local = *local;
		if (remote->len)
			entry->remote = *remote;
	}
}

void vias_free(struct vias *vias)
{
	free(vias->list);
	memset(vias, 0, sizeof(*vias));
}

static bool fits(const struct ip_addr *configured, const struct ip_addr *addr)
{
	return !configured->len || !addr->len || addr_equal(configured, addr);
}

/* 0: another's; the higher the better. */
static int score(const struct via_entry *entry, const struct ike_path *path)
{
	bool local = entry->local.len && addr_equal(&entry->local, &path->local);
	bool remote = entry->remote.len && addr_equal(&entry->remote, &path->remote);

	if (!fits(&entry->local, &path->local))
		return 0;
	return 2 * remote + local;
}

struct ike_via vias_find(const struct vias *vias, const struct ike_path *path)
{
	struct ike_via via = { 0 };
	int best = 0, now;
	size_t i;

	for (i = 0; i < vias->count; i++) {
		now = score(&vias->list[i], path);
		if (now <= best)
			continue;
		best = now;
		via = vias->list[i].via;
	}
	return via;
}
