/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_RULES_H
#define IKE_RULES_H

#include <stdbool.h>

#include "ike/msg.h"
#include "util/why.h"

/*
 * May a message hold these payloads? One const table says for exchange, direction and inside or outside SK which are
 * required, allowed, and how many at most; a response that holds an error notify needs none of the required ones.
 * Unknown, uncritical payloads are always allowed. 0 or -EINVAL.
 */
int rules_check(const struct ike_msg *msg, enum ike_exchange exchange, bool response, bool sealed, struct why *why);

#endif /* IKE_RULES_H */
