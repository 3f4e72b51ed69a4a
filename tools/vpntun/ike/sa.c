// SPDX-License-Identifier: GPL-2.0
#include "ike/sa.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/wipe.h"

enum { PAUSE_MAX_S = 60, BRIEF_MS = 60000 };

void ike_random(struct ike *ike, void *bytes, size_t size)
{
	/* A source that fails leaves zeroes, which are no SPI. */
	if (ike->set.random(ike->set.random_ctx, bytes, size))
		memset(bytes, 0, size);
}

uint64_t ike_jitter(struct ike *ike, uint64_t below)
{
	uint64_t value = 0;

	ike_random(ike, &value, sizeof(value));
	return below ? value % below : 0;
}

uint64_t ike_pause(struct ike *ike, uint32_t attempts)
{
	uint64_t seconds = attempts > 6 ? PAUSE_MAX_S : 1u << (attempts ? attempts - 1 : 0);

	if (seconds > PAUSE_MAX_S)
		seconds = PAUSE_MAX_S;
	return seconds * 1000 + ike_jitter(ike, seconds * 250);
}

bool ike_brief(const struct ike *ike, uint64_t since)
{
	return ike->now < since + BRIEF_MS;
}

uint64_t ike_late_at(uint64_t since, uint64_t end)
{
	return end == IKE_NEVER ? IKE_NEVER : end - (end - since) / 8;
}

int nonce_make(struct ike *ike, struct ike_nonce *nonce)
{
	nonce->len = IKE_NONCE_SIZE;
	return ike->set.random(ike->set.random_ctx, nonce->bytes, nonce->len) ? -EIO : 0;
}

int nonce_take(struct ike_nonce *nonce, struct span bytes)
{
	if (bytes.len < IKE_NONCE_MIN || bytes.len > IKE_NONCE_MAX)
		return -EINVAL;
	nonce->len = bytes.len;
	memcpy(nonce->bytes, bytes.at, bytes.len);
	return 0;
}

const struct ike_nonce *nonce_lower(const struct ike_nonce *a, const struct ike_nonce *b)
{
	uint16_t common = a->len < b->len ? a->len : b->len;
	int order = memcmp(a->bytes, b->bytes, common);

	if (!order)
		return a->len <= b->len ? a : b;
	return order < 0 ? a : b;
}

int blob_set(struct blob *blob, struct span bytes)
{
	uint8_t *copy = malloc(bytes.len ? bytes.len : 1);

	if (!copy)
		return -ENOMEM;
	if (bytes.len)
		memcpy(copy, bytes.at, bytes.len);
	free(blob->at);
	blob->at = copy;
	blob->len = bytes.len;
	return 0;
}

void blob_clear(struct blob *blob)
{
	free(blob->at);
	blob->at = NULL;
	blob->len = 0;
}

/* ---- what is gone through together ---- */

void unit_touch(struct ike *ike, struct ike_unit *unit)
{
	timer_stop(&ike->timers, &unit->timer);
	if (unit->touched)
		return;
	unit->touched = true;
	unit->touched_next = ike->touched;
	ike->touched = unit;
}

static void unit_leave(struct ike *ike, struct ike_unit *unit)
{
	struct ike_unit **at = &ike->touched;

	timer_stop(&ike->timers, &unit->timer);
	if (!unit->touched)
		return;
	unit->touched = false;
	while (*at && *at != unit)
		at = &(*at)->touched_next;
	/* It is not there while it is being gone through. */
	if (*at)
		*at = unit->touched_next;
}

void tunnel_touch(struct ike *ike, struct ike_tunnel *tun)
{
	unit_touch(ike, &tun->unit);
}

void sa_touch(struct ike *ike, struct ike_sa *sa)
{
	unit_touch(ike, sa->tun ? &sa->tun->unit : &sa->unit);
}

static void half_open_leave(struct ike *ike, struct ike_sa *sa)
{
	if (!sa->half_at)
		return;
	*sa->half_at = sa->half_next;
	if (sa->half_next)
		sa->half_next->half_at = sa->half_at;
	sa->half_at = NULL;
	ike->half_open--;
}

/* ---- tunnels ---- */

void tunnel_add(struct ike *ike, struct ike_tunnel *tun)
{
	struct ike_tunnel **id = &ike->by_id[tun->pol.id % TUNNEL_BUCKETS];

	tun->unit.is_tunnel = true;
	tun->id_next = *id;
	*id = tun;
	*ike->tunnels_end = tun;
	ike->tunnels_end = &tun->next;
}

