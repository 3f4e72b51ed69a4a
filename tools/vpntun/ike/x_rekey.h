/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_X_REKEY_H
#define IKE_X_REKEY_H

#include "ike/sa.h"

/* CREATE_CHILD_SA that makes a new IKE SA, sections 1.3.2 and 2.18. The states are those of the old one. */

int x_rekey_start(struct ike *ike, struct ike_sa *sa);	/* 0 or a negative errno */
enum sa_state x_rekey_request(struct ike *ike, struct ike_sa *sa, const struct ike_in *in);
enum sa_state x_rekey_response(struct ike *ike, struct ike_sa *sa, const struct ike_in *in);

#endif /* IKE_X_REKEY_H */
