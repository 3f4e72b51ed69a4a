// SPDX-License-Identifier: GPL-2.0
#include "ike/x_info.h"

#include "ike/child.h"
#include "ike/mobike.h"
#include "ike/names.h"
#include "ike/reauth.h"
#include "ike/say.h"
#include "ike/window.h"

enum {
	GOODBYE_MS = 8000,	/* for the answer to the last message: three or four times sent */
	PAYLOADS_SIZE = 1024,
};

static int request(struct ike *ike, struct ike_sa *sa, enum task_kind kind, const struct chain *chain)
{
	uint64_t ms = kind == TASK_DELETE ? GOODBYE_MS : window_patience(sa);
	int err;

	err = window_request(ike, sa, IKE_EXCH_INFORMATIONAL, chain, ms);
	if (!err)
		sa->out.kind = kind;
	return err;
}

int x_info_ping(struct ike *ike, struct ike_sa *sa)
{
	uint8_t payloads[PAYLOADS_SIZE];
	struct chain chain = chain_init(payloads, sizeof(payloads));

	sa->ping = false;
	sa->pinged = ike->now;
	mobike_put_ping(ike, sa, &chain);
	return request(ike, sa, TASK_PING, &chain);
}

int x_info_update(struct ike *ike, struct ike_sa *sa)
{
	uint8_t payloads[PAYLOADS_SIZE];
	struct chain chain = chain_init(payloads, sizeof(payloads));

	sa->pinged = ike->now;
	mobike_put_update(ike, sa, &chain);
	return request(ike, sa, TASK_UPDATE, &chain);
}

int x_info_delete(struct ike *ike, struct ike_sa *sa)
{
	uint8_t payloads[16];
	struct chain chain = chain_init(payloads, sizeof(payloads));

	chain_delete_ike(&chain);
	return request(ike, sa, TASK_DELETE, &chain);
}

int x_info_delete_child(struct ike *ike, struct ike_sa *sa, struct ike_child *child)
{
	uint8_t payloads[16];
	struct chain chain = chain_init(payloads, sizeof(payloads));
	int err;

	chain_delete_esp(&chain, &child->spi_in, 1);
	err = request(ike, sa, TASK_DELETE_CHILD, &chain);
	if (err)
		return err;
	sa->out.old_spi = child->spi_in;
	child->state = CHILD_DELETING;
	return 0;
}

/* The peer has taken the last Child SA: there is another at once, unless it does so again and again. */
static void taken(struct ike *ike, struct ike_tunnel *tun, uint64_t since)
{
	if (child_any(ike, tun))
		return;
	tun->brief_children = ike_brief(ike, since) ? tun->brief_children + 1 : 0;
	if (tun->brief_children)
		tun->child_retry_at = ike->now + ike_pause(ike, tun->brief_children);
}

/*
 * The peer deletes the pair whose inbound half at its side has @spi. Returns our inbound SPI for the answer, or 0:
 * there is none, or we have told the peer of it ourselves (section 1.4.1).
 */
static uint32_t delete_pair(struct ike *ike, struct ike_sa *sa, uint32_t spi)
{
	struct ike_child *child = child_by_out(sa, spi), *old;
	uint64_t since;
	uint32_t ours;
	bool told, up;

	/* Its children may have gone to the IKE SA that has replaced it. */
	if (!child && sa->successor && sa_find(ike, sa->successor)) {
		sa = sa_find(ike, sa->successor);
		child = child_by_out(sa, spi);
	}
	if (!child) {
		/* The answer that brings it to us may be late. */
		if (sa->out.kind == TASK_CHILD)
			sa->out.deleted_spi = spi;
		return 0;
	}
	/* It has changed its mind: what it had rekeyed is in use as before. */
	old = child->replaces ? child_by_in(sa, child->replaces) : NULL;
	if (old && old->state == CHILD_REPLACED) {
		old->state = CHILD_UP;
		old->linger = false;
	}
	ours = child->spi_in;
	told = child->state == CHILD_DELETING;
	up = child->state == CHILD_UP;
	if (up)
		say(ike, sa->tun, IKE_LOG_INFO, "the peer has deleted the tunnel's SA 0x%08x", ours);
	since = child->since;
	child_remove(ike, sa, child);
	if (up)
		taken(ike, sa->tun, since);
	return told ? 0 : ours;
}

static size_t delete_pairs(struct ike *ike, struct ike_sa *sa, const struct ike_delete_pld *del, uint32_t *ours)
{
	struct rd rd = rd_init(del->spis);
	size_t count = 0;

	sa_claim_children(ike, sa);
	for (unsigned int i = 0; i < del->count && i < IKE_DELETE_SPIS_MAX; i++) {
		ours[count] = delete_pair(ike, sa, rd_u32(&rd));
		if (ours[count])
			count++;
	}
	return count;
}

