/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_KEPT_H
#define IKED_KEPT_H

#include "iked/conn.h"

/*
 * Which connections are up, in /run/vpntun/up-<inode of the network namespace>: a helper that was killed has not taken
 * them down, so the one after it takes them over.
 */

/* Writes the list anew; those that go down are not in it, and without any there is no file. */
void kept_save(const struct conns *conns);

/* Calls @fn with the file of each whose interface is still there: another namespace may have got the inode since. */
void kept_load(void (*fn)(void *ctx, const char *file), void *ctx);

#endif /* IKED_KEPT_H */
