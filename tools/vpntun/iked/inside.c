// SPDX-License-Identifier: GPL-2.0
#include "iked/inside.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "nl/route.h"
#include "util/prefix.h"

/* ---- clashes ---- */

static uint32_t vrf_of(const struct links *links, uint32_t index)
{
	const struct link_info *link = links_by_index(links, index);

	return link && links_is_kind(links, link->master, "vrf") ? link->master : 0;
}

/* Addresses that hosts give themselves (RFC 3927) claim nothing of their block but themselves. */
static bool self_given(const struct link_addr *addr)
{
	return addr->addr.len == 4 && addr->length == 16 && addr->addr.bytes[0] == 169 && addr->addr.bytes[1] == 254;
}

bool inside_claim(const struct link_addr *addr, struct ip_prefix *out)
{
	*out = prefix_of(&addr->addr, self_given(addr) ? addr->addr.len * 8u : addr->length);
	return !addr->link_local;
}

static bool at_odds(const struct conf_inside *inside, const struct link_addr *addr)
{
	struct ip_prefix ours = prefix_of(&inside->addr, inside->length), theirs;

	return inside_claim(addr, &theirs) && prefix_overlap(&ours, &theirs);
}

static const struct conf_inside *odd_inside(const struct conf *conf, const struct link_addr *addr)
{
	size_t i, j;

	for (i = 0; i < conf->n_tunnels; i++) {
		const struct conf_insides *insides = &conf->tunnels[i].inside;

		for (j = 0; j < insides->count; j++)
			if (at_odds(&insides->list[j], addr))
				return &insides->list[j];
	}
	return NULL;
}

int inside_refuse(const struct conf *conf, const struct links *links, const struct link_addrs *addrs, uint32_t own,
		  struct why *why)
{
	const struct link_info *vrf = *conf->vrf ? links_by_name(links, conf->vrf) : NULL, *link;
	char ours[ADDR_TEXT_MAX], theirs[ADDR_TEXT_MAX];
	const struct conf_inside *inside = NULL;
	const struct link_addr *addr;
	size_t i;

	for (i = 0; i < addrs->count && !inside; i++) {
		addr = &addrs->list[i];
		if (addr->index != own && vrf_of(links, addr->index) == (vrf ? vrf->index : 0))
			inside = odd_inside(conf, addr);
	}
	if (!inside)
		return 0;
	link = links_by_index(links, addr->index);
	return why_set(why, "Inside %s/%u is in use on this host: interface %s has %s/%u; choose another, or a VRF",
		       addr_text(&inside->addr, ours), inside->length, link ? link->name : "?",
		       addr_text(&addr->addr, theirs), addr->length);
}

/* ---- addresses ---- */

static bool among(const struct conf_insides *list, const struct link_addr *addr)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (list->list[i].length == addr->length && addr_equal(&list->list[i].addr, &addr->addr))
			return true;
	return false;
}

static bool wanted(const struct conf *conf, const struct link_addr *addr)
{
	size_t i;

	for (i = 0; i < conf->n_tunnels; i++)
		if (among(&conf->tunnels[i].inside, addr))
			return true;
	return among(&conf->address, addr);
}

static int add_addresses(struct site *site, const struct conf_insides *list, struct why *why)
{
	char text[ADDR_TEXT_MAX];
	size_t i;
	int err;

	for (i = 0; i < list->count; i++) {
		struct link_addr addr = {
			.index = site->ifindex, .addr = list->list[i].addr, .length = list->list[i].length,
		};

		err = link_addr_add(site->rt, &addr);
		if (!err)
			site_added(site, "the address %s/%u", addr_text(&addr.addr, text), addr.length);
		else if (err != -EEXIST)
			return site_fail(why, site->rt, err, "%s: address %s/%u", site->conf.ifname,
					 addr_text(&addr.addr, text), addr.length);
	}
	return 0;
}

int inside_addresses_again(struct site *site, struct why *why)
{
	size_t i;
	int err;

	err = add_addresses(site, &site->conf.address, why);
	for (i = 0; !err && i < site->conf.n_tunnels; i++)
		err = add_addresses(site, &site->conf.tunnels[i].inside, why);
	return err;
}

/* An interface from before may have addresses that the file no longer has. */
static bool is_stale(const struct site *site, const struct link_addr *addr)
{
	return addr->index == site->ifindex && !addr->link_local && !wanted(&site->conf, addr);
}

static bool has_stale(const struct site *site, const struct link_addrs *present)
{
	size_t i;

	for (i = 0; i < present->count; i++)
		if (is_stale(site, &present->list[i]))
			return true;
	return false;
}

