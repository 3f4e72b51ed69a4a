// SPDX-License-Identifier: GPL-2.0
#include "export/view.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "conf/defaults.h"
#include "conf/inside.h"
#include "conf/value.h"
#include "util/prefix.h"
#include "util/wipe.h"

enum { PROBE_MS = 1000 };

/* ---- which tunnels ---- */

static void drop_tunnel(struct export_view *view, size_t at)
{
	struct conf *conf = &view->conf;

	prefixes_free(&conf->tunnels[at].local_ts);
	prefixes_free(&conf->tunnels[at].remote_ts);
	prefixes_free(&conf->tunnels[at].prefixes);
	memmove(&conf->tunnels[at], &conf->tunnels[at + 1], (conf->n_tunnels - at - 1) * sizeof(*conf->tunnels));
	memmove(&view->rank[at], &view->rank[at + 1], (conf->n_tunnels - at - 1) * sizeof(*view->rank));
	memmove(&view->number[at], &view->number[at + 1], (conf->n_tunnels - at - 1) * sizeof(*view->number));
	conf->n_tunnels--;
}

/* By Priority, and of the same one by place. */
static size_t rank_of(const struct conf *conf, size_t at)
{
	const uint32_t priority = conf->tunnels[at].priority;
	size_t i, rank = 0;

	for (i = 0; i < conf->n_tunnels; i++) {
		const uint32_t other = conf->tunnels[i].priority;

		rank += other < priority || (i < at && other == priority);
	}
	return rank;
}

/* What is for one customer is not for another: tunnels of several groups lead to several sites. */
static int select_tunnels(struct export_view *view, const struct export_wish *wish, struct why *why)
{
	struct conf *conf = &view->conf;
	size_t i;

	for (i = 0; i < conf->n_tunnels; i++) {
		view->number[i] = i;
		view->rank[i] = rank_of(conf, i);
	}
	for (i = conf->n_tunnels; wish->tunnel && i--;)
		if (strcmp(conf->tunnels[i].name, wish->tunnel))
			drop_tunnel(view, i);
	if (!conf->n_tunnels)
		return why_set(why, "%s has no tunnel '%s'", conf->path, wish->tunnel);
	for (i = 1; i < conf->n_tunnels; i++)
		if (conf->tunnels[i].group != conf->tunnels[0].group)
			return why_set(why, "the tunnels %s and %s are of different groups, that is they lead to different sites: name the tunnel",
				       conf->tunnels[0].name, conf->tunnels[i].name);
	return 0;
}

/* ---- keys ---- */

static int read_keys(const struct conf *conf, struct export_key *keys, struct why *why)
{
	size_t i;
	int len;

	for (i = 0; i < conf->n_tunnels; i++) {
		len = conf_psk(conf, &conf->tunnels[i], keys[i].bytes, sizeof(keys[i].bytes), why);
		if (len < 0)
			return len;
		keys[i].len = len;
	}
	return 0;
}

static int check_keys(const struct conf *conf, struct why *why)
{
	size_t i;

	for (i = 0; i < conf->n_tunnels; i++)
		if (!conf->tunnels[i].psk_file[0])
			return why_set(why, "[Tunnel %s] authenticates by certificate: what the far end has of its own for that is not known here",
				       conf->tunnels[i].name);
	return 0;
}

/* ---- the far end's tunnel ---- */

static bool id_is_addr(const char *id, struct ip_addr *out)
{
	struct why why = { "" };

	return !addr_parse(id, out, &why);
}

/* Where the far end finds us. A NAT in front of us shows in an identity that is another address than ours. */
static int find_outside(const struct conf_tunnel *tunnel, struct ip_addr *out, struct why *why)
{
	if (id_is_addr(tunnel->local_id, out))
		return 0;
	*out = tunnel->local;
	if (out->len)
		return 0;
	return why_set(why, "[Tunnel %s]: 'Local = auto' does not tell at which address the far end finds us: say it with --outside",
		       tunnel->name);
}

