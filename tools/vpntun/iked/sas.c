// SPDX-License-Identifier: GPL-2.0
#include "iked/sas.h"

#include <errno.h>

#include "ike/ts.h"
#include "iked/log.h"
#include "iked/share.h"
#include "util/clock.h"

enum {
	OLD_LINGERS = 8000,	/* ms that SAs of a former network process stay beside the new ones: until the peer has
				 * heard its will, and sends on none of them any more */
	OLD_ENDS = 60000,	/* ms after which they go even if nothing was heard on the new ones */
};

static struct conn_pair *find_pair(struct conn_tunnel *tunnel, uint32_t spi_in, uint32_t spi_out)
{
	size_t i;

	for (i = 0; i < tunnel->n_pairs; i++)
		if (tunnel->pairs[i].spi_in == spi_in && tunnel->pairs[i].spi_out == spi_out)
			return &tunnel->pairs[i];
	return NULL;
}

static void delete_pair(const struct conn_place *place, const struct ike_act_child *child)
{
	struct conn_tunnel *tunnel = &place->conn->tunnels[place->tunnel];
	struct conn_pair *pair = find_pair(tunnel, child->spi_in, child->spi_out);
	struct why why = { "" };

	if (!pair)
		return;
	*pair = tunnel->pairs[--tunnel->n_pairs];
	/* One that the module has deleted by itself, at its lifetime's end, is no news. */
	if (site_delete(place->conn->site, place->tunnel, child, &why))
		ilog(IKE_LOG_DEBUG, tunnel->policy.name, "SAs 0x%08x, 0x%08x: %s", child->spi_in, child->spi_out,
		     why.text);
}

static int refuse(struct why *why, const char *sentence)
{
	why_set(why, "%s", sentence);
	return -EINVAL;
}

static bool has_transform(const struct ike_proposal *proposal, uint8_t type, uint16_t id, uint16_t key_bits)
{
	size_t i;

	for (i = 0; i < proposal->count; i++) {
		const struct ike_transform *transform = &proposal->transforms[i];

		if (transform->type == type && transform->id == id && transform->key_bits == key_bits)
			return true;
	}
	return false;
}

static bool has_type(const struct ike_proposal *proposal, uint8_t type)
{
	size_t i;

	for (i = 0; i < proposal->count; i++)
		if (proposal->transforms[i].type == type)
			return true;
	return false;
}

/* A cipher of one proposal does not go with the integrity of another. */
static bool proposes(const struct ike_proposal *proposal, const struct ike_suite *suite)
{
	if (!has_transform(proposal, IKE_T_ENCR, suite->encr, suite->key_bits) ||
	    !has_transform(proposal, IKE_T_ESN, suite->esn, 0))
		return false;
	if (!suite->integ)
		return !has_type(proposal, IKE_T_INTEG);
	return has_transform(proposal, IKE_T_INTEG, suite->integ, 0);
}

static bool is_proposed(const struct ike_proposals *list, const struct ike_suite *suite)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (proposes(&list->list[i], suite))
			return true;
	return false;
}

/* Whatever the network process has negotiated: it is not to lead packets here or there that the file does not. */
static int check_install(const struct ike_policy *policy, const struct ike_act_install *install, struct why *why)
{
	if (!install->path.remote.len || !install->spi_in || !install->spi_out)
		return refuse(why, "without an address or an SPI");
	if (!ts_within(&install->local_ts, &policy->local_ts) || !ts_within(&install->remote_ts, &policy->remote_ts))
		return refuse(why, "the traffic selectors are wider than the file's");
	if (!is_proposed(&policy->esp, &install->suite))
		return refuse(why, "the suite is none of the file's ESPProposals");
	return 0;
}

