// SPDX-License-Identifier: GPL-2.0
#include "ike/x_child.h"

#include <errno.h>
#include <string.h>

#include "ike/child.h"
#include "ike/names.h"
#include "ike/reauth.h"
#include "ike/say.h"
#include "ike/window.h"
#include "ike/x_rekey.h"
#include "util/wipe.h"

enum {
	TEXT_SIZE = 200,
	ATTEMPTS_MAX = 3,	/* at a Child SA when there is none */
};

static struct span spi_bytes(uint32_t spi, uint8_t bytes[4])
{
	struct wr wr = wr_init(bytes, 4);

	wr_u32(&wr, spi);
	return wr_done(&wr);
}

/* Keys from @task's exchange; @ke is empty without a Diffie-Hellman exchange. 0 or a negative errno with @why. */
static int key(const struct ike_sa *sa, struct ike_task *task, struct span ke, struct why *why)
{
	const struct ike_nonces nonces = {nonce_span(&task->ni), nonce_span(&task->nr)};
	struct ike_child *child = task->child;
	uint8_t shared[IKE_KE_MAX];
	int len = 0, err;

	if (child->suite.group)
		len = task->dh && dh_group(task->dh) == child->suite.group ? dh_shared(task->dh, ke, shared) : -EINVAL;
	if (len < 0)
		return why_set(why, "its Diffie-Hellman value of group %s is bad", name_group(child->suite.group));
	err = child_key(sa, child, task == &sa->out, (struct span){shared, len}, &nonces);
	wipe(&shared);
	return err ? why_set(why, "its keys cannot be made") : 0;
}

/* ---- initiator ---- */

static int send_request(struct ike *ike, struct ike_sa *sa)
{
	uint8_t payloads[IKE_DATAGRAM_MAX / 2], spi[4];
	struct chain chain = chain_init(payloads, sizeof(payloads));
	const struct ike_tunnel *tun = sa->tun;
	struct ike_task *task = &sa->out;
	int err;

	if (task->old_spi)
		chain_notify_spi(&chain, IKE_N_REKEY_SA, IKE_PROTO_ESP, spi_bytes(task->old_spi, spi),
				 (struct span){NULL, 0});
	child_put_offer(tun, task->child, true, &chain);
	chain_nonce(&chain, nonce_span(&task->ni));
	if (task->dh)
		chain_ke(&chain, dh_group(task->dh), dh_public(task->dh));
	child_put_offer_ts(tun, &chain);
	err = window_request_held(ike, sa, IKE_EXCH_CREATE_CHILD_SA, &chain, window_patience(sa));
	if (!err && !task->child->reserving)
		window_release(ike, sa);
	return err;
}

int x_child_start(struct ike *ike, struct ike_sa *sa, struct ike_child *old)
{
	const struct ike_proposals *esp = &sa->tun->pol.esp;
	uint16_t group = prop_first_group(esp);
	struct ike_task *task = &sa->out;
	int err = -ENOMEM;

	if (old && old->suite.group && prop_has_group(esp, old->suite.group))
		group = old->suite.group;
	task->kind = TASK_CHILD;
	task->old_spi = old ? old->spi_in : 0;
	task->child = child_create(ike);
	if (group)
		task->dh = dh_create(group);
	if (task->child && (task->dh || !group) && !nonce_make(ike, &task->ni)) {
		child_reserve(ike, sa->tun, task->child);
		err = send_request(ike, sa);
	}
	if (err)
		task_clear(task);
	return err;
}

/*
 * It is tried again. What IKE_AUTH has brought it may bring again: there are no groups to disagree about, and some peers
 * know no CREATE_CHILD_SA (section 1.3). So another IKE SA is begun before the tunnel is down, and when it is.
 */
static enum sa_state failed(struct ike *ike, struct ike_sa *sa, uint64_t again)
{
	struct ike_child *old = child_by_in(sa, sa->out.old_spi);
	uint64_t when = ike->now + again + ike_jitter(ike, again);
	struct ike_tunnel *tun = sa->tun;

