/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_X_CHILD_H
#define IKE_X_CHILD_H

#include "ike/sa.h"

/* CREATE_CHILD_SA, section 1.3. Those that return a state: the one that @sa is in then. */

/* A new Child SA, or one in place of @old. 0 or a negative errno. */
int x_child_start(struct ike *ike, struct ike_sa *sa, struct ike_child *old);
enum sa_state x_child_request(struct ike *ike, struct ike_sa *sa, const struct ike_in *in);
enum sa_state x_child_response(struct ike *ike, struct ike_sa *sa, const struct ike_in *in);
/* The table's answer where nothing new may begin. */
enum sa_state x_child_not_now(struct ike *ike, struct ike_sa *sa, const struct ike_in *in);
enum sa_state x_child_installed(struct ike *ike, struct ike_sa *sa, struct ike_task *task, int err);

#endif /* IKE_X_CHILD_H */
