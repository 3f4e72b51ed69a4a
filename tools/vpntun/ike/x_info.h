/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_X_INFO_H
#define IKE_X_INFO_H

#include "ike/sa.h"

/* INFORMATIONAL, section 1.4: deletes, and the question whether the peer is alive. */

int x_info_ping(struct ike *ike, struct ike_sa *sa);		/* 0 or a negative errno */
int x_info_update(struct ike *ike, struct ike_sa *sa);		/* of our address, RFC 4555 */
int x_info_delete(struct ike *ike, struct ike_sa *sa);		/* the IKE SA */
int x_info_delete_child(struct ike *ike, struct ike_sa *sa, struct ike_child *child);

/* The states that @sa is in then. */
enum sa_state x_info_leave(struct ike *ike, struct ike_sa *sa, const struct ike_in *in);	/* IKE_AUTH's answer */
enum sa_state x_info_request(struct ike *ike, struct ike_sa *sa, const struct ike_in *in);
enum sa_state x_info_response(struct ike *ike, struct ike_sa *sa, const struct ike_in *in);

#endif /* IKE_X_INFO_H */
