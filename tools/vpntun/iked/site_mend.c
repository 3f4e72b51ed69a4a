// SPDX-License-Identifier: GPL-2.0
/* Keeps what makes up the connections: others delete what they do not know. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "iked/inside.h"
#include "iked/site_own.h"
#include "util/clock.h"

enum {
	SAY_EACH = 60 * 1000,		/* ms: somebody who goes on and on does not fill the log */
	TRY_EACH = 2000,		/* ms, when something cannot be put back */
	HEAR_FIRST = 100,		/* ms, in which events are read that have come already */
};

/* ---- the interface ---- */

static int read_iface(const struct nlmsghdr *nlh, void *arg)
{
	struct vgw_message message;
	struct vgw_iface *iface = arg;

	if (vgw_decode(nlh, &message))
		return -ENOMEM;
	*iface = message.iface;
	vgw_message_free(&message);
	return 0;
}

/* 0; -ENODEV: it is not where it was. */
static int see_iface(struct site *site, struct vgw_iface *iface)
{
	const struct vgw_query query = { .where = site->where, .cmd = VGW_CMD_IFACE_GET };
	int err;

	memset(iface, 0, sizeof(*iface));
	err = vgw_get(&site->sites->vgw, &query, read_iface, iface);
	return err == -ENOENT || err == -EOPNOTSUPP ? -ENODEV : err;
}

static bool right_mtu(const struct conf *conf, const struct vgw_iface *iface)
{
	return conf->mtu ? iface->mtu == conf->mtu : iface->mtu_auto;
}

static int mend_interface(struct site *site, const struct links *links, const struct vgw_iface *iface, struct why *why)
{
	const struct link_info *link = links_by_index(links, site->ifindex);
	int err = 0;

	if (!right_mtu(&site->conf, iface)) {
		err = site_set_interface(site, why);
		if (!err)
			site_added(site, "the MTU of %s", site->conf.ifname);
	}
	if (!err)
		err = site_set_master(site, links, why);
	if (err || !link || link->up)
		return err;
	err = link_up(site->rt, site->ifindex);
	if (err)
		return site_fail(why, site->rt, err, "interface %s", site->conf.ifname);
	site_added(site, "%s, which somebody had set down", site->conf.ifname);
	return 0;
}

/* ---- made anew ---- */

/* As the module was last told; the SAs come by themselves when their loss is told of. */
static int remake_tunnels(struct site *site, struct why *why)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < site->conf.n_tunnels; i++) {
		struct site_tunnel *tunnel = &site->tunnels[i];

		free(tunnel->old);
		tunnel->old = NULL;
		tunnel->n_old = 0;
		if (tunnel->made)
			err = site_tell(site, VGW_CMD_TUNNEL_NEW, &tunnel->now, why);
	}
	return err;
}

static int remake(struct site *site, struct site_host *host, struct why *why)
{
	/* One that somebody had moved and brought back has all that it had. */
	bool back = host->own && host->snap.n_tunnels;
	int err;

	if (host->own && strcmp(host->own->kind, "vgw"))
		return why_set(why, "interface %s is somebody else's now", site->conf.ifname);
	err = site_make_interface(site, host, why);
	if (!err && !back) {
		err = site_set_interface(site, why);
		if (!err)
			err = remake_tunnels(site, why);
		if (err)
			link_delete(site->rt, site->ifindex, LINK_HERE);
	}
	if (err)
		return err;
	site->sites->remade = true;
	site->away = false;
	site_warn(site->sites, "%s: %s is %s", site->conf.name, site->conf.ifname,
		  back ? "back" : "made anew, as somebody else had deleted it");
	return 0;
}

/* ---- all of a connection ---- */

static int mend_here(struct site *site, struct why *why)
{
	struct vgw_iface iface;
	struct site_host host;
	int err;

	err = site_see(site, &host, why);
	if (err)
		return err;
	if (!host.own || host.own->index != site->ifindex || site->away)
		err = remake(site, &host, why);
	if (!err && see_iface(site, &iface))
		err = site_fail(why, &site->sites->vgw, -EIO, "interface %s", site->conf.ifname);
	if (!err)
		err = mend_interface(site, &host.links, &iface, why);
	if (!err)
		err = inside_addresses_again(site, why);
	if (!err)
		err = inside_routes_again(site, why);
	site_unsee(&host);
	return err;
}

/* The first look that finds no interface: if it was moved, the event that says where to has yet to be read. */
static bool just_gone(struct site *site, bool there)
{
	bool first = !there && !site->missing;

	site->missing = !there;
	if (first)
		sites_look_in(site->sites, HEAR_FIRST);
	return first;
}

/* 0 or a negative errno with @why. */
static int mend(struct site *site, struct why *why)
{
	struct vgw_iface iface;
	bool there = see_iface(site, &iface) != -ENODEV;
	int err;

	/* Whoever has taken the interface to another namespace made it his own there. */
	if ((site->away && there) || just_gone(site, there))
		return 0;
	err = site_enter(site, why);
	if (err)
		return err;
	err = mend_here(site, why);
	site_leave(site);
	return err;
}

void site_moved(struct site *site, uint32_t index, int32_t netnsid)
{
	struct why why;

	site->away = true;
	site->ifindex = index;
	site->where = (struct vgw_where){ .index = index, .netnsid = netnsid };
	site_warn(site->sites, "%s: somebody has moved %s to another network namespace: its addresses and routes there "
		  "are theirs to make", site->conf.name, site->conf.ifname);
	if (sites_hear_far(site->sites, &why))
		site_warn(site->sites, "%s: %s", site->conf.name, why.text);
}

/* ---- all ---- */

static void tell_mended(struct sites *sites)
{
	struct site_mended *mended = &sites->mended;
	uint64_t now = clock_ms(CLOCK_MONOTONIC);

	if (sites->ways.mended) {
		mended->count += sites->ways.mended;
		sites->ways.mended = 0;
		strcpy(mended->what, "the way to the peers (rules, or routes of their table)");
	}
	if (!mended->count || (mended->said && now - mended->said < SAY_EACH))
		return;
	if (mended->count > 1)
		site_warn(sites, "what somebody else had taken away is put back, %u things: last %s", mended->count,
			  mended->what);
	else
		site_warn(sites, "what somebody else had taken away is put back: %s", mended->what);
	mended->count = 0;
	mended->said = now;
}

static void follow_devices(struct sites *sites)
{
	struct links links;
	struct site *site;
	struct why why;

	if (links_fetch(&sites->rt, &links))
		return;
	for (site = sites->first; site; site = site->next)
		if (site_follow_devices(site, &links, &why))
			site_warn(sites, "%s: %s", site->conf.name, why.text);
	links_free(&links);
}

static void follow(struct sites *sites)
{
	struct site *site;
	struct why why;

	follow_devices(sites);
	if (ways_follow(&sites->ways, &sites->rt, &why))
		site_warn(sites, "%s", why.text);
	if (!sites_revive(sites)) {
		sites_look_in(sites, TRY_EACH);
		return;
	}
	for (site = sites->first; site; site = site->next) {
		bool said = site->trouble;

		site->trouble = mend(site, &why);
		if (!site->trouble)
			continue;
		if (!said)
			site_warn(sites, "%s: not all is as it should be, and that is tried again: %s", site->conf.name,
				  why.text);
		sites_look_in(sites, TRY_EACH);
	}
	tell_mended(sites);
}

void sites_follow(struct sites *sites)
{
	uint64_t begin = clock_ms(CLOCK_MONOTONIC);

	follow(sites);
	sites->looked = clock_ms(CLOCK_MONOTONIC);
	sites->took = sites->looked - begin;
}
