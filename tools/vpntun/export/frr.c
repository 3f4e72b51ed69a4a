// SPDX-License-Identifier: GPL-2.0
/* In the words of FRR 8 and later: one text for zebra, bgpd, staticd and bfdd, as vtysh takes it. */
#include "export/bgp.h"

#include <errno.h>
#include <stdio.h>

struct writer {
	const struct bgp *bgp;
	struct export_text *to;
};

static const char *ip_of(uint8_t len)
{
	return len == 4 ? "ip" : "ipv6";
}

/* ---- lists of prefixes ---- */

enum reach { EXACT, WITHIN, WITHIN_NOT_ALL };

/* Of one family's prefixes; WITHIN_NOT_ALL leaves out the default route. */
static void write_list(const struct writer *writer, const char *name, const struct ip_prefixes *prefixes, uint8_t len,
		       enum reach reach)
{
	char text[ADDR_TEXT_MAX];
	unsigned int number = 0;
	size_t i;

	for (i = 0; i < prefixes->count; i++) {
		const struct ip_prefix *prefix = &prefixes->list[i];

		if (prefix->addr.len != len)
			continue;
		export_add(writer->to, "%s prefix-list %s seq %u permit %s", ip_of(len), name, ++number * 5, prefix_text(prefix, text));
		if (reach == WITHIN_NOT_ALL && !prefix->length)
			export_add(writer->to, " ge 1");
		else if (reach != EXACT && prefix->length < len * 8)
			export_add(writer->to, " le %u", len * 8u);
		export_add(writer->to, "\n");
	}
}

enum { SITES_NAME_SIZE = BGP_NAME_SIZE + sizeof("/sites") };

static const char *sites_name(const struct bgp_neighbor *neighbor, char name[SITES_NAME_SIZE])
{
	snprintf(name, SITES_NAME_SIZE, "%s/sites", neighbor->name);
	return name;
}

static void write_lists(const struct writer *writer, uint8_t len)
{
	const struct bgp *bgp = writer->bgp;
	char sites[SITES_NAME_SIZE];
	size_t i;

	write_list(writer, "vpntun-announce", &bgp->announce, len, EXACT);
	write_list(writer, "vpntun-never", &bgp->never, len, WITHIN);
	write_list(writer, "vpntun-summary", &bgp->summaries, len, WITHIN);
	write_list(writer, "vpntun-static", &bgp->statics, len, EXACT);
	for (i = 0; i < bgp->n_neighbors; i++) {
		const struct bgp_neighbor *neighbor = &bgp->neighbors[i];

		if (!bgp_neighbor_has(neighbor, len))
			continue;
		write_list(writer, sites_name(neighbor, sites), &neighbor->sites, len, WITHIN);
		write_list(writer, neighbor->name, &neighbor->accept, len, bgp->wish->has_accept ? WITHIN : WITHIN_NOT_ALL);
	}
}

/* ---- policies ---- */

static void begin_map(const struct writer *writer, const char *name, const char *way, const char *verdict, unsigned int number)
{
	export_add(writer->to, "route-map %s%s %s %u\n", name, way, verdict, number);
}

static void match_list(const struct writer *writer, uint8_t len, const char *list)
{
	export_add(writer->to, " match %s address prefix-list %s\n", ip_of(len), list);
}

static void end_map(const struct writer *writer)
{
	export_add(writer->to, "exit\n");
}

/* With an IPv6 neighbor the next hop is the address of its tunnel, not the link's, which all tunnels share. */
static void write_permit(const struct writer *writer, const struct bgp_neighbor *neighbor, uint8_t len, unsigned int number,
			 const char *list)
{
	begin_map(writer, neighbor->name, "-in", "permit", number);
	match_list(writer, len, list);
	if (neighbor->tunnel->peer.len == 16)
		export_add(writer->to, " set ipv6 next-hop prefer-global\n");
	if (neighbor->rank != BGP_EQUAL)
		export_add(writer->to, " set local-preference %u\n", neighbor->rank == BGP_PRIMARY ? BGP_PRIMARY_LOCAL_PREF :
			BGP_SECONDARY_LOCAL_PREF);
	end_map(writer);
}

static void write_deny(const struct writer *writer, const struct bgp_neighbor *neighbor, uint8_t len, unsigned int number,
		       const char *list)
{
	begin_map(writer, neighbor->name, "-in", "deny", number);
	match_list(writer, len, list);
	end_map(writer);
}

/*
 * A list holds nothing but permits: FRR looks the lists of a route-map up in one tree of their prefixes, and a deny within
 * a permit is not found in it (FRR issue 11336). So a neighbor's sites come before the summary that they are parts of.
 */
static void write_import(const struct writer *writer, const struct bgp_neighbor *neighbor)
{
	char sites[SITES_NAME_SIZE];
	unsigned int number = 0;
	size_t i;

	for (i = 0; i < BGP_FAMILIES; i++) {
		uint8_t len = bgp_families[i];

		if (!bgp_neighbor_has(neighbor, len))
			continue;
		write_deny(writer, neighbor, len, number += 10, "vpntun-never");
		if (bgp_has_summary(writer->bgp, len)) {
			if (bgp_neighbor_has_site(neighbor, len))
				write_permit(writer, neighbor, len, number += 10, sites_name(neighbor, sites));
			write_deny(writer, neighbor, len, number += 10, "vpntun-summary");
		}
		write_permit(writer, neighbor, len, number += 10, neighbor->name);
	}
}

