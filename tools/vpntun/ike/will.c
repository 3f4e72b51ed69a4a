// SPDX-License-Identifier: GPL-2.0
#include "ike/will.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ike/child.h"
#include "ike/say.h"
#include "ike/window.h"
#include "util/wipe.h"

enum {
	SAY_AFTER_MS = 2000,	/* both sides use the new Child SA, and nothing is on its way by an old one */
	SAY_AGAIN_MS = 1000,
	SAY_TIMES = 3,		/* nobody can read the answer: it is as good as sent once with two retransmissions */
	JITTER_MS = 500,	/* not all of a hub's tunnels begin at once */
};

/* What an engine before this one has left to be said. */
struct ike_last {
	struct ike_last *next;
	struct ike_act_will will;
};

/* ---- our own ---- */

/* While a request is under way its message ID is in use, and the one after it not yet the peer's to expect. */
static bool speakable(const struct ike_sa *sa)
{
	return (sa->state == SA_UP || sa->state == SA_REPLACED) && !sa->win.busy && sa->out.kind == TASK_NONE;
}

static bool current(const struct ike_sa *sa)
{
	return sa->will.there && sa->will.id == sa->win.next_out && path_equal(&sa->will.path, &sa->path);
}

void will_update(struct ike *ike, struct ike_sa *sa)
{
	uint8_t payloads[16], bytes[IKE_WILL_MAX];
	struct chain chain = chain_init(payloads, sizeof(payloads));
	struct wr out = wr_init(bytes, sizeof(bytes));
	struct ike_act *act;

	if (!speakable(sa) || current(sa))
		return;
	chain_delete_ike(&chain);
	/* Without one the peer finds out by itself that nobody is there. */
	if (window_seal_next(ike, sa, IKE_EXCH_INFORMATIONAL, &chain, &out))
		return;
	act = acts_add(&ike->acts, IKE_ACT_WILL);
	if (!act)
		return;
	act->will.policy = sa->tun->pol.id;
	act->will.spi = sa_spi(sa);
	act->will.path = sa->path;
	act->will.len = out.len;
	memcpy(act->will.bytes, bytes, out.len);
	sa->will.there = true;
	sa->will.id = sa->win.next_out;
	sa->will.path = sa->path;
}

static void revoke(struct ike *ike, uint32_t policy, uint64_t spi)
{
	struct ike_act *act = acts_add(&ike->acts, IKE_ACT_WILL);

	if (!act)
		return;
	act->will.policy = policy;
	act->will.spi = spi;
}

void will_drop(struct ike *ike, struct ike_sa *sa)
{
	if (sa->will.there && sa->tun)
		revoke(ike, sa->tun->pol.id, sa_spi(sa));
	sa->will.there = false;
}

/* ---- of an engine before ---- */

int ike_will(struct ike *ike, uint64_t now, const struct ike_act_will *will)
{
	struct ike_tunnel *tun = tunnel_find(ike, will->policy);
	struct ike_last *last;
	unsigned int count = 0;

	ike->now = now;
	if (!tun)
		return -ENOENT;
	for (last = tun->lasts; last; last = last->next)
		count++;
	if (count >= SAS_PER_POLICY)
		return -ENOSPC;
	last = malloc(sizeof(*last));
	if (!last)
		return -ENOMEM;
	last->will = *will;
	last->next = tun->lasts;
	tun->lasts = last;
	tun->lasts_at = IKE_NEVER;
	tun->lasts_said = 0;
	/* The peer takes it for up, and is not to find out that it is not. */
	tun->keep = true;
	tun->retry_at = now + ike_jitter(ike, JITTER_MS);
	unit_touch(ike, &tun->unit);
	return 0;
}

void will_forget(struct ike_tunnel *tun)
{
	struct ike_last *last;

	while ((last = tun->lasts)) {
		tun->lasts = last->next;
		wipe(last);
		free(last);
	}
}

const struct ike_path *will_path(const struct ike_tunnel *tun)
{
	return tun->lasts ? &tun->lasts->will.path : NULL;
}

static void say_all(struct ike *ike, const struct ike_tunnel *tun)
{
	const struct ike_last *last;

	for (last = tun->lasts; last; last = last->next)
		send_bytes(ike, &last->will.path, (struct span){last->will.bytes, last->will.len});
}

static void done(struct ike *ike, struct ike_tunnel *tun)
{
	const struct ike_last *last;

	for (last = tun->lasts; last; last = last->next)
		revoke(ike, tun->pol.id, last->will.spi);
	will_forget(tun);
}

void will_say(struct ike *ike, struct ike_tunnel *tun)
{
	say_all(ike, tun);
	done(ike, tun);
}

void will_tick(struct ike *ike, struct ike_tunnel *tun)
{
	if (!tun->lasts)
		return;
	if (!child_any(ike, tun))
		tun->lasts_at = IKE_NEVER;
	else if (tun->lasts_at == IKE_NEVER)
		tun->lasts_at = ike->now + SAY_AFTER_MS;
	if (ike->now < tun->lasts_at)
		return;
	say_all(ike, tun);
	tun->lasts_said++;
	tun->lasts_at = ike->now + SAY_AGAIN_MS;
	if (tun->lasts_said < SAY_TIMES)
		return;
	say(ike, tun, IKE_LOG_INFO, "the peer was told that its IKE SA with the process before this one is no more");
	done(ike, tun);
}

uint64_t will_due(const struct ike_tunnel *tun)
{
	return tun->lasts ? tun->lasts_at : IKE_NEVER;
}