	if (old && old->state == CHILD_UP) {
		old->rekey_at = when;
		if (ike->now >= ike_late_at(old->since, old->expires_at))
			reauth_want(ike, tun);
	} else if (old || !sa->out.old_spi) {
		/* Else the peer has taken it away meanwhile, and when the next one comes was settled then. */
		tun->child_retry_at = when;
		if (!child_any(ike, tun) && ++tun->child_attempts >= ATTEMPTS_MAX && !sa->childless)
			reauth_want(ike, tun);
	}
	child_abort(ike, sa, &sa->out);
	return SA_UP;
}

static bool other_group(struct ike *ike, struct ike_sa *sa, const struct ike_notify_pld *error)
{
	struct ike_task *task = &sa->out;
	struct rd rd = rd_init(error->data);
	uint16_t group = rd_u16(&rd);
	struct dh *dh;

	if (!prop_has_group(&sa->tun->pol.esp, group) || task->rounds >= TASK_ROUNDS_MAX ||
	    (task->dh && dh_group(task->dh) == group))
		return false;
	dh = dh_create(group);
	if (!dh)
		return false;
	dh_free(task->dh);
	task->dh = dh;
	task->rounds++;
	return !send_request(ike, sa);
}

static enum sa_state refused(struct ike *ike, struct ike_sa *sa, const struct ike_notify_pld *error)
{
	struct ike_child *old = child_by_in(sa, sa->out.old_spi);
	char text[TEXT_SIZE];

	if (error->type == IKE_N_INVALID_KE_PAYLOAD && other_group(ike, sa, error))
		return SA_UP;
	if (error->type == IKE_N_TEMPORARY_FAILURE)
		return failed(ike, sa, TASK_AGAIN_SOON_MS);
	if (error->type == IKE_N_CHILD_SA_NOT_FOUND) {
		/* Section 2.25.1: the peer has lost it, or has deleted or rekeyed it just now. */
		if (old && old->state == CHILD_UP)
			child_remove(ike, sa, old);
		return failed(ike, sa, TASK_AGAIN_SOON_MS / 4);
	}
	say_fault(ike, sa->tun, fault_of(error->type), "the peer refuses %s: %s; offered %s",
		  sa->out.old_spi ? "to rekey the tunnel" : "the tunnel", name_notify(error->type),
		  child_offer_text(sa->tun, error->type, text, sizeof(text)));
	return failed(ike, sa, TASK_AGAIN_MS);
}

/* The peer has a Child SA that cannot be: it is told so. */
static void reject(struct ike *ike, struct ike_sa *sa)
{
	struct ike_child *child = sa->out.child;

	child_uninstall(ike, sa, child);
	child_established(ike, sa, &sa->out)->state = CHILD_CLOSING;
}

/* Has the peer made the same, and is its new SA the one that stays? It may have been rekeyed itself by now. */
static bool rival_wins(const struct ike_task *task)
{
	if (task->spare)
		return true;
	return task->rival_spi &&
	       nonce_lower(nonce_lower(&task->ni, &task->nr), &task->rival_nonce) != &task->rival_nonce;
}

static int take_answer(struct ike_sa *sa, const struct ike_msg *msg, struct why *why)
{
	struct ike_task *task = &sa->out;
	int err;

	if (nonce_take(&task->nr, msg->nonce))
		return why_set(why, "its nonce has a length that cannot be");
	err = child_accept(sa->tun, task->child, msg, true, why);
	if (err)
		return err;
	if (msg->ke_group != task->child->suite.group)
		return why_set(why, "it chooses group %s, its Diffie-Hellman value is of %s",
			       name_group(task->child->suite.group), name_group(msg->ke_group));
	return key(sa, task, msg->ke, why);
}