static void remove_stale(struct site *site, const struct link_addrs *present)
{
	size_t i;

	for (i = 0; i < present->count; i++)
		if (is_stale(site, &present->list[i]))
			link_addr_del(site->rt, &present->list[i]);
}

/* ---- routes ---- */

static struct route into(const struct site *site, const struct ip_prefix *dst)
{
	return (struct route){
		.dst = *dst, .table = site->table, .metric = site->conf.metric, .type = RTN_UNICAST,
		.oif = site->ifindex, .source = site->conf.source[dst->addr.len == 16],
		.by_hop = site->standing_in && dst->addr.len == 4,
	};
}

static int add_route(struct site *site, const struct route *route, struct why *why)
{
	struct route bare = *route;
	char text[ADDR_TEXT_MAX];
	int err;

	bare.source.len = 0;
	if (site->sourceless && route->type == RTN_UNICAST && route->source.len == 16)
		route_del(site->rt, &bare);
	err = route_add(site->rt, route, route->type == RTN_UNICAST && route->dst.addr.len == 4);
	if (!err)
		site_added(site, "the %sroute to %s", route->type == RTN_UNICAST ? "" : "unreachable ",
			   prefix_text(&route->dst, text));
	if (!err || err == -EEXIST)
		return 0;
	return site_fail(why, site->rt, err, "%s: %sroute to %s", site->conf.ifname,
			 route->type == RTN_UNICAST ? "" : "unreachable ", prefix_text(&route->dst, text));
}

/* Is the far end's address outside the networks of our own ones? */
static bool needs_route(const struct conf_tunnel *tunnel)
{
	size_t i;

	for (i = 0; i < tunnel->inside.count; i++) {
		struct ip_prefix block = prefix_of(&tunnel->inside.list[i].addr, tunnel->inside.list[i].length);

		if (prefix_holds(&block, &tunnel->peer))
			return false;
	}
	return tunnel->peer.len;
}

static struct ip_prefix only(const struct ip_addr *addr)
{
	return prefix_of(addr, addr->len * 8);
}

static int add_peers(struct site *site, struct why *why)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < site->conf.n_tunnels; i++) {
		const struct conf_tunnel *tunnel = &site->conf.tunnels[i];
		struct ip_prefix dst = only(&tunnel->peer);
		struct route route = into(site, &dst);

		route.metric = 0;
		route.source.len = 0;
		if (needs_route(tunnel))
			err = add_route(site, &route, why);
	}
	return err;
}

/* ---- refusals ---- */

/* A result other than 0 ends it. */
typedef int refusal_fn(struct site *site, const struct route *refusal, void *arg);

static int refuse_in(struct site *site, uint32_t table, const struct ip_prefix *dst, refusal_fn *fn, void *arg)
{
	struct route route = {
		.dst = *dst, .table = table, .metric = ROUTE_METRIC_WORST, .type = RTN_UNREACHABLE,
	};

	/* Link-local addresses belong to every link, and never leave by a route. */
	if (dst->addr.len == 16 && dst->addr.bytes[0] == 0xfe && (dst->addr.bytes[1] & 0xc0) == 0x80)
		return 0;
	return fn(site, &route, arg);
}

/* The kernel's own routes to the networks of the interface's addresses go with the carrier, too. */
static int refuse_networks(struct site *site, const struct conf_insides *list, refusal_fn *fn, void *arg)
{
	size_t i;
	int end = 0;

	for (i = 0; !end && i < list->count; i++) {
		const struct conf_inside *inside = &list->list[i];
		struct ip_prefix dst = prefix_of(&inside->addr, inside->length);

		if (inside->length < inside->addr.len * 8)
			end = refuse_in(site, site->home, &dst, fn, arg);
	}
	return end;
}

/* And so does ours to a Peer. */
static int refuse_tunnel(struct site *site, const struct conf_tunnel *tunnel, refusal_fn *fn, void *arg)
{
	struct ip_prefix dst = only(&tunnel->peer);
	int end = refuse_networks(site, &tunnel->inside, fn, arg);

	return !end && needs_route(tunnel) ? refuse_in(site, site->table, &dst, fn, arg) : end;
}

/* All that is to be refused while the interface is down, whether it is or not. */
static int each_refusal(struct site *site, refusal_fn *fn, void *arg)
{
	size_t i;
	int end = 0;

	for (i = 0; !end && i < site->conf.routes.count; i++)
		end = refuse_in(site, site->table, &site->conf.routes.list[i], fn, arg);
	if (!end)
		end = refuse_networks(site, &site->conf.address, fn, arg);
	for (i = 0; !end && i < site->conf.n_tunnels; i++)
		end = refuse_tunnel(site, &site->conf.tunnels[i], fn, arg);
	return end;
}

