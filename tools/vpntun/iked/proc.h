/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_PROC_H
#define IKED_PROC_H

#include "iked/imsg.h"
#include "util/why.h"

struct event_base;

/*
 * The parent's table of processes. Each is this very program anew, by exec: nothing of the parent's memory is in it.
 * What it may use comes as descriptors. One that ends, or does not answer PINGs for a while, is started again, after a
 * pause that grows.
 */
enum proc_kind { PROC_NETWORK, PROC_KEY, PROC_RESOLVER, PROC_KINDS };
enum { PROC_FD = 3 };		/* its channel to the parent */

struct procs;

struct procs_ops {
	void (*started)(void *ctx, enum proc_kind kind);	/* knows nothing yet */
	void (*ended)(void *ctx, enum proc_kind kind, const char *how);
	void (*message)(void *ctx, enum proc_kind kind, const struct imsg *msg);	/* no PONG */
	void (*drained)(void *ctx);	/* one that had no room has some again */
};

const char *proc_name(enum proc_kind kind);

struct procs *procs_create(struct event_base *base, const struct procs_ops *ops, void *ctx);
int procs_start(struct procs *procs, struct why *why);
/* To one that is not there it is lost: started() is the time to tell a new one all. */
void procs_send(struct procs *procs, enum proc_kind kind, enum imsg_type type, const void *body, int fd);
/* Has it room for all that there is to tell of a connection? What is sent without room is queued, up to a limit. */
bool procs_room(const struct procs *procs, enum proc_kind kind);
/* Has each of them lately answered, or been new? */
bool procs_alive(const struct procs *procs);
/* Ends all of them, waits until they are gone, and frees. */
void procs_free(struct procs *procs);

#endif /* IKED_PROC_H */
