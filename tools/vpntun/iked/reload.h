/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_RELOAD_H
#define IKED_RELOAD_H

#include "iked/conn.h"
#include "iked/ctl_request.h"
#include "iked/ctl_server.h"

/*
 * A connection that is up becomes what its file says now; conf/diff.h has what each key takes. Keys and secrets are read
 * again. What has a fault, or needs a restart, changes nothing.
 */
void reload_serve(struct conns *conns, struct ctl_server *server, uint64_t client, const struct ctl_request *request);

/* All of them: from now on, as fast as the processes read. */
void reload_all(struct conns *conns);
/* Goes on with that, until there is no room. To be called when there is some again. True: nothing is left to do. */
bool reload_more(struct conns *conns);

#endif /* IKED_RELOAD_H */
