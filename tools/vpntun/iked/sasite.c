// SPDX-License-Identifier: GPL-2.0
/* The SAs of a connection's tunnels. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "iked/site_own.h"
#include "iked/suite.h"
#include "iked/want.h"
#include "util/wipe.h"

static const char *name_of(const struct site *site, size_t tunnel)
{
	return site->conf.tunnels[tunnel].name;
}

static struct vgw_sa_place place_of(const struct site *site, size_t tunnel)
{
	return (struct vgw_sa_place){ .where = site->where, .tunnel = name_of(site, tunnel) };
}

/* ---- the tunnel ---- */

static int follow_remote(struct site *site, size_t index, const struct ip_addr *remote, struct why *why)
{
	struct site_tunnel *tunnel = &site->tunnels[index];
	struct sites *sites = site->sites;

	return ways_move(&sites->ways, &sites->rt, &tunnel->way, tunnel->link, remote, why);
}

/* Back to what it was before site_tell(): what the module took once it takes again, and else there is no more to do. */
static void untell(struct site *site, size_t index)
{
	struct vgw_tunnel name = { .has = ATTR_BIT(VGW_A_TUNNEL_NAME) };
	struct site_tunnel *tunnel = &site->tunnels[index];
	struct why why;

	memcpy(name.name, name_of(site, index), sizeof(name.name));
	if (!tunnel->made)
		site_tell(site, VGW_CMD_TUNNEL_DEL, &name, &why);
	else if (tunnel->now.has)
		site_tell(site, VGW_CMD_TUNNEL_SET, &tunnel->now, &why);
	if (tunnel->now.remote.len)
		follow_remote(site, index, &tunnel->now.remote, &why);
	if (!tunnel->now.remote.len && tunnel->way.len) {
		ways_release(&site->sites->ways, &site->sites->rt, &tunnel->way, tunnel->link);
		tunnel->way.len = 0;
	}
}

/* ---- pairs of SAs ---- */

static void take_key(const struct ike_key *from, uint8_t *to, size_t *len)
{
	memcpy(to, from->bytes, from->len);
	*len = from->len;
}

static int add_sa(struct site *site, size_t tunnel, const struct vgw_sa *sa, const struct child_keys *from)
{
	struct vgw_sa_place place = place_of(site, tunnel);
	struct vgw_keys keys = { 0 };
	int err;

	take_key(&from->encr, keys.key, &keys.key_len);
	take_key(&from->integ, keys.auth_key, &keys.auth_key_len);
	err = vgw_sa_change(&site->sites->vgw, VGW_CMD_SA_NEW, &place, sa, &keys);
	wipe(&keys);
	return err;
}

static int del_sa(struct site *site, size_t tunnel, uint8_t direction, uint32_t spi, uint32_t linger)
{
	struct vgw_sa_place place = place_of(site, tunnel);
	struct vgw_sa sa = {
		.has = ATTR_BIT(VGW_A_SA_DIRECTION) | ATTR_BIT(VGW_A_SA_SPI), .direction = direction, .spi = spi,
	};
	int err;

	if (linger) {
		sa.linger = linger;
		sa.has |= ATTR_BIT(VGW_A_SA_LINGER);
	}
	err = vgw_sa_change(&site->sites->vgw, VGW_CMD_SA_DEL, &place, &sa, NULL);
	return err == -ENOENT ? 0 : err;	/* it may have reached its end */
}

int site_reserve(struct site *site, size_t tunnel, uint32_t spi, struct why *why)
{
	struct vgw_sa_place place = place_of(site, tunnel);
	const struct vgw_sa sa = { .has = ATTR_BIT(VGW_A_SA_SPI), .spi = spi };
	int err;

	if (!site->tunnels[tunnel].made)
		return 0;
	err = vgw_sa_change(&site->sites->vgw, VGW_CMD_SPI_ALLOC, &place, &sa, NULL);
	return err ? site_fail(why, &site->sites->vgw, err, "tunnel %s: reserve", place.tunnel) : 0;
}

static struct vgw_sa sa_of(const struct ike_act_install *install, uint8_t direction, uint32_t suite)
{
	struct vgw_sa sa = {
		.has = ATTR_BIT(VGW_A_SA_DIRECTION) | ATTR_BIT(VGW_A_SA_SPI) | ATTR_BIT(VGW_A_SA_SUITE) |
		       ATTR_BIT(VGW_A_SA_ESN),
		.direction = direction,
		.spi = direction == VGW_DIRECTION_IN ? install->spi_in : install->spi_out,
		.suite = suite,
		.esn = install->suite.esn,
		.life_time = install->life,
		.life_bytes = install->life_bytes,
	};

