/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_POLICY_H
#define IKED_POLICY_H

#include "conf/conf.h"
#include "ike/policy.h"
#include "util/why.h"

/*
 * The policy of a tunnel, but for its id. 0 or -EINVAL: @why names the key that is wrong ("IKEProposals: unknown ..").
 * For `check`, too.
 */
int policy_make(const struct conf *conf, const struct conf_tunnel *tunnel, struct ike_policy *out, struct why *why);

/* Tell of each tunnel of a file of which none can be made, though its keys are right by themselves. */
void policy_report(const struct conf *conf, struct conf_report *report);

/* Is there something in it that should not be used without need? @why is the warning, and names the key. */
bool policy_doubtful(const struct ike_policy *policy, struct why *why);

#endif /* IKED_POLICY_H */
