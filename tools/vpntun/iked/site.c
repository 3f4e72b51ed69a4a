// SPDX-License-Identifier: GPL-2.0
#include "iked/site.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "iked/advice.h"
#include "iked/inside.h"
#include "iked/site_own.h"
#include "iked/want.h"
#include "nl/link.h"
#include "nl/snap.h"
#include "util/prefix.h"

/* What is seen of the host before it is changed. */
struct host {
	struct links links;
	struct link_addrs addrs;
	struct snap snap;		/* of the interface, if it is there */
	const struct link_info *own;	/* it, or NULL */
};

/* ---- a namespace's connections ---- */

/* Only making an interface loads the module by itself: generic netlink does not. */
static int load_module(struct knl *rt)
{
	const char *name = "vgw-load";
	const struct link_info *link;
	struct links links;
	int err;

	err = link_make(rt, name, "vgw");
	if (err && err != -EEXIST)
		return err;
	err = links_fetch(rt, &links);
	if (err)
		return err;
	link = links_by_name(&links, name);
	if (link && !strcmp(link->kind, "vgw"))
		link_delete(rt, link->index);
	links_free(&links);
	return 0;
}

static int open_vgw(struct sites *sites, struct why *why)
{
	int err = vgw_open(&sites->vgw);

	if (err == -ENOENT && !load_module(&sites->rt))
		err = vgw_open(&sites->vgw);
	if (!err)
		return 0;
	*why = sites->vgw.why;
	return err;
}

static int open_events(struct sites *sites, struct why *why)
{
	static const int groups[] = {
		RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,
		RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE,
	};
	size_t i;
	int err;

	err = vgw_open(&sites->vgw_events);
	if (!err)
		err = knl_subscribe(&sites->vgw_events, "events");
	if (err) {
		*why = sites->vgw_events.why;
		return err;
	}
	err = knl_open_route(&sites->rt_events);
	for (i = 0; !err && i < sizeof(groups) / sizeof(*groups); i++)
		err = knl_subscribe_route(&sites->rt_events, groups[i]);
	if (err)
		*why = sites->rt_events.why;
	return err;
}

struct sites *sites_create(void (*warn)(const char *sentence), struct why *why)
{
	struct sites *sites = calloc(1, sizeof(*sites));
	int err;

	if (!sites) {
		why_set(why, "out of memory");
		return NULL;
	}
	sites->warn = warn;
	err = knl_open_route(&sites->rt);
	if (err)
		*why = sites->rt.why;
	if (!err)
		err = open_vgw(sites, why);
	if (!err)
		err = open_events(sites, why);
	if (err) {
		sites_free(sites);
		return NULL;
	}
	sites->fds[0] = knl_fd(&sites->vgw_events);
	sites->fds[1] = knl_fd(&sites->rt_events);
	sites->fds[2] = -1;
	return sites;
}

static void free_site(struct site *site)
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

void sites_free(struct sites *sites)
{
	while (sites->first) {
		struct site *site = sites->first;

		sites->first = site->next;
		free_site(site);
	}
	ways_free(&sites->ways);
	knl_close(&sites->vgw);
	knl_close(&sites->rt);
	knl_close(&sites->vgw_events);
	knl_close(&sites->rt_events);
	free(sites);
}

int sites_socket(struct sites *sites, int fd, struct why *why)
{
	int err = vgw_socket_set(&sites->vgw, fd, IKE_NATT_PORT);

	return err ? site_fail(why, &sites->vgw, err, "the socket of UDP port 4500") : 0;
}

const int *sites_fds(const struct sites *sites)
{
	return sites->fds;
}

const char *site_name(const struct site *site)
{
	return site->conf.name;
}

/* ---- the copy of the configuration ---- */

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

static struct site *new_site(struct sites *sites, const struct conf *conf, struct why *why)
{
	struct site *site = calloc(1, sizeof(*site));
	int err = -ENOMEM;

	if (site) {
		site->sites = sites;
		err = copy_conf(conf, &site->conf);
	}
	if (!err) {
		site->tunnels = calloc(conf->n_tunnels ? conf->n_tunnels : 1, sizeof(*site->tunnels));
		err = site->tunnels ? 0 : -ENOMEM;
	}
	if (!err)
		return site;
	if (site)
		free_site(site);
	why_set(why, "out of memory");
	return NULL;
}

/* ---- what is there ---- */

static void forget_host(struct host *host)
{
	links_free(&host->links);
	link_addrs_free(&host->addrs);
	snap_free(&host->snap);
}

