// SPDX-License-Identifier: GPL-2.0
#include "iked/way.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "iked/site.h"
#include "util/prefix.h"

/* ---- choosing ---- */

static bool leads_outside(const struct route *route, const struct links *links)
{
	size_t i;

	if (route->type != RTN_UNICAST || route->protocol == ROUTE_PROTOCOL || !route->n_hops)
		return false;
	for (i = 0; i < route->n_hops; i++)
		if (links_is_kind(links, route->hops[i], "vgw"))
			return false;
	return true;
}

bool way_better(const struct way *way, const struct route *route, const struct links *links)
{
	if (!prefix_holds(&route->dst, &way->remote) || !leads_outside(route, links))
		return false;
	if (way->link && (route->n_hops != 1 || route->hops[0] != way->link))
		return false;
	if (route->flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN))
		return false;
	if (!way->found || route->dst.length != way->dst.length)
		return !way->found || route->dst.length > way->dst.length;
	return route->metric < way->metric;
}

static struct nlmsghdr *keep(const struct nlmsghdr *nlh)
{
	struct nlmsghdr *copy = malloc(nlh->nlmsg_len);

	if (copy)
		memcpy(copy, nlh, nlh->nlmsg_len);
	return copy;
}

static int take(struct way *way, const struct route *route)
{
	struct nlmsghdr *lead = keep(route->nlh);

	if (!lead)
		return -ENOMEM;
	free(way->lead);
	way->lead = lead;
	way->found = true;
	way->dst = route->dst;
	way->metric = route->metric;
	way->device = route->n_hops == 1 ? route->hops[0] : 0;
	return 0;
}

struct choosing {
	struct ways *ways;
	const struct links *links;
};

static int consider(const struct route *route, void *arg)
{
	struct choosing *choosing = arg;
	size_t i;
	int err = 0;

	for (i = 0; !err && i < choosing->ways->count; i++)
		if (way_better(&choosing->ways->list[i], route, choosing->links))
			err = take(&choosing->ways->list[i], route);
	return err;
}

/* ---- the table ---- */

/* Ways over different uplinks to one remote stand side by side: a lookup for a device takes the one of that device. */
static struct route as_route(const struct way *way)
{
	return (struct route){
		.dst = prefix_of(&way->remote, way->remote.len * 8), .table = SITE_TABLE, .metric = 1 + way->link,
		.type = RTN_UNICAST,
	};
}

static int see_there(const struct route *route, void *arg)
{
	struct ways *ways = arg;
	size_t i;

	for (i = 0; i < ways->count; i++) {
		struct route ours = as_route(&ways->list[i]);

		if (prefix_equal(&ours.dst, &route->dst) && ours.metric == route->metric)
			ways->list[i].there = true;
	}
	return 0;
}

static bool same_lead(const struct nlmsghdr *a, const struct nlmsghdr *b)
{
	return a && b && a->nlmsg_len == b->nlmsg_len &&
	       !memcmp(a + 1, b + 1, a->nlmsg_len - sizeof(*a));
}

static void forget_copied(struct way *way)
{
	free(way->copied);
	way->copied = NULL;
	way->there = false;
}

/* Puts into the table what was chosen. */
static int settle(struct ways *ways, struct way *way, struct knl *rt)
{
	struct route as = as_route(way);
	int err;

	if (way->found && way->there && same_lead(way->lead, way->copied))
		return 0;
	if (!way->found) {
		if (way->there)
			route_del(rt, &as);
		forget_copied(way);
		return 0;
	}
	err = route_copy(rt, way->lead, &as);
	if (err)
		return err;
	ways->mended += !way->there && same_lead(way->lead, way->copied);
	free(way->copied);
	way->copied = way->lead;
	way->lead = NULL;
	way->there = true;
	return 0;
}

static void forget_choice(struct ways *ways)
{
	size_t i;

	for (i = 0; i < ways->count; i++) {
		ways->list[i].found = false;
		ways->list[i].there = false;
		ways->list[i].device = 0;
		free(ways->list[i].lead);
		ways->list[i].lead = NULL;
	}
}

static bool has_family(const struct ways *ways, uint8_t len)
{
	size_t i;

	for (i = 0; i < ways->count; i++)
		if (ways->list[i].remote.len == len)
			return true;
	return false;
}

static int follow_family(struct ways *ways, struct knl *rt, const struct links *links, uint8_t len)
{
	struct choosing choosing = { .ways = ways, .links = links };
	int err;

	if (!has_family(ways, len))
		return 0;
	err = routes_read(rt, RT_TABLE_MAIN, len, consider, &choosing);
	return err ? err : routes_read(rt, SITE_TABLE, len, see_there, ways);
}

static int follow_routes(struct ways *ways, struct knl *rt)
{
	struct links links;
	size_t i;
	int err;

	forget_choice(ways);
	err = links_fetch(rt, &links);
	if (err)
		return err;
	err = follow_family(ways, rt, &links, 4);
	if (!err)
		err = follow_family(ways, rt, &links, 16);
	for (i = 0; !err && i < ways->count; i++)
		err = settle(ways, &ways->list[i], rt);
	links_free(&links);
	return err;
}

/*
 * A new one alone: a hub has many peers, and not all ways are to be looked at for each. What another helper may have left
 * in the table is replaced by it, or looked for if there is nothing to put there.
 */
static int follow_new(struct ways *ways, struct way *way, struct knl *rt)
{
	struct ways alone = { .list = way, .count = 1 };
	struct choosing choosing = { .ways = &alone };
	struct links links;
	int err;

	err = links_fetch(rt, &links);
	if (err)
		return err;
	choosing.links = &links;
	err = routes_read(rt, RT_TABLE_MAIN, way->remote.len, consider, &choosing);
	if (!err && !way->found)
		err = routes_read(rt, SITE_TABLE, way->remote.len, see_there, &alone);
	if (!err)
		err = settle(ways, way, rt);
	links_free(&links);
	return err;
}

