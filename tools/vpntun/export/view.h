/* SPDX-License-Identifier: GPL-2.0 */
#ifndef EXPORT_VIEW_H
#define EXPORT_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "util/why.h"

/* Stands for a key that is not told; `import aws` knows it for one that somebody has to fill in. */
#define EXPORT_NO_KEY "YOUR_PRE_SHARED_KEY"

enum { EXPORT_KEY_MAX = 512 };	/* bytes */

struct export_key {
	uint16_t len;		/* 0: it is not to be told */
	uint8_t bytes[EXPORT_KEY_MAX];
};

/*
 * A connection as its far end sees it. @conf is what a vpntun there would have in its file: its Local is "auto", as
 * nobody here knows what NAT it is behind, its LocalID what we know it by ("": by its address), its Remote our address.
 */
struct export_view {
	struct conf conf;
	struct ip_prefixes own;		/* networks there, as our Routes and RemoteTS have them */
	size_t number[CONF_TUNNELS_MAX];	/* of the tunnels of @conf, among all that the connection has; from 0 */
	size_t rank[CONF_TUNNELS_MAX];	/* of the same: so many are taken before it; no two alike */
	struct export_key keys[CONF_TUNNELS_MAX];	/* of the same */
	bool says_address[CONF_TUNNELS_MAX];	/* our end's identity is whichever address it has then */
};

/* What view is wanted. */
struct export_wish {
	bool secrets;			/* tell keys */
	const char *tunnel;		/* this one only; NULL: all of them */
	/* or NULL: */
	const char *outside;		/* "A,B": our addresses, where Local does not tell what they are outside */
	const char *routes;		/* "P,P": networks at our end, instead of what LocalTS says of them */
};

/*
 * Makes the view of a connection that conf_load() gave. @conf becomes part of it, whatever the result. 0, or -EINVAL
 * with @why; view_exit() in any case, as there are keys in it.
 */
int view_make(struct conf *conf, const struct export_wish *wish, struct export_view *view, struct why *why);
void view_exit(struct export_view *view);

/* Is there BGP in any tunnel? Then the other end's networks are learned. */
bool view_has_bgp(const struct export_view *view);

#endif /* EXPORT_VIEW_H */
