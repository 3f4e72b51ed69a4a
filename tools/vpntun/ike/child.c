// SPDX-License-Identifier: GPL-2.0
#include "ike/child.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ike/nat.h"
#include "ike/say.h"
#include "util/wipe.h"

struct ike_child *child_create(struct ike *ike)
{
	uint32_t spi = child_spi_new(ike);
	struct ike_child *child;

	child = spi ? calloc(1, sizeof(*child)) : NULL;
	if (!child)
		return NULL;
	child->spi_in = spi;
	child_spi_add(ike, child);
	child->state = CHILD_MAKING;
	child->rekey_at = IKE_NEVER;
	child->expires_at = IKE_NEVER;
	return child;
}

static void put_spi(struct ike_proposal *proposal, uint32_t spi)
{
	struct wr wr = wr_init(proposal->spi, sizeof(proposal->spi));

	wr_u32(&wr, spi);
	proposal->spi_len = sizeof(spi);
}

void child_proposals(const struct ike_tunnel *tun, bool pfs, struct ike_proposals *out)
{
	if (pfs)
		*out = tun->pol.esp;
	else
		prop_without_groups(&tun->pol.esp, out);
}

void child_reserve(struct ike *ike, const struct ike_tunnel *tun, struct ike_child *child)
{
	struct ike_act *act = acts_add(&ike->acts, IKE_ACT_RESERVE);

	if (!act)
		return;
	act->reserve.policy = tun->pol.id;
	act->reserve.spi_in = child->spi_in;
	child->reserving = true;
}

void child_put_offer(const struct ike_tunnel *tun, const struct ike_child *child, bool pfs, struct chain *chain)
{
	struct ike_proposals offer;

	child_proposals(tun, pfs, &offer);
	for (unsigned int i = 0; i < offer.count; i++)
		put_spi(&offer.list[i], child->spi_in);
	chain_sa(chain, &offer);
}

void child_put_offer_ts(const struct ike_tunnel *tun, struct chain *chain)
{
	chain_ts(chain, IKE_PLD_TSI, &tun->pol.local_ts);
	chain_ts(chain, IKE_PLD_TSR, &tun->pol.remote_ts);
}

static int take_spi(struct ike_child *child, const struct ike_proposal *proposal, struct why *why)
{
	struct rd rd = rd_init((struct span){proposal->spi, proposal->spi_len});

	child->spi_out = rd_u32(&rd);
	if (!rd_done(&rd) || child->spi_out <= 255)
		return why_set(why, "the SPI of the peer's proposal is not one of ESP");
	return 0;
}

int child_accept(const struct ike_tunnel *tun, struct ike_child *child, const struct ike_msg *msg, bool pfs,
		 struct why *why)
{
	struct ike_proposals offer;

	child_proposals(tun, pfs, &offer);
	if (prop_accept(&offer, &msg->sa, &child->suite, why) || take_spi(child, &msg->sa.list[0], why))
		return -EINVAL;
	if (!msg->tsi.count || !msg->tsr.count || !ts_within(&msg->tsi, &tun->pol.local_ts) ||
	    !ts_within(&msg->tsr, &tun->pol.remote_ts))
		return why_set(why, "the peer's traffic selectors are more than was offered");
	if (msg->ts_cut)
		return why_set(why, "the peer's traffic selectors are more than %d of a side", IKE_TS_MAX);
	/* Without those for single ports: a tunnel knows addresses alone, and would carry what was not agreed on. */
	if (!ts_narrow(&msg->tsi, &tun->pol.local_ts, &child->local_ts) ||
	    !ts_narrow(&msg->tsr, &tun->pol.remote_ts, &child->remote_ts))
		return why_set(why, "the peer's traffic selectors are for single protocols or ports");
	return 0;
}

const char *child_offer_text(const struct ike_tunnel *tun, uint16_t refusal, char *text, size_t size)
{
	const struct ike_policy *pol = &tun->pol;
	char ours[96], theirs[96];

	if (refusal != IKE_N_TS_UNACCEPTABLE)
		return prop_list_text(&pol->esp, text, size);
	snprintf(text, size, "%s here, %s there", ts_text(&pol->local_ts, ours, sizeof(ours)),
		 ts_text(&pol->remote_ts, theirs, sizeof(theirs)));
	return text;
}

