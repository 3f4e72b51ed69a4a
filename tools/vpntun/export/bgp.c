// SPDX-License-Identifier: GPL-2.0
#include "export/bgp.h"

#include <ctype.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/prefix.h"

/* AWS's own, by region; elsewhere it takes what its customer has chosen. */
static const uint32_t aws_asns[] = { 7224, 9059, 10124, 17493, 17943 };

/* Nobody's networks (RFC 6890): this host, loopback, the link, multicast and beyond. */
static const char *const nobodys[] = {
	"0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "::/8", "fe80::/10", "ff00::/8",
};

const uint8_t bgp_families[BGP_FAMILIES] = { 4, 16 };

static bool has_bgp(const struct conf_tunnel *tunnel)
{
	return tunnel->local_asn && tunnel->remote_asn && tunnel->peer.len;
}

static int add_prefix(struct ip_prefixes *to, const struct ip_prefix *prefix, struct why *why)
{
	if (!prefixes_have(to, prefix) && prefixes_add(to, prefix))
		return why_set(why, "out of memory");
	return 0;
}

static int add_prefixes(struct ip_prefixes *to, const struct ip_prefixes *from, struct why *why)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < from->count; i++)
		err = add_prefix(to, &from->list[i], why);
	return err;
}

/* ---- questions ---- */

static bool has_family(const struct ip_prefixes *prefixes, uint8_t len)
{
	size_t i;

	for (i = 0; i < prefixes->count; i++)
		if (prefixes->list[i].addr.len == len)
			return true;
	return false;
}

bool bgp_neighbor_has(const struct bgp_neighbor *neighbor, uint8_t len)
{
	return len == 4 ? neighbor->ipv4 : neighbor->ipv6;
}

bool bgp_has_family(const struct bgp *bgp, uint8_t len)
{
	size_t i;

	for (i = 0; i < bgp->n_neighbors; i++)
		if (bgp_neighbor_has(&bgp->neighbors[i], len))
			return true;
	return false;
}

bool bgp_conf_has(const struct bgp *bgp, const struct conf *conf)
{
	size_t i;

	for (i = 0; i < bgp->n_neighbors; i++)
		if (bgp->neighbors[i].conf == conf)
			return true;
	return false;
}

bool bgp_has_static(const struct bgp *bgp, uint8_t len)
{
	return has_family(&bgp->statics, len);
}

bool bgp_neighbor_has_site(const struct bgp_neighbor *neighbor, uint8_t len)
{
	return has_family(&neighbor->sites, len);
}

bool bgp_has_summary(const struct bgp *bgp, uint8_t len)
{
	return has_family(&bgp->summaries, len);
}

/* ---- what is told of it ---- */

/* The sentence goes on with what it is for. */
void bgp_tell_names(const struct bgp *bgp, const char *mark, struct export_text *to)
{
	size_t i;

	export_add(to, "%s BGP of", mark);
	for (i = 0; i < bgp->n_confs; i++)
		export_add(to, "%s %s", i ? "," : "", bgp->confs[i].name);
}

void bgp_tell_sourceless(const struct bgp *bgp, const char *mark, struct export_text *to)
{
	size_t i;

	for (i = 0; i < bgp->n_confs; i++) {
		const struct conf *conf = &bgp->confs[i];

		if (bgp_conf_has(bgp, conf) && !conf->source[0].len && !conf->source[1].len)
			export_add(to, "%s %s has no Source: this host's own packets have the address that the kernel takes.\n",
				   mark, conf->name);
	}
}

/* ---- one neighbor ---- */

static int find_own(struct bgp_neighbor *neighbor, struct why *why)
{
	const struct conf_tunnel *tunnel = neighbor->tunnel;
	char text[ADDR_TEXT_MAX];
	size_t i;

	for (i = 0; i < tunnel->inside.count; i++) {
		const struct conf_inside *inside = &tunnel->inside.list[i];
		const struct ip_prefix block = prefix_of(&inside->addr, inside->length);

		if (!prefix_holds(&block, &tunnel->peer))
			continue;
		neighbor->own = inside->addr;
		return 0;
	}
	return why_set(why, "%s: [Tunnel %s] has no Inside address in one block with its Peer %s", neighbor->conf->name,
		       tunnel->name, addr_text(&tunnel->peer, text));
}

