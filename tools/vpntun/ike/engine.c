// SPDX-License-Identifier: GPL-2.0
#include "ike/engine.h"

#include <stdlib.h>
#include <string.h>

#include "ike/names.h"
#include "ike/nat.h"
#include "ike/room.h"
#include "ike/rules.h"
#include "ike/say.h"
#include "ike/state.h"
#include "ike/window.h"
#include "ike/x_auth.h"
#include "ike/x_child.h"
#include "ike/x_info.h"
#include "ike/x_init.h"
#include "util/wipe.h"

/**
 * DOC: the life of an IKE SA
 *
 * initiator: INIT_SENT -> AUTH_SIGNING -> AUTH_SENT -> AUTH_CHECKING -> UP
 * responder: INIT_ANSWERED -> AUTH_CHECKING -> UP, or REFUSED
 * then:      UP -> REPLACED (by a rekey) or DELETING -> DEAD
 * given up:  AUTH_SENT -> LEAVING -> DELETING -> DEAD
 *
 * A message is decoded, found authentic, judged by rules.c and only then given to the handler that the table below
 * names for the state, the exchange and the direction; what is not in it is refused. Handlers say which state comes
 * next, and state.c enters it.
 */

typedef enum sa_state handler_fn(struct ike *ike, struct ike_sa *sa, const struct ike_in *in);

struct cell {
	uint8_t state;
	uint8_t exchange;
	bool response;
	handler_fn *handler;
};

/* The request that begins an IKE SA is apart: it has no state. */
static const struct cell table[] = {
	{SA_INIT_SENT, IKE_EXCH_SA_INIT, true, x_init_response},
	{SA_AUTH_SENT, IKE_EXCH_AUTH, true, x_auth_response},
	{SA_INIT_ANSWERED, IKE_EXCH_AUTH, false, x_auth_request},

	{SA_UP, IKE_EXCH_CREATE_CHILD_SA, false, x_child_request},
	{SA_UP, IKE_EXCH_CREATE_CHILD_SA, true, x_child_response},
	{SA_UP, IKE_EXCH_INFORMATIONAL, false, x_info_request},
	{SA_UP, IKE_EXCH_INFORMATIONAL, true, x_info_response},

	{SA_REPLACED, IKE_EXCH_CREATE_CHILD_SA, false, x_child_not_now},
	{SA_REPLACED, IKE_EXCH_CREATE_CHILD_SA, true, x_child_response},
	{SA_REPLACED, IKE_EXCH_INFORMATIONAL, false, x_info_request},
	{SA_REPLACED, IKE_EXCH_INFORMATIONAL, true, x_info_response},

	{SA_LEAVING, IKE_EXCH_AUTH, true, x_info_leave},

	{SA_DELETING, IKE_EXCH_CREATE_CHILD_SA, false, x_child_not_now},
	{SA_DELETING, IKE_EXCH_INFORMATIONAL, false, x_info_request},
	{SA_DELETING, IKE_EXCH_INFORMATIONAL, true, x_info_response},
};

static handler_fn *find_handler(const struct ike_sa *sa, const struct ike_hdr *hdr)
{
	bool response = hdr->flags & IKE_FLAG_RESPONSE;

	/* Who was never authenticated asks for nothing but that: only our Delete is answered yet. */
	if (!response && !sa->order && sa->state != SA_INIT_ANSWERED)
		return NULL;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].state == sa->state && table[i].exchange == hdr->exchange && table[i].response == response)
			return table[i].handler;
	return NULL;
}

/* A handler has said what comes next. */
static void go_on(struct ike *ike, struct ike_sa *sa, enum sa_state next)
{
	state_enter(ike, sa, next);
	if (next == SA_AUTH_SIGNING && sa->state == next)
		state_enter(ike, sa, x_auth_sign(ike, sa));
}

/* Every event ends with this. */
static void finish(struct ike *ike)
{
	state_tick(ike);
	state_sweep(ike);
}

/* ---- messages that are not sealed ---- */

/* An answer to what belongs to no SA of ours, section 2.21.4: few of them, and they say nothing. */
static void answer_stray(struct ike *ike, const struct ike_in *in, uint16_t type, struct span data)
{
	struct ike_hdr hdr = *in->hdr;
	uint8_t payloads[64], message[128];
	struct chain chain = chain_init(payloads, sizeof(payloads));
	struct wr out = wr_init(message, sizeof(message));

	if ((hdr.flags & IKE_FLAG_RESPONSE) || !hint_allowed(ike))
		return;
	hdr.version = IKE_VERSION;
	hdr.flags = IKE_FLAG_RESPONSE | (hdr.flags & IKE_FLAG_INITIATOR ? 0 : IKE_FLAG_INITIATOR);
	chain_notify(&chain, type, data);
	if (chain_ok(&chain) && !msg_plain(&hdr, &chain, &out))
		send_bytes(ike, in->path, wr_done(&out));
}

