/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_SETTINGS_H
#define IKED_SETTINGS_H

#include "conf/daemon.h"
#include "iked/proc.h"
#include "util/why.h"

/* The helper's own file, in the parent. */

/* Reads it, and has the log follow. 0, or -EINVAL with its first fault as @why. */
int settings_read(struct daemon_conf *settings, struct why *why);
/* What the network process has to know of it. */
void settings_send(const struct daemon_conf *settings, struct procs *procs);

#endif /* IKED_SETTINGS_H */
