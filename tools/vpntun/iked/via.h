/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_VIA_H
#define IKED_VIA_H

#include "ike/act.h"
#include "ike/policy.h"

/*
 * Which way a datagram has to take that the engine wants sent: it says from where to where, and not for which policy.
 * Only policies that ask for a way of their own are kept. Pure.
 */
struct via_entry {
	uint32_t policy;
	struct ip_addr local, remote;	/* len 0: any */
	struct ike_via via;
};

struct vias {
	struct via_entry *list;		/* on the heap */
	size_t count;
};

/* 0 or -ENOMEM. */
int vias_set(struct vias *vias, const struct ike_policy *policy);
/* The policy's peer has these ends now; those of length 0 stay as they are. */
void vias_ends(struct vias *vias, uint32_t policy, const struct ip_addr *local, const struct ip_addr *remote);
void vias_forget(struct vias *vias, uint32_t policy);
void vias_free(struct vias *vias);

/* Of the policy whose ends these are; else, as peers move, of one with our end. All zero: the usual way. */
struct ike_via vias_find(const struct vias *vias, const struct ike_path *path);

#endif /* IKED_VIA_H */