static bool decode_plain(struct ike *ike, const struct ike_in *in, struct ike_msg *msg)
{
	const struct span payloads = {in->bytes.at + IKE_HDR_SIZE, in->bytes.len - IKE_HDR_SIZE};
	bool response = in->hdr->flags & IKE_FLAG_RESPONSE;
	char from[ADDR_TEXT_MAX];
	struct why why = {""};

	if (!msg_decode(msg, in->hdr->next, payloads, &why) && msg->critical) {
		answer_stray(ike, in, IKE_N_UNSUPPORTED_CRITICAL_PAYLOAD, (struct span){&msg->critical, 1});
		return false;
	}
	if (!why.text[0] && !rules_check(msg, in->hdr->exchange, response, false, &why))
		return true;
	if (hint_allowed(ike))
		say(ike, NULL, IKE_LOG_INFO, "%s sends what cannot be read: %s",
		    addr_port_text(&in->path->remote, in->path->remote_port, from), why.text);
	return false;
}

static void init_response(struct ike *ike, struct ike_sa *sa, struct ike_in *in, struct ike_msg *msg)
{
	handler_fn *handler = find_handler(sa, in->hdr);

	if (!handler || !window_matches(sa, in->hdr) || !addr_equal(&sa->path.remote, &in->path->remote) ||
	    !decode_plain(ike, in, msg))
		return;
	in->msg = msg;
	go_on(ike, sa, handler(ike, sa, in));
}

/* ---- messages that are ---- */

/* Authentic, but not to be understood. */
static void bad_content(struct ike *ike, struct ike_sa *sa, const struct ike_in *in, const struct why *why)
{
	const struct ike_msg *msg = in->msg;
	bool response = in->hdr->flags & IKE_FLAG_RESPONSE;
	int err;

	if ((response && sa->tun) || hint_allowed(ike))
		say_fault(ike, sa->tun, IKE_FAULT_BAD_MESSAGE, "the peer's %s %s is refused: %s", name_exchange(in->hdr->exchange),
			  response ? "response" : "request", why->text);
	if (response) {
		go_on(ike, sa, SA_DELETING);
		return;
	}
	if (msg->critical)
		err = window_answer_notify(ike, sa, in->hdr, IKE_N_UNSUPPORTED_CRITICAL_PAYLOAD,
					   (struct span){&msg->critical, 1});
	else
		err = window_answer_notify(ike, sa, in->hdr, IKE_N_INVALID_SYNTAX, (struct span){NULL, 0});
	if (err)
		go_on(ike, sa, SA_DEAD);
	else if (sa->state == SA_INIT_ANSWERED)
		go_on(ike, sa, SA_REFUSED);
}

/* The peer's address as NAT shows it has changed: authentic, fresh requests show where it is now. */
static void follow(struct ike *ike, struct ike_sa *sa, const struct ike_path *path)
{
	sa->reply = *path;
	if (!nat_may_follow(sa) ||
	    (addr_equal(&sa->path.remote, &path->remote) && sa->path.remote_port == path->remote_port))
		return;
	sa->path = *path;
	nat_moved(ike, sa);
}

/*
 * Is this message in its place? A duplicate gets the answer once more; if it comes in parts, the first one does (RFC
 * 7383 section 2.6.1).
 */
static bool in_place(struct ike *ike, struct ike_sa *sa, const struct ike_in *in, uint16_t number)
{
	if (in->hdr->flags & IKE_FLAG_RESPONSE)
		return window_matches(sa, in->hdr);
	switch (window_place(sa, in->hdr->id)) {
	case WINDOW_NEW:
		return true;
	case WINDOW_AGAIN:
		if (number <= 1)
			window_answer_again(ike, sa, in->path);
		return false;
	default:
		return false;
	}
}