static int add_refusal(struct site *site, const struct route *refusal, void *arg)
{
	return add_route(site, refusal, arg);
}

static int add_routes(struct site *site, struct why *why)
{
	const struct ip_prefixes *routes = &site->conf.routes;
	size_t i;
	int err = 0;

	/* The refusals first: nothing is to leave in the clear in between. */
	if (!site->conf.fail_open) {
		site->shut = true;
		err = each_refusal(site, add_refusal, why);
	}
	if (!err)
		err = add_peers(site, why);
	for (i = 0; !err && i < routes->count; i++) {
		struct route route = into(site, &routes->list[i]);

		err = add_route(site, &route, why);
	}
	return err;
}

static bool is_conf_route(const struct site *site, const struct route *route)
{
	return route->table == site->table && prefixes_have(&site->conf.routes, &route->dst);
}

static bool is_peer_route(const struct site *site, const struct route *route)
{
	size_t i;

	for (i = 0; route->table == site->table && i < site->conf.n_tunnels; i++) {
		struct ip_prefix dst = only(&site->conf.tunnels[i].peer);

		if (needs_route(&site->conf.tunnels[i]) && prefix_equal(&route->dst, &dst))
			return true;
	}
	return false;
}

/* ---- what is refused ---- */

/* Sorted: of many connections, and what each of them finds in the kernel is all of theirs. */
struct refusals {
	struct refusal {
		uint32_t table;
		struct ip_prefix dst;
	} *list;
	size_t count, room;
};

static int note_refusal(struct site *site, const struct route *route, void *arg)
{
	struct refusals *all = arg;

	(void)site;
	if (all->count == all->room) {
		size_t room = all->room ? all->room * 2 : 64;
		struct refusal *list = reallocarray(all->list, room, sizeof(*list));

		if (!list)
			return -ENOMEM;
		all->list = list;
		all->room = room;
	}
	all->list[all->count++] = (struct refusal){ .table = route->table, .dst = route->dst };
	return 0;
}

static int order(const void *left, const void *right)
{
	const struct refusal *a = left, *b = right;

	if (a->table != b->table)
		return a->table < b->table ? -1 : 1;
	if (a->dst.addr.len != b->dst.addr.len)
		return a->dst.addr.len - b->dst.addr.len;
	if (a->dst.length != b->dst.length)
		return a->dst.length - b->dst.length;
	return memcmp(a->dst.addr.bytes, b->dst.addr.bytes, a->dst.addr.len);
}

/* By the other connections in the namespace of @site, and with @own by itself. @all is to be freed in any case. */
static int gather_refusals(struct site *site, bool own, struct refusals *all)
{
	struct site *other;
	int err = own ? each_refusal(site, note_refusal, all) : 0;

	for (other = site->sites->first; !err && other; other = other->next)
		if (other != site && other->shut && !strcmp(other->conf.netns, site->conf.netns))
			err = each_refusal(other, note_refusal, all);
	if (!err && all->count)
		qsort(all->list, all->count, sizeof(*all->list), order);
	return err;
}

static bool is_refused(const struct refusals *all, const struct route *route)
{
	struct refusal key = { .table = route->table, .dst = route->dst };

	return all->count && bsearch(&key, all->list, all->count, sizeof(key), order);
}

/* ---- what is there ---- */

/* Routes of ours that the file no longer has: into the interface, and refusals. */
struct stale {
	struct site *site;
	struct refusals wanted;		/* of other connections, too */
	struct links links;
	struct route list[64];
	size_t count;
};

static void note_stale(struct stale *stale, const struct route *route)
{
	if (stale->count < sizeof(stale->list) / sizeof(*stale->list))
		stale->list[stale->count++] = *route;
}

/* And tells of others' routes to where the file's lead. */
static int look_at(const struct route *route, void *arg)
{
	struct stale *stale = arg;
	struct site *site = stale->site;
	bool ours = route->protocol == ROUTE_PROTOCOL, wanted_one = is_conf_route(site, route);
	char text[ADDR_TEXT_MAX];

	if (route->oif == site->ifindex) {
		if (ours && !wanted_one && !is_peer_route(site, route))
			note_stale(stale, route);
		return 0;
	}
	if (ours && route->type == RTN_UNREACHABLE && !is_refused(&stale->wanted, route))
		note_stale(stale, route);
	if (route->type == RTN_UNICAST && !ours && wanted_one)
		site_warn(site->sites, "%s: another route to %s (metric %u) takes its packets while %s is down%s",
			  site->conf.name, prefix_text(&route->dst, text), route->metric, site->conf.ifname,
			  route->metric < site->conf.metric ? ", and goes before it: set Metric" : "");
	return 0;
}

