/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_CHAN_H
#define IKED_CHAN_H

#include "iked/imsg.h"

struct event_base;

/*
 * One end of a pair of sockets between two of the helper's processes, in libevent's loop. Nobody ever waits for the
 * other side: what the socket does not take is queued, and too long a queue ends the channel.
 */
struct chan;

struct chan_ops {
	/* @fd is the receiver's to close, -1 if the type has none. @msg is wiped afterwards. */
	void (*message)(void *ctx, const struct imsg *msg, int fd);
	/* The last call: the other side is gone (NULL), or broke the rules. The channel is there to be freed. */
	void (*closed)(void *ctx, const char *sentence);
	/* What was queued has gone to the socket. May be NULL. */
	void (*drained)(void *ctx);
};

enum { CHAN_QUEUE_MAX = 2048 };		/* messages */

struct chan *chan_create(struct event_base *base, int fd, struct imsg_way in, const struct chan_ops *ops, void *ctx);
void chan_free(struct chan *chan);	/* closes; NULL is fine */

/* @body has the size of its type; @fd (-1: none) stays the caller's. 0 or a negative errno. */
int chan_send(struct chan *chan, enum imsg_type type, const void *body, int fd);
size_t chan_backlog(const struct chan *chan);	/* messages queued */

#endif /* IKED_CHAN_H */
