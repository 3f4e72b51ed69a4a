/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_STATUS_H
#define IKED_STATUS_H

#include <jansson.h>
#include <stdint.h>

#include "iked/imsg.h"

/* The "ike" of a tunnel, as iked/ctl.h describes it; null without an IKE SA. */
json_t *status_ike(const struct imsg_status *from);
/* Adds to a tunnel's object what was counted, and of what kind its last error is. */
void status_counts(json_t *tunnel, const struct imsg_status *status);

const char *status_state(const struct imsg_status *from);	/* "up", "connecting", "down" */

#endif /* IKED_STATUS_H */