enum sa_state x_child_response(struct ike *ike, struct ike_sa *sa, const struct ike_in *in)
{
	const struct ike_notify_pld *error = msg_error(in->msg);
	struct ike_task *task = &sa->out;
	struct why why;

	if (task->kind == TASK_REKEY)
		return x_rekey_response(ike, sa, in);
	if (error)
		return refused(ike, sa, error);
	if (!take_answer(sa, in->msg, &why)) {
		/* What goes again at once is not sent on: the peer would drop what is under way. */
		task->child->spare = rival_wins(task) && child_any(ike, sa->tun);
		child_install(ike, sa, task, task->child->spare);
		return sa->state;
	}
	say_fault(ike, sa->tun, IKE_FAULT_BAD_MESSAGE, "the peer's answer for the tunnel is refused: %s", why.text);
	reject(ike, sa);
	return failed(ike, sa, TASK_AGAIN_MS);
}

/* The peer's own new one is for the peer to delete. It gets the time for that, and may think otherwise, see x_info.c. */
static void outdo(const struct ike *ike, struct ike_child *rival, struct ike_child *child)
{
	rival->state = CHILD_REPLACED;
	rival->linger = true;
	rival->since = ike->now;
	child->replaces = rival->spi_in;
}

/* What has been rekeyed goes; of two that were made at the same time, that with the lowest nonce (section 2.8.1). */
static void settle(struct ike *ike, struct ike_sa *sa, struct ike_task *task, struct ike_child *child)
{
	struct ike_child *old = child_by_in(sa, task->old_spi);
	struct ike_child *rival = task->rival_spi ? child_by_in(sa, task->rival_spi) : NULL;

	child->spare = rival_wins(task);
	if (child->spare) {
		child->linger = true;
		child->state = CHILD_CLOSING;
		child_yield(ike, sa, child);
	} else if (old && (old->state == CHILD_UP || old->state == CHILD_REPLACED)) {
		old->linger = true;
		old->state = CHILD_CLOSING;
	}
	if (!child->spare && rival && rival->state == CHILD_UP)
		outdo(ike, rival, child);
}

static enum sa_state installed_ours(struct ike *ike, struct ike_sa *sa, int err)
{
	struct ike_task *task = &sa->out;

	if (err) {
		say_fault(ike, sa->tun, IKE_FAULT_LOCAL, "the kernel refuses the tunnel's SA: %s", strerror(-err));
		reject(ike, sa);
		return failed(ike, sa, TASK_AGAIN_MS);
	}
	if (task->child->spi_out == task->deleted_spi)
		return failed(ike, sa, TASK_AGAIN_SOON_MS);
	settle(ike, sa, task, child_established(ike, sa, task));
	sa->tun->child_rekeys += task->old_spi ? 1 : 0;
	sa->tun->child_attempts = 0;
	task_clear(task);
	return sa->state;
}

/* ---- responder ---- */

static enum sa_state refuse(struct ike *ike, struct ike_sa *sa, const struct ike_hdr *hdr, uint16_t type,
			    struct span data)
{
	child_abort(ike, sa, &sa->in);
	window_answer_notify(ike, sa, hdr, type, data);
	return sa->state;
}

enum sa_state x_child_not_now(struct ike *ike, struct ike_sa *sa, const struct ike_in *in)
{
	return refuse(ike, sa, in->hdr, IKE_N_TEMPORARY_FAILURE, (struct span){NULL, 0});
}

/* Section 2.25: which Child SA is to be rekeyed, and may it be? 0, or the notify that refuses. */
static uint16_t find_old(struct ike_sa *sa, const struct ike_notify_pld *rekey, struct ike_child **old)
{
	struct rd rd = rd_init(rekey->spi);
	uint32_t spi = rd_u32(&rd);

	*old = rekey->proto == IKE_PROTO_ESP && rd_done(&rd) ? child_by_out(sa, spi) : NULL;
	if (!*old)
		return IKE_N_CHILD_SA_NOT_FOUND;
	return (*old)->state == CHILD_UP ? 0 : IKE_N_TEMPORARY_FAILURE;
}

