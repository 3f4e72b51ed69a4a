// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ike/child.h"
#include "ike/engine.h"
#include "ike/mobike.h"
#include "ike/nat.h"
#include "ike/state.h"
#include "ike/will.h"
#include "util/wipe.h"

/* What the driver wants of the engine, and what it may know. */

struct ike *ike_create(const struct ike_settings *settings)
{
	struct ike *ike = calloc(1, sizeof(*ike));

	if (!ike)
		return NULL;
	ike->set = *settings;
	ike->tunnels_end = &ike->tunnels;
	acts_init(&ike->acts);
	return ike;
}

void ike_limits_set(struct ike *ike, unsigned int cookie_threshold, unsigned int half_open_max, unsigned int source_max)
{
	ike->set.cookie_threshold = cookie_threshold;
	ike->set.half_open_max = half_open_max;
	ike->set.source_max = source_max;
}

static void free_tunnel(struct ike_tunnel *tun)
{
	free(tun->creds);
	will_forget(tun);
	wipe(tun);
	free(tun);
}

void ike_free(struct ike *ike)
{
	struct ike_act *act;

	if (!ike)
		return;
	for (unsigned int i = 0; i < SA_BUCKETS; i++)
		while (ike->buckets[i])
			sa_free(ike, ike->buckets[i]);
	while (ike->tunnels) {
		struct ike_tunnel *tun = ike->tunnels;

		ike->tunnels = tun->next;
		free_tunnel(tun);
	}
	while ((act = acts_take(&ike->acts)))
		act_free(act);
	wipe(ike);
	free(ike);
}

/* What follows from a command. */
static void go_on(struct ike *ike, struct ike_tunnel *tun)
{
	tunnel_touch(ike, tun);
	state_tick(ike);
	state_sweep(ike);
}

/* ---- policies ---- */

/* An attempt from the address that we had is worth nothing: the next one begins at once. */
static void attempt_anew(struct ike *ike, struct ike_sa *sa)
{
	struct ike_tunnel *tun = sa->tun;
	uint32_t attempts = tun->attempts;
	bool keep = tun->keep;

	state_enter(ike, sa, SA_DEAD);
	tun->attempts = attempts;
	tun->keep = keep;
	tun->retry_at = ike->now;
}

static void follow_local(struct ike *ike, const struct ike_tunnel *tun)
{
	struct ike_sa *sa;

	if (!tun->pol.local.len)
		return;
	for_each_sa_of(tun, sa) {
		if (sa->state == SA_DEAD || addr_equal(&sa->path.local, &tun->pol.local))
			continue;
		if (sa->state >= SA_UP)
			mobike_leave(ike, sa);
		else if (sa->initiator)
			attempt_anew(ike, sa);
	}
}

int ike_policy_set(struct ike *ike, const struct ike_policy *policy)
{
	struct ike_tunnel *tun = tunnel_find(ike, policy->id);

	if (tun) {
		tun->pol = *policy;
		follow_local(ike, tun);
		tunnel_touch(ike, tun);
		return 0;
	}
	tun = calloc(1, sizeof(*tun));
	if (!tun)
		return -ENOMEM;
	tun->pol = *policy;
	tunnel_add(ike, tun);
	return 0;
}

int ike_credentials_set(struct ike *ike, const struct ike_credentials *credentials)
{
	struct ike_tunnel *tun = tunnel_find(ike, credentials->policy);

	if (!tun)
		return -ENOENT;
	if (!tun->creds)
		tun->creds = malloc(sizeof(*tun->creds));
	if (!tun->creds)
		return -ENOMEM;
	*tun->creds = *credentials;
	return 0;
}

void ike_policy_del(struct ike *ike, uint32_t policy)
{
	struct ike_tunnel *tun = tunnel_find(ike, policy);
	struct ike_sa *sa;

	if (!tun)
		return;
	tun->enabled = false;
	for_each_sa_of(tun, sa)
		state_enter(ike, sa, SA_DEAD);
	state_sweep(ike);
	tunnel_remove(ike, tun);
	free_tunnel(tun);
}