/* IPv4 routes may go by an IPv6 neighbor (RFC 8950), not the other way round. */
static void find_families(struct bgp_neighbor *neighbor)
{
	const struct conf_tunnel *tunnel = neighbor->tunnel;

	neighbor->ipv4 = has_family(&tunnel->local_ts, 4) && has_family(&tunnel->remote_ts, 4);
	neighbor->ipv6 = tunnel->peer.len == 16 && has_family(&tunnel->local_ts, 16) && has_family(&tunnel->remote_ts, 16);
}

/* What its tunnel carries, unless the user says more. */
static int find_accepted(struct bgp_neighbor *neighbor, const struct bgp_wish *wish, struct why *why)
{
	const struct conf_tunnel *tunnel = neighbor->tunnel;

	if (wish->has_accept)
		return add_prefixes(&neighbor->accept, &wish->accept, why);
	if (tunnel->has_prefixes && tunnel->prefixes.count)
		return add_prefixes(&neighbor->accept, &tunnel->prefixes, why);
	return add_prefixes(&neighbor->accept, &tunnel->remote_ts, why);
}

/* AWS names no BFD for VPN connections: with it the session would not come up, or go down again. */
static bool is_aws(const struct conf_tunnel *tunnel)
{
	size_t i;

	for (i = 0; i < sizeof(aws_asns) / sizeof(*aws_asns); i++)
		if (tunnel->remote_asn == aws_asns[i])
			return true;
	return !strncmp(tunnel->name, "aws-", 4);
}

/* Is there a neighbor of that name? Daemons take most marks for the same. */
static bool is_taken(const struct bgp *bgp, const struct bgp_neighbor *neighbor)
{
	const struct bgp_neighbor *other;
	const char *a, *b;

	for (other = bgp->neighbors; other < neighbor; other++) {
		for (a = other->name, b = neighbor->name; *a && (*a == *b || (ispunct(*a) && ispunct(*b))); a++)
			b++;
		if (!*a && !*b)
			return true;
	}
	return false;
}

static int add_neighbor(struct bgp *bgp, const struct conf *conf, const struct conf_tunnel *tunnel, struct why *why)
{
	struct bgp_neighbor *neighbor = &bgp->neighbors[bgp->n_neighbors++];
	const char *primary = bgp->wish->primary;

	*neighbor = (struct bgp_neighbor){ .conf = conf, .tunnel = tunnel };
	snprintf(neighbor->name, sizeof(neighbor->name), "%s-%s", conf->name, tunnel->name);
	if (is_taken(bgp, neighbor))
		return why_set(why, "%s would be the name of two neighbors", neighbor->name);
	if (bgp->asn && bgp->asn != tunnel->local_asn)
		return why_set(why, "%s: [Tunnel %s] has LocalASN %u, but %s has %u: a daemon has one", conf->name,
			       tunnel->name, tunnel->local_asn, bgp->neighbors[0].name, bgp->asn);
	bgp->asn = tunnel->local_asn;
	if (bgp->wish->bfd && is_aws(tunnel))
		return why_set(why, "%s: [Tunnel %s] leads to AWS, which has no BFD: leave out --bfd", conf->name, tunnel->name);
	if (primary)
		neighbor->rank = strcmp(primary, tunnel->name) ? BGP_SECONDARY : BGP_PRIMARY;
	find_families(neighbor);
	if (!neighbor->ipv4 && !neighbor->ipv6)
		return why_set(why, "%s: [Tunnel %s] carries IPv6 only, and routes of that need an IPv6 address as Peer",
			       conf->name, tunnel->name);
	if (find_own(neighbor, why))
		return -EINVAL;
	return find_accepted(neighbor, bgp->wish, why);
}

static int add_neighbors(struct bgp *bgp, struct why *why)
{
	size_t i, j, count = 0;
	bool primary = false;

	for (i = 0; i < bgp->n_confs; i++)
		count += bgp->confs[i].n_tunnels;
	bgp->neighbors = calloc(count, sizeof(*bgp->neighbors));
	if (!bgp->neighbors)
		return why_set(why, "out of memory");
	for (i = 0; i < bgp->n_confs; i++)
		for (j = 0; j < bgp->confs[i].n_tunnels; j++)
			if (has_bgp(&bgp->confs[i].tunnels[j]) &&
			    add_neighbor(bgp, &bgp->confs[i], &bgp->confs[i].tunnels[j], why))
				return -EINVAL;
	if (!bgp->n_neighbors)
		return why_set(why, "%s: no tunnel has LocalASN and RemoteASN, so there is no BGP", bgp->confs[0].name);
	for (i = 0; i < bgp->n_neighbors; i++)
		primary |= bgp->neighbors[i].rank == BGP_PRIMARY;
	if (bgp->wish->primary && !primary)
		return why_set(why, "--primary: there is no tunnel '%s' with LocalASN and RemoteASN", bgp->wish->primary);
	return 0;
}

