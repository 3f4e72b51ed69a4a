/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_ASK_H
#define IKED_ASK_H

#include "iked/conn.h"
#include "iked/ctl_request.h"
#include "iked/ctl_server.h"

/*
 * Requests that the network process has to be asked about: the client hears when all answers came, or after a while with
 * what there is. However many tunnels there are and clients ask, few questions are under way at a time.
 */
struct asks;

struct asks *asks_create(struct event_base *base, struct conns *conns);
void asks_free(struct asks *asks);

void asks_status(struct asks *asks, struct ctl_server *server, uint64_t client, const struct ctl_request *request);
void asks_rekey(struct asks *asks, struct ctl_server *server, uint64_t client, const struct ctl_request *request);

/* Answers of the network process. */
void asks_take_status(struct asks *asks, const struct imsg_status *status);
void asks_take_rekeyed(struct asks *asks, const struct imsg_rekeyed *rekeyed);
/* It is gone: there will be none. */
void asks_give_up(struct asks *asks);

#endif /* IKED_ASK_H */
