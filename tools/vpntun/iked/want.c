// SPDX-License-Identifier: GPL-2.0
#include "iked/want.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ike/ts.h"
#include "util/prefix.h"

#define SET(object, attr, member, value) do {					\
	(object)->member = (value);						\
	(object)->has |= ATTR_BIT(VGW_A_TUNNEL_##attr);				\
} while (0)

/* All zero stands for none, in an object that may have had one. */
static struct ip_addr or_zero(const struct ip_addr *addr, uint8_t len)
{
	return addr->len ? *addr : (struct ip_addr){ .len = len };
}

static const struct conf_inside *inside_of(const struct conf_tunnel *tunnel, uint8_t len)
{
	uint8_t i;

	for (i = 0; i < tunnel->inside.count; i++)
		if (tunnel->inside.list[i].addr.len == len)
			return &tunnel->inside.list[i];
	return NULL;
}

static void want_probe(const struct conf_tunnel *tunnel, struct vgw_probe *probe)
{
	const struct conf_inside *inside = inside_of(tunnel, tunnel->peer.len);

	memset(probe, 0, sizeof(*probe));
	if (!tunnel->probe_interval || !tunnel->peer.len || !inside)
		return;
	probe->target = tunnel->peer;
	probe->source = inside->addr;
	probe->interval = tunnel->probe_interval;
	probe->misses = tunnel->probe_misses;
	probe->action = tunnel->probe_action;
	probe->has = ATTR_BIT(VGW_A_PROBE_TARGET) | ATTR_BIT(VGW_A_PROBE_SOURCE) | ATTR_BIT(VGW_A_PROBE_INTERVAL) |
		     ATTR_BIT(VGW_A_PROBE_MISSES) | ATTR_BIT(VGW_A_PROBE_ACTION);
}

void want_options(const struct conf *conf, const struct conf_tunnel *tunnel, uint32_t link, struct vgw_tunnel *out)
{
	memset(out, 0, sizeof(*out));
	memcpy(out->name, tunnel->name, sizeof(out->name));
	out->has = ATTR_BIT(VGW_A_TUNNEL_NAME);
	SET(out, PRIORITY, priority, tunnel->priority);
	SET(out, GROUP, group, tunnel->group);
	SET(out, PEER, peer, or_zero(&tunnel->peer, 4));
	SET(out, DSCP, dscp, tunnel->dscp);
	SET(out, DF, df, tunnel->df);
	SET(out, INNER_DF, inner_df, tunnel->inner_df);
	SET(out, TTL, ttl, tunnel->ttl);
	SET(out, FWMARK, fwmark, conf->fwmark ? conf->fwmark : SITE_MARK);
	SET(out, LINK, link, link);
	SET(out, DEMAND, demand, tunnel->start_action == CONF_START_TRAP);
	want_probe(tunnel, &out->probe);
	out->has |= ATTR_BIT(VGW_A_TUNNEL_PROBE);
}

/* What chooses the tunnel: the remote selectors, narrowed by Prefixes. The module adds the peer's inside address. */
static int choose_prefixes(const struct conf_tunnel *tunnel, struct vgw_tunnel *out)
{
	if (!tunnel->has_prefixes)
		return prefixes_copy(&out->ts_remote, &out->prefixes);
	return prefixes_meet(&out->ts_remote, &tunnel->prefixes, &out->prefixes);
}

static int finish_lists(const struct conf_tunnel *tunnel, struct vgw_tunnel *out, struct why *why)
{
	int err = choose_prefixes(tunnel, out);

	if (err) {
		why_set(why, "out of memory");
		return err;
	}
	if (out->prefixes.count > CONF_PREFIXES_MAX) {
		why_set(why, "the selectors are more than %d prefixes", CONF_PREFIXES_MAX);
		return -E2BIG;
	}
	out->has |= ATTR_BIT(VGW_A_TUNNEL_PREFIXES) | ATTR_BIT(VGW_A_TUNNEL_TS_LOCAL) |
		    ATTR_BIT(VGW_A_TUNNEL_TS_REMOTE);
	return 0;
}

int want_configured(const struct conf_tunnel *tunnel, struct vgw_tunnel *out, struct why *why)
{
	SET(out, LOCAL, local, or_zero(&tunnel->local, tunnel->remote.len));
	SET(out, REMOTE, remote, tunnel->remote);
	SET(out, ENCAP, encap, tunnel->encap == CONF_ENCAP_NONE ? VGW_ENCAP_NONE : VGW_ENCAP_UDP);
	if (prefixes_copy(&tunnel->local_ts, &out->ts_local) || prefixes_copy(&tunnel->remote_ts, &out->ts_remote)) {
		why_set(why, "out of memory");
		return -ENOMEM;
	}
	return finish_lists(tunnel, out, why);
}