/* ---- what goes to and fro ---- */

static int take_announced(struct bgp *bgp, struct why *why)
{
	const struct ip_prefixes *wanted = &bgp->wish->announce;
	char text[ADDR_TEXT_MAX];
	size_t i;

	for (i = 0; i < wanted->count; i++)
		if (!bgp_has_family(bgp, wanted->list[i].addr.len))
			return why_set(why, "--announce %s: no neighbor takes IPv%u routes%s", prefix_text(&wanted->list[i], text),
				       wanted->list[i].addr.len == 4 ? 4 : 6,
				       wanted->list[i].addr.len == 4 ? "" : ", which needs an IPv6 address as Peer");
	return add_prefixes(&bgp->announce, wanted, why);
}

/* Without a word about it: the networks that the tunnels are for, if they name any. */
static int find_announced(struct bgp *bgp, struct why *why)
{
	size_t i, j;
	int err = 0;

	if (bgp->wish->has_announce)
		return take_announced(bgp, why);
	for (i = 0; i < bgp->n_neighbors; i++) {
		const struct ip_prefixes *local = &bgp->neighbors[i].tunnel->local_ts;

		for (j = 0; !err && j < local->count; j++)
			if (local->list[j].length && bgp_has_family(bgp, local->list[j].addr.len))
				err = add_prefix(&bgp->announce, &local->list[j], why);
	}
	if (!err && !bgp->announce.count)
		return why_set(why, "what networks does this side have? say it with --announce P,.. ('none': it announces nothing)");
	return err;
}

static int add_never(struct bgp *bgp, const struct ip_prefix *prefix, struct why *why)
{
	size_t i;

	for (i = 0; i < bgp->never.count; i++)
		if (prefix_within(prefix, &bgp->never.list[i]))
			return 0;
	return add_prefix(&bgp->never, prefix, why);
}

static int add_nobodys(struct bgp *bgp, struct why *why)
{
	struct ip_prefix prefix;
	size_t i;
	int err = 0;

	for (i = 0; !err && i < sizeof(nobodys) / sizeof(*nobodys); i++) {
		err = prefix_parse(nobodys[i], &prefix, why);
		if (!err)
			err = add_never(bgp, &prefix, why);
	}
	return err;
}

static int add_insides(struct bgp *bgp, const struct conf *conf, struct why *why)
{
	struct ip_prefix block;
	size_t i, j;

	for (i = 0; i < conf->n_tunnels; i++) {
		const struct conf_insides *insides = &conf->tunnels[i].inside;

		for (j = 0; j < insides->count; j++) {
			block = prefix_of(&insides->list[j].addr, insides->list[j].length);
			if (add_never(bgp, &block, why))
				return -EINVAL;
		}
	}
	return 0;
}

/*
 * Of a prefix that this side announces neighbors may have parts, such as the sites of a summary: each those that it was
 * said to have. Returns how many such there are, or -EINVAL.
 */
static int find_sites(struct bgp *bgp, const struct ip_prefix *prefix, struct why *why)
{
	size_t i, j;
	int count = 0;

	for (i = 0; i < bgp->n_neighbors; i++) {
		const struct ip_prefixes *accept = &bgp->neighbors[i].accept;

		for (j = 0; j < accept->count; j++) {
			if (!prefix_within(&accept->list[j], prefix) || accept->list[j].length == prefix->length)
				continue;
			if (add_prefix(&bgp->neighbors[i].sites, &accept->list[j], why))
				return -EINVAL;
			count++;
		}
	}
	return count;
}