/*
 * A tunnel has one set of selectors in the kernel, those of its latest Child SA. One beside another must not have less:
 * it would take the rest away. Not NO_ADDITIONAL_SAS, by which a peer might begin another IKE SA with it.
 */
static uint16_t check_beside(const struct ike_sa *sa, const struct ike_child *made, struct why *why)
{
	const struct ike_child *child;
	char theirs[2][96], up[2][96];

	for (child = sa->children; child; child = child->next) {
		if (child->state != CHILD_UP || (ts_within(&child->local_ts, &made->local_ts) &&
						 ts_within(&child->remote_ts, &made->remote_ts)))
			continue;
		why_set(why, "one SA must be for all that a tunnel carries, and it is up for %s here and %s there; this one is for %s and %s",
			ts_text(&child->local_ts, up[0], sizeof(up[0])), ts_text(&child->remote_ts, up[1], sizeof(up[1])),
			ts_text(&made->local_ts, theirs[0], sizeof(theirs[0])),
			ts_text(&made->remote_ts, theirs[1], sizeof(theirs[1])));
		return IKE_N_TS_UNACCEPTABLE;
	}
	return 0;
}

/* @old: what is to be rekeyed, or NULL. */
static uint16_t choose(struct ike *ike, struct ike_sa *sa, const struct ike_msg *msg, const struct ike_child *old)
{
	struct ike_task *task = &sa->in;
	struct why why = {""};
	char text[TEXT_SIZE];
	uint16_t type;

	task->child = child_create(ike);
	if (!task->child)
		return IKE_N_TEMPORARY_FAILURE;
	type = child_choose(sa->tun, task->child, msg, true, &why);
	if (!type && !old)
		type = check_beside(sa, task->child, &why);
	if (type && type != IKE_N_INVALID_KE_PAYLOAD && hint_allowed(ike))
		say_fault(ike, sa->tun, fault_of(type), "the peer's tunnel is refused: %s; it offered %s", why.text,
			  prop_list_text(&msg->sa, text, sizeof(text)));
	if (type)
		return type;
	if (task->child->suite.group)
		task->dh = dh_create(task->child->suite.group);
	if (nonce_take(&task->ni, msg->nonce))
		return IKE_N_INVALID_SYNTAX;
	if (nonce_make(ike, &task->nr))
		return IKE_N_TEMPORARY_FAILURE;
	if (!key(sa, task, msg->ke, &why))
		return 0;
	if (hint_allowed(ike))
		say_fault(ike, sa->tun, IKE_FAULT_BAD_MESSAGE, "the peer's tunnel is refused: %s", why.text);
	return IKE_N_INVALID_SYNTAX;
}

static enum sa_state refuse_choice(struct ike *ike, struct ike_sa *sa, const struct ike_in *in, uint16_t type)
{
	uint8_t group[2];

	if (type != IKE_N_INVALID_KE_PAYLOAD)
		return refuse(ike, sa, in->hdr, type, (struct span){NULL, 0});
	group[0] = sa->in.child->suite.group >> 8;
	group[1] = sa->in.child->suite.group & 0xff;
	return refuse(ike, sa, in->hdr, type, (struct span){group, sizeof(group)});
}

static enum sa_state not_found(struct ike *ike, struct ike_sa *sa, const struct ike_in *in,
			       const struct ike_notify_pld *rekey)
{
	uint8_t payloads[256];
	struct chain chain = chain_init(payloads, sizeof(payloads));

	chain_notify_spi(&chain, IKE_N_CHILD_SA_NOT_FOUND, rekey->proto, rekey->spi, (struct span){NULL, 0});
	if (chain_ok(&chain))
		window_answer(ike, sa, IKE_EXCH_CREATE_CHILD_SA, in->hdr->id, &chain);
	return sa->state;
}