static int read_selectors(const struct ike_ts_list *list, struct ip_prefixes *out, struct why *why)
{
	int count;

	out->list = calloc(WANT_SELECTORS_MAX, sizeof(*out->list));
	if (!out->list) {
		why_set(why, "out of memory");
		return -ENOMEM;
	}
	count = ts_prefixes(list, out->list, WANT_SELECTORS_MAX);
	if (count < 0) {
		why_set(why, "the traffic selectors are more than %d prefixes", WANT_SELECTORS_MAX);
		return count;
	}
	out->count = count;
	return 0;
}

static void want_path(const struct ike_path *path, bool udp, struct vgw_tunnel *out)
{
	SET(out, LOCAL, local, or_zero(&path->local, path->remote.len));
	SET(out, REMOTE, remote, path->remote);
	SET(out, ENCAP, encap, udp ? VGW_ENCAP_UDP : VGW_ENCAP_NONE);
	if (!udp)
		return;
	SET(out, SPORT, sport, path->local_port);
	SET(out, DPORT, dport, path->remote_port);
}

void want_moved(const struct conf_tunnel *tunnel, const struct ike_act_move *move, struct vgw_tunnel *out)
{
	want_path(&move->path, move->udp, out);
	/* Who is behind NAT themselves must not follow: whoever is between could move the tunnel away. */
	SET(out, ROAM, roam, move->udp && move->peer_natted && !move->natted);
	SET(out, KEEPALIVE, keepalive, move->udp && move->natted ? tunnel->keepalive : 0);
}

int want_negotiated(const struct conf_tunnel *tunnel, const struct ike_act_install *install, struct vgw_tunnel *out,
		    struct why *why)
{
	const struct ike_act_move there = {
		.path = install->path, .udp = install->udp, .peer_natted = install->peer_natted, .natted = install->natted,
	};
	int err;

	want_moved(tunnel, &there, out);
	err = read_selectors(&install->local_ts, &out->ts_local, why);
	if (!err)
		err = read_selectors(&install->remote_ts, &out->ts_remote, why);
	return err ? err : finish_lists(tunnel, out, why);
}

int want_kept(const struct vgw_tunnel *there, struct vgw_tunnel *out)
{
	SET(out, LOCAL, local, or_zero(&there->local, there->remote.len));
	SET(out, REMOTE, remote, there->remote);
	SET(out, ENCAP, encap, there->encap);
	SET(out, ROAM, roam, there->roam);
	SET(out, KEEPALIVE, keepalive, there->keepalive);
	if (there->encap == VGW_ENCAP_UDP) {
		SET(out, SPORT, sport, there->sport);
		SET(out, DPORT, dport, there->dport);
	}
	if (prefixes_copy(&there->prefixes, &out->prefixes) || prefixes_copy(&there->ts_local, &out->ts_local) ||
	    prefixes_copy(&there->ts_remote, &out->ts_remote))
		return -ENOMEM;
	out->has |= ATTR_BIT(VGW_A_TUNNEL_PREFIXES) | ATTR_BIT(VGW_A_TUNNEL_TS_LOCAL) |
		    ATTR_BIT(VGW_A_TUNNEL_TS_REMOTE);
	return 0;
}

static bool same_probe(const struct vgw_probe *a, const struct vgw_probe *b)
{
	return a->has == b->has && addr_equal(&a->target, &b->target) && addr_equal(&a->source, &b->source) &&
	       a->interval == b->interval && a->misses == b->misses && a->action == b->action;
}

bool want_equal(const struct vgw_tunnel *a, const struct vgw_tunnel *b)
{
	return a->has == b->has && want_same(a, b) && a->priority == b->priority && a->group == b->group &&
	       addr_equal(&a->peer, &b->peer) && a->dscp == b->dscp && a->df == b->df && a->inner_df == b->inner_df &&
	       a->ttl == b->ttl && a->fwmark == b->fwmark && a->link == b->link && a->demand == b->demand &&
	       same_probe(&a->probe, &b->probe);
}

bool want_same(const struct vgw_tunnel *a, const struct vgw_tunnel *b)
{
	return addr_equal(&a->local, &b->local) && addr_equal(&a->remote, &b->remote) && a->encap == b->encap &&
	       a->sport == b->sport && a->dport == b->dport && a->roam == b->roam && a->keepalive == b->keepalive &&
	       prefixes_equal(&a->prefixes, &b->prefixes) && prefixes_equal(&a->ts_local, &b->ts_local) &&
	       prefixes_equal(&a->ts_remote, &b->ts_remote);
}