/* Who announces a default route leads elsewhere: what it holds is not all of it ours. */
static int add_ours(struct bgp *bgp, const struct ip_prefix *prefix, struct why *why)
{
	int sites;

	if (!prefix->length)
		return 0;
	sites = find_sites(bgp, prefix, why);
	if (sites < 0)
		return sites;
	return sites ? add_prefix(&bgp->summaries, prefix, why) : add_never(bgp, prefix, why);
}

static int find_never(struct bgp *bgp, struct why *why)
{
	size_t i;
	int err = add_nobodys(bgp, why);

	for (i = 0; !err && i < bgp->n_confs; i++)
		err = add_insides(bgp, &bgp->confs[i], why);
	for (i = 0; !err && i < bgp->announce.count; i++)
		err = add_ours(bgp, &bgp->announce.list[i], why);
	return err;
}

static int find_statics(struct bgp *bgp, struct why *why)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < bgp->n_confs; i++)
		if (!bgp_conf_has(bgp, &bgp->confs[i]))
			err = add_prefixes(&bgp->statics, &bgp->confs[i].routes, why);
	return err;
}

/* ---- all of it ---- */

static bool take_ipv4(struct bgp *bgp, const struct ip_addr *addr)
{
	if (!bgp->router_id.len && addr->len == 4)
		bgp->router_id = *addr;
	return bgp->router_id.len;
}

static int find_router_id(struct bgp *bgp, struct why *why)
{
	size_t i, j;

	for (i = 0; i < bgp->n_confs; i++) {
		const struct conf *conf = &bgp->confs[i];

		take_ipv4(bgp, &conf->source[0]);
		for (j = 0; j < conf->address.count; j++)
			take_ipv4(bgp, &conf->address.list[j].addr);
	}
	for (i = 0; i < bgp->n_neighbors; i++)
		take_ipv4(bgp, &bgp->neighbors[i].own);
	/* beside the block that the neighbor speaks in */
	for (i = 0; i < bgp->n_neighbors; i++)
		for (j = 0; j < bgp->neighbors[i].tunnel->inside.count; j++)
			take_ipv4(bgp, &bgp->neighbors[i].tunnel->inside.list[j].addr);
	for (i = 0; i < bgp->n_neighbors; i++)
		if (take_ipv4(bgp, &bgp->neighbors[i].tunnel->local))
			return 0;
	if (bgp->router_id.len)
		return 0;
	return why_set(why, "%s: no IPv4 address to take the router's identifier from: write one as Address in [Interface]",
		       bgp->confs[0].name);
}

static int check_places(const struct bgp *bgp, struct why *why)
{
	size_t i, j;

	for (i = 0; i < bgp->n_confs; i++) {
		const struct conf *conf = &bgp->confs[i];

		if (*conf->vrf || conf_table(conf) != RT_TABLE_MAIN)
			return why_set(why, "%s: its %s is not the main table, and these daemons' configuration is written for that one",
				       conf->name, *conf->vrf ? "VRF's" : "Table");
		if (strcmp(conf->netns, bgp->confs[0].netns))
			return why_set(why, "%s and %s are not in the same Namespace: a daemon is in one", bgp->confs[0].name, conf->name);
		for (j = 0; j < i; j++)
			if (!strcmp(conf->name, bgp->confs[j].name))
				return why_set(why, "%s is named twice", conf->name);
	}
	return 0;
}

int bgp_take(struct bgp *bgp, const struct conf *confs, size_t n_confs, const struct bgp_wish *wish, struct why *why)
{
	int err;

	*bgp = (struct bgp){ .wish = wish, .confs = confs, .n_confs = n_confs };
	err = check_places(bgp, why);
	if (!err)
		err = add_neighbors(bgp, why);
	if (!err)
		err = find_announced(bgp, why);
	if (!err)
		err = find_never(bgp, why);
	if (!err)
		err = find_statics(bgp, why);
	if (!err)
		err = find_router_id(bgp, why);
	if (err)
		bgp_free(bgp);
	return err;
}

void bgp_free(struct bgp *bgp)
{
	size_t i;

	for (i = 0; i < bgp->n_neighbors; i++) {
		prefixes_free(&bgp->neighbors[i].accept);
		prefixes_free(&bgp->neighbors[i].sites);
	}
	free(bgp->neighbors);
	prefixes_free(&bgp->announce);
	prefixes_free(&bgp->never);
	prefixes_free(&bgp->summaries);
	prefixes_free(&bgp->statics);
	*bgp = (struct bgp){ 0 };
}
