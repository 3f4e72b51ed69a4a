/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_CTL_SERVER_H
#define IKED_CTL_SERVER_H

#include <jansson.h>
#include <stdint.h>

#include "iked/ctl_request.h"
#include "util/why.h"

struct event_base;

/*
 * The control socket's side in the parent process. It reads requests and knows who may ask what; "log" and "ping" it
 * answers itself. A client is known by a number that is never given again, so that an answer may come late: to one that
 * is gone it goes nowhere.
 */
struct ctl_server;

struct ctl_server_ops {
	/* Sooner or later ctl_server_answer() has to follow. */
	void (*request)(void *ctx, uint64_t client, const struct ctl_request *request);
};

/* Makes the socket anew: the caller has made sure that nobody else has it. NULL: @why. */
struct ctl_server *ctl_server_create(struct event_base *base, const struct ctl_server_ops *ops, void *ctx,
				     struct why *why);
void ctl_server_free(struct ctl_server *server);	/* answers that were not sent yet get a moment */

void ctl_server_answer(struct ctl_server *server, uint64_t client, json_t *answer);	/* frees @answer */
void ctl_server_refuse(struct ctl_server *server, uint64_t client, int status, const char *sentence);

#endif /* IKED_CTL_SERVER_H */