void tunnel_remove(struct ike *ike, struct ike_tunnel *tun)
{
	struct ike_tunnel **id = &ike->by_id[tun->pol.id % TUNNEL_BUCKETS], **at = &ike->tunnels;

	unit_leave(ike, &tun->unit);
	while (*id != tun)
		id = &(*id)->id_next;
	*id = tun->id_next;
	while (*at != tun)
		at = &(*at)->next;
	*at = tun->next;
	if (!tun->next)
		ike->tunnels_end = at;
}

struct ike_tunnel *tunnel_find(const struct ike *ike, uint32_t policy)
{
	struct ike_tunnel *tun = ike->by_id[policy % TUNNEL_BUCKETS];

	while (tun && tun->pol.id != policy)
		tun = tun->id_next;
	return tun;
}

bool tunnel_takes(const struct ike_tunnel *tun, const struct ike_path *path)
{
	return tun->enabled && (!tun->pol.local.len || addr_equal(&tun->pol.local, &path->local)) &&
	       (tun->pol.remote.len ? addr_equal(&tun->pol.remote, &path->remote) : !tun->pol.by_name);
}

/* ---- IKE SAs ---- */

static struct ike_sa **bucket(struct ike *ike, uint64_t spi)
{
	/* SPIs of ours are random. */
	return &ike->buckets[spi % SA_BUCKETS];
}

uint64_t sa_spi(const struct ike_sa *sa)
{
	return sa->initiator ? sa->spi_i : sa->spi_r;
}

struct ike_sa *sa_find(const struct ike *ike, uint64_t spi)
{
	struct ike_sa *sa = ike->buckets[spi % SA_BUCKETS];

	while (sa && (sa_spi(sa) != spi || sa->state == SA_DEAD))
		sa = sa->next;
	return sa;
}

uint64_t sa_spi_new(struct ike *ike)
{
	uint64_t spi = 0;

	/* Zero means none: a source of randomness that fails must not make us wait for ever. */
	for (int tries = 0; tries < 8; tries++) {
		ike_random(ike, &spi, sizeof(spi));
		if (spi && !sa_find(ike, spi))
			return spi;
	}
	return 0;
}

struct ike_sa *sa_create(struct ike *ike, struct ike_tunnel *tun, bool initiator, uint64_t spi)
{
	struct ike_sa *sa, **at;

	if (!spi)
		spi = sa_spi_new(ike);
	sa = spi ? calloc(1, sizeof(*sa)) : NULL;
	if (!sa)
		return NULL;
	sa->initiator = initiator;
	*(initiator ? &sa->spi_i : &sa->spi_r) = spi;
	sa->state = initiator ? SA_INIT_SENT : SA_INIT_ANSWERED;
	sa->since = ike->now;
	sa->heard = ike->now;
	sa->rekey_at = IKE_NEVER;
	sa->reauth_at = IKE_NEVER;
	sa->deadline = IKE_NEVER;
	at = bucket(ike, spi);
	sa->next = *at;
	*at = sa;
	sa_join(ike, sa, tun);
	return sa;
}

static void leave_tunnel(struct ike_sa *sa)
{
	struct ike_sa **at;

	if (!sa->tun)
		return;
	for (at = &sa->tun->sas; *at != sa; at = &(*at)->tun_next)
		;
	*at = sa->tun_next;
	sa->tun = NULL;
}

void sa_join(struct ike *ike, struct ike_sa *sa, struct ike_tunnel *tun)
{
	if (sa->tun)
		tunnel_touch(ike, sa->tun);
	leave_tunnel(sa);
	unit_leave(ike, &sa->unit);
	sa->tun = tun;
	if (tun) {
		sa->tun_next = tun->sas;
		tun->sas = sa;
	}
	sa_touch(ike, sa);
}

uint64_t sa_job_new(struct ike *ike, const struct ike_sa *sa)
{
	/* Where to look for it is in the number. */
	return ++ike->job_count * SA_BUCKETS + sa_spi(sa) % SA_BUCKETS;
}

int sa_setup(struct ike_sa *sa)
{
	sa->setup = calloc(1, sizeof(*sa->setup));
	return sa->setup ? 0 : -ENOMEM;
}

void sa_setup_free(struct ike_sa *sa)
{
	if (!sa->setup)
		return;
	dh_free(sa->setup->dh);
	blob_clear(&sa->setup->request);
	blob_clear(&sa->setup->response);
	wipe(sa->setup);
	free(sa->setup);
	sa->setup = NULL;
}

void sa_free(struct ike *ike, struct ike_sa *sa)
{
	struct ike_sa **at = bucket(ike, sa_spi(sa));

	while (*at != sa)
		at = &(*at)->next;
	*at = sa->next;
	leave_tunnel(sa);
	unit_leave(ike, &sa->unit);
	half_open_leave(ike, sa);
	while (sa->children) {
		struct ike_child *child = sa->children;

		sa->children = child->next;
		child_free(child);
	}
	task_clear(&sa->out);
	task_clear(&sa->in);
	sa_setup_free(sa);
	blob_clear(&sa->win.request);
	blob_clear(&sa->win.before);
	blob_clear(&sa->win.response);
	frag_free(&sa->win.parts[0]);
	frag_free(&sa->win.parts[1]);
	wipe(sa);
	free(sa);
}