static void write_med(const struct writer *writer, const struct bgp_neighbor *neighbor)
{
	if (neighbor->rank != BGP_EQUAL)
		export_add(writer->to, " set metric %u\n", neighbor->rank == BGP_PRIMARY ? BGP_PRIMARY_MED : BGP_SECONDARY_MED);
}

static void write_export(const struct writer *writer, const struct bgp_neighbor *neighbor)
{
	const struct bgp *bgp = writer->bgp;
	unsigned int number = 0;
	size_t i;

	for (i = 0; i < BGP_FAMILIES; i++) {
		if (!bgp_neighbor_has(neighbor, bgp_families[i]))
			continue;
		begin_map(writer, neighbor->name, "-out", "permit", number += 10);
		match_list(writer, bgp_families[i], "vpntun-announce");
		write_med(writer, neighbor);
		end_map(writer);
		if (!bgp_has_static(bgp, bgp_families[i]))
			continue;
		begin_map(writer, neighbor->name, "-out", "permit", number += 10);
		match_list(writer, bgp_families[i], "vpntun-static");
		write_med(writer, neighbor);
		end_map(writer);
	}
	if (!bgp->wish->transit)
		return;
	begin_map(writer, neighbor->name, "-out", "permit", number + 10);
	write_med(writer, neighbor);
	end_map(writer);
}

/*
 * FRR keeps routes that others have made when their interface loses its carrier, so they are not what it can announce: it
 * has static ones of its own to the same places, which it takes while theirs has some distance (the first byte of its
 * metric).
 */
enum { STATIC_DISTANCE = 1, DISTANCE_SHIFT = 24 };

static int check_static(const struct bgp *bgp, struct why *why)
{
	size_t i;

	for (i = 0; i < bgp->n_confs; i++) {
		const struct conf *conf = &bgp->confs[i];

		if (!bgp_conf_has(bgp, conf) && conf->routes.count && conf->metric >> DISTANCE_SHIFT <= STATIC_DISTANCE)
			return why_set(why, "%s: FRR does not see when its Routes go with the carrier, and needs its own to go before them: write 'Metric = %u'",
				       conf->name, 254u << DISTANCE_SHIFT);
	}
	return 0;
}

static void write_static_routes(const struct writer *writer)
{
	const struct bgp *bgp = writer->bgp;
	char text[ADDR_TEXT_MAX];
	size_t i, j;

	for (i = 0; i < bgp->n_confs; i++) {
		const struct conf *conf = &bgp->confs[i];

		for (j = 0; !bgp_conf_has(bgp, conf) && j < conf->routes.count; j++)
			export_add(writer->to, "%s route %s %s\n", ip_of(conf->routes.list[j].addr.len),
				   prefix_text(&conf->routes.list[j], text), conf->ifname);
	}
}

static void write_static(const struct writer *writer)
{
	size_t i;

	for (i = 0; i < BGP_FAMILIES; i++) {
		if (!bgp_has_static(writer->bgp, bgp_families[i]))
			continue;
		begin_map(writer, "vpntun-static", "", "permit", (i + 1) * 10);
		match_list(writer, bgp_families[i], "vpntun-static");
		end_map(writer);
	}
}

/* ---- bgpd ---- */

static void write_neighbor(const struct writer *writer, const struct bgp_neighbor *neighbor)
{
	const struct conf_tunnel *tunnel = neighbor->tunnel;
	char peer[ADDR_TEXT_MAX], own[ADDR_TEXT_MAX];

	addr_text(&tunnel->peer, peer);
	export_add(writer->to, " neighbor %s remote-as %u\n", peer, tunnel->remote_asn);
	export_add(writer->to, " neighbor %s description %s\n", peer, neighbor->name);
	export_add(writer->to, " neighbor %s update-source %s\n", peer, addr_text(&neighbor->own, own));
	export_add(writer->to, " neighbor %s timers %u %u\n", peer, tunnel->bgp_hold / 3, tunnel->bgp_hold);
	export_add(writer->to, " neighbor %s timers connect %u\n", peer, BGP_RETRY);
	if (writer->bgp->wish->bfd)
		export_add(writer->to, " neighbor %s bfd %u %u %u\n", peer, BGP_BFD_MISSES, BGP_BFD_INTERVAL, BGP_BFD_INTERVAL);
	if (neighbor->ipv4 && tunnel->peer.len == 16)
		export_add(writer->to, " neighbor %s capability extended-nexthop\n", peer);
}

