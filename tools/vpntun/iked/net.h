/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_NET_H
#define IKED_NET_H

#include "util/why.h"

/*
 * The network process: it has the UDP sockets and the engine, and meets the network. Returns when the parent is gone;
 * -EINVAL with @why if it cannot begin.
 */
int net_run(int parent, struct why *why);

#endif /* IKED_NET_H */