void ike_up(struct ike *ike, uint64_t now, uint32_t policy)
{
	struct ike_tunnel *tun = tunnel_find(ike, policy);

	ike->now = now;
	if (!tun)
		return;
	tun->enabled = true;
	tun->keep = tun->keep || tun->pol.start == IKE_START_START;
	if (!will_path(tun))
		tun->retry_at = now;
	tun->child_retry_at = now;
	go_on(ike, tun);
}

/* By which state an IKE SA ends: the peer is told if it has one, or may have. */
static enum sa_state end_of(const struct ike_sa *sa)
{
	switch (sa->state) {
	case SA_UP:
	case SA_REPLACED:
	case SA_DELETING:
		return SA_DELETING;
	case SA_AUTH_SENT:
	case SA_LEAVING:
		return SA_LEAVING;
	case SA_AUTH_CHECKING:
		return sa->initiator ? SA_DELETING : SA_DEAD;
	default:
		return SA_DEAD;
	}
}

void ike_down(struct ike *ike, uint64_t now, uint32_t policy)
{
	struct ike_tunnel *tun = tunnel_find(ike, policy);
	struct ike_sa *sa;

	ike->now = now;
	if (!tun)
		return;
	tun->enabled = false;
	tun->keep = false;
	tun->attempts = 0;
	tun->brief_sas = 0;
	tun->brief_children = 0;
	tun->anew = false;
	will_say(ike, tun);
	for_each_sa_of(tun, sa)
		state_enter(ike, sa, end_of(sa));
	go_on(ike, tun);
}

/* The newest Child SA that is in use. */
static struct ike_child *newest_child(const struct ike_tunnel *tun)
{
	struct ike_child *child, *newest = NULL;
	struct ike_sa *sa;

	for_each_sa_of(tun, sa) {
		if (sa->state != SA_UP)
			continue;
		for (child = sa->children; child; child = child->next) {
			if (child->state == CHILD_UP && (!newest || newest->order < child->order))
				newest = child;
		}
	}
	return newest;
}

int ike_rekey(struct ike *ike, uint64_t now, uint32_t policy, bool ike_sa)
{
	struct ike_tunnel *tun = tunnel_find(ike, policy);
	struct ike_child *child;
	struct ike_sa *sa;

	ike->now = now;
	if (!tun)
		return -ENOENT;
	sa = sa_newest(ike, tun);
	child = newest_child(tun);
	if (!sa || (!ike_sa && !child))
		return -ENOTCONN;
	*(ike_sa ? &sa->rekey_at : &child->rekey_at) = now;
	go_on(ike, tun);
	return 0;
}

int ike_reauth(struct ike *ike, uint64_t now, uint32_t policy)
{
	struct ike_tunnel *tun = tunnel_find(ike, policy);
	struct ike_sa *sa;

	ike->now = now;
	if (!tun)
		return -ENOENT;
	for_each_sa_of(tun, sa) {
		tun->anew |= sa->state == SA_UP;
		if (sa->initiator && sa->state < SA_UP)
			state_enter(ike, sa, SA_DEAD);
	}
	tun->anew_at = now;
	tun->anew_vain = 0;
	tun->attempts = 0;
	tun->retry_at = now;
	go_on(ike, tun);
	return 0;
}

/* ---- what happens outside ---- */

void ike_acquire(struct ike *ike, uint64_t now, uint32_t policy)
{
	struct ike_tunnel *tun = tunnel_find(ike, policy);

	ike->now = now;
	if (!tun || !tun->enabled)
		return;
	/* Traffic does not shorten the pauses of one that is tried for ever. */
	if (!tun->keep) {
		tun->keep = true;
		tun->retry_at = now;
		tun->child_retry_at = now;
	}
	go_on(ike, tun);
}

void ike_remote_set(struct ike *ike, uint64_t now, uint32_t policy, const struct ike_path *path, const char *why)
{
	struct ike_tunnel *tun = tunnel_find(ike, policy);

	ike->now = now;
	if (!tun || !tun->pol.by_name)
		return;
	state_resolved(ike, tun, path, why);
	go_on(ike, tun);
}

static struct ike_child *find_child(const struct ike_tunnel *tun, uint32_t spi, struct ike_sa **of)
{
	struct ike_child *child;
	struct ike_sa *sa;

	for_each_sa_of(tun, sa) {
		if (sa->state == SA_DEAD)
			continue;
		child = child_by_in(sa, spi);
		child = child ? child : child_by_out(sa, spi);
		if (!child)
			continue;
		*of = sa;
		return child;
	}
	return NULL;
}

