/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_NAT_H
#define IKE_NAT_H

#include "ike/sa.h"

/* NAT detection and what follows from it, section 2.23. */

/* Both notifies; @force: say that our address has been translated even though we do not know it. */
void nat_put(struct ike *ike, const struct ike_sa *sa, bool force, struct chain *chain);
/* Judges the peer's; sets natted, peer_natted. */
void nat_judge(struct ike_sa *sa, const struct ike_in *in);
/* Decides on encapsulation, once the tunnel is known; as initiator moves to port 4500. */
void nat_settle(struct ike *ike, struct ike_sa *sa);

#endif /* IKE_NAT_H */
