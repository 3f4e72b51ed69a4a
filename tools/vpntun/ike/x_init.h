/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_X_INIT_H
#define IKE_X_INIT_H

#include "ike/sa.h"

/* IKE_SA_INIT, section 1.2. Nothing in it is authenticated: what does not fit is passed over. */

enum { SETUP_PATIENCE_MS = 60000 };

/* A new IKE SA, its request sent; NULL: it cannot be, and why has been logged. */
struct ike_sa *x_init_start(struct ike *ike, struct ike_tunnel *tun);
/* Returns the state that @sa is in then. */
enum sa_state x_init_response(struct ike *ike, struct ike_sa *sa, const struct ike_in *in);
/*
 * A request that belongs to no IKE SA yet. Returns NULL, or an IKE SA that is to be refused: what it came with was bad, and
 * has cost us as much as what is good, so it takes up its place for a while.
 */
struct ike_sa *x_init_request(struct ike *ike, const struct ike_in *in);

#endif /* IKE_X_INIT_H */
