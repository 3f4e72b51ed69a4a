// SPDX-License-Identifier: GPL-2.0
#include "ike/x_rekey.h"

#include <errno.h>
#include <string.h>

#include "ike/mobike.h"
#include "ike/names.h"
#include "ike/reauth.h"
#include "ike/say.h"
#include "ike/window.h"
#include "util/wipe.h"

enum {
	REPLACED_MAX = 8,	/* IKE SAs that a peer has rekeyed and not deleted */
	TEXT_SIZE = 200,
};

static void put_spi(struct ike_proposal *proposal, uint64_t spi)
{
	struct wr wr = wr_init(proposal->spi, sizeof(proposal->spi));

	wr_u64(&wr, spi);
	proposal->spi_len = sizeof(spi);
}

static uint64_t get_spi(const struct ike_proposal *proposal)
{
	struct rd rd = rd_init((struct span){proposal->spi, proposal->spi_len});
	uint64_t spi = rd_u64(&rd);

	return rd_done(&rd) ? spi : 0;
}

/* Another IKE SA with the same peer, with keys from @task's exchange; NULL: it cannot be. */
static struct ike_sa *make_sa(struct ike *ike, struct ike_sa *old, struct ike_task *task,
			      const struct ike_suite *suite, uint64_t spi_peer, struct span ke)
{
	const struct ike_nonces nonces = {nonce_span(&task->ni), nonce_span(&task->nr)};
	uint8_t shared[IKE_KE_MAX];
	struct ike_sa *sa;
	int len, err;

	sa = sa_create(ike, old->tun, task == &old->out, task->new_spi);
	if (!sa)
		return NULL;
	*(sa->initiator ? &sa->spi_r : &sa->spi_i) = spi_peer;
	len = dh_shared(task->dh, ke, shared);
	err = len < 0 ? len : keymat_rekey(&old->keys, suite, (struct span){shared, len}, &nonces, sa->spi_i,
					   sa->spi_r, &sa->keys);
	wipe(&shared);
	if (err) {
		sa_free(ike, sa);
		return NULL;
	}
	sa->state = SA_UP;
	sa->path = old->path;
	sa->reply = old->reply;
	sa->natted = old->natted;
	sa->peer_natted = old->peer_natted;
	sa->udp = old->udp;
	sa->fragments = old->fragments;
	sa->mobike = old->mobike;
	sa->mover = old->mover;
	/* An update that is under way comes too late there; and by other SPIs nobody sees if one has become due. */
	sa->update = old->update || old->out.kind == TASK_UPDATE || mobike_may_drift(sa);
	sa->stale = old->stale;
	sa->childless = old->childless;
	sa->reauth_at = old->reauth_at;		/* that a rekeying is none, RFC 4478 section 3 */
	sa->remote_id = old->remote_id;
	sa_begin(ike, sa);
	return sa;
}

/* From now on @old is only there to be deleted, by whoever has rekeyed it. */
static enum sa_state replace(struct ike *ike, struct ike_sa *old, struct ike_sa *sa, bool here)
{
	/* One that is to end for its policy's sake is followed by one that is, too. */
	sa->order = old->order < old->tun->former ? old->order : ++ike->orders;
	/* It may be a new one itself, whose Child SAs still wait with the one before. */
	sa_claim_children(ike, old);
	sa_move_children(old, sa);
	old->successor = sa_spi(sa);
	old->rekeyed_here = here;
	old->rival_spi = 0;
	old->tun->ike_rekeys++;
	task_clear(&old->out);
	/* The peer may have deleted it already, see x_info.c. */
	return old->state == SA_REPLACED ? SA_DEAD : SA_REPLACED;
}

/* ---- initiator ---- */

static int send_request(struct ike *ike, struct ike_sa *sa)
{
	uint8_t payloads[IKE_DATAGRAM_MAX / 2];
	struct chain chain = chain_init(payloads, sizeof(payloads));
	struct ike_proposals offer = sa->tun->pol.ike;
	struct ike_task *task = &sa->out;

	for (unsigned int i = 0; i < offer.count; i++)
		put_spi(&offer.list[i], task->new_spi);
	chain_sa(&chain, &offer);
	chain_nonce(&chain, nonce_span(&task->ni));
	chain_ke(&chain, dh_group(task->dh), dh_public(task->dh));
	return window_request(ike, sa, IKE_EXCH_CREATE_CHILD_SA, &chain, window_patience(sa));
}