/*
 * The peer ends the IKE SA. If that is because it has rekeyed it, and we are still at it, too, then the answer to our
 * own request may be under way: it is waited for, as the peer has made an IKE SA of it that we have to delete.
 */
static enum sa_state ended(struct ike *ike, struct ike_sa *sa)
{
	struct ike_sa *rival = sa->rival_spi ? sa_find(ike, sa->rival_spi) : NULL;

	if (sa->state == SA_UP && sa->out.kind == TASK_REKEY && rival && rival->state == SA_UP) {
		sa_move_children(sa, rival);
		sa->successor = sa->rival_spi;
		return SA_REPLACED;
	}
	if (sa->state == SA_UP && sa != sa_newest(ike, sa->tun))
		say(ike, sa->tun, IKE_LOG_INFO, "the peer has ended an older IKE SA");
	else if (sa->state == SA_UP)
		say_fault(ike, sa->tun, IKE_FAULT_ENDED, "the peer has ended the IKE SA");
	return SA_DEAD;
}

/* Section 1.5: the peer knows nothing of what we send on, so it goes, and another one comes. */
static void unknown_there(struct ike *ike, struct ike_sa *sa, const struct ike_notify_pld *notify)
{
	struct rd rd = rd_init(notify->data);
	struct ike_child *child = child_by_out(sa, rd_u32(&rd));

	if (!rd_done(&rd) || !child || child->state != CHILD_UP)
		return;
	say_fault(ike, sa->tun, IKE_FAULT_ENDED, "the peer does not know the tunnel's SA 0x%08x any more", child->spi_out);
	child_uninstall(ike, sa, child);
	child->state = CHILD_CLOSING;
	taken(ike, sa->tun, child->since);
}

enum sa_state x_info_request(struct ike *ike, struct ike_sa *sa, const struct ike_in *in)
{
	uint32_t ours[IKE_DELETES_MAX * IKE_DELETE_SPIS_MAX];
	const struct ike_msg *msg = in->msg;
	uint8_t payloads[PAYLOADS_SIZE];
	struct chain chain = chain_init(payloads, sizeof(payloads));
	size_t count = 0;
	/* Section 2.21.2: our AUTH was no good, so the peer has no IKE SA, and it may say no more than this. */
	bool end = msg_notify(msg, IKE_N_AUTHENTICATION_FAILED);

	child_prove_all(sa);
	if (msg_notify(msg, IKE_N_INVALID_SPI))
		unknown_there(ike, sa, msg_notify(msg, IKE_N_INVALID_SPI));
	for (unsigned int i = 0; i < msg->n_deletes; i++) {
		if (msg->deletes[i].proto == IKE_PROTO_IKE)
			end = true;
		else if (msg->deletes[i].proto == IKE_PROTO_ESP && msg->deletes[i].spi_size == sizeof(ours[0]))
			count += delete_pairs(ike, sa, &msg->deletes[i], ours + count);
	}
	if (count && !end)
		chain_delete_esp(&chain, ours, count);
	reauth_note(ike, sa, msg);
	if (!end)
		mobike_request(ike, sa, in, &chain);
	if (window_answer(ike, sa, IKE_EXCH_INFORMATIONAL, in->hdr->id, &chain))
		return SA_DEAD;
	return end ? ended(ike, sa) : sa->state;
}

enum sa_state x_info_response(struct ike *ike, struct ike_sa *sa, const struct ike_in *in)
{
	struct ike_task *task = &sa->out;
	enum task_kind kind = task->kind;
	struct ike_child *child;

	child = kind == TASK_DELETE_CHILD ? child_by_in(sa, task->old_spi) : NULL;
	task_clear(task);
	if (child && child->state == CHILD_DELETING)
		child_remove(ike, sa, child);
	if (kind == TASK_UPDATE || kind == TASK_PING)
		return mobike_response(ike, sa, in, kind == TASK_UPDATE);
	return kind == TASK_DELETE ? SA_DEAD : sa->state;
}

/* A peer that has taken our IKE_AUTH has an IKE SA, and is told at once that we have not. Who it is does not matter. */
enum sa_state x_info_leave(struct ike *ike, struct ike_sa *sa, const struct ike_in *in)
{
	(void)ike;
	(void)sa;
	return in->msg->counts[IKE_PLD_AUTH] ? SA_DELETING : SA_DEAD;
}