static void handle(struct ike *ike, struct ike_sa *sa, struct ike_in *in, struct ike_msg *msg)
{
	bool response = in->hdr->flags & IKE_FLAG_RESPONSE;
	handler_fn *handler = find_handler(sa, in->hdr);
	struct why why = {""};
	int err;

	if (!handler) {
		if (hint_allowed(ike))
			say(ike, sa->tun, IKE_LOG_INFO, "%s is out of place and passed over",
			    name_exchange(in->hdr->exchange));
		return;
	}
	if (response)
		window_done(sa);
	else
		follow(ike, sa, in->path);
	sa->heard = ike->now;
	err = msg_decode(msg, in->sealed_first, in->sealed, &why);
	in->msg = msg;
	if (!err && msg->critical)
		err = why_set(&why, "it holds a critical payload of the unknown type %u", msg->critical);
	if (!err)
		err = rules_check(msg, in->hdr->exchange, response, true, &why);
	if (err)
		bad_content(ike, sa, in, &why);
	else
		go_on(ike, sa, handler(ike, sa, in));
}

/*
 * What in->sealed has may be a part of the message only, and authentic. True: with it there is the whole message, which
 * has taken its place. @msg is what the part came in.
 */
static bool whole(struct ike *ike, struct ike_sa *sa, struct ike_in *in, const struct ike_msg *msg, struct wr *out)
{
	struct frag **parts = &sa->win.parts[!!(in->hdr->flags & IKE_FLAG_RESPONSE)];
	const struct frag_piece piece = {
		.id = in->hdr->id,
		.exchange = in->hdr->exchange,
		.first = msg->sk_next,
		.number = msg->number,
		.total = msg->total,
		.bytes = in->sealed,
	};

	in->sealed_first = msg->sk_next;
	if (!msg->number)
		return true;
	/* What would be refused when it is whole is not kept, either. */
	if (!find_handler(sa, in->hdr))
		return false;
	switch (frag_add(parts, &piece)) {
	case FRAG_WHOLE:
		out->len = 0;
		in->sealed_first = frag_join(*parts, out);
		in->sealed = wr_done(out);
		return true;
	case FRAG_TOO_LARGE:
		if (hint_allowed(ike))
			say(ike, sa->tun, IKE_LOG_INFO, "the peer sends a message in %u parts that is too large",
			    msg->total);
		return false;
	default:
		return false;
	}
}

static void sealed(struct ike *ike, struct ike_sa *sa, struct ike_in *in, struct ike_msg *msg)
{
	const struct sk_side side = {.keys = &sa->keys, .initiator = sa->initiator};
	uint8_t text[IKE_DATAGRAM_MAX];
	struct wr out = wr_init(text, sizeof(text));

	if (sa->state == SA_INIT_SENT || !decode_plain(ike, in, msg) || !msg->sealed ||
	    (msg->number && !sa->fragments))
		return;
	/* Forged, or by the keys of another attempt: of no account. */
	if (sk_open(&side, in->bytes, msg, &out, &in->sealed))
		return;
	if (in_place(ike, sa, in, msg->number) && whole(ike, sa, in, msg, &out)) {
		frag_free(&sa->win.parts[!!(in->hdr->flags & IKE_FLAG_RESPONSE)]);
		handle(ike, sa, in, msg);
	}
	explicit_bzero(text, out.len);
}

/* ---- the entries ---- */

static void stray(struct ike *ike, const struct ike_in *in)
{
	if (in->hdr->exchange != IKE_EXCH_SA_INIT)
		answer_stray(ike, in, IKE_N_INVALID_IKE_SPI, (struct span){NULL, 0});
}

/* Somebody wants an IKE SA. */
static void begin(struct ike *ike, const struct ike_in *in)
{
	struct ike_sa *sa = x_init_request(ike, in);

	if (sa)
		go_on(ike, sa, SA_REFUSED);
	sa = room_excess(ike);
	if (sa)
		go_on(ike, sa, SA_DEAD);
}

static void dispatch(struct ike *ike, struct ike_in *in, struct ike_msg *msg)
{
	const struct ike_hdr *hdr = in->hdr;
	bool by_initiator = hdr->flags & IKE_FLAG_INITIATOR;
	bool response = hdr->flags & IKE_FLAG_RESPONSE;
	struct ike_sa *sa;

	if (hdr->exchange == IKE_EXCH_SA_INIT && by_initiator && !response) {
		if (hdr->spi_r || !hdr->spi_i || hdr->id || !decode_plain(ike, in, msg))
			return;
		in->msg = msg;
		begin(ike, in);
		return;
	}
	sa = sa_find(ike, by_initiator ? hdr->spi_r : hdr->spi_i);
	if (!sa) {
		stray(ike, in);
		return;
	}
	sa_touch(ike, sa);
	/* Section 2.6: nobody may answer for us, or be answered in our name. */
	if (sa->initiator == by_initiator)
		return;
	if (sa->state == SA_INIT_SENT) {
		if (response)
			init_response(ike, sa, in, msg);
		return;
	}
	if (hdr->spi_i == sa->spi_i && hdr->spi_r == sa->spi_r && hdr->exchange != IKE_EXCH_SA_INIT)
		sealed(ike, sa, in, msg);
}

