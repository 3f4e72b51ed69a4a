/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_KEPT_H
#define IKED_KEPT_H

#include <net/if.h>
#include <stdbool.h>

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

/* Where an interface is: the namespace as Namespace= has it, "" for ours. */
struct kept_place {
	char ifname[IFNAMSIZ];
	char netns[CONF_TEXT_MAX];
};

/*
 * The user wants what is called so, by its name or its interface, down: if that could not be taken over it is not tried any
 * more. True, and @left is the interface that is still there.
 */
bool kept_end(struct conns *conns, const char *name, struct kept_place *left);

/* Brings up each whose interface is still there: another namespace may have got the inode since. */
void kept_load(struct conns *conns);
/* Tries again what failed, after a while. Cheap. */
void kept_tick(struct conns *conns);
void kept_free(struct conns *conns);

#endif /* IKED_KEPT_H */
