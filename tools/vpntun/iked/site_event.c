// SPDX-License-Identifier: GPL-2.0
/* What the module and the host tell, as events of connections. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <string.h>
#include <sys/socket.h>

#include "iked/site_own.h"
#include "nl/route.h"

struct hearing {
	struct sites *sites;
	void (*fn)(void *ctx, const struct site_event *event);
	void *ctx;
	bool routes;		/* have changed */
};

/* ---- the module ---- */

static bool find_tunnel(const struct sites *sites, const struct vgw_message *message, struct site_event *event)
{
	struct site *site;
	size_t i;

	for (site = sites->first; site; site = site->next) {
		if (site->ifindex != message->ifindex)
			continue;
		for (i = 0; i < site->conf.n_tunnels; i++) {
			if (strcmp(site->conf.tunnels[i].name, message->tunnel.name))
				continue;
			event->site = site;
			event->tunnel = i;
			return true;
		}
	}
	return false;
}

static bool read_kind(const struct vgw_message *message, struct site_event *event)
{
	switch (message->cmd) {
	case VGW_CMD_ACQUIRE_NTF:
		event->kind = SITE_ACQUIRE;
		return true;
	case VGW_CMD_SA_EXPIRE_NTF:
		event->kind = message->sa.expiry == VGW_EXPIRY_HARD ? SITE_HARD : SITE_SOFT;
		event->spi = message->sa.spi;
		return true;
	default:
		return false;
	}
}

/* A peer behind NAT has another address now: our packets to it are to stay outside as before. */
static void follow_peer(struct sites *sites, const struct site_event *event, const struct ip_addr *remote)
{
	struct site_tunnel *tunnel = &event->site->tunnels[event->tunnel];
	struct why why;

	if (!tunnel->way.len || !remote->len)
		return;
	if (ways_move(&sites->ways, &sites->rt, &tunnel->way, tunnel->link, remote, &why))
		site_warn(sites, "%s: %s", event->site->conf.name, why.text);
}

static int on_vgw(const struct nlmsghdr *nlh, void *arg)
{
	struct hearing *hearing = arg;
	struct site_event event = { 0 };
	struct vgw_message message;

	if (vgw_decode(nlh, &message))
		return -ENOMEM;
	if (find_tunnel(hearing->sites, &message, &event)) {
		if (message.cmd == VGW_CMD_TUNNEL_NTF && message.tunnel.reason != VGW_REASON_REMOVED)
			follow_peer(hearing->sites, &event, &message.tunnel.remote);
		if (read_kind(&message, &event))
			hearing->fn(hearing->ctx, &event);
	}
	vgw_message_free(&message);
	return 0;
}

/* ---- the host ---- */

/* Our own are off the list before they are deleted. */
static void look_for_own(const struct sites *sites, const struct nlmsghdr *nlh)
{
	const struct ifinfomsg *head = nlmsg_data(nlh);
	const struct site *site;

	if (nlh->nlmsg_type != RTM_DELLINK || !nlmsg_valid_hdr(nlh, sizeof(*head)) || head->ifi_family != AF_UNSPEC)
		return;
	for (site = sites->first; site; site = site->next)
		if (site->ifindex == (uint32_t)head->ifi_index)
			site_warn(sites, "%s: somebody else has deleted %s: vpntun restart %s makes it anew",
				  site->conf.name, site->conf.ifname, site->conf.name);
}

/* What we ourselves have just made, and the kernel's own table of local addresses, change no way. */
static int on_route(const struct nlmsghdr *nlh, void *arg)
{
	struct hearing *hearing = arg;
	struct route route;

	if (!route_decode(nlh, &route)) {
		hearing->routes = true;
		look_for_own(hearing->sites, nlh);
		return 0;
	}
	if (route.table == RT_TABLE_LOCAL || route.flags & RTM_F_CLONED)
		return 0;
	if (nlh->nlmsg_type == RTM_DELROUTE || route.protocol != ROUTE_PROTOCOL)
		hearing->routes = true;
	return 0;
}

void sites_events(struct sites *sites, void (*fn)(void *ctx, const struct site_event *event), void *ctx)
{
	struct hearing hearing = { .sites = sites, .fn = fn, .ctx = ctx };
	struct site_event resync = { .kind = SITE_RESYNC }, routes = { .kind = SITE_ROUTES };

	if (knl_read(&sites->vgw_events, on_vgw, &hearing))
		fn(ctx, &resync);
	if (knl_read(&sites->rt_events, on_route, &hearing))
		hearing.routes = true;
	if (hearing.routes)
		fn(ctx, &routes);
}