	/* The module itself announces the soft limit, at seven eighths of the hard one. */
	if (sa.life_time)
		sa.has |= ATTR_BIT(VGW_A_SA_LIFE_TIME);
	if (sa.life_bytes)
		sa.has |= ATTR_BIT(VGW_A_SA_LIFE_BYTES);
	return sa;
}

static int add_one(struct site *site, size_t tunnel, const struct ike_act_install *install, const struct vgw_sa *sa,
		   struct why *why)
{
	bool in = sa->direction == VGW_DIRECTION_IN;
	int err = add_sa(site, tunnel, sa, in ? &install->in : &install->out);

	if (err)
		site_fail(why, &site->sites->vgw, err, "tunnel %s: %s SA", name_of(site, tunnel),
			  in ? "inbound" : "outbound");
	return err;
}

/*
 * As soon as the way in is there it gives out what came before it, and that is answered: so the way out comes first,
 * and what the peer sends back meanwhile is kept, if its SPI could be reserved. A pending way out refers to the way in,
 * which nobody uses yet; answers go by the one that there is.
 */
static int install_pair(struct site *site, size_t tunnel, const struct ike_act_install *install, struct why *why)
{
	uint32_t suite = suite_of(&install->suite);
	struct vgw_sa in = sa_of(install, VGW_DIRECTION_IN, suite);
	struct vgw_sa out = sa_of(install, VGW_DIRECTION_OUT, suite);
	bool in_first = install->pending || !site->tunnels[tunnel].made;
	const struct vgw_sa *first = in_first ? &in : &out, *second = in_first ? &out : &in;
	int err;

	if (!suite)
		return why_set(why, "the module has no suite for what was negotiated");

	in.replay_window = site->conf.tunnels[tunnel].replay_window;
	if (in.replay_window)
		in.has |= ATTR_BIT(VGW_A_SA_REPLAY_WINDOW);
	if (install->pending) {
		out.pending_on = install->spi_in;
		out.has |= ATTR_BIT(VGW_A_SA_PENDING_ON);
	}
	err = add_one(site, tunnel, install, first, why);
	if (err)
		return err;
	err = add_one(site, tunnel, install, second, why);
	if (err)
		del_sa(site, tunnel, first->direction, first->spi, 0);
	return err;
}

/* @want is taken over, or freed. */
static int install_wanted(struct site *site, size_t index, const struct ike_act_install *install,
			  struct vgw_tunnel *want, struct why *why)
{
	struct site_tunnel *tunnel = &site->tunnels[index];
	bool change = !tunnel->made || !want_same(want, &tunnel->now);
	int err;

	err = follow_remote(site, index, &want->remote, why);
	if (!err && change)
		err = site_tell(site, tunnel->made ? VGW_CMD_TUNNEL_SET : VGW_CMD_TUNNEL_NEW, want, why);
	if (!err)
		err = install_pair(site, index, install, why);
	if (err && change)
		untell(site, index);
	if (err)
		goto err_free;
	vgw_tunnel_free(&tunnel->now);
	tunnel->now = *want;
	tunnel->made = true;
	return 0;

err_free:
	vgw_tunnel_free(want);
	return err;
}

int site_install(struct site *site, size_t tunnel, const struct ike_act_install *install, struct why *why)
{
	const struct conf_tunnel *conf = &site->conf.tunnels[tunnel];
	struct vgw_tunnel want;
	int err;

	want_options(&site->conf, conf, site->tunnels[tunnel].link, &want);
	err = want_negotiated(conf, install, &want, why);
	if (!err)
		return install_wanted(site, tunnel, install, &want, why);
	vgw_tunnel_free(&want);
	return err;
}

int site_activate(struct site *site, size_t tunnel, const struct ike_act_child *child, struct why *why)
{
	struct vgw_sa_place place = place_of(site, tunnel);
	struct vgw_sa sa = {
		.has = ATTR_BIT(VGW_A_SA_DIRECTION) | ATTR_BIT(VGW_A_SA_SPI) | ATTR_BIT(VGW_A_SA_CURRENT),
		.direction = VGW_DIRECTION_OUT, .spi = child->spi_out, .current = 1,
	};
	int err = vgw_sa_change(&site->sites->vgw, VGW_CMD_SA_SET, &place, &sa, NULL);

	return err ? site_fail(why, &site->sites->vgw, err, "tunnel %s: activate", place.tunnel) : 0;
}

