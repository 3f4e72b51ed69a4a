// SPDX-License-Identifier: GPL-2.0
/* A connection's file has changed while it is up. */
#include <stdlib.h>
#include <string.h>

#include "iked/site_own.h"

enum { LOOK_SOON = 100 };	/* ms, after which it is looked for what may be missing */

static void unlink_site(struct site *site)
{
	struct site **link = &site->sites->first;

	while (*link != site)
		link = &(*link)->next;
	*link = site->next;
}

static void link_site(struct site *site)
{
	site->next = site->sites->first;
	site->sites->first = site;
}

/* What this process has not made itself is what it was; taken over, all SAs look like that. */
static void keep_old(struct site *from, struct site *to)
{
	size_t i;

	for (i = 0; i < to->conf.n_tunnels; i++) {
		struct site_tunnel *before = site_tunnel(from, to->conf.tunnels[i].name), *tunnel = &to->tunnels[i];
		struct site_old *old = tunnel->old;

		tunnel->n_old = before ? before->n_old : 0;
		tunnel->old = before ? before->old : NULL;
		if (before)
			before->old = NULL;
		free(old);
	}
}

/*
 * As after a crash of the process before this one: the interface is taken over with all that it has, and becomes what the
 * file says. What both have in common is held by one of them at every moment; what the module was told is not told again.
 */
struct site *site_again(struct site *site, const struct conf *conf, struct why *why)
{
	struct sites *sites = site->sites;
	struct site *now, *back;
	struct why other;

	unlink_site(site);
	sites->before = site;
	now = site_up(sites, conf, why);
	sites->before = NULL;
	if (now) {
		keep_old(site, now);
		link_site(site);
		site_drop(site);
		return now;
	}
	back = site_up(sites, &site->conf, &other);
	if (!back)
		site_warn(sites, "%s: cannot be made what it was before: %s", site->conf.name, other.text);
	link_site(site);
	if (back)
		site_drop(back);
	else
		site_check_made(site);
	/* Tunnels may have been removed, with their SAs, and routes. */
	sites->remade = true;
	sites_look_in(sites, LOOK_SOON);
	return NULL;
}
