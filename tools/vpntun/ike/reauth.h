/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_REAUTH_H
#define IKE_REAUTH_H

#include "ike/sa.h"

/*
 * Another IKE SA in place of one that is up, from IKE_SA_INIT on: for a policy that has changed, as the peer has one that
 * we could not take, as what there is can neither be rekeyed nor get a Child SA, or as the peer wants us to authenticate
 * again. Make before break: the older ones go when the new one and its Child SA have been there for a moment, and stay as
 * long as it comes to nothing.
 */
void reauth_want(struct ike *ike, struct ike_tunnel *tun);
/* Does the peer say for how long it takes us for who we are (RFC 4478)? Of @sa, which we have begun. */
void reauth_note(struct ike *ike, struct ike_sa *sa, const struct ike_msg *msg);
/* When that is almost over another one is wanted. */
void reauth_tick(struct ike *ike, struct ike_sa *sa);
void reauth_up(struct ike *ike, struct ike_sa *sa);	/* @sa has been authenticated, either way */
/* The next attempt is due. */
bool reauth_now(const struct ike *ike, const struct ike_tunnel *tun);
void reauth_begun(struct ike *ike, struct ike_tunnel *tun);
/* Has @sa had its successor for long enough? */
bool reauth_over(const struct ike *ike, const struct ike_sa *sa);
uint64_t reauth_due(const struct ike *ike, const struct ike_tunnel *tun);

#endif /* IKE_REAUTH_H */
