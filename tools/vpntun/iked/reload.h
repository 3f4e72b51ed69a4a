/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_RELOAD_H
#define IKED_RELOAD_H

#include "iked/conn.h"

struct reload {
	const char *file;
	bool dry;		/* only tell */
	/* Hears of each change and what it takes: "tunnel a: IKEProposals: new IKE SA"; the log does anyway. May be NULL. */
	void (*say)(void *ctx, const char *line);
	void *ctx;
};

/*
 * A connection that is up becomes what its file says now; conf/diff.h has what each key takes. Keys and secrets are read
 * again. 0 or a negative errno with @why, and then nothing has changed.
 */
int conns_reload(struct conns *conns, const struct reload *reload, struct why *why);

#endif /* IKED_RELOAD_H */
