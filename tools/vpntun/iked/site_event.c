// SPDX-License-Identifier: GPL-2.0
/* What the module and the host tell, as events of connections. */
#include <errno.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "iked/site_own.h"
#include "nl/route.h"
#include "util/clock.h"

/* A burst of events is one occasion to look; a host on which somebody works against us is not kept busy with it. */
enum {
	LOOK_SOON = 100,	/* ms after an event */
	LOOK_LATER = 1000,	/* if we looked just before */
	LOOK_CALM = 2000,	/* ms: just before */
	LOOK_SHARE = 10,	/* looking takes one part of so many of the time, */
	LOOK_MAX = 10000,	/* or is this rare, ms */
};

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
		bool far = VGW_HAS(message, VGW_A_NETNSID);

		if (site->ifindex != message->ifindex || far != !site->where.ifname ||
		    (far && (uint32_t)site->where.netnsid != message->netnsid))
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
	case VGW_CMD_TUNNEL_NTF:
		event->kind = SITE_ROAMED;
		event->remote = message->tunnel.remote;
		event->dport = message->tunnel.dport;
		return message->tunnel.reason != VGW_REASON_REMOVED && event->remote.len && event->dport;
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

static const struct nlattr *link_attr(const struct nlmsghdr *nlh, int type)
{
	struct nlattr *attr = nlmsg_find_attr((void *)nlh, sizeof(struct ifinfomsg), type);

	return attr && nla_len(attr) == sizeof(int32_t) ? attr : NULL;
}

/* Has somebody moved the interface of one to another namespace? */
static void look_for_moved(struct sites *sites, const struct nlmsghdr *nlh)
{
	const struct ifinfomsg *head = nlmsg_data(nlh);
	const struct nlattr *netnsid, *index;
	struct site *site;

	if (nlh->nlmsg_type != RTM_DELLINK || !nlmsg_valid_hdr(nlh, sizeof(*head)) || head->ifi_family != AF_UNSPEC)
		return;
	netnsid = link_attr(nlh, IFLA_NEW_NETNSID);
	index = link_attr(nlh, IFLA_NEW_IFINDEX);
	for (site = sites->first; netnsid && site; site = site->next)
		if (site->where.ifname && site->ifindex == (uint32_t)head->ifi_index)
			site_moved(site, index ? nla_get_u32(index) : site->ifindex, nla_get_s32(netnsid));
}

/* What we ourselves have just made, and the kernel's own table of local addresses, change no way. */
static int on_route(const struct nlmsghdr *nlh, void *arg)
{
	struct hearing *hearing = arg;
	struct route route;

	if (!route_decode(nlh, &route)) {
		hearing->routes = true;
		look_for_moved(hearing->sites, nlh);
		return 0;
	}
	if (route.table == RT_TABLE_LOCAL || route.flags & RTM_F_CLONED)
		return 0;
	if (nlh->nlmsg_type == RTM_DELROUTE || route.protocol != ROUTE_PROTOCOL)
		hearing->routes = true;
	return 0;
}

/* ---- other namespaces ---- */

static bool is_far(const struct sites *sites, uint32_t ifindex)
{
	const struct site *site;

	for (site = sites->first; site; site = site->next)
		if (!site->where.ifname && site->ifindex == ifindex)
			return true;
	return false;
}

static void lose_namespace(struct sites *sites, const struct nlmsghdr *nlh)
{
	const struct nlattr *attr = nlmsg_find_attr((void *)nlh, sizeof(struct rtgenmsg), NETNSA_NSID);

	if (attr && nla_len(attr) == sizeof(int32_t))
		sites_lose_far(sites, nla_get_s32(attr), true);
}

/* Of all that happens in them: what may have been ours. Which namespace it was is not looked at. */
static int on_far(const struct nlmsghdr *nlh, void *arg)
{
	const struct ifinfomsg *link = nlmsg_data(nlh);
	const struct ifaddrmsg *addr = nlmsg_data(nlh);
	struct hearing *hearing = arg;
	struct route route;

	switch (nlh->nlmsg_type) {
	case RTM_DELNSID:
		lose_namespace(hearing->sites, nlh);
		hearing->routes = true;
		break;
	case RTM_NEWLINK:
	case RTM_DELLINK:
		hearing->routes |= nlmsg_valid_hdr(nlh, sizeof(*link)) && is_far(hearing->sites, link->ifi_index);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		hearing->routes |= nlmsg_valid_hdr(nlh, sizeof(*addr)) && is_far(hearing->sites, addr->ifa_index);
		break;
	case RTM_DELROUTE:
		hearing->routes |= route_decode(nlh, &route) && route.protocol == ROUTE_PROTOCOL;
		break;
	}
	return 0;
}

/* ---- all of it ---- */

static unsigned int pause_before_look(const struct sites *sites)
{
	uint64_t since = clock_ms(CLOCK_MONOTONIC) - sites->looked;
	uint64_t pause = sites->took * LOOK_SHARE;

	if (pause < LOOK_SOON)
		pause = LOOK_SOON;
	if (sites->looked && since < LOOK_CALM && pause < LOOK_LATER)
		pause = LOOK_LATER;
	return pause < LOOK_MAX ? pause : LOOK_MAX;
}

void sites_events(struct sites *sites, void (*fn)(void *ctx, const struct site_event *event), void *ctx)
{
	struct hearing hearing = { .sites = sites, .fn = fn, .ctx = ctx };
	const struct site_event resync = { .kind = SITE_RESYNC }, routes = { .kind = SITE_ROUTES };
	const struct site_event remade = { .kind = SITE_REMADE };
	uint64_t due;

	if (knl_read(&sites->vgw_events, on_vgw, &hearing))
		fn(ctx, &resync);
	if (knl_read(&sites->rt_events, on_route, &hearing))
		hearing.routes = true;
	if (sites->far_events.sock && knl_read(&sites->far_events, on_far, &hearing))
		hearing.routes = true;
	if (hearing.routes)
		sites_look_in(sites, pause_before_look(sites));
	if (read(sites->timer, &due, sizeof(due)) == sizeof(due)) {
		sites->timer_set = false;
		fn(ctx, &routes);
	}
	if (!sites->remade)
		return;
	sites->remade = false;
	fn(ctx, &remade);
}
