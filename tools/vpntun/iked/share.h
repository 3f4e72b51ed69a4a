/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_SHARE_H
#define IKED_SHARE_H

#include "iked/conn.h"

/*
 * A tunnel's share of the parent's work. What the network process asks for costs the parent many system calls each
 * time: a bucket that a busy, but honest, process does not empty.
 */

/* Takes one piece of it. False: it is used up, and what was asked for is not to be done now. */
bool share_take(struct conn_tunnel *tunnel);

/* Tells that more @what were asked for: once for a time in which it happens. */
void share_tell(struct conn_tunnel *tunnel, const char *what);

/* May a line be written about what the network process has asked for? It must not fill the disk. */
bool share_log(struct conn_tunnel *tunnel);

#endif /* IKED_SHARE_H */
