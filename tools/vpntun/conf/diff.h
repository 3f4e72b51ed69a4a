/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CONF_DIFF_H
#define CONF_DIFF_H

#include "conf/conf.h"

/*
 * What it takes for a key's new value to count in a connection that is up. The table is in vpntun(8), too; of several
 * keys of a tunnel the highest class is done once.
 */
enum diff_class {
	DIFF_LIVE,		/* at once, and nothing is negotiated anew */
	DIFF_CHILD,		/* the Child SA is rekeyed */
	DIFF_IKE,		/* another IKE SA is made beside the one there is, which ends when that is up */
	DIFF_RESTART,		/* not while the connection is up */
};

enum diff_kind { DIFF_KEY, DIFF_ADDED, DIFF_REMOVED };

struct diff_change {
	enum diff_kind kind;
	const char *tunnel;	/* its name, in one of both; NULL: a key of the interface */
	const char *key;	/* DIFF_KEY: as the file has it */
	enum diff_class class;	/* DIFF_KEY */
};

/* Calls @fn for each tunnel and key that is not the same: interface first, then tunnels as @to has them, then those gone. */
void conf_diff(const struct conf *from, const struct conf *to,
	       void (*fn)(void *ctx, const struct diff_change *change), void *ctx);

/* Of a key of @keys (conf/keys.h), keys_interface or keys_tunnel; -1: it has none. */
struct key;
int diff_class_of(const struct key *keys, const char *name);

#endif /* CONF_DIFF_H */
