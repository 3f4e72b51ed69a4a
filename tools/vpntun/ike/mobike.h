/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_MOBIKE_H
#define IKE_MOBIKE_H

#include "ike/sa.h"

/*
 * A host's address changes, and its IKE SA with all that hangs on it goes along: RFC 4555. Who began the first IKE SA
 * of the line may move it, the other side follows. What is done without MOBIKE is here, too.
 */

/* IKE_SA_INIT has been answered: if both sides know NAT traversal, on to port 4500 (section 3.3). */
void mobike_float(struct ike_sa *sa, const struct ike_msg *msg);
/* IKE_AUTH, of either side: says that we can, and hears that the peer can. The tunnel is known. */
void mobike_put(const struct ike_sa *sa, struct chain *chain);
void mobike_note(struct ike_sa *sa, const struct ike_msg *msg);

/* The policy has another local address than @sa, which is up, or was. */
void mobike_leave(struct ike *ike, struct ike_sa *sa);
void mobike_put_update(struct ike *ike, struct ike_sa *sa, struct chain *chain);
/* May the peer see us otherwise one day, without our doing? We are behind NAT, and only we can tell. */
bool mobike_may_drift(const struct ike_sa *sa);
/* Asks the peer on the way how it sees us, if that may drift. */
void mobike_put_ping(struct ike *ike, const struct ike_sa *sa, struct chain *chain);
/* Since when no answer has shown that the peer is there and, if that may drift, how it sees us. */
uint64_t mobike_unsure_since(const struct ike_sa *sa);
/* To an update, or a ping; the state that @sa is in then. */
enum sa_state mobike_response(struct ike *ike, struct ike_sa *sa, const struct ike_in *in, bool update);

/* What an INFORMATIONAL request says of addresses; @chain will be the answer. */
void mobike_request(struct ike *ike, struct ike_sa *sa, const struct ike_in *in, struct chain *chain);

#endif /* IKE_MOBIKE_H */
