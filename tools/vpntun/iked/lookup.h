/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_LOOKUP_H
#define IKED_LOOKUP_H

#include "iked/conn.h"
#include "iked/imsg.h"

/*
 * Peers that are known by name, in the parent: before every attempt of theirs, and every few minutes, their names are
 * looked up, in /etc/hosts or by the resolver process; the network process hears the address, the host keeps the way to
 * it outside. Name servers are asked outside of the tunnels, too.
 */
struct lookups;

struct lookups *lookups_create(struct conns *conns);	/* NULL: no memory */
void lookups_free(struct lookups *lookups);

/* Now and then: connections have come and gone, names are to be looked up again. */
void lookups_tick(struct lookups *lookups);
/* The network process is about to try, and wants an address. */
void lookups_ask(struct lookups *lookups, uint32_t policy);
void lookups_take(struct lookups *lookups, const struct imsg_resolved *resolved);
/* There is a new resolver process, which was asked nothing yet. */
void lookups_again(struct lookups *lookups);

#endif /* IKED_LOOKUP_H */
