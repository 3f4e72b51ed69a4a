/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CLI_LAUNCH_H
#define CLI_LAUNCH_H

#include <stdbool.h>

#include "util/why.h"

/*
 * Starts the IKE helper of this network namespace, and waits until @ready, asked with @ctx, says that it answers. Where
 * systemd runs this namespace and has vpntun.service, it is asked to; else the helper becomes a daemon of its own. 0, or
 * a negative errno and @why.
 */
int launch_helper(bool (*ready)(void *ctx), void *ctx, struct why *why);

#endif /* CLI_LAUNCH_H */