void ike_datagram(struct ike *ike, uint64_t now, const struct ike_path *path, struct span bytes)
{
	struct ike_in in = {.path = path, .bytes = bytes};
	struct ike_msg msg;
	struct ike_hdr hdr;
	struct why why = {""};

	ike->now = now;
	ike->from = path->remote;
	if (bytes.len > IKE_DATAGRAM_MAX || msg_header(bytes, &hdr, &why))
		return;
	in.hdr = &hdr;
	if (hdr.version >> 4 == IKE_VERSION >> 4)
		dispatch(ike, &in, &msg);
	else if (hdr.version >> 4 > IKE_VERSION >> 4)
		answer_stray(ike, &in, IKE_N_INVALID_MAJOR_VERSION, (struct span){NULL, 0});
	finish(ike);
}

/* Who waits for this answer? */
static struct ike_task *find_task(struct ike *ike, uint64_t job, enum task_wait wait, struct ike_sa **found)
{
	struct ike_sa *sa;

	for (sa = ike->buckets[job % SA_BUCKETS]; sa; sa = sa->next) {
		struct ike_task *task = NULL;

		if (sa->out.wait == wait && sa->out.job == job)
			task = &sa->out;
		else if (sa->in.wait == wait && sa->in.job == job)
			task = &sa->in;
		if (!task || sa->state == SA_DEAD)
			continue;
		task->wait = WAIT_NONE;
		task->job = 0;
		sa_touch(ike, sa);
		ike->from = sa->path.remote;
		*found = sa;
		return task;
	}
	return NULL;
}

void ike_signed(struct ike *ike, uint64_t now, uint64_t job, struct span auth)
{
	struct ike_sa *sa;

	ike->now = now;
	if (find_task(ike, job, WAIT_SIGN, &sa))
		go_on(ike, sa, x_auth_signed(ike, sa, auth));
	finish(ike);
}

void ike_verified(struct ike *ike, uint64_t now, uint64_t job, bool good, const char *why)
{
	struct ike_sa *sa;

	ike->now = now;
	if (find_task(ike, job, WAIT_VERIFY, &sa))
		go_on(ike, sa, x_auth_verified(ike, sa, good, why));
	finish(ike);
}

void ike_job_lost(struct ike *ike, uint64_t now, uint64_t job)
{
	struct ike_task *sign, *verify = NULL;
	struct ike_sa *sa;

	ike->now = now;
	sign = find_task(ike, job, WAIT_SIGN, &sa);
	if (!sign)
		verify = find_task(ike, job, WAIT_VERIFY, &sa);
	if (sign || verify) {
		say_fault(ike, sa->tun, IKE_FAULT_LOCAL, "the key process is not there, so nobody can be authenticated");
		/* The peer takes it for up. */
		go_on(ike, sa, verify && sa->initiator ? SA_DELETING : SA_DEAD);
	}
	finish(ike);
}

void ike_reserved(struct ike *ike, uint64_t now, const struct ike_act_reserve *reserve)
{
	struct ike_tunnel *tun = tunnel_find(ike, reserve->policy);
	struct ike_sa *sa;

	ike->now = now;
	if (!tun)
		return;
	for_each_sa_of(tun, sa) {
		struct ike_child *child = sa->out.child;

		if (!child || child->spi_in != reserve->spi_in || !child->reserving)
			continue;
		child->reserving = false;
		window_release(ike, sa);
		sa_touch(ike, sa);
	}
	finish(ike);
}

void ike_installed(struct ike *ike, uint64_t now, uint64_t job, int err)
{
	struct ike_task *task;
	struct ike_sa *sa;

	ike->now = now;
	task = find_task(ike, job, WAIT_INSTALL, &sa);
	if (task && task->kind == TASK_AUTH)
		go_on(ike, sa, x_auth_installed(ike, sa, err));
	else if (task)
		go_on(ike, sa, x_child_installed(ike, sa, task, err));
	finish(ike);
}

void ike_tick(struct ike *ike, uint64_t now)
{
	ike->now = now;
	finish(ike);
}

uint64_t ike_due(const struct ike *ike)
{
	return state_due(ike);
}

struct ike_act *ike_take(struct ike *ike)
{
	return acts_take(&ike->acts);
}