/* Processes that were gone too soon to delete what they had made are not to keep a new one from its own. */
static bool make_room(struct conns *conns, const struct conn_place *place)
{
	struct conn_tunnel *tunnel = &place->conn->tunnels[place->tunnel];
	const struct conn_pair *oldest = NULL;
	struct ike_act_child child = { .policy = tunnel->policy.id, .linger = true };
	size_t i;

	if (tunnel->n_pairs < CONN_PAIRS_MAX)
		return true;
	for (i = 0; i < tunnel->n_pairs; i++)
		if (tunnel->pairs[i].generation != conns->generation &&
		    (!oldest || tunnel->pairs[i].since < oldest->since))
			oldest = &tunnel->pairs[i];
	if (!oldest)
		return false;
	child.spi_in = oldest->spi_in;
	child.spi_out = oldest->spi_out;
	delete_pair(place, &child);
	return true;
}

static int install_pair(struct conns *conns, const struct conn_place *place, const struct ike_act_install *install)
{
	struct conn_tunnel *tunnel = &place->conn->tunnels[place->tunnel];
	struct why why = { "" };
	int err;

	if (place->conn->ending)
		return -ESHUTDOWN;
	if (!share_take(tunnel)) {
		share_tell(tunnel, "SAs");
		return -EBUSY;
	}
	err = check_install(&tunnel->policy, install, &why);
	if (!err && !make_room(conns, place)) {
		why_set(&why, "there are %d pairs already", CONN_PAIRS_MAX);
		err = -ENOSPC;
	}
	if (!err)
		err = site_install(place->conn->site, place->tunnel, install, &why);
	if (err) {
		if (share_log(tunnel))
			ilog(IKE_LOG_ERROR, tunnel->policy.name, "SAs cannot be installed: %s", why.text);
		return err;
	}
	tunnel->pairs[tunnel->n_pairs++] = (struct conn_pair){
		.spi_in = install->spi_in, .spi_out = install->spi_out,
		.generation = conns->generation, .since = clock_ms(CLOCK_MONOTONIC),
	};
	return 0;
}

static void reserve_spi(struct conns *conns, const struct ike_act_reserve *reserve)
{
	struct conn_tunnel *tunnel;
	struct conn_place place;
	struct why why = { "" };

	if (!reserve->spi_in || !conns_locate(conns, reserve->policy, &place) || place.conn->ending)
		return;
	tunnel = &place.conn->tunnels[place.tunnel];
	if (share_take(tunnel) && site_reserve(place.conn->site, place.tunnel, reserve->spi_in, &why))
		ilog(IKE_LOG_DEBUG, tunnel->policy.name, "SPI 0x%08x is not reserved: %s", reserve->spi_in, why.text);
}

void sas_reserve(struct conns *conns, const struct ike_act_reserve *reserve)
{
	reserve_spi(conns, reserve);
	procs_send(conns->procs, PROC_NETWORK, IMSG_RESERVED, reserve, -1);
}

void sas_install(struct conns *conns, const struct ike_act_install *install)
{
	struct imsg_installed answer = { .job = install->job, .err = -ENOENT };
	struct conn_place place;

	if (conns_locate(conns, install->policy, &place))
		answer.err = install_pair(conns, &place, install);
	procs_send(conns->procs, PROC_NETWORK, IMSG_INSTALLED, &answer, -1);
}

void sas_activate(struct conns *conns, const struct ike_act_child *child)
{
	struct conn_tunnel *tunnel;
	struct conn_place place;
	struct why why = { "" };

	if (!conns_locate(conns, child->policy, &place))
		return;
	tunnel = &place.conn->tunnels[place.tunnel];
	if (!find_pair(tunnel, child->spi_in, child->spi_out))
		return;
	if (!share_take(tunnel))
		share_tell(tunnel, "activations of SAs");
	else if (site_activate(place.conn->site, place.tunnel, child, &why) && share_log(tunnel))
		ilog(IKE_LOG_WARNING, tunnel->policy.name, "SA 0x%08x cannot be activated: %s", child->spi_out, why.text);
}

void sas_delete(struct conns *conns, const struct ike_act_child *child)
{
	struct conn_place place;

	if (conns_locate(conns, child->policy, &place))
		delete_pair(&place, child);
}

void sas_move(struct conns *conns, const struct ike_act_move *move)
{
	struct conn_tunnel *tunnel;
	struct conn_place place;
	struct why why = { "" };

	if (!move->path.remote.len || !conns_locate(conns, move->policy, &place))
		return;
	tunnel = &place.conn->tunnels[place.tunnel];
	if (!share_take(tunnel))
		share_tell(tunnel, "moves");
	else if (site_move(place.conn->site, place.tunnel, move, &why) && share_log(tunnel))
		ilog(IKE_LOG_ERROR, tunnel->policy.name, "cannot follow the peer: %s", why.text);
}

