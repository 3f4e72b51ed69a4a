/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CLI_KNOWN_H
#define CLI_KNOWN_H

#include "nl/snap.h"

/*
 * The tunnels as a listener has last heard of them: an event tells what a
 * tunnel is like, this what is new about it.
 */
struct known_tunnel {
	uint32_t ifindex;
	uint32_t id;
	char ifname[IFACE_NAME_SIZE];
	char name[TUNNEL_NAME_SIZE];
	struct ip_addr remote;
	uint16_t dport;
	uint8_t state;
};

/* Sorted by interface and id. */
struct known {
	struct known_tunnel *list;
	size_t count;
};

enum known_change {
	KNOWN_NEW,
	KNOWN_UP,
	KNOWN_DOWN,
	KNOWN_MOVED,	/* its peer has another address or port */
	KNOWN_REMOVED,
};

/* Begins with what a dump shows. 0 or -ENOMEM. */
int known_init(struct known *known, const struct snap *snap);
void known_exit(struct known *known);

/* Takes in the event on a tunnel. 0 or -ENOMEM. */
int known_update(struct known *known, const struct vgw_message *msg,
		 enum known_change *change);

/* NULL if there is none. */
const struct known_tunnel *known_find(const struct known *known, uint32_t ifindex,
				      uint32_t id);

#endif /* CLI_KNOWN_H */