static int see_host(struct sites *sites, const struct conf *conf, struct host *host, struct why *why)
{
	int err;

	memset(host, 0, sizeof(*host));
	err = links_fetch(&sites->rt, &host->links);
	if (!err)
		err = link_addrs_fetch(&sites->rt, &host->addrs);
	if (err)
		return site_fail(why, &sites->rt, err, "the host's interfaces");
	host->own = links_by_name(&host->links, conf->ifname);
	if (!host->own || strcmp(host->own->kind, "vgw"))
		return 0;
	err = snap_fetch(&sites->vgw, conf->ifname, NULL, &host->snap);
	return err ? site_fail(why, &sites->vgw, err, "interface %s", conf->ifname) : 0;
}

static int refuse_clash(const struct conf *conf, const struct host *host, struct why *why)
{
	char ours[ADDR_TEXT_MAX], theirs[ADDR_TEXT_MAX];
	const struct conf_inside *inside;
	const struct link_addr *addr;
	const struct link_info *link;

	addr = inside_clash(conf, &host->links, &host->addrs, host->own ? host->own->index : 0, &inside);
	if (!addr)
		return 0;
	link = links_by_index(&host->links, addr->index);
	return why_set(why, "Inside %s/%u is in use on this host: interface %s has %s/%u; choose another, or a VRF",
		       addr_text(&inside->addr, ours), inside->length, link ? link->name : "?",
		       addr_text(&addr->addr, theirs), addr->length);
}

static int refuse(const struct sites *sites, const struct conf *conf, const struct host *host, struct why *why)
{
	const struct site *other;

	for (other = sites->first; other; other = other->next) {
		if (!strcmp(other->conf.name, conf->name))
			return why_set(why, "connection %s is up already", conf->name);
		if (!strcmp(other->conf.ifname, conf->ifname))
			return why_set(why, "interface %s belongs to connection %s", conf->ifname, other->conf.name);
	}
	if (host->own && strcmp(host->own->kind, "vgw"))
		return why_set(why, "there is an interface %s already, and it is not of type vgw; choose another Name",
			       conf->ifname);
	return refuse_clash(conf, host, why);
}

/* ---- making ---- */

static int make_interface(struct site *site, struct host *host, struct why *why)
{
	const char *name = site->conf.ifname;
	struct knl *rt = &site->sites->rt;
	const struct link_info *link;
	int err;

	if (!host->own) {
		err = link_make(rt, name, "vgw");
		if (err)
			return site_fail(why, rt, err, "interface %s", name);
		site->created = true;
		links_free(&host->links);
		err = links_fetch(rt, &host->links);
		host->own = err ? NULL : links_by_name(&host->links, name);
		if (!host->own)
			return why_set(why, "interface %s: it is gone again", name);
	}
	site->ifindex = host->own->index;
	link = *site->conf.vrf ? links_by_name(&host->links, site->conf.vrf) : NULL;
	if (*site->conf.vrf && (!link || !link->vrf_table))
		return why_set(why, "VRF: there is no VRF %s", site->conf.vrf);
	if (site->conf.table)
		site->table = site->conf.table;
	else
		site->table = link ? link->vrf_table : RT_TABLE_MAIN;
	if (host->own->master == (link ? link->index : 0))
		return 0;
	err = link_enslave(rt, site->ifindex, link ? link->index : 0);
	return err ? site_fail(why, rt, err, "VRF %s", site->conf.vrf) : 0;
}

static int set_interface(struct site *site, struct why *why)
{
	const struct conf *conf = &site->conf;
	struct vgw_iface iface = {
		.has = ATTR_BIT(VGW_A_IFACE_MTU) | ATTR_BIT(VGW_A_IFACE_CARRIER_POLICY) |
		       ATTR_BIT(VGW_A_IFACE_MSS_CLAMP) | ATTR_BIT(VGW_A_IFACE_FWMARK),
		.mtu = conf->mtu, .carrier_policy = conf->carrier, .mss_clamp = conf->mss_clamp,
		.fwmark = site_mark(conf),
	};
	int err = vgw_iface_set(&site->sites->vgw, conf->ifname, &iface);

	return err ? site_fail(why, &site->sites->vgw, err, "interface %s", conf->ifname) : 0;
}

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

		if (*tunnel->device && !link)
			return why_set(why, "tunnel %s: there is no Device %s", tunnel->name, tunnel->device);
		site->tunnels[i].link = link ? link->index : 0;
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
		tunnel->held = false;
		tunnel->way.len = 0;
	}
}

