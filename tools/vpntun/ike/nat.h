/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_NAT_H
#define IKE_NAT_H

#include "ike/sa.h"

/* NAT detection and what follows from it, section 2.23. */

/* Both notifies, of this path; @force: say that our address has been translated even though we do not know it. */
void nat_put(struct ike *ike, const struct ike_sa *sa, const struct ike_path *path, bool force, struct chain *chain);
/* Does the peer do this, too? */
bool nat_told(const struct ike_msg *msg);
/* Judges the peer's; sets natted, peer_natted. */
void nat_judge(struct ike_sa *sa, const struct ike_in *in);
/*
 * Of a peer that began, by its first message after our hashes: does it know of NAT? Not of an update of addresses: there
 * our answer is the first that tells it.
 */
void nat_believe(struct ike *ike, struct ike_sa *sa);
/* Decides on encapsulation, once the tunnel is known. Who began moves to port 4500. */
void nat_settle(struct ike *ike, struct ike_sa *sa);
/* The path of @sa, or its encapsulation, has changed: so have those of the tunnel, if @sa is the one that counts. */
void nat_moved(struct ike *ike, const struct ike_sa *sa);
/*
 * May @sa go where authentic packets of the peer come from (section 2.23)? Who is behind NAT themselves must not: whoever
 * is between could move the tunnel away. With MOBIKE the peer says when it moves, and other packets may only try another
 * path (RFC 4555 section 3.8).
 */
bool nat_may_follow(const struct ike_sa *sa);
/* The module has followed the peer's ESP to this address and port: IKE goes along, and MOVE is not wanted. */
void nat_roamed(struct ike *ike, struct ike_sa *sa, const struct ip_addr *remote, uint16_t port);
/* The module hears of the path of @sa otherwise, with INSTALL. */
void nat_told_by(const struct ike_sa *sa);
/*
 * A tunnel has one path in the module, whichever Child SA was installed last: that of the newest IKE SA is put right
 * again if an older one's has come between.
 */
void nat_follow(struct ike *ike, const struct ike_tunnel *tun);

#endif /* IKE_NAT_H */
