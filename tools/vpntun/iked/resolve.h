/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_RESOLVE_H
#define IKED_RESOLVE_H

#include "util/why.h"

/*
 * The resolver process: asks name servers for the addresses of peers, over sockets that the parent has connected to
 * them; it cannot open any itself. 0 or a negative errno.
 */
int resolve_run(int parent, struct why *why);

#endif /* IKED_RESOLVE_H */