/* The kernel's own routes into other interfaces, such as to the network of a LAN, are no concern of ours. */
static bool is_into_gateway(const struct stale *stale, const struct route *route)
{
	return route->protocol == ROUTE_PROTOCOL ||
	       (route->protocol == RTPROT_KERNEL && links_is_kind(&stale->links, route->oif, "vgw"));
}

/*
 * A connection that is not up again yet after a restart has its interface, and its refusal behind the route into it: one
 * of ours, or for the network of an address the kernel's.
 */
static int keep_paired(const struct route *route, void *arg)
{
	struct stale *stale = arg;
	size_t i;

	if (route->type != RTN_UNICAST || route->oif == stale->site->ifindex || !is_into_gateway(stale, route))
		return 0;
	for (i = stale->count; i--;)
		if (stale->list[i].type == RTN_UNREACHABLE && stale->list[i].table == route->table &&
		    prefix_equal(&stale->list[i].dst, &route->dst))
			stale->list[i] = stale->list[--stale->count];
	return 0;
}

/* Of the tables that we have routes in. */
static void read_routes(struct site *site, route_fn *fn, struct stale *stale)
{
	const uint32_t tables[] = { site->table, site->home };
	size_t i, count = site->table == site->home ? 1 : 2;

	for (i = 0; i < count; i++) {
		routes_read(site->rt, tables[i], 4, fn, stale);
		routes_read(site->rt, tables[i], 16, fn, stale);
	}
}

static int find_stale(struct site *site, struct stale *stale, struct why *why)
{
	int err = gather_refusals(site, !site->conf.fail_open, &stale->wanted);

	if (err) {
		why_set(why, "out of memory");
		return err;
	}
	read_routes(site, look_at, stale);
	if (!stale->count)
		return 0;
	err = links_fetch(site->rt, &stale->links);
	if (err)
		return site_fail(why, site->rt, err, "the host's interfaces");
	read_routes(site, keep_paired, stale);
	links_free(&stale->links);
	return 0;
}

/* Those of others are told of, ours that the file has no more go. */
static int make_routes(struct site *site, struct why *why)
{
	struct stale stale = { .site = site };
	size_t i;
	int err;

	err = find_stale(site, &stale, why);
	free(stale.wanted.list);
	if (err)
		return err;
	for (i = 0; i < stale.count; i++) {
		stale.list[i].source.len = 0;
		/* Of IPv6 even refusals have a device, "lo". */
		if (stale.list[i].type == RTN_UNREACHABLE)
			stale.list[i].oif = 0;
		route_del(site->rt, &stale.list[i]);
	}
	return add_routes(site, why);
}

/*
 * With an interface's last IPv4 address, or the first one of a network, go IPv4 routes that are still wanted: others stand
 * in for them meanwhile. A failure only means that there is a gap.
 */
static int change_addresses(struct site *site, const struct link_addrs *present, struct why *why)
{
	int err = 0;

	if (!route_hop_set(site->rt, site->ifindex)) {
		site->standing_in = true;
		err = add_routes(site, why);
		site->standing_in = false;
	}
	if (err)
		return err;
	remove_stale(site, present);
	/* Secondary ones may have gone with the first of their network. */
	return inside_addresses_again(site, why);
}

int inside_make(struct site *site, const struct link_addrs *present, struct why *why)
{
	bool stale = has_stale(site, present);
	int err;

	err = inside_addresses_again(site, why);
	if (!err && stale)
		err = change_addresses(site, present, why);
	if (!err)
		err = make_routes(site, why);
	if (stale)
		route_hop_del(site->rt);
	return err;
}

/* With an address IPv4 removes the routes that have it as their source, IPv6 only takes it out of them. */
static int look_for_sourceless(const struct route *route, void *arg)
{
	struct site *site = arg;

	site->sourceless |= route->oif == site->ifindex && route->protocol == ROUTE_PROTOCOL && !route->source.len &&
			    is_conf_route(site, route);
	return 0;
}

int inside_routes_again(struct site *site, struct why *why)
{
	int err;

	if (site->conf.source[1].len)
		routes_read(site->rt, site->table, 16, look_for_sourceless, site);
	err = add_routes(site, why);
	site->sourceless = false;
	return err;
}

static int del_refusal(struct site *site, const struct route *refusal, void *arg)
{
	if (!is_refused(arg, refusal))
		route_del(site->rt, refusal);
	return 0;
}

void inside_open(struct site *site)
{
	struct refusals others = { .count = 0 };

	/* Without memory they stay: better than in the clear. */
	if (site->shut && !gather_refusals(site, false, &others))
		each_refusal(site, del_refusal, &others);
	free(others.list);
	site->shut = false;
}
