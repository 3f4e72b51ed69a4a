/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CLI_RIVAL_H
#define CLI_RIVAL_H

#include "nl/snap.h"

/*
 * The tunnel of another group that has a prefix, or the pinned address, which
 * @wanted is to have; that prefix goes to @prefix. What @wanted leaves open is
 * as it is now. @snap holds the tunnels of one interface. NULL: there is none.
 */
const struct vgw_tunnel *rival_find(const struct snap *snap,
				    const struct vgw_tunnel *wanted,
				    struct ip_prefix *prefix);

#endif /* CLI_RIVAL_H */