static struct route_rule rule_of(const struct way_mark *mark)
{
	return (struct route_rule){ .mark = mark->mark, .table = SITE_TABLE, .priority = SITE_RULE_PRIORITY };
}

static int fail(struct why *why, const struct knl *rt, int err, const char *what)
{
	why_set(why, "%s: %s", what, rt->why.text);
	return err;
}

int ways_follow(struct ways *ways, struct knl *rt, struct why *why)
{
	size_t i;
	int err;

	err = follow_routes(ways, rt);
	if (err)
		return fail(why, rt, err, "the routes to the remotes");
	for (i = 0; i < ways->n_marks; i++) {
		struct route_rule rule = rule_of(&ways->marks[i]);

		err = route_rule_add(rt, &rule);
		if (err && err != -EEXIST)
			return fail(why, rt, err, "the rule for the mark of outer packets");
		ways->mended += !err;
	}
	return 0;
}

/* ---- who needs them ---- */

static struct way *find(const struct ways *ways, const struct ip_addr *remote, uint32_t link)
{
	size_t i;

	for (i = 0; i < ways->count; i++)
		if (ways->list[i].link == link && addr_equal(&ways->list[i].remote, remote))
			return &ways->list[i];
	return NULL;
}

const struct way *ways_find(const struct ways *ways, const struct ip_addr *remote, uint32_t link)
{
	return find(ways, remote, link);
}

static void remove_way(struct ways *ways, struct way *way)
{
	free(way->lead);
	free(way->copied);
	*way = ways->list[--ways->count];
}

int ways_hold(struct ways *ways, struct knl *rt, const struct ip_addr *remote, uint32_t link, struct why *why)
{
	struct way *way = find(ways, remote, link);
	int err;

	if (way) {
		way->users++;
		return 0;
	}
	way = reallocarray(ways->list, ways->count + 1, sizeof(*way));
	if (!way) {
		why_set(why, "out of memory");
		return -ENOMEM;
	}
	ways->list = way;
	way += ways->count++;
	*way = (struct way){ .remote = *remote, .link = link, .users = 1 };
	err = follow_new(ways, way, rt);
	if (!err)
		return 0;
	fail(why, rt, err, "the routes to the remotes");
	ways_release(ways, rt, remote, link);
	return err;
}

void ways_release(struct ways *ways, struct knl *rt, const struct ip_addr *remote, uint32_t link)
{
	struct way *way = find(ways, remote, link);
	struct route as;

	if (!way || --way->users)
		return;
	as = as_route(way);
	if (way->there)
		route_del(rt, &as);
	remove_way(ways, way);
}

int ways_move(struct ways *ways, struct knl *rt, struct ip_addr *held, uint32_t link, const struct ip_addr *remote,
	      struct why *why)
{
	int err;

	if (addr_equal(held, remote))
		return 0;
	err = ways_hold(ways, rt, remote, link, why);
	if (err)
		return err;
	if (held->len)
		ways_release(ways, rt, held, link);
	*held = *remote;
	return 0;
}

int ways_mark(struct ways *ways, struct knl *rt, uint32_t mark, struct why *why)
{
	struct way_mark *new = &ways->marks[ways->n_marks];
	struct route_rule rule;
	size_t i;
	int err;

	for (i = 0; i < ways->n_marks; i++) {
		if (ways->marks[i].mark != mark)
			continue;
		ways->marks[i].users++;
		return 0;
	}
	if (ways->n_marks == WAY_MARKS_MAX) {
		why_set(why, "more than %d different values of FWMark", WAY_MARKS_MAX - 1);
		return -E2BIG;
	}
	*new = (struct way_mark){ .mark = mark, .users = 1 };
	rule = rule_of(new);
	err = route_rule_add(rt, &rule);
	if (err && err != -EEXIST)
		return fail(why, rt, err, "the rule for the mark of outer packets");
	ways->n_marks++;
	return 0;
}

enum { LEFT_MAX = 256 };

struct left {
	struct route list[LEFT_MAX];
	size_t count;
};

static int note_left(const struct route *route, void *arg)
{
	struct left *left = arg;

	if (route->protocol == ROUTE_PROTOCOL && left->count < LEFT_MAX)
		left->list[left->count++] = *route;
	return 0;
}

/* What a helper before us left in the table and nobody asks for any more. */
static void flush_table(struct knl *rt)
{
	struct left *left = calloc(1, sizeof(*left));
	size_t i;

	if (!left)
		return;
	routes_read(rt, SITE_TABLE, 4, note_left, left);
	routes_read(rt, SITE_TABLE, 16, note_left, left);
	for (i = 0; i < left->count; i++) {
		left->list[i].source.len = 0;
		route_del(rt, &left->list[i]);
	}
	free(left);
}

void ways_unmark(struct ways *ways, struct knl *rt, uint32_t mark)
{
	struct route_rule rule;
	size_t i;

	for (i = 0; i < ways->n_marks; i++)
		if (ways->marks[i].mark == mark)
			break;
	if (i == ways->n_marks || --ways->marks[i].users)
		return;
	rule = rule_of(&ways->marks[i]);
	route_rule_del(rt, &rule);
	ways->marks[i] = ways->marks[--ways->n_marks];
	if (!ways->n_marks)
		flush_table(rt);
}

void ways_free(struct ways *ways)
{
	while (ways->count)
		remove_way(ways, &ways->list[0]);
	free(ways->list);
	memset(ways, 0, sizeof(*ways));
}