void sa_begin(struct ike *ike, struct ike_sa *sa)
{
	uint64_t life = sa->tun->pol.ike_life * (uint64_t)1000;

	sa->order = ++ike->orders;
	sa->since = ike->now;
	sa->heard = ike->now;
	sa->rekey_at = life ? ike->now + life * 3 / 4 + ike_jitter(ike, life / 10) : IKE_NEVER;
	sa->deadline = life ? ike->now + life : IKE_NEVER;
}

void sa_move_children(struct ike_sa *from, struct ike_sa *to)
{
	struct ike_child **end = &to->children;

	while (*end)
		end = &(*end)->next;
	*end = from->children;
	from->children = NULL;
}

struct ike_sa *sa_rival_of(const struct ike *ike, const struct ike_sa *sa)
{
	struct ike_sa *old = sa->rival_of ? sa_find(ike, sa->rival_of) : NULL;

	return old && old->rival_spi == sa_spi(sa) ? old : NULL;
}

void sa_claim_children(struct ike *ike, struct ike_sa *sa)
{
	struct ike_sa *old = sa_rival_of(ike, sa);

	if (old)
		sa_move_children(old, sa);
}

bool sa_half_open(const struct ike_sa *sa)
{
	return !sa->initiator && (sa->state == SA_INIT_ANSWERED || sa->state == SA_AUTH_CHECKING ||
				  sa->state == SA_REFUSED);
}

void sa_half_open_count(struct ike *ike, struct ike_sa *sa)
{
	half_open_leave(ike, sa);
	if (!sa_half_open(sa))
		return;
	sa->half_next = ike->half;
	if (sa->half_next)
		sa->half_next->half_at = &sa->half_next;
	sa->half_at = &ike->half;
	ike->half = sa;
	ike->half_open++;
}

struct ike_sa *sa_newest(const struct ike *ike, const struct ike_tunnel *tun)
{
	struct ike_sa *sa, *newest = NULL;

	(void)ike;
	for_each_sa_of(tun, sa)
		if (sa->state == SA_UP && (!newest || sa->order > newest->order))
			newest = sa;
	return newest;
}

struct ike_child *child_by_in(const struct ike_sa *sa, uint32_t spi)
{
	struct ike_child *child = sa->children;

	while (child && child->spi_in != spi)
		child = child->next;
	return child;
}

struct ike_child *child_by_out(const struct ike_sa *sa, uint32_t spi)
{
	struct ike_child *child = sa->children;

	while (child && child->spi_out != spi)
		child = child->next;
	return child;
}

unsigned int child_count(const struct ike_sa *sa)
{
	unsigned int count = 0;

	for (const struct ike_child *child = sa->children; child; child = child->next)
		count++;
	return count;
}

static bool child_spi_used(const struct ike *ike, uint32_t spi)
{
	const struct ike_child *child = ike->children[spi % CHILD_BUCKETS];

	while (child && child->spi_in != spi)
		child = child->spi_next;
	return child;
}

void child_spi_add(struct ike *ike, struct ike_child *child)
{
	struct ike_child **at = &ike->children[child->spi_in % CHILD_BUCKETS];

	child->spi_next = *at;
	if (child->spi_next)
		child->spi_next->spi_at = &child->spi_next;
	child->spi_at = at;
	*at = child;
}

uint32_t child_spi_new(struct ike *ike)
{
	uint32_t spi = 0;

	for (int tries = 0; tries < 8; tries++) {
		ike_random(ike, &spi, sizeof(spi));
		/* RFC 4303 section 2.1: up to 255 they are reserved. */
		if (spi > 255 && !child_spi_used(ike, spi))
			return spi;
	}
	return 0;
}

void child_free(struct ike_child *child)
{
	if (!child)
		return;
	if (child->spi_at) {
		*child->spi_at = child->spi_next;
		if (child->spi_next)
			child->spi_next->spi_at = child->spi_at;
	}
	wipe(child);
	free(child);
}

void child_unlink(struct ike_sa *sa, struct ike_child *child)
{
	struct ike_child **at = &sa->children;

	while (*at && *at != child)
		at = &(*at)->next;
	if (*at)
		*at = child->next;
	child->next = NULL;
}

void task_clear(struct ike_task *task)
{
	dh_free(task->dh);
	child_free(task->child);
	wipe(task);
}
