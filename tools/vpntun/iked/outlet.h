/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_OUTLET_H
#define IKED_OUTLET_H

#include "ike/policy.h"
#include "iked/proc.h"
#include "iked/site.h"
#include "util/why.h"

/*
 * The UDP sockets beside the usual ones, in the parent: a VRF's, by which its packets come and go, and those with a mark
 * of a connection's own, which only send: a process without rights cannot choose the mark of a packet, but the socket.
 * They stay until the helper ends.
 */
struct outlets;

/* @usual: the @count sockets that have the ports, -1: none; their owner's. NULL: no memory. */
struct outlets *outlets_create(struct sites *sites, const int *usual, size_t count);
void outlets_free(struct outlets *outlets);

/* Has the sockets that packets by @via need, and tells the network process of them. 0 or a negative errno with @why. */
int outlets_need(struct outlets *outlets, struct procs *procs, const struct ike_via *via, struct why *why);
/* Tells a new network process of all. */
void outlets_tell(const struct outlets *outlets, struct procs *procs);

#endif /* IKED_OUTLET_H */
