/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_X_AUTH_H
#define IKE_X_AUTH_H

#include "ike/sa.h"

/*
 * IKE_AUTH and the first Child SA: sections 1.2, 2.15; a request without one is answered, too (RFC 6023). All return the
 * state that @sa is in then. The initiator's way is sign, request, response, verified, installed; the responder's is
 * request, verified, installed, signed: nothing of the kernel's is touched for a peer that has not been verified, and
 * the peer is told that an SA exists when it does.
 */
enum sa_state x_auth_sign(struct ike *ike, struct ike_sa *sa);
enum sa_state x_auth_response(struct ike *ike, struct ike_sa *sa, const struct ike_in *in);
enum sa_state x_auth_request(struct ike *ike, struct ike_sa *sa, const struct ike_in *in);

enum sa_state x_auth_signed(struct ike *ike, struct ike_sa *sa, struct span auth);
enum sa_state x_auth_verified(struct ike *ike, struct ike_sa *sa, bool good, const char *why);
enum sa_state x_auth_installed(struct ike *ike, struct ike_sa *sa, int err);

#endif /* IKE_X_AUTH_H */