static uint16_t choose_ts(const struct ike_tunnel *tun, struct ike_child *child, const struct ike_msg *msg,
			  struct why *why)
{
	const struct ike_policy *pol = &tun->pol;
	char theirs[2][96], ours[2][96];

	if (ts_narrow(&msg->tsi, &pol->remote_ts, &child->remote_ts) &&
	    ts_narrow(&msg->tsr, &pol->local_ts, &child->local_ts))
		return 0;
	why_set(why, "no common traffic selectors: the peer has %s and wants %s, configured are %s and %s",
		ts_text(&msg->tsi, theirs[0], sizeof(theirs[0])), ts_text(&msg->tsr, theirs[1], sizeof(theirs[1])),
		ts_text(&pol->remote_ts, ours[0], sizeof(ours[0])), ts_text(&pol->local_ts, ours[1], sizeof(ours[1])));
	return IKE_N_TS_UNACCEPTABLE;
}

uint16_t child_choose(const struct ike_tunnel *tun, struct ike_child *child, const struct ike_msg *msg, bool pfs,
		      struct why *why)
{
	struct ike_proposals configured, stripped;
	const struct ike_proposals *offered = &msg->sa;

	child_proposals(tun, pfs, &configured);
	/* Some peers name groups even where there is no key exchange for them. */
	if (!pfs) {
		prop_without_groups(&msg->sa, &stripped);
		offered = &stripped;
	}
	if (prop_choose(offered, &configured, pfs ? msg->ke_group : 0, &child->suite, &child->answer, why) ||
	    take_spi(child, &child->answer, why))
		return IKE_N_NO_PROPOSAL_CHOSEN;
	if (child->suite.group && child->suite.group != msg->ke_group) {
		why_set(why, "the peer's key exchange has another group than the proposal chosen");
		return IKE_N_INVALID_KE_PAYLOAD;
	}
	put_spi(&child->answer, child->spi_in);
	return choose_ts(tun, child, msg, why);
}

void child_put_answer(const struct ike_child *child, struct chain *chain)
{
	struct ike_proposals answer = {.count = 1};

	answer.list[0] = child->answer;
	chain_sa(chain, &answer);
}

void child_put_answer_ts(const struct ike_child *child, struct chain *chain)
{
	chain_ts(chain, IKE_PLD_TSI, &child->remote_ts);
	chain_ts(chain, IKE_PLD_TSR, &child->local_ts);
}

int child_key(const struct ike_sa *sa, struct ike_child *child, bool initiator, struct span shared,
	      const struct ike_nonces *nonces)
{
	struct child_keys *i = initiator ? &child->out : &child->in;
	struct child_keys *r = initiator ? &child->in : &child->out;

	return keymat_child(&sa->keys, &child->suite, shared, nonces, i, r);
}

/* All of a tunnel's Child SAs but those in the making. */
#define for_each_child_of(tunnel, sa, child) \
	for_each_sa_of(tunnel, sa) \
		for ((child) = (sa)->children; (child); (child) = (child)->next)

bool child_in_use(const struct ike_sa *sa)
{
	for (const struct ike_child *child = sa->children; child; child = child->next)
		if (child->installed && child->state == CHILD_UP)
			return true;
	return false;
}

bool child_any(const struct ike *ike, const struct ike_tunnel *tun)
{
	const struct ike_sa *sa;
	const struct ike_child *child;

	(void)ike;
	for_each_child_of(tun, sa, child)
		if (child->installed && (child->state == CHILD_UP || child->state == CHILD_REPLACED))
			return true;
	return false;
}

void child_install(struct ike *ike, struct ike_sa *sa, struct ike_task *task, bool pending)
{
	struct ike_act *act = acts_add(&ike->acts, IKE_ACT_INSTALL);
	struct ike_child *child = task->child;
	struct ike_act_install *install;

	task->wait = WAIT_INSTALL;
	task->job = sa_job_new(ike, sa);
	task->answer_by = ike->now + ANSWER_MS;
	child->order = ++ike->orders;
	if (!act)
		return;
	install = &act->install;
	install->job = task->job;
	install->policy = sa->tun->pol.id;
	install->spi_in = child->spi_in;
	install->spi_out = child->spi_out;
	install->suite = child->suite;
	install->in = child->in;
	install->out = child->out;
	install->pending = pending;
	install->udp = sa->udp;
	install->peer_natted = sa->peer_natted;
	install->natted = sa->natted;
	install->path = sa->path;
	nat_told_by(sa);
	install->local_ts = child->local_ts;
	install->remote_ts = child->remote_ts;
	install->life = sa->tun->pol.child_life;
	install->life_bytes = sa->tun->pol.child_life_bytes;
	child->installed = true;
	wipe(&child->in);
	wipe(&child->out);
	if (!pending)
		sa->tun->current = child->order;
}

