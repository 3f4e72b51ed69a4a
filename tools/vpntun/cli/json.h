/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <jansson.h>

#include "cli/view.h"

/* All of `show --json`; NULL if there is no memory. */
json_t *json_view(const struct view *view);

/* One event of `monitor --json`, without its time; NULL likewise. */
json_t *json_tunnel_event(const char *change, const char *ifname,
			  const struct vgw_tunnel *tunnel);
json_t *json_sa_event(const char *event, const char *ifname, const char *tunnel,
		      const struct vgw_sa *sa);
json_t *json_bare_event(const char *event, const char *ifname, const char *tunnel);

#endif /* CLI_JSON_H */
