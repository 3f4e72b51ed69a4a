// SPDX-License-Identifier: GPL-2.0
#include "ike/reauth.h"

#include "ike/child.h"
#include "ike/say.h"

enum {
	OVERLAP_MS = 1000,	/* both sides use the new Child SA, and nothing is on its way by an old one */
	AGAIN_MS = 30000,	/* between attempts; each that brings no Child SA doubles it: */
	DOUBLED_MAX = 6,
	JITTER_MS = 2000,
	SOONEST_MS = 10000,	/* whatever the peer wants */
};

/* One that is on its way up, by us. */
static bool pending(const struct ike_tunnel *tun)
{
	const struct ike_sa *sa;

	for_each_sa_of(tun, sa)
		if (sa->initiator && sa->state < SA_UP)
			return true;
	return false;
}

void reauth_want(struct ike *ike, struct ike_tunnel *tun)
{
	if (tun->anew)
		return;
	tun->anew = true;
	tun->anew_at = ike->now;
	tun->anew_vain = 0;
}

void reauth_note(struct ike *ike, struct ike_sa *sa, const struct ike_msg *msg)
{
	const struct ike_notify_pld *notify = msg_notify(msg, IKE_N_AUTH_LIFETIME);
	struct rd rd = rd_init(notify ? notify->data : (struct span){NULL, 0});
	uint64_t life = rd_u32(&rd) * (uint64_t)1000, begin;

	if (!rd_done(&rd) || !sa->mover)
		return;
	begin = life * 3 / 4 + ike_jitter(ike, life / 10);
	sa->reauth_at = ike->now + (begin > SOONEST_MS ? begin : SOONEST_MS);
}

void reauth_tick(struct ike *ike, struct ike_sa *sa)
{
	if (sa->state != SA_UP || ike->now < sa->reauth_at)
		return;
	sa->reauth_at = IKE_NEVER;
	if (sa != sa_newest(ike, sa->tun))
		return;
	say(ike, sa->tun, IKE_LOG_INFO, "the peer wants us to authenticate again: another IKE SA is begun");
	reauth_want(ike, sa->tun);
}

bool reauth_now(const struct ike *ike, const struct ike_tunnel *tun)
{
	return tun->enabled && tun->anew && tun->pol.remote.len && ike->now >= tun->anew_at && !pending(tun);
}

void reauth_begun(struct ike *ike, struct ike_tunnel *tun)
{
	tun->anew_at = ike->now + AGAIN_MS + ike_jitter(ike, JITTER_MS);
}

/* Whoever began: it is by the policy as it is now. */
void reauth_up(struct ike *ike, struct ike_sa *sa)
{
	struct ike_tunnel *tun = sa->tun;

	if (!tun->anew)
		return;
	tun->anew = !child_in_use(sa);
	if (tun->anew) {
		tun->anew_at = ike->now + ((uint64_t)AGAIN_MS << tun->anew_vain);
		tun->anew_vain += tun->anew_vain < DOUBLED_MAX;
		if (child_any(ike, tun))
			return;
	}
	tun->former = sa->order;
	tun->former_until = ike->now + OVERLAP_MS;
}

bool reauth_over(const struct ike *ike, const struct ike_sa *sa)
{
	const struct ike_tunnel *tun = sa->tun;

	return tun && sa->state == SA_UP && sa->order < tun->former && ike->now >= tun->former_until;
}

uint64_t reauth_due(const struct ike *ike, const struct ike_tunnel *tun)
{
	if (tun->enabled && tun->anew && tun->pol.remote.len && !pending(tun))
		return tun->anew_at;
	return ike->now < tun->former_until ? tun->former_until : IKE_NEVER;
}
