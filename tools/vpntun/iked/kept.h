/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_KEPT_H
#define IKED_KEPT_H

#include "iked/conn.h"

/*
 * Which connections are up, in /run/vpntun/up-<inode of the network namespace>: a helper that was killed has not taken
 * them down, so the one after it takes them over.
 */

/*
 * Writes the list anew; those that go down are not in it, and without any there is no file. What could not be taken over
 * stays in it until it is up, or its interface gone.
 */
void kept_save(struct conns *conns);

/* Brings up each whose interface is still there: another namespace may have got the inode since. */
void kept_load(struct conns *conns);
/* Tries again what failed, after a while. Cheap. */
void kept_tick(struct conns *conns);
void kept_free(struct conns *conns);

#endif /* IKED_KEPT_H */
