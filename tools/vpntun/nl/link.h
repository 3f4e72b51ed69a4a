/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NL_LINK_H
#define NL_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nl/knl.h"
#include "util/addr.h"
#include "util/name.h"

/* Network devices and their addresses; @rt is of knl_open_route(). Results as in nl/knl.h. */

struct link_info {
	uint32_t index;
	uint32_t master;	/* index, 0: none */
	uint32_t vrf_table;	/* of a VRF, else 0 */
	bool up;		/* as its administrator wants it */
	char name[IFACE_NAME_SIZE];
	char kind[IFACE_NAME_SIZE];	/* "vgw", "vrf"; "" of hardware */
};

struct links {
	struct link_info *list;	/* on the heap */
	size_t count;
};

int links_fetch(struct knl *rt, struct links *out);
void links_free(struct links *links);
const struct link_info *links_by_name(const struct links *links, const char *name);
const struct link_info *links_by_index(const struct links *links, uint32_t index);
bool links_is_kind(const struct links *links, uint32_t index, const char *kind);

enum { LINK_HERE = -1 };	/* in place of another namespace */

/* @netns: a descriptor of the namespace in which it is to be, or LINK_HERE. */
int link_make(struct knl *rt, const char *name, const char *kind, int netns);
/* @netnsid: the namespace that it is in, as @rt's numbers it, or LINK_HERE. */
int link_delete(struct knl *rt, uint32_t index, int32_t netnsid);
int link_up(struct knl *rt, uint32_t index);
int link_enslave(struct knl *rt, uint32_t index, uint32_t master);

struct link_addr {
	uint32_t index;
	struct ip_addr addr;
	uint8_t length;		/* of its network, bits */
	bool link_local;	/* that the kernel gave an IPv6 device by itself */
};

struct link_addrs {
	struct link_addr *list;	/* on the heap */
	size_t count;
};

int link_addrs_fetch(struct knl *rt, struct link_addrs *out);
void link_addrs_free(struct link_addrs *addrs);

int link_addr_add(struct knl *rt, const struct link_addr *addr);	/* -EEXIST: it is there */
/* Deleting one that is not there is no failure. */
int link_addr_del(struct knl *rt, const struct link_addr *addr);

#endif /* NL_LINK_H */
