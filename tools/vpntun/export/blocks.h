/* SPDX-License-Identifier: GPL-2.0 */
#ifndef EXPORT_BLOCKS_H
#define EXPORT_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>

#include "util/addr.h"

/*
 * Chooses an inside block as AWS does, by chance: a /30 of 169.254.0.0/16, or with @ipv6 a /126 of fd00::/8, that
 * overlaps none of @used and none that AWS keeps for itself. @random: as getentropy(). -EINVAL with @why.
 */
int blocks_choose(const struct ip_prefixes *used, bool ipv6, int (*random)(void *buffer, size_t size),
		  struct ip_prefix *out, struct why *why);

#endif /* EXPORT_BLOCKS_H */
