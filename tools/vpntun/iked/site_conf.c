// SPDX-License-Identifier: GPL-2.0
/* A connection's own copy of its configuration. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "iked/site_own.h"
#include "nl/link.h"
#include "util/prefix.h"

void site_free(struct site *site)
{
	size_t i;

	for (i = 0; site->tunnels && i < site->conf.n_tunnels; i++) {
		vgw_tunnel_free(&site->tunnels[i].now);
		free(site->tunnels[i].old);
	}
	free(site->tunnels);
	conf_free(&site->conf);
	free(site);
}

static int copy_tunnel(const struct conf_tunnel *from, struct conf_tunnel *to)
{
	*to = *from;
	memset(&to->local_ts, 0, sizeof(to->local_ts));
	memset(&to->remote_ts, 0, sizeof(to->remote_ts));
	memset(&to->prefixes, 0, sizeof(to->prefixes));
	if (prefixes_copy(&from->local_ts, &to->local_ts) || prefixes_copy(&from->remote_ts, &to->remote_ts) ||
	    prefixes_copy(&from->prefixes, &to->prefixes))
		return -ENOMEM;
	return 0;
}

static int copy_conf(const struct conf *from, struct conf *to)
{
	int err;

	*to = *from;
	to->n_tunnels = 0;
	memset(&to->routes, 0, sizeof(to->routes));
	to->tunnels = calloc(from->n_tunnels ? from->n_tunnels : 1, sizeof(*to->tunnels));
	err = to->tunnels ? prefixes_copy(&from->routes, &to->routes) : -ENOMEM;
	while (!err && to->n_tunnels < from->n_tunnels) {
		err = copy_tunnel(&from->tunnels[to->n_tunnels], &to->tunnels[to->n_tunnels]);
		to->n_tunnels++;	/* for conf_free(), also of one that is copied in part */
	}
	return err;
}

struct site *site_new(struct sites *sites, const struct conf *conf, struct why *why)
{
	struct site *site = calloc(1, sizeof(*site));
	int err = -ENOMEM;

	if (site) {
		site->sites = sites;
		site->netns = LINK_HERE;
		err = copy_conf(conf, &site->conf);
	}
	if (!err) {
		site->tunnels = calloc(conf->n_tunnels ? conf->n_tunnels : 1, sizeof(*site->tunnels));
		err = site->tunnels ? 0 : -ENOMEM;
	}
	if (!err)
		return site;
	if (site)
		site_free(site);
	why_set(why, "out of memory");
	return NULL;
}

struct site_tunnel *site_tunnel(const struct site *site, const char *name)
{
	size_t i;

	for (i = 0; i < site->conf.n_tunnels; i++)
		if (!strcmp(site->conf.tunnels[i].name, name))
			return &site->tunnels[i];
	return NULL;
}

const char *site_name(const struct site *site)
{
	return site->conf.name;
}