struct ike_child *child_established(struct ike *ike, struct ike_sa *sa, struct ike_task *task)
{
	struct ike_child *child = task->child;
	uint64_t life = sa->tun->pol.child_life * (uint64_t)1000;

	task->child = NULL;
	child->state = CHILD_UP;
	child->since = ike->now;
	if (life) {
		child->expires_at = ike->now + life;
		child->rekey_at = ike->now + life * 3 / 4 + ike_jitter(ike, life / 10);
	}
	child->next = sa->children;
	sa->children = child;
	return child;
}

void child_prove_all(struct ike_sa *sa)
{
	for (struct ike_child *child = sa->children; child; child = child->next)
		child->unproven = false;
}

/* The lower the better: one that has been replaced goes before one that the peer may not know of. */
static int rank(const struct ike_child *child)
{
	if (child->unproven)
		return 2;
	return child->state == CHILD_REPLACED;
}

static void consider(struct ike_child **heir, struct ike_child *child)
{
	if (!child->installed || child->spare || child->state == CHILD_CLOSING || child->state == CHILD_DELETING)
		return;
	if (!*heir || rank(child) < rank(*heir) || (rank(child) == rank(*heir) && child->order > (*heir)->order))
		*heir = child;
}

/* The one that the tunnel sent on is gone: the latest of the others that the peer has takes its place. */
static void activate_heir(struct ike *ike, struct ike_tunnel *tun)
{
	struct ike_child *child, *heir = NULL;
	struct ike_act *act;
	struct ike_sa *sa;

	for_each_child_of(tun, sa, child)
		consider(&heir, child);
	for_each_sa_of(tun, sa)
		if (sa->out.child)
			consider(&heir, sa->out.child);
	act = heir ? acts_add(&ike->acts, IKE_ACT_ACTIVATE) : NULL;
	if (!act)
		return;
	act->child.policy = tun->pol.id;
	act->child.spi_in = heir->spi_in;
	act->child.spi_out = heir->spi_out;
	tun->current = heir->order;
}

void child_yield(struct ike *ike, struct ike_sa *sa, const struct ike_child *child)
{
	if (child->installed && child->order >= sa->tun->current)
		activate_heir(ike, sa->tun);
}

void child_uninstall(struct ike *ike, struct ike_sa *sa, struct ike_child *child)
{
	struct ike_act *act;

	if (!child->installed)
		return;
	child->installed = false;
	/* A pending one becomes current by a packet, of which only the kernel knows: any that is newer may have. */
	if (child->order >= sa->tun->current)
		activate_heir(ike, sa->tun);
	act = acts_add(&ike->acts, IKE_ACT_DELETE);
	if (!act)
		return;
	act->child.policy = sa->tun->pol.id;
	act->child.spi_in = child->spi_in;
	act->child.spi_out = child->spi_out;
	/* The peer may send on it for a moment, and there are others: nothing is to be lost. Not so when all ends. */
	act->child.linger = child->linger || (sa->tun->enabled && child_any(ike, sa->tun));
}

void child_remove(struct ike *ike, struct ike_sa *sa, struct ike_child *child)
{
	child_uninstall(ike, sa, child);
	child_unlink(sa, child);
	child_free(child);
}

void child_abort(struct ike *ike, struct ike_sa *sa, struct ike_task *task)
{
	if (task->child)
		child_uninstall(ike, sa, task->child);
	task_clear(task);
}

void child_remove_all(struct ike *ike, struct ike_sa *sa)
{
	while (sa->children)
		child_remove(ike, sa, sa->children);
	child_abort(ike, sa, &sa->out);
	child_abort(ike, sa, &sa->in);
}
