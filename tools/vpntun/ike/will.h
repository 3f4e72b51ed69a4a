/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_WILL_H
#define IKE_WILL_H

#include "ike/sa.h"

/*
 * What is to be said to the peer when this process dies: whoever drives the engine keeps the newest will of each IKE SA,
 * and hands it to the engine that comes after. A will is one finished message, the request to delete the IKE SA, sealed
 * with an IV of its own under the message ID that is next: so the heir needs no keys, continues no sequence, and the peer
 * takes it like any other request.
 */

/* After every event: makes the will of an IKE SA anew if its last one cannot be said any more. */
void will_update(struct ike *ike, struct ike_sa *sa);
/* The IKE SA ends: nothing is left to be said. */
void will_drop(struct ike *ike, struct ike_sa *sa);

/* Inherited wills: said when the tunnel has a Child SA of this engine's, and then forgotten. */
void will_tick(struct ike *ike, struct ike_tunnel *tun);
uint64_t will_due(const struct ike_tunnel *tun);
void will_say(struct ike *ike, struct ike_tunnel *tun);	/* once, now, and forgets: the tunnel is to end */
void will_forget(struct ike_tunnel *tun);
/* Where the peer was; NULL: nothing is inherited. */
const struct ike_path *will_path(const struct ike_tunnel *tun);

#endif /* IKE_WILL_H */
