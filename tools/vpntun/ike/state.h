/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_STATE_H
#define IKE_STATE_H

#include "ike/sa.h"

/* The one place where the state of an IKE SA changes, and where it is decided what is done next. */

/* Enters a state, and does what goes with it. An SA that is dead stays until state_sweep(). */
void state_enter(struct ike *ike, struct ike_sa *sa, enum sa_state to);
/* Begins the next exchange of the SA that is due, if there is one. */
void state_work(struct ike *ike, struct ike_sa *sa);
/* Brings up the tunnel if it is to be and is not. */
void state_begin(struct ike *ike, struct ike_tunnel *tun);

/* ike_remote_set(): one that asked for the address is due now, or later again. */
void state_resolved(struct ike *ike, struct ike_tunnel *tun, const struct ike_path *path, const char *why);

void state_tick(struct ike *ike);
uint64_t state_due(const struct ike *ike);
void state_sweep(struct ike *ike);	/* ends an event: frees the dead, and sees to the wills of the living */

#endif /* IKE_STATE_H */