int x_rekey_start(struct ike *ike, struct ike_sa *sa)
{
	const struct ike_proposals *offer = &sa->tun->pol.ike;
	struct ike_task *task = &sa->out;
	uint16_t group = sa->keys.suite.group;
	int err = -EIO;

	task->kind = TASK_REKEY;
	task->new_spi = sa_spi_new(ike);
	/* What it took last time it will take again. */
	task->dh = dh_create(prop_has_group(offer, group) ? group : prop_first_group(offer));
	if (task->new_spi && task->dh && !nonce_make(ike, &task->ni))
		err = send_request(ike, sa);
	if (err)
		task_clear(task);
	return err;
}

/* The exchange has come to nothing. If the peer has made an IKE SA meanwhile, that is the new one. */
static enum sa_state failed(struct ike *ike, struct ike_sa *sa, uint64_t again)
{
	struct ike_sa *rival = sa->rival_spi ? sa_find(ike, sa->rival_spi) : NULL;

	if (rival)
		return replace(ike, sa, rival, false);
	if (sa->state == SA_REPLACED)
		return SA_DEAD;
	task_clear(&sa->out);
	sa->rival_spi = 0;
	sa->rekey_at = ike->now + again + ike_jitter(ike, again);
	if (ike->now >= ike_late_at(sa->since, sa->deadline))
		reauth_want(ike, sa->tun);
	return SA_UP;
}

static enum sa_state refused(struct ike *ike, struct ike_sa *sa, const struct ike_notify_pld *error)
{
	struct ike_task *task = &sa->out;
	struct rd rd = rd_init(error->data);
	char text[TEXT_SIZE];
	uint16_t group;
	struct dh *dh;

	if (error->type == IKE_N_TEMPORARY_FAILURE)
		return failed(ike, sa, TASK_AGAIN_SOON_MS);
	group = rd_u16(&rd);
	if (error->type == IKE_N_INVALID_KE_PAYLOAD && prop_has_group(&sa->tun->pol.ike, group) &&
	    group != dh_group(task->dh) && task->rounds < TASK_ROUNDS_MAX) {
		dh = dh_create(group);
		if (!dh)
			return failed(ike, sa, TASK_AGAIN_MS);
		dh_free(task->dh);
		task->dh = dh;
		task->rounds++;
		return send_request(ike, sa) ? failed(ike, sa, TASK_AGAIN_MS) : sa->state;
	}
	say_fault(ike, sa->tun, fault_of(error->type), "the peer refuses to rekey the IKE SA: %s; offered %s",
		  name_notify(error->type), prop_list_text(&sa->tun->pol.ike, text, sizeof(text)));
	/* Section 1.3: some peers do not know how. */
	if (error->type == IKE_N_NO_ADDITIONAL_SAS)
		reauth_want(ike, sa->tun);
	return failed(ike, sa, TASK_AGAIN_MS);
}

/* The new IKE SA that the answer makes; NULL with @why. */
static struct ike_sa *take_answer(struct ike *ike, struct ike_sa *sa, const struct ike_msg *msg, struct why *why)
{
	struct ike_task *task = &sa->out;
	struct ike_suite suite;
	struct ike_sa *fresh;
	uint64_t spi = msg->sa.count ? get_spi(&msg->sa.list[0]) : 0;

	why_set(why, "its SPI or its nonce cannot be");
	if (!spi || nonce_take(&task->nr, msg->nonce) || prop_accept(&sa->tun->pol.ike, &msg->sa, &suite, why))
		return NULL;
	why_set(why, "it is for another group than our Diffie-Hellman value");
	if (suite.group != dh_group(task->dh) || msg->ke_group != suite.group)
		return NULL;
	fresh = make_sa(ike, sa, task, &suite, spi, msg->ke);
	if (!fresh)
		why_set(why, "its Diffie-Hellman value of group %s is bad", name_group(suite.group));
	return fresh;
}

enum sa_state x_rekey_response(struct ike *ike, struct ike_sa *sa, const struct ike_in *in)
{
	const struct ike_notify_pld *error = msg_error(in->msg);
	struct ike_task *task = &sa->out;
	struct ike_sa *fresh, *rival;
	struct why why;

	if (error)
		return refused(ike, sa, error);
	fresh = take_answer(ike, sa, in->msg, &why);
	if (!fresh) {
		say_fault(ike, sa->tun, IKE_FAULT_BAD_MESSAGE,
			  "the peer's answer to the rekeying of the IKE SA is refused: %s", why.text);
		/* It has a new one, and all Child SAs with that; section 2.21.3: clean up, and begin anew. */
		reauth_want(ike, sa->tun);
		return failed(ike, sa, TASK_AGAIN_MS);
	}
	/* Section 2.8.2: of two new ones, that with the lowest nonce goes, by whom it has made. */
	rival = sa->rival_spi ? sa_find(ike, sa->rival_spi) : NULL;
	if (rival && nonce_lower(nonce_lower(&task->ni, &task->nr), &sa->rival_nonce) != &sa->rival_nonce) {
		fresh->state = SA_DELETING;
		return replace(ike, sa, rival, false);
	}
	/* The peer deletes what it has made in vain, or cannot, as it may not have learnt of it. */
	if (rival) {
		rival->ping = true;
		sa_move_children(rival, fresh);
	}
	say(ike, sa->tun, IKE_LOG_INFO, "the IKE SA has been rekeyed");
	return replace(ike, sa, fresh, true);
}