static void write_family(const struct writer *writer, uint8_t len)
{
	const struct bgp *bgp = writer->bgp;
	char text[ADDR_TEXT_MAX];
	size_t i;

	export_add(writer->to, " !\n address-family %s unicast\n", len == 4 ? "ipv4" : "ipv6");
	for (i = 0; i < bgp->announce.count; i++)
		if (bgp->announce.list[i].addr.len == len)
			export_add(writer->to, "  network %s\n", prefix_text(&bgp->announce.list[i], text));
	if (bgp_has_static(bgp, len))
		export_add(writer->to, "  redistribute static route-map vpntun-static\n");
	for (i = 0; i < bgp->n_neighbors; i++) {
		const struct bgp_neighbor *neighbor = &bgp->neighbors[i];

		if (!bgp_neighbor_has(neighbor, len))
			continue;
		addr_text(&neighbor->tunnel->peer, text);
		export_add(writer->to, "  neighbor %s activate\n", text);
		export_add(writer->to, "  neighbor %s next-hop-self\n", text);
		export_add(writer->to, "  neighbor %s route-map %s-in in\n", text, neighbor->name);
		export_add(writer->to, "  neighbor %s route-map %s-out out\n", text, neighbor->name);
	}
	export_add(writer->to, "  maximum-paths %zu\n", bgp->wish->ecmp ? bgp->n_neighbors : 1);
	export_add(writer->to, " exit-address-family\n");
}

/* What is announced is so whether the kernel has a route to it or not: it may be a summary. */
static void write_bgpd(const struct writer *writer)
{
	const struct bgp *bgp = writer->bgp;
	char text[ADDR_TEXT_MAX];
	size_t i;

	export_add(writer->to, "!\nrouter bgp %u\n", bgp->asn);
	export_add(writer->to, " bgp router-id %s\n", addr_text(&bgp->router_id, text));
	export_add(writer->to, " bgp log-neighbor-changes\n no bgp default ipv4-unicast\n no bgp network import-check\n");
	/* So long neighbors keep our routes when we are gone: by itself two minutes, while there is a sister. */
	export_add(writer->to, " bgp graceful-restart restart-time 1\n");
	for (i = 0; i < bgp->n_neighbors; i++)
		write_neighbor(writer, &bgp->neighbors[i]);
	for (i = 0; i < BGP_FAMILIES; i++)
		if (bgp_has_family(bgp, bgp_families[i]))
			write_family(writer, bgp_families[i]);
	export_add(writer->to, "exit\n");
}

/* ---- zebra ---- */

/* The source of this host's own packets, for the routes into each interface; other routes stay as they are. */
static void write_sources(const struct writer *writer, uint8_t len)
{
	const struct bgp *bgp = writer->bgp;
	unsigned int number = 0;
	char text[ADDR_TEXT_MAX];
	size_t i;

	for (i = 0; i < bgp->n_confs; i++) {
		const struct conf *conf = &bgp->confs[i];
		const struct ip_addr *source = &conf->source[len == 16];

		if (!source->len)
			continue;
		export_add(writer->to, "!\nroute-map vpntun-source-%s permit %u\n match interface %s\n set src %s\nexit\n", ip_of(len),
			number += 10, conf->ifname, addr_text(source, text));
	}
	if (!number)
		return;
	export_add(writer->to, "!\nroute-map vpntun-source-%s permit %u\nexit\n", ip_of(len), number + 10);
	export_add(writer->to, "!\n%s protocol bgp route-map vpntun-source-%s\n", ip_of(len), ip_of(len));
	if (bgp_has_static(bgp, len))
		export_add(writer->to, "%s protocol static route-map vpntun-source-%s\n", ip_of(len), ip_of(len));
}

/* ---- all of it ---- */

static void write_head(const struct writer *writer)
{
	const struct bgp *bgp = writer->bgp;

	bgp_tell_names(bgp, "!", writer->to);
	export_add(writer->to, " for FRR, by vpntun export frr.\n! Daemons: zebra, bgpd%s%s.\n",
		   bgp->statics.count ? ", staticd" : "", bgp->wish->bfd ? ", bfdd" : "");
	export_add(writer->to, "! vtysh -f FILE takes it over, vtysh -c 'write memory' keeps it.\n");
	bgp_tell_sourceless(bgp, "!", writer->to);
	export_add(writer->to, "!\n");
}

int export_frr(const struct bgp *bgp, struct export_text *to, struct why *why)
{
	const struct writer writer = { .bgp = bgp, .to = to };
	size_t i;

	if (check_static(bgp, why))
		return -EINVAL;
	write_head(&writer);
	for (i = 0; i < BGP_FAMILIES; i++)
		if (bgp_has_family(bgp, bgp_families[i]))
			write_lists(&writer, bgp_families[i]);
	export_add(to, "!\n");
	for (i = 0; i < bgp->n_neighbors; i++) {
		write_import(&writer, &bgp->neighbors[i]);
		write_export(&writer, &bgp->neighbors[i]);
	}
	write_static(&writer);
	write_bgpd(&writer);
	for (i = 0; i < BGP_FAMILIES; i++)
		if (bgp_has_family(bgp, bgp_families[i]))
			write_sources(&writer, bgp_families[i]);
	if (bgp->statics.count)
		export_add(to, "!\n");
	write_static_routes(&writer);
	return 0;
}
