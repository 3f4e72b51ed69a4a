/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_CONN_OWN_H
#define IKED_CONN_OWN_H

#include "iked/conn.h"
#include "iked/creds.h"

/* What making a connection and changing it have in common; nobody else includes it. */

/* Reads @conn->conf; every fault goes to the log, the first one to @why. 0 or a negative errno, and then it is empty. */
int conn_load(struct conn *conn, const char *file, struct why *why);
/* Makes @conn->tunnels, with policies and new ids. 0 or -EINVAL. */
int conn_policies(struct conns *conns, struct conn *conn, struct why *why);
/* What all tunnels authenticate with; NULL: @why. Here it only passes through. */
struct creds *conn_creds(const struct conn *conn, struct why *why);
void conn_drop_creds(const struct conn *conn, struct creds *creds);	/* wipes, frees; NULL is fine */
void conn_tell_key(struct conns *conns, const struct conn *conn, const struct creds *creds);
/* True if the policy has another identity than before. */
bool conn_take_creds(struct conn_tunnel *tunnel, const struct creds *creds);
/* How packets go to the peer of @site's tunnel @index: true if not as before. */
bool conn_route(struct conns *conns, struct site *site, struct conn_tunnel *tunnel, size_t index);
/* Frees what it holds. */
void conn_empty(struct conn *conn);

#endif /* IKED_CONN_OWN_H */
