/* SPDX-License-Identifier: GPL-2.0 */
#ifndef UTIL_SYSCTL_H
#define UTIL_SYSCTL_H

#include <stdbool.h>

/* A number from /proc/sys/net/@path, -1: there is none. */
int sysctl_net(const char *path);

/* Is the device's reverse path filter strict: the larger one of its own and of all devices' holds. */
bool sysctl_rp_strict(const char *device);

#endif /* UTIL_SYSCTL_H */
