// SPDX-License-Identifier: GPL-2.0
#include "iked/site.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "iked/advice.h"
#include "iked/inside.h"
#include "iked/site_own.h"
#include "iked/want.h"
#include "nl/link.h"
#include "util/prefix.h"

/* ---- may it be? ---- */

static int refuse(const struct site *site, const struct site_host *host, struct why *why)
{
	const struct conf *conf = &site->conf;
	const struct site *other;

	for (other = site->sites->first; other; other = other->next) {
		if (!strcmp(other->conf.name, conf->name))
			return why_set(why, "connection %s is up already", conf->name);
		if (!strcmp(other->conf.ifname, conf->ifname) && !strcmp(other->conf.netns, conf->netns))
			return why_set(why, "interface %s belongs to connection %s", conf->ifname, other->conf.name);
	}
	if (host->own && strcmp(host->own->kind, "vgw"))
		return why_set(why, "there is an interface %s already, and it is not of type vgw; choose another Name",
			       conf->ifname);
	return inside_refuse(conf, &host->links, &host->addrs, host->own ? host->own->index : 0, why);
}

/* ---- the way outside ---- */

/* The helper's own socket has SITE_MARK whatever the file says. */
static int mark_packets(struct site *site, struct why *why)
{
	uint32_t marks[] = { SITE_MARK, site_mark(&site->conf) };
	struct sites *sites = site->sites;
	int err = 0;

	while (!err && site->n_marks < sizeof(marks) / sizeof(*marks)) {
		err = ways_mark(&sites->ways, &sites->rt, marks[site->n_marks], why);
		if (!err)
			site->n_marks++;
	}
	return err;
}

static void unmark_packets(struct site *site)
{
	struct sites *sites = site->sites;

	while (site->n_marks) {
		site->n_marks--;
		ways_unmark(&sites->ways, &sites->rt, site->n_marks ? site_mark(&site->conf) : SITE_MARK);
	}
}

static int hold_ways(struct site *site, const struct links *links, struct why *why)
{
	struct sites *sites = site->sites;
	size_t i;
	int err;

	for (i = 0; i < site->conf.n_tunnels; i++) {
		const struct conf_tunnel *tunnel = &site->conf.tunnels[i];
		const struct link_info *link = links_by_name(links, tunnel->device);

		site_set_device(site, i, links, link);
		if (*tunnel->device && !link)
			site_warn(sites, "%s/%s: there is no Device %s: it waits for that", site->conf.name, tunnel->name,
				  tunnel->device);
		if (!tunnel->remote.len)
			continue;
		err = ways_hold(&sites->ways, &sites->rt, &tunnel->remote, site->tunnels[i].link, why);
		if (err)
			return err;
		site->tunnels[i].held = true;
	}
	return 0;
}

static void release_ways(struct site *site)
{
	struct sites *sites = site->sites;
	size_t i;

	for (i = 0; i < site->conf.n_tunnels; i++) {
		struct site_tunnel *tunnel = &site->tunnels[i];

		if (tunnel->held)
			ways_release(&sites->ways, &sites->rt, &site->conf.tunnels[i].remote, tunnel->link);
		if (tunnel->way.len)
			ways_release(&sites->ways, &sites->rt, &tunnel->way, tunnel->link);
		if (tunnel->named.len)
			ways_release(&sites->ways, &sites->rt, &tunnel->named, tunnel->link);
		tunnel->held = false;
		tunnel->named.len = 0;
		tunnel->way.len = 0;
	}
}

/* ---- tunnels ---- */

/* Tunnels that the file has not may hold prefixes of those that it has. */
static int remove_strangers(struct site *site, const struct snap *snap, struct why *why)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < snap->n_tunnels; i++) {
		struct vgw_tunnel name = { .has = ATTR_BIT(VGW_A_TUNNEL_NAME) };

		memcpy(name.name, snap->tunnels[i].tunnel.name, sizeof(name.name));
		if (!site_tunnel(site, name.name))
			err = site_tell(site, VGW_CMD_TUNNEL_DEL, &name, why);
	}
	return err;
}

static const struct snap_tunnel *find_there(const struct snap *snap, const char *name)
{
	size_t i;

	for (i = 0; i < snap->n_tunnels; i++)
		if (!strcmp(snap->tunnels[i].tunnel.name, name))
			return &snap->tunnels[i];
	return NULL;
}

/* SAs from before go on working only with the endpoint and selectors that they were negotiated for. */
static int take_over(struct site_tunnel *tunnel, const struct snap_tunnel *there, const struct snap *snap)
{
	const struct snap_sa *sas;
	size_t i, count;

	sas = snap_sas(snap, there, &count);
	if (!count)
		return 0;
	tunnel->old = calloc(count, sizeof(*tunnel->old));
	if (!tunnel->old)
		return -ENOMEM;
	for (i = 0; i < count; i++)
		tunnel->old[i] = (struct site_old){ sas[i].sa.direction, sas[i].sa.spi };
	tunnel->n_old = count;
	return want_kept(&there->tunnel, &tunnel->now);
}

static int fill_tunnel(struct site *site, size_t index, const struct snap *snap, struct why *why)
{
	const struct conf_tunnel *conf = &site->conf.tunnels[index];
	struct site_tunnel *tunnel = &site->tunnels[index];
	const struct snap_tunnel *there = find_there(snap, conf->name);
	struct sites *sites = site->sites;

	/* The module knows devices that are there alone; without one there are no SAs that could be used by another. */
	want_options(&site->conf, conf, tunnel->link == SITE_LINK_NONE ? 0 : tunnel->link, &tunnel->now);
	if (there) {
		tunnel->made = true;
		if (take_over(tunnel, there, snap)) {
			why_set(why, "out of memory");
			return -ENOMEM;
		}
	}
	if (tunnel->n_old && tunnel->link == SITE_LINK_NONE)
		return why_set(why, "tunnel %s: its SAs wait for the Device %s, which is not there", conf->name, conf->device);
	if (tunnel->n_old)
		return ways_move(&sites->ways, &sites->rt, &tunnel->way, tunnel->link, &tunnel->now.remote, why);
	return conf->remote.len ? want_configured(conf, &tunnel->now, why) : 0;
}

