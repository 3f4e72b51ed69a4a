/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NL_NETNS_H
#define NL_NETNS_H

#include <stdbool.h>
#include <stdint.h>

#include "nl/knl.h"
#include "util/why.h"

/* Network namespaces other than our own. */

/* Opens one by its name (as `ip netns` has it) or path. A descriptor, which keeps it, or a negative errno with @why. */
int netns_open(const char *name, struct why *why);

/*
 * This thread goes there. A descriptor for netns_leave(), or a negative errno. Between the two nothing may be opened
 * but what is to be of that namespace.
 */
int netns_enter(int netns);
void netns_leave(int home);

/* How @rt's namespace numbers it; it is given a number if it has none. */
int netns_number(struct knl *rt, int netns, int32_t *number);

/* As knl_open_route(), of a socket there. */
int netns_open_route(int netns, struct knl *knl);

#endif /* NL_NETNS_H */