int site_delete(struct site *site, size_t tunnel, const struct ike_act_child *child, struct why *why)
{
	struct knl *knl = &site->sites->vgw;
	int err_out, err;

	if (!site->tunnels[tunnel].made)
		return 0;
	err_out = del_sa(site, tunnel, VGW_DIRECTION_OUT, child->spi_out, 0);
	if (err_out)
		site_fail(why, knl, err_out, "tunnel %s: outbound SA", name_of(site, tunnel));
	err = del_sa(site, tunnel, VGW_DIRECTION_IN, child->spi_in, child->linger ? SITE_LINGER : 0);
	if (err)
		site_fail(why, knl, err, "tunnel %s: inbound SA", name_of(site, tunnel));
	return err ? err : err_out;
}

int site_move(struct site *site, size_t index, const struct ike_act_move *move, struct why *why)
{
	const struct conf_tunnel *conf = &site->conf.tunnels[index];
	struct site_tunnel *tunnel = &site->tunnels[index];
	struct vgw_tunnel want = { .has = ATTR_BIT(VGW_A_TUNNEL_NAME) };
	struct why other;
	int err;

	if (!tunnel->made)
		return 0;
	memcpy(want.name, name_of(site, index), sizeof(want.name));
	want_moved(conf, move, &want);
	err = follow_remote(site, index, &want.remote, why);
	if (!err)
		err = site_tell(site, VGW_CMD_TUNNEL_SET, &want, why);
	if (!err)
		want_moved(conf, move, &tunnel->now);
	else if (tunnel->now.remote.len)
		follow_remote(site, index, &tunnel->now.remote, &other);
	return err;
}

void site_forget_old(struct site *site, size_t index)
{
	struct site_tunnel *tunnel = &site->tunnels[index];
	size_t i;

	for (i = 0; i < tunnel->n_old; i++) {
		bool in = tunnel->old[i].direction == VGW_DIRECTION_IN;

		del_sa(site, index, tunnel->old[i].direction, tunnel->old[i].spi, in ? SITE_LINGER : 0);
	}
	free(tunnel->old);
	tunnel->old = NULL;
	tunnel->n_old = 0;
}

struct listening {
	struct site *site;
	size_t next;	/* the module tells of tunnels in the order in which they were made: mostly that of the file */
};

/* The tunnel of that name, looked for from where the last one was found; NULL: it is none of the file's. */
static struct site_tunnel *find_next(struct listening *listening, const char *name)
{
	struct site *site = listening->site;
	size_t i, n = site->conf.n_tunnels;

	for (i = 0; i < n; i++) {
		size_t at = (listening->next + i) % n;

		if (!strcmp(name_of(site, at), name)) {
			listening->next = at + 1;
			return &site->tunnels[at];
		}
	}
	return NULL;
}

static int read_silence(const struct nlmsghdr *nlh, void *arg)
{
	struct vgw_message message;
	struct site_tunnel *tunnel;

	if (vgw_decode(nlh, &message))
		return -ENOMEM;
	tunnel = find_next(arg, message.tunnel.name);
	if (tunnel && VGW_HAS(&message.tunnel, VGW_A_TUNNEL_LAST_RX))
		tunnel->silence = message.tunnel.last_rx;
	vgw_message_free(&message);
	return 0;
}

void site_listen(struct site *site)
{
	const struct vgw_query query = { .where = site->where, .cmd = VGW_CMD_TUNNEL_GET, .dump = true };
	struct listening listening = { .site = site };
	size_t i;

	for (i = 0; i < site->conf.n_tunnels; i++)
		site->tunnels[i].silence = UINT64_MAX;
	/* What could not be asked stays unknown. */
	vgw_get(&site->sites->vgw, &query, read_silence, &listening);
}

uint64_t site_silence(const struct site *site, size_t tunnel)
{
	return site->tunnels[tunnel].silence;
}

struct looking {
	uint32_t spi_in, spi_out;
	bool in, out;
};

static int look_at_sa(const struct nlmsghdr *nlh, void *arg)
{
	struct looking *looking = arg;
	struct vgw_message message;

	if (vgw_decode(nlh, &message))
		return -ENOMEM;
	looking->in |= message.sa.direction == VGW_DIRECTION_IN && message.sa.spi == looking->spi_in;
	looking->out |= message.sa.direction == VGW_DIRECTION_OUT && message.sa.spi == looking->spi_out;
	vgw_message_free(&message);
	return 0;
}

bool site_has(struct site *site, size_t tunnel, uint32_t spi_in, uint32_t spi_out)
{
	struct vgw_query query = {
		.where = site->where, .tunnel = name_of(site, tunnel), .cmd = VGW_CMD_SA_GET, .dump = true,
	};
	struct looking looking = { .spi_in = spi_in, .spi_out = spi_out };
	int err = vgw_get(&site->sites->vgw, &query, look_at_sa, &looking);

	if (err && err != -ENOENT && err != -ENODEV)
		return true;
	return looking.in && looking.out;
}
