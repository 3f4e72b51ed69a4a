// SPDX-License-Identifier: GPL-2.0
/* The ways outside that come with names: to their addresses, and to who tells them. */
#include "iked/site_own.h"

int site_named(struct site *site, size_t index, const struct ip_addr *remote, struct why *why)
{
	struct site_tunnel *tunnel = &site->tunnels[index];
	struct sites *sites = site->sites;

	return ways_move(&sites->ways, &sites->rt, &tunnel->named, tunnel->link, remote, why);
}

int sites_hold(struct sites *sites, const struct ip_addr *server, struct why *why)
{
	return ways_hold(&sites->ways, &sites->rt, server, 0, why);
}

void sites_release(struct sites *sites, const struct ip_addr *server)
{
	ways_release(&sites->ways, &sites->rt, server, 0);
}
