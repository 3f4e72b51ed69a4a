/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NL_SNAP_H
#define NL_SNAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nl/vgw.h"

/*
 * All that the module shows, at about one moment. Flat arrays, sorted: by
 * interface name; interface and tunnel name; interface, tunnel, direction, age.
 */
struct snap_iface {
	uint32_t ifindex;
	char name[IFACE_NAME_SIZE];
	struct vgw_iface iface;
};

struct snap_tunnel {
	uint32_t ifindex;
	char ifname[IFACE_NAME_SIZE];
	struct vgw_tunnel tunnel;
};

struct snap_sa {
	uint32_t ifindex;
	uint32_t tunnel_id;
	struct vgw_sa sa;
};

struct snap {
	struct snap_iface *ifaces;
	struct snap_tunnel *tunnels;
	struct snap_sa *sas;
	size_t n_ifaces;
	size_t n_tunnels;
	size_t n_sas;
	bool sas_hidden;	/* we may not read SAs */
	bool changed;		/* while it was read */
	uint32_t as;		/* index that what is read now is to have, 0: its own */
};

/*
 * Reads interface @ifname, or all if NULL, and of it @tunnel, or all if NULL.
 * 0 or a negative errno, and then knl->why tells the rest.
 */
int snap_fetch(struct knl *knl, const char *ifname, const char *tunnel,
	       struct snap *snap);

/* The same of one interface, wherever it is. */
int snap_fetch_at(struct knl *knl, const struct vgw_where *where, struct snap *snap);

/*
 * Adds all that @more holds, whatever happens to it: what is in another namespace. Its indexes become ones that no device
 * has here. 0 or -ENOMEM.
 */
int snap_join(struct snap *snap, struct snap *more);

/*
 * Adds one that is in another namespace, under an index that no device has here. The same result; what was there before
 * stays in any case.
 */
int snap_add_far(struct knl *knl, const struct vgw_where *where, struct snap *snap);

/* Only the tunnels, of interface @ifname or of all if NULL. */
int snap_fetch_tunnels(struct knl *knl, const char *ifname, struct snap *snap);

void snap_free(struct snap *snap);

/* The first of an interface's tunnels, of a tunnel's SAs; @count is how many. */
const struct snap_tunnel *snap_tunnels(const struct snap *snap, uint32_t ifindex,
				       size_t *count);
const struct snap_sa *snap_sas(const struct snap *snap,
			       const struct snap_tunnel *of, size_t *count);

/* Has a tunnel a current outbound SA, as far as we can see? */
bool snap_active(const struct snap *snap, const struct snap_tunnel *of);

#endif /* NL_SNAP_H */