/* The @at-th address of "A,B", from the first again when there are no more. */
static int pick_outside(const char *list, size_t at, struct ip_addr *out, struct why *why)
{
	struct ip_addr addrs[CONF_TUNNELS_MAX];
	char copy[CONF_TEXT_MAX], *rest = copy, *one;
	size_t count = 0;

	if (strlen(list) >= sizeof(copy))
		return why_set(why, "--outside: it is longer than %zu bytes", sizeof(copy) - 1);
	strcpy(copy, list);
	while ((one = strsep(&rest, ","))) {
		if (count == CONF_TUNNELS_MAX)
			return why_set(why, "--outside: more than %d addresses", CONF_TUNNELS_MAX);
		if (value_host(one, &addrs[count++], why))
			return why_prepend(why, "--outside");
	}
	*out = addrs[at % count];
	return 0;
}

/* Where the far end finds us, which it has to reach from where it is. */
static int find_remote(const struct conf_tunnel *tunnel, const char *said, size_t at, struct ip_addr *out, struct why *why)
{
	char ours[ADDR_TEXT_MAX], theirs[ADDR_TEXT_MAX];

	if (!said)
		return find_outside(tunnel, out, why);
	if (pick_outside(said, at, out, why))
		return -EINVAL;
	if (tunnel->remote.len && tunnel->remote.len != out->len)
		return why_set(why, "--outside: %s and [Tunnel %s]'s Remote %s are not of one family", addr_text(out, ours),
			       tunnel->name, addr_text(&tunnel->remote, theirs));
	return 0;
}

/* What an end is known by to the other: what it says, or its address. */
static void name_end(const char *id, const struct ip_addr *addr, char out[CONF_TEXT_MAX])
{
	char text[ADDR_TEXT_MAX];

	snprintf(out, CONF_TEXT_MAX, "%s", *id || !addr->len ? id : addr_text(addr, text));
}

/* The identity that an end has anyway need not be said. */
static void forget_plain(char id[CONF_TEXT_MAX], const struct ip_addr *addr)
{
	struct ip_addr same;

	if (id_is_addr(id, &same) && addr_equal(&same, addr))
		*id = '\0';
}

static int turn_inside(struct conf_tunnel *tunnel, struct why *why)
{
	const struct ip_addr peer = tunnel->peer;
	size_t i;

	for (i = 0; i < tunnel->inside.count; i++) {
		struct conf_inside *inside = &tunnel->inside.list[i];
		const struct ip_prefix block = prefix_of(&inside->addr, inside->length);
		struct ip_addr ours = inside->addr;

		if (prefix_holds(&block, &peer))
			inside->addr = peer;
		else if (!inside_other(inside, &inside->addr))
			return why_set(why, "[Tunnel %s]: the block of Inside has room for more than two: write the Peer, the far end's address in it",
				       tunnel->name);
		/* Of the block that our end speaks to, or of the first. */
		if (!i || prefix_holds(&block, &peer))
			tunnel->peer = ours;
	}
	if (!tunnel->inside.count)
		tunnel->peer = (struct ip_addr){ .len = 0 };
	return 0;
}

static void swap(void *a, void *b, size_t size)
{
	char kept[sizeof(struct ip_prefixes)];

	memcpy(kept, a, size);
	memcpy(a, b, size);
	memcpy(b, kept, size);
}

/* What the outer packets of ours look like, which device they take and the like is our own affair. */
static void forget_own(struct conf_tunnel *tunnel)
{
	struct conf_tunnel plain = { .priority = 0 };

	defaults_tunnel(&plain);
	tunnel->dscp = plain.dscp;
	tunnel->df = plain.df;
	tunnel->ttl = plain.ttl;
	tunnel->keepalive = plain.keepalive;
	tunnel->life_bytes = 0;
	*tunnel->device = '\0';
	tunnel->group = 0;
	prefixes_free(&tunnel->prefixes);
	tunnel->has_prefixes = false;
}

static int turn_tunnel(const struct conf *conf, struct conf_tunnel *tunnel, const struct ip_addr *outside,
		       struct why *why)
{
	char own_id[CONF_TEXT_MAX], other_id[CONF_TEXT_MAX];

	name_end(tunnel->local_id, &tunnel->local, other_id);
	name_end(tunnel->remote_id, &tunnel->remote, own_id);
	forget_plain(other_id, outside);
	memcpy(tunnel->local_id, own_id, sizeof(own_id));
	memcpy(tunnel->remote_id, other_id, sizeof(other_id));
	tunnel->local = (struct ip_addr){ .len = 0 };
	tunnel->remote = *outside;
	tunnel->remote_any = false;
	*tunnel->remote_name = '\0';