/* How long there has been a pair of this network process, in milliseconds; 0: there is none. */
static uint64_t age_of_new(const struct conns *conns, const struct conn_tunnel *tunnel)
{
	uint64_t now = clock_ms(CLOCK_MONOTONIC), oldest = now;
	size_t i;

	for (i = 0; i < tunnel->n_pairs; i++)
		if (tunnel->pairs[i].generation == conns->generation && tunnel->pairs[i].since < oldest)
			oldest = tunnel->pairs[i].since;
	return now - oldest;
}

/*
 * SAs of a network process that is no more, and of a parent before us, carry the packets until the new ones do: they go
 * when something was heard since there are new ones, or after a while.
 */
static void drop_old(struct conns *conns, const struct conn_place *place, uint64_t silence)
{
	struct conn_tunnel *tunnel = &place->conn->tunnels[place->tunnel];
	uint64_t age = age_of_new(conns, tunnel);
	size_t i = tunnel->n_pairs;

	if (age < OLD_LINGERS || (silence >= age && age < OLD_ENDS))
		return;
	if (!tunnel->old_dropped)
		site_forget_old(place->conn->site, place->tunnel);
	tunnel->old_dropped = true;
	/* From the end: a deleted one is replaced by the last. */
	while (i--) {
		const struct conn_pair *pair = &tunnel->pairs[i];
		const struct ike_act_child child = {
			.policy = tunnel->policy.id, .spi_in = pair->spi_in, .spi_out = pair->spi_out, .linger = true,
		};

		if (pair->generation != conns->generation)
			delete_pair(place, &child);
	}
}

static void tick_tunnel(struct conns *conns, const struct conn_place *place)
{
	const struct conn_tunnel *tunnel = &place->conn->tunnels[place->tunnel];
	const struct imsg_policy body = { .policy = tunnel->policy.id };
	uint64_t silence;

	if (!tunnel->n_pairs)
		return;
	silence = site_silence(place->conn->site, place->tunnel);
	/* Who is behind with reading hears it the next time; of too many messages it would be killed. */
	if (silence < SAS_TICK && procs_room(conns->procs, PROC_NETWORK))
		procs_send(conns->procs, PROC_NETWORK, IMSG_HEARD, &body, -1);
	drop_old(conns, place, silence);
}

static bool has_pairs(const struct conn *conn)
{
	size_t i;

	for (i = 0; i < conn->conf.n_tunnels; i++)
		if (conn->tunnels[i].n_pairs)
			return true;
	return false;
}

void sas_tick(struct conns *conns)
{
	struct conn_place place;

	for (place.conn = conns->first; place.conn; place.conn = place.conn->next) {
		if (!has_pairs(place.conn))
			continue;
		site_listen(place.conn->site);
		for (place.tunnel = 0; place.tunnel < place.conn->conf.n_tunnels; place.tunnel++)
			tick_tunnel(conns, &place);
	}
}

static void resync_tunnel(struct conns *conns, const struct conn_place *place)
{
	const struct conn_tunnel *tunnel = &place->conn->tunnels[place->tunnel];
	size_t i;

	for (i = 0; i < tunnel->n_pairs; i++) {
		const struct conn_pair *pair = &tunnel->pairs[i];
		const struct imsg_expired body = { .policy = tunnel->policy.id, .spi = pair->spi_in, .hard = true };

		if (!site_has(place->conn->site, place->tunnel, pair->spi_in, pair->spi_out))
			procs_send(conns->procs, PROC_NETWORK, IMSG_EXPIRED, &body, -1);
	}
}

void sas_resync(struct conns *conns)
{
	struct conn_place place;

	for (place.conn = conns->first; place.conn; place.conn = place.conn->next)
		for (place.tunnel = 0; place.tunnel < place.conn->conf.n_tunnels; place.tunnel++)
			resync_tunnel(conns, &place);
}
