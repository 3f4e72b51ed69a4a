/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_ROOM_H
#define IKE_ROOM_H

#include "ike/sa.h"

/* Room for IKE SAs that others began and that are not authenticated: half-open ones (RFC 8019). */

enum { HALF_OPEN_MS = 30000 };	/* a peer has so long for IKE_AUTH */

enum room {
	ROOM_FREE,		/* for anybody */
	ROOM_FOR_TRUE,		/* for who has shown that it gets what is sent to it */
	ROOM_NONE,		/* this host has all that one may have */
};

enum room room_for(const struct ike *ike, const struct ip_addr *from);
/* One that is to go, as there are more than there may be; or NULL. */
struct ike_sa *room_excess(struct ike *ike);
/* A first message was refused. It has taken time, as a half-open one does, and nobody has shown that its address is true. */
void room_refused(struct ike *ike);

#endif /* IKE_ROOM_H */
