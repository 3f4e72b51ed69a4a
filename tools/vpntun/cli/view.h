/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CLI_VIEW_H
#define CLI_VIEW_H

#include "cli/status.h"
#include "nl/snap.h"

/*
 * What `show` shows: what the module has, and what the helper says of it. The helper may know interfaces and tunnels that
 * the module does not have (yet, or any more).
 */
struct view {
	const struct snap *snap;
	const struct status *status;	/* NULL: no helper, or @helper_note */
	const char *ifname;		/* NULL: all; of the helper's, as @snap holds no others */
	const char *tunnel;		/* the same */
	const char *helper_note;	/* why the helper is not asked, NULL: there is none */
	const char *module_note;	/* why the module is not */
};

/* Adds the helper's interfaces that are in other namespaces; one that is gone by now is shown as the helper has it. */
void view_add_far(const struct view *view, struct knl *knl, struct snap *snap);

/* Is a tunnel of the module to be shown? (@snap has more if the module lacks the one that is.) */
bool view_wants(const struct view *view, const struct snap_tunnel *tunnel);

/* The helper's connection @i if it is to be shown and the module lacks its interface, else NULL. */
const struct status_connection *view_lacking_iface(const struct view *view, size_t i);

/* The same of a connection's tunnel @i, which interface @ifindex lacks; 0: it has none. */
const struct status_tunnel *view_lacking_tunnel(const struct view *view, uint32_t ifindex,
						const struct status_connection *connection, size_t i);

/* Is the tunnel up, as the module sees it, and the helper works on it? For NULL, the helper does not know it. */
const char *view_state(bool up, const struct status_tunnel *tunnel);

#endif /* CLI_VIEW_H */