	if (turn_inside(tunnel, why))
		return -EINVAL;
	swap(&tunnel->local_ts, &tunnel->remote_ts, sizeof(tunnel->local_ts));
	swap(&tunnel->local_asn, &tunnel->remote_asn, sizeof(tunnel->local_asn));
	/* Who is on premises begins, and begins again; and sees for itself whether there is a way. */
	if (tunnel->peer.len && !tunnel->probe_interval)
		tunnel->probe_interval = PROBE_MS;
	tunnel->start_action = CONF_START_START;
	tunnel->dpd_action = CONF_DPD_RESTART;
	if ((size_t)snprintf(tunnel->psk_file, sizeof(tunnel->psk_file), "%s-%s.psk", conf->name, tunnel->name) >=
	    sizeof(tunnel->psk_file))
		return why_set(why, "the names of the connection and the tunnel are too long for a file's");
	forget_own(tunnel);
	return 0;
}

/* ---- the far end's interface ---- */

/* Where the selectors are narrower than everything they tell what is at our end. */
static int collect_routes(struct conf *conf)
{
	struct ip_prefixes all = { 0 };
	const struct conf_tunnel *tunnel;
	size_t i;

	for (tunnel = conf->tunnels; tunnel < conf->tunnels + conf->n_tunnels; tunnel++) {
		for (i = 0; i < tunnel->remote_ts.count; i++) {
			const struct ip_prefix *prefix = &tunnel->remote_ts.list[i];

			if (prefix->length && !prefixes_have(&all, prefix) && prefixes_add(&all, prefix)) {
				prefixes_free(&all);
				return -ENOMEM;
			}
		}
	}
	conf->routes = all;
	return 0;
}

static int turn_interface(struct conf *conf, const char *routes, struct why *why)
{
	memset(&conf->address, 0, sizeof(conf->address));
	memset(conf->source, 0, sizeof(conf->source));
	conf->table = conf->metric = conf->mtu = conf->fwmark = 0;
	*conf->vrf = *conf->netns = '\0';
	conf->fail_open = false;
	defaults_interface(conf);
	if (routes && prefixes_parse(routes, &conf->routes, why))
		return why_prepend(why, "--routes");
	if (!routes && collect_routes(conf))
		return why_set(why, "out of memory");
	return 0;
}

/* Those of our Routes that are the site's: what it says it is for, if it says so. */
static int take_own(struct export_view *view)
{
	const struct ip_prefixes *site = &view->conf.tunnels[0].local_ts;
	struct ip_prefixes routes = view->conf.routes;
	size_t i;
	int err = 0;

	view->conf.routes = (struct ip_prefixes){ .list = NULL };
	if (routes.count)
		err = prefixes_meet(&routes, site, &view->own);
	for (i = 0; !routes.count && !err && i < site->count; i++)
		if (site->list[i].length)
			err = prefixes_add(&view->own, &site->list[i]);
	prefixes_free(&routes);
	return err;
}

static int turn(struct export_view *view, const struct export_wish *wish, struct why *why)
{
	struct conf *conf = &view->conf;
	struct ip_addr outside;
	size_t i;

	for (i = 0; i < conf->n_tunnels; i++) {
		if (find_remote(&conf->tunnels[i], wish->outside, view->number[i], &outside, why))
			return -EINVAL;
		view->says_address[i] = !*conf->tunnels[i].local_id && !conf->tunnels[i].local.len;
		if (turn_tunnel(conf, &conf->tunnels[i], &outside, why))
			return -EINVAL;
	}
	if (take_own(view))
		return why_set(why, "out of memory");
	return turn_interface(conf, wish->routes, why);
}

/* ---- all of it ---- */

int view_make(struct conf *conf, const struct export_wish *wish, struct export_view *view, struct why *why)
{
	memset(view, 0, sizeof(*view));
	view->conf = *conf;
	memset(conf, 0, sizeof(*conf));
	if (select_tunnels(view, wish, why) || check_keys(&view->conf, why))
		return -EINVAL;
	if (wish->secrets && read_keys(&view->conf, view->keys, why))
		return -EINVAL;
	return turn(view, wish, why);
}

void view_exit(struct export_view *view)
{
	conf_free(&view->conf);
	prefixes_free(&view->own);
	wipe(view);
}

bool view_has_bgp(const struct export_view *view)
{
	size_t i;

	for (i = 0; i < view->conf.n_tunnels; i++)
		if (view->conf.tunnels[i].local_asn)
			return true;
	return false;
}