/* ---- tunnels ---- */

static const struct conf_tunnel *conf_named(const struct conf *conf, const char *name)
{
	size_t i;

	for (i = 0; i < conf->n_tunnels; i++)
		if (!strcmp(conf->tunnels[i].name, name))
			return &conf->tunnels[i];
	return NULL;
}

/* Tunnels that the file has not may hold prefixes of those that it has. */
static int remove_strangers(struct site *site, const struct snap *snap, struct why *why)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < snap->n_tunnels; i++) {
		struct vgw_tunnel name = { .has = ATTR_BIT(VGW_A_TUNNEL_NAME) };

		memcpy(name.name, snap->tunnels[i].tunnel.name, sizeof(name.name));
		if (!conf_named(&site->conf, name.name))
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

	want_options(&site->conf, conf, tunnel->link, &tunnel->now);
	if (there) {
		tunnel->made = true;
		if (take_over(tunnel, there, snap)) {
			why_set(why, "out of memory");
			return -ENOMEM;
		}
	}
	if (tunnel->n_old)
		return ways_move(&sites->ways, &sites->rt, &tunnel->way, tunnel->link, &tunnel->now.remote, why);
	return conf->remote.len ? want_configured(conf, &tunnel->now, why) : 0;
}

static int make_tunnel(struct site *site, size_t index, const struct snap *snap, struct why *why)
{
	struct site_tunnel *tunnel = &site->tunnels[index];
	int err = fill_tunnel(site, index, snap, why);

	/* The module knows a tunnel by its Remote: without one it comes with the first SAs. */
	if (err || (!tunnel->made && !tunnel->now.remote.len))
		return err;
	err = site_tell(site, tunnel->made ? VGW_CMD_TUNNEL_SET : VGW_CMD_TUNNEL_NEW, &tunnel->now, why);
	if (!err)
		tunnel->made = true;
	return err;
}

static int make_tunnels(struct site *site, const struct snap *snap, struct why *why)
{
	size_t i;
	int err = remove_strangers(site, snap, why);

	for (i = 0; !err && i < site->conf.n_tunnels; i++)
		err = make_tunnel(site, i, snap, why);
	return err;
}

/* ---- up and down ---- */

static int bring_up(struct site *site, struct host *host, struct why *why)
{
	struct knl *rt = &site->sites->rt;
	int err;

	err = make_interface(site, host, why);
	if (!err)
		err = set_interface(site, why);
	if (!err)
		err = mark_packets(site, why);
	if (!err)
		err = hold_ways(site, &host->links, why);
	if (!err)
		err = make_tunnels(site, &host->snap, why);
	if (err)
		return err;
	err = link_up(rt, site->ifindex);
	if (err)
		return site_fail(why, rt, err, "interface %s", site->conf.ifname);
	err = inside_addresses(site, &host->addrs, why);
	return err ? err : inside_routes(site, why);
}

static void take_down(struct site *site, bool interface)
{
	if (interface && site->ifindex)
		link_delete(&site->sites->rt, site->ifindex);
	inside_open(site);
	release_ways(site);
	unmark_packets(site);
}

struct site *site_up(struct sites *sites, const struct conf *conf, struct why *why)
{
	struct site *site = NULL;
	struct host host;
	int err;

	err = see_host(sites, conf, &host, why);
	if (!err)
		err = refuse(sites, conf, &host, why);
	if (!err)
		site = new_site(sites, conf, why);
	if (!site)
		goto out;
	err = bring_up(site, &host, why);
	if (err) {
		/* An interface from before goes on with the SAs that it has. */
		take_down(site, site->created);
		free_site(site);
		site = NULL;
		goto out;
	}
	site->next = sites->first;
	sites->first = site;
	advise(site, &host.links);
out:
	forget_host(&host);
	return site;
}

static void end(struct site *site, bool interface)
{
	struct site **link = &site->sites->first;

	while (*link != site)
		link = &(*link)->next;
	*link = site->next;
	take_down(site, interface);
	free_site(site);
}

void site_down(struct site *site)
{
	end(site, true);
}

void site_leave(struct site *site)
{
	end(site, false);
}

void sites_follow(struct sites *sites)
{
	struct site *site;
	struct why why;

	if (ways_follow(&sites->ways, &sites->rt, &why))
		site_warn(sites, "%s", why.text);
	for (site = sites->first; site; site = site->next)
		inside_routes_again(site);
}