enum sa_state x_child_request(struct ike *ike, struct ike_sa *sa, const struct ike_in *in)
{
	const struct ike_notify_pld *rekey = msg_notify(in->msg, IKE_N_REKEY_SA);
	struct ike_task *task = &sa->in;
	struct ike_child *old = NULL;
	uint16_t type;
	bool both;

	sa_claim_children(ike, sa);
	child_prove_all(sa);
	if (in->msg->sa.list[0].proto == IKE_PROTO_IKE)
		return x_rekey_request(ike, sa, in);
	if (sa->out.kind == TASK_REKEY || sa->out.kind == TASK_DELETE)
		return x_child_not_now(ike, sa, in);
	/* Both make up for one that is gone: that of the IKE SA's initiator is enough. */
	both = !rekey && sa->out.kind == TASK_CHILD && !sa->out.old_spi;
	if (both && sa->initiator)
		return x_child_not_now(ike, sa, in);
	type = rekey ? find_old(sa, rekey, &old) : 0;
	/* The peer may mean what we have asked for, and have not had its answer. */
	if (type == IKE_N_CHILD_SA_NOT_FOUND && sa->out.kind == TASK_CHILD)
		return x_child_not_now(ike, sa, in);
	if (type == IKE_N_CHILD_SA_NOT_FOUND)
		return not_found(ike, sa, in, rekey);
	if (!type && child_count(sa) >= CHILDREN_PER_SA)
		type = IKE_N_NO_ADDITIONAL_SAS;
	if (!type)
		type = choose(ike, sa, in->msg, old);
	if (type)
		return refuse_choice(ike, sa, in, type);
	task->kind = TASK_CHILD;
	task->id = in->hdr->id;
	sa->out.spare |= both;
	if (old) {
		task->old_spi = old->spi_in;
		task->child->replaces = old->spi_in;
		if (sa->out.kind == TASK_CHILD && sa->out.old_spi == old->spi_in) {
			sa->out.rival_spi = task->child->spi_in;
			sa->out.rival_nonce = *nonce_lower(&task->ni, &task->nr);
		}
	}
	child_install(ike, sa, task, child_any(ike, sa->tun));
	return sa->state;
}

static enum sa_state installed_theirs(struct ike *ike, struct ike_sa *sa, int err)
{
	const struct ike_hdr hdr = {.exchange = IKE_EXCH_CREATE_CHILD_SA, .id = sa->in.id};
	uint8_t payloads[IKE_DATAGRAM_MAX / 2];
	struct chain chain = chain_init(payloads, sizeof(payloads));
	struct ike_task *task = &sa->in;
	struct ike_child *old = child_by_in(sa, task->old_spi);

	if (err) {
		say_fault(ike, sa->tun, IKE_FAULT_LOCAL, "the kernel refuses the tunnel's SA: %s", strerror(-err));
		sa->out.rival_spi = 0;
		sa->out.spare = false;
		return refuse(ike, sa, &hdr, IKE_N_TEMPORARY_FAILURE, (struct span){NULL, 0});
	}
	child_put_answer(task->child, &chain);
	chain_nonce(&chain, nonce_span(&task->nr));
	if (task->dh)
		chain_ke(&chain, dh_group(task->dh), dh_public(task->dh));
	child_put_answer_ts(task->child, &chain);
	if (window_answer(ike, sa, IKE_EXCH_CREATE_CHILD_SA, task->id, &chain))
		return SA_DEAD;
	child_established(ike, sa, task)->unproven = true;
	if (old && old->state == CHILD_UP) {
		old->state = CHILD_REPLACED;
		old->linger = true;
		old->since = ike->now;
	}
	sa->tun->child_rekeys += task->old_spi ? 1 : 0;
	task_clear(task);
	return sa->state;
}

enum sa_state x_child_installed(struct ike *ike, struct ike_sa *sa, struct ike_task *task, int err)
{
	return task == &sa->out ? installed_ours(ike, sa, err) : installed_theirs(ike, sa, err);
}
