/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_IKED_H
#define IKED_IKED_H

#include <stdbool.h>

#include "util/why.h"

/* The IKE helper as the command line sees it; see also iked/policy.h and iked/ctl.h. */

/* Becomes the parent process; returns an exit status. @foreground: logs go to standard error, else to syslog. */
int iked_run(bool foreground, struct why *why);

/* Becomes what "vpntun ike --process NAME" asks for (network, key, resolver); only the parent starts it so. */
int iked_process(const char *name, struct why *why);

#endif /* IKED_IKED_H */