/* ---- responder ---- */

static enum sa_state refuse(struct ike *ike, struct ike_sa *sa, const struct ike_in *in, uint16_t type,
			    struct span data)
{
	task_clear(&sa->in);
	window_answer_notify(ike, sa, in->hdr, type, data);
	return sa->state;
}

static int send_answer(struct ike *ike, struct ike_sa *sa, const struct ike_in *in, const struct ike_proposal *choice)
{
	uint8_t payloads[IKE_DATAGRAM_MAX / 2];
	struct chain chain = chain_init(payloads, sizeof(payloads));
	struct ike_proposals answer = {.count = 1, .list = {*choice}};
	struct ike_task *task = &sa->in;

	put_spi(&answer.list[0], task->new_spi);
	chain_sa(&chain, &answer);
	chain_nonce(&chain, nonce_span(&task->nr));
	chain_ke(&chain, dh_group(task->dh), dh_public(task->dh));
	return window_answer(ike, sa, IKE_EXCH_CREATE_CHILD_SA, in->hdr->id, &chain);
}

static enum sa_state agree(struct ike *ike, struct ike_sa *sa, const struct ike_in *in,
			    const struct ike_suite *suite, const struct ike_proposal *choice)
{
	struct ike_task *task = &sa->in;
	struct ike_sa *fresh = NULL;

	task->dh = dh_create(suite->group);
	task->new_spi = sa_spi_new(ike);
	if (task->dh && task->new_spi && !nonce_make(ike, &task->nr) && !nonce_take(&task->ni, in->msg->nonce))
		fresh = make_sa(ike, sa, task, suite, get_spi(choice), in->msg->ke);
	if (!fresh)
		return refuse(ike, sa, in, IKE_N_INVALID_SYNTAX, (struct span){NULL, 0});
	if (send_answer(ike, sa, in, choice)) {
		sa_free(ike, fresh);
		return SA_DEAD;
	}
	if (sa->out.kind == TASK_REKEY) {
		sa->rival_spi = sa_spi(fresh);
		fresh->rival_of = sa_spi(sa);
		sa->rival_nonce = *nonce_lower(&task->ni, &task->nr);
		task_clear(task);
		return SA_UP;
	}
	task_clear(task);
	say(ike, sa->tun, IKE_LOG_INFO, "the peer has rekeyed the IKE SA");
	return replace(ike, sa, fresh, false);
}

/* A peer that rekeys and never deletes would fill our memory. */
static bool too_many(const struct ike_tunnel *tun)
{
	const struct ike_sa *sa;
	unsigned int count = 0;

	for_each_sa_of(tun, sa)
		count += sa->state == SA_REPLACED;
	return count >= REPLACED_MAX;
}

enum sa_state x_rekey_request(struct ike *ike, struct ike_sa *sa, const struct ike_in *in)
{
	struct why why = {"the SPI of its proposal is none"};
	struct ike_proposal choice;
	struct ike_suite suite;
	uint8_t group[2];

	/* Section 2.25.2: not while Child SAs are being made or deleted, and but once. */
	if ((sa->out.kind != TASK_NONE && sa->out.kind != TASK_REKEY && sa->out.kind != TASK_PING) || sa->rival_spi ||
	    too_many(sa->tun))
		return refuse(ike, sa, in, IKE_N_TEMPORARY_FAILURE, (struct span){NULL, 0});
	if (prop_choose(&in->msg->sa, &sa->tun->pol.ike, in->msg->ke_group, &suite, &choice, &why) ||
	    !get_spi(&choice)) {
		if (hint_allowed(ike))
			say_fault(ike, sa->tun, IKE_FAULT_NO_PROPOSAL, "the peer's rekeying of the IKE SA is refused: %s", why.text);
		return refuse(ike, sa, in, IKE_N_NO_PROPOSAL_CHOSEN, (struct span){NULL, 0});
	}
	if (suite.group == in->msg->ke_group)
		return agree(ike, sa, in, &suite, &choice);
	group[0] = suite.group >> 8;
	group[1] = suite.group & 0xff;
	return refuse(ike, sa, in, IKE_N_INVALID_KE_PAYLOAD, (struct span){group, sizeof(group)});
}