/* As the module was told when it was made by the file as it was before. */
static bool is_told(const struct site *site, const struct site_tunnel *tunnel)
{
	const struct site_tunnel *before = site->sites->before ? site_tunnel(site->sites->before, tunnel->now.name) : NULL;

	return tunnel->made && before && before->made && want_equal(&before->now, &tunnel->now);
}

static int tell_tunnel(struct site *site, struct site_tunnel *tunnel, struct why *why)
{
	int err;

	/* The module knows a tunnel by its Remote: without one it comes with the first SAs. */
	if ((!tunnel->made && !tunnel->now.remote.len) || is_told(site, tunnel))
		return 0;
	err = site_tell(site, tunnel->made ? VGW_CMD_TUNNEL_SET : VGW_CMD_TUNNEL_NEW, &tunnel->now, why);
	if (!err)
		tunnel->made = true;
	return err;
}

/* What may be refused without asking the module is, before it loses anything: SAs that are gone do not come back. */
static int make_tunnels(struct site *site, const struct snap *snap, struct why *why)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < site->conf.n_tunnels; i++)
		err = fill_tunnel(site, i, snap, why);
	if (!err)
		err = remove_strangers(site, snap, why);
	for (i = 0; !err && i < site->conf.n_tunnels; i++)
		err = tell_tunnel(site, &site->tunnels[i], why);
	return err;
}

void site_check_made(struct site *site)
{
	struct snap snap;
	size_t i;

	if (snap_fetch_at(&site->sites->vgw, &site->where, &snap))
		return;
	for (i = 0; i < site->conf.n_tunnels; i++)
		if (!find_there(&snap, site->conf.tunnels[i].name))
			site->tunnels[i].made = false;
	snap_free(&snap);
}

/* ---- up and down ---- */

static int bring_up(struct site *site, struct site_host *host, const struct links *outer, struct why *why)
{
	int err;

	err = site_make_interface(site, host, why);
	if (!err)
		err = site_set_interface(site, why);
	if (!err)
		err = mark_packets(site, why);
	if (!err)
		err = hold_ways(site, outer, why);
	if (!err)
		err = make_tunnels(site, &host->snap, why);
	if (err)
		return err;
	err = link_up(site->rt, site->ifindex);
	if (err)
		return site_fail(why, site->rt, err, "interface %s", site->conf.ifname);
	return inside_make(site, &host->addrs, why);
}

static int note_name(const struct nlmsghdr *nlh, void *arg)
{
	const struct site *site = arg;
	struct vgw_message message;
	int err;

	if (vgw_decode(nlh, &message))
		return -ENOMEM;
	err = strcmp(message.ifname, site->conf.ifname) ? -ENODEV : 0;
	vgw_message_free(&message);
	return err;
}

static void delete_interface(struct site *site)
{
	const struct vgw_query query = { .where = site->where, .cmd = VGW_CMD_IFACE_GET };
	struct knl *rt = &site->sites->rt;

	if (site->where.ifname)
		link_delete(rt, site->ifindex, LINK_HERE);
	/* The numbers of namespaces that are gone are given to others. */
	else if (!vgw_get(&site->sites->vgw, &query, note_name, site))
		link_delete(rt, site->ifindex, site->where.netnsid);
}

static void take_down(struct site *site, bool interface)
{
	struct why why;

	if (interface && site->ifindex)
		delete_interface(site);
	/* A namespace that is gone has taken its routes with it. */
	if (!site_enter(site, &why)) {
		inside_open(site);
		site_leave(site);
	}
	release_ways(site);
	unmark_packets(site);
}

static int make_all(struct site *site, struct links *outer, struct why *why)
{
	struct knl *rt = &site->sites->rt;
	struct site_host host;
	int err;

	err = links_fetch(rt, outer);
	if (err)
		return site_fail(why, rt, err, "the host's interfaces");
	err = site_see(site, &host, why);
	if (!err)
		err = refuse(site, &host, why);
	/* What is refused is not ours to touch. */
	if (err)
		site->ifindex = 0;
	else
		err = bring_up(site, &host, outer, why);
	site_unsee(&host);
	return err;
}

struct site *site_up(struct sites *sites, const struct conf *conf, struct why *why)
{
	struct site *site = site_new(sites, conf, why);
	struct links outer = { 0 };
	int err;

	if (!site)
		return NULL;
	err = site_enter(site, why);
	if (err)
		goto err_free;
	err = make_all(site, &outer, why);
	if (!err)
		advise(site, &outer);
	site_leave(site);
	if (err)
		goto err_down;
	site->up = true;
	site->next = sites->first;
	sites->first = site;
	links_free(&outer);
	return site;

err_down:
	/* An interface from before goes on with the SAs that it has. */
	take_down(site, site->created);
	links_free(&outer);
err_free:
	site_free(site);
	return NULL;
}

static void end(struct site *site, bool interface)
{
	struct site **link = &site->sites->first;

	while (*link != site)
		link = &(*link)->next;
	*link = site->next;
	take_down(site, interface);
	site_free(site);
}

void site_down(struct site *site)
{
	end(site, true);
}

void site_drop(struct site *site)
{
	end(site, false);
}
