// SPDX-License-Identifier: GPL-2.0
#include "iked/advice.h"

#include <stdio.h>

#include "iked/policy.h"
#include "nl/netns.h"
#include "util/prefix.h"
#include "util/sysctl.h"

enum { ADVICE_SIZE = 400 };

/* Which family has something to route, and for others than this host alone? */
static bool routes_for_others(const struct site *site, uint8_t len)
{
	size_t i, j;

	for (i = 0; i < site->conf.n_tunnels; i++) {
		const struct ip_prefixes *local = &site->conf.tunnels[i].local_ts;

		for (j = 0; j < local->count; j++)
			if (local->list[j].addr.len == len && local->list[j].length < len * 8)
				return true;
	}
	return false;
}

static bool any_of_family(const struct site *site, uint8_t len)
{
	size_t i, j;

	for (i = 0; i < site->conf.routes.count; i++)
		if (site->conf.routes.list[i].addr.len == len)
			return true;
	for (i = 0; i < site->conf.n_tunnels; i++)
		for (j = 0; j < site->conf.tunnels[i].remote_ts.count; j++)
			if (site->conf.tunnels[i].remote_ts.list[j].addr.len == len)
				return true;
	return false;
}

/* The command that changes a setting where the interface is. */
static const char *command(const struct site *site, const char *change, char *text, size_t size)
{
	const char *netns = site->conf.netns;

	if (!*netns)
		snprintf(text, size, "sysctl %s", change);
	else if (*netns == '/')
		snprintf(text, size, "nsenter --net=%s sysctl %s", netns, change);
	else
		snprintf(text, size, "ip netns exec %s sysctl %s", netns, change);
	return text;
}

static void advise_forwarding(const struct site *site)
{
	char text[ADVICE_SIZE];

	if (any_of_family(site, 4) && routes_for_others(site, 4) && !sysctl_net("ipv4/ip_forward"))
		site_warn(site->sites, "%s: this host forwards no IPv4 packets of others: %s", site->conf.name,
			  command(site, "net.ipv4.ip_forward=1", text, sizeof(text)));
	if (any_of_family(site, 16) && routes_for_others(site, 16) && !sysctl_net("ipv6/conf/all/forwarding"))
		site_warn(site->sites, "%s: this host forwards no IPv6 packets of others: %s", site->conf.name,
			  command(site, "net.ipv6.conf.all.forwarding=1", text, sizeof(text)));
}

static bool routed_inside(const struct site *site, const struct ip_addr *remote)
{
	size_t i;

	for (i = 0; i < site->conf.routes.count; i++)
		if (prefix_holds(&site->conf.routes.list[i], remote))
			return true;
	return false;
}

/* The reverse path of what a Remote sends has no mark: it leads into the interface when the Remote is within Routes. */
static void advise_uplink(const struct site *site, const struct links *links, size_t index)
{
	const struct conf_tunnel *tunnel = &site->conf.tunnels[index];
	const struct link_info *link;
	const struct way *way;

	if (tunnel->remote.len != 4 || !routed_inside(site, &tunnel->remote))
		return;
	way = ways_find(&site->sites->ways, &tunnel->remote, site->tunnels[index].link);
	link = way ? links_by_index(links, way->device) : NULL;
	if (link && sysctl_rp_strict(link->name))
		site_warn(site->sites,
			  "%s: %s drops what comes from tunnel %s's Remote, as that is within Routes: "
			  "sysctl net.ipv4.conf.%s.rp_filter=2",
			  site->conf.name, link->name, tunnel->name, link->name);
}

static void advise_policy(const struct site *site, const struct conf_tunnel *tunnel)
{
	struct ike_policy policy;
	struct why why;

	if (!policy_make(&site->conf, tunnel, &policy, &why) && policy_doubtful(&policy, &why))
		site_warn(site->sites, "%s/%s: %s", site->conf.name, tunnel->name, why.text);
}

static void advise_inside(const struct site *site)
{
	char text[ADVICE_SIZE], name[64];

	advise_forwarding(site);
	if (!any_of_family(site, 4) || !sysctl_rp_strict(site->conf.ifname))
		return;
	snprintf(name, sizeof(name), "net.ipv4.conf.%s.rp_filter=2", site->conf.ifname);
	site_warn(site->sites, "%s: %s drops packets whose way back is another: %s", site->conf.name,
		  site->conf.ifname, command(site, name, text, sizeof(text)));
}

void advise(const struct site *site, const struct links *links)
{
	int home = LINK_HERE;
	size_t i;

	/* Settings are read where they are looked at from. */
	if (site->netns != LINK_HERE)
		home = netns_enter(site->netns);
	if (site->netns == LINK_HERE || home >= 0)
		advise_inside(site);
	if (home >= 0)
		netns_leave(home);
	for (i = 0; i < site->conf.n_tunnels; i++) {
		advise_uplink(site, links, i);
		advise_policy(site, &site->conf.tunnels[i]);
	}
}