void ike_expired(struct ike *ike, uint64_t now, uint32_t policy, uint32_t spi, bool hard)
{
	struct ike_tunnel *tun = tunnel_find(ike, policy);
	struct ike_child *child;
	struct ike_sa *sa;

	ike->now = now;
	child = tun ? find_child(tun, spi, &sa) : NULL;
	if (!child || child->state != CHILD_UP)
		return;
	if (!hard) {
		child->rekey_at = now;
	} else {
		child_uninstall(ike, sa, child);
		child->state = CHILD_CLOSING;
	}
	go_on(ike, tun);
}

void ike_heard(struct ike *ike, uint64_t now, uint32_t policy)
{
	struct ike_tunnel *tun = tunnel_find(ike, policy);
	struct ike_sa *sa;

	ike->now = now;
	/* Not for older ones: what is heard is no sign that the peer still knows them. */
	sa = tun ? sa_newest(ike, tun) : NULL;
	if (sa)
		sa->heard = now;
}

void ike_roamed(struct ike *ike, uint64_t now, uint32_t policy, const struct ip_addr *remote, uint16_t port)
{
	struct ike_tunnel *tun = tunnel_find(ike, policy);
	struct ike_sa *sa;

	ike->now = now;
	sa = tun ? sa_newest(ike, tun) : NULL;
	if (!sa)
		return;
	nat_roamed(ike, sa, remote, port);
	go_on(ike, tun);
}

/* ---- how it is ---- */

static void status_of_sa(const struct ike_sa *sa, struct ike_status *out)
{
	out->initiator = sa->initiator;
	out->natted = sa->natted;
	out->peer_natted = sa->peer_natted;
	out->spi_i = sa->spi_i;
	out->spi_r = sa->spi_r;
	out->path = sa->path;
	out->ike = sa->keys.suite;
	out->remote_id = sa->remote_id;
	out->ike_since = sa->since;
	out->ike_rekey_due = sa->rekey_at;
}

static void count(const struct ike_tunnel *tun, struct ike_status *out)
{
	const struct ike_sa *sa;

	for_each_sa_of(tun, sa) {
		/* Not gone yet. */
		out->ike_sas += sa->state == SA_LEAVING;
		if (sa->state > SA_UP)
			continue;
		out->state = IKE_STATE_CONNECTING;
		if (sa->state != SA_UP)
			continue;
		out->ike_sas++;
		for (const struct ike_child *child = sa->children; child; child = child->next)
			out->child_sas += child->installed;
	}
}

int ike_status(const struct ike *ike, uint32_t policy, struct ike_status *out)
{
	const struct ike_tunnel *tun = tunnel_find(ike, policy);
	const struct ike_child *child;
	const struct ike_sa *sa;

	*out = (struct ike_status){.state = IKE_STATE_DOWN};
	if (!tun)
		return -ENOENT;
	if (tun->enabled && tun->keep && (tun->pol.remote.len || tun->pol.by_name))
		out->state = IKE_STATE_CONNECTING;
	count(tun, out);
	sa = sa_newest(ike, tun);
	if (sa)
		status_of_sa(sa, out);
	child = newest_child(tun);
	if (child) {
		out->state = IKE_STATE_UP;
		out->esp = child->suite;
		out->child_since = child->since;
		out->child_rekey_due = child->rekey_at;
		out->spi_in = child->spi_in;
		out->spi_out = child->spi_out;
	}
	out->ike_rekeys = tun->ike_rekeys;
	out->child_rekeys = tun->child_rekeys;
	out->attempts = tun->attempts;
	out->handshakes = tun->handshakes;
	memcpy(out->faults, tun->faults, sizeof(out->faults));
	out->fault = *tun->last_error ? tun->fault : IKE_FAULT_NONE;
	memcpy(out->last_error, tun->last_error, sizeof(out->last_error));
	return 0;
}

void ike_totals(const struct ike *ike, struct ike_totals *out)
{
	const struct ike_sa *sa;

	*out = (struct ike_totals){.half_open = ike->half_open};
	for_each_sa(ike, sa) {
		out->sas++;
		out->children += child_count(sa);
	}
}
