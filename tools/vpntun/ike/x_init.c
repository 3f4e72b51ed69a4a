// SPDX-License-Identifier: GPL-2.0
#include "ike/x_init.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ike/cookie.h"
#include "ike/mobike.h"
#include "ike/names.h"
#include "ike/nat.h"
#include "ike/prove.h"
#include "ike/room.h"
#include "ike/say.h"
#include "ike/will.h"
#include "ike/window.h"
#include "util/wipe.h"

enum {
	ROUNDS_MAX = 6,		/* cookies and groups that a peer may ask for, section 2.6.1 */
	COPIES_MAX = 16,	/* of one first message that are answered: a small one brings forth a larger one */
	REFUSALS_MIN = 3,	/* times that the same refusal has to come, and for how long, to end an attempt */
	REFUSED_MS = 6000,
	TEXT_SIZE = 200,
};

/* ---- initiator ---- */

static int send_request(struct ike *ike, struct ike_sa *sa)
{
	const struct ike_hdr hdr = {
		.spi_i = sa->spi_i,
		.version = IKE_VERSION,
		.exchange = IKE_EXCH_SA_INIT,
		.flags = IKE_FLAG_INITIATOR,
	};
	uint8_t payloads[IKE_DATAGRAM_MAX / 2], message[IKE_DATAGRAM_MAX];
	struct chain chain = chain_init(payloads, sizeof(payloads));
	struct wr out = wr_init(message, sizeof(message));
	struct ike_setup *setup = sa->setup;
	int err;

	if (setup->cookie_len)
		chain_notify(&chain, IKE_N_COOKIE, (struct span){setup->cookie, setup->cookie_len});
	chain_sa(&chain, &sa->tun->pol.ike);
	chain_ke(&chain, dh_group(setup->dh), dh_public(setup->dh));
	chain_nonce(&chain, nonce_span(&setup->ni));
	prove_offer(sa->tun, &chain);
	nat_put(ike, sa, &sa->path, sa->tun->pol.encap == IKE_ENCAP_UDP, &chain);
	if (sa->tun->pol.fragmentation)
		chain_notify(&chain, IKE_N_FRAGMENTATION_SUPPORTED, (struct span){NULL, 0});
	err = chain_ok(&chain) ? msg_plain(&hdr, &chain, &out) : -EMSGSIZE;
	if (!err)
		err = blob_set(&setup->request, wr_done(&out));
	return err ? err : window_request_plain(ike, sa, blob_span(&setup->request), SETUP_PATIENCE_MS);
}

struct ike_sa *x_init_start(struct ike *ike, struct ike_tunnel *tun)
{
	char text[ADDR_TEXT_MAX];
	struct ike_sa *sa;

	if (!prove_ready(ike, tun))
		return NULL;
	sa = sa_create(ike, tun, true, 0);
	if (!sa)
		return NULL;
	/* Whoever may come from anywhere is where it was. */
	if (tun->pol.remote.len)
		sa->path = (struct ike_path){tun->pol.local, tun->pol.remote, IKE_PORT, IKE_PORT};
	else
		sa->path = *will_path(tun);
	sa->out.kind = TASK_INIT;
	sa->mover = true;
	if (sa_setup(sa) || nonce_make(ike, &sa->setup->ni))
		goto err_free;
	sa->setup->dh = dh_create(prop_first_group(&tun->pol.ike));
	if (!sa->setup->dh || send_request(ike, sa))
		goto err_free;
	say(ike, tun, IKE_LOG_INFO, "connecting to %s", addr_text(&sa->path.remote, text));
	return sa;
err_free:
	say_fault(ike, tun, IKE_FAULT_LOCAL, "cannot begin: no memory, no randomness, or proposals without a group");
	sa_free(ike, sa);
	return NULL;
}

/* An answer that nobody vouches for: worth a line, but not the end of the attempt. */
static enum sa_state hint(struct ike *ike, struct ike_sa *sa, const char *what)
{
	if (!sa->setup->hinted)
		say_fault(ike, sa->tun, IKE_FAULT_NONE, "%s (not authenticated, still waiting)", what);
	sa->setup->hinted = true;
	return SA_INIT_SENT;
}

/*
 * The same refusal to our request and to each time that it was sent again: there is no use in waiting for more, and the
 * next attempt comes after a pause. Who forges them can shorten an attempt so, which begins anew all the same; a true
 * answer within that time goes before them.
 */
static bool refused_for_good(const struct ike *ike, struct ike_setup *setup, uint16_t type)
{
	if (setup->refusal != type) {
		setup->refusal = type;
		setup->refusals = 0;
		setup->refused_since = ike->now;
	}
	setup->refusals += setup->refusals < REFUSALS_MIN;
	return setup->refusals == REFUSALS_MIN && ike->now >= setup->refused_since + REFUSED_MS;
}

static enum sa_state refused(struct ike *ike, struct ike_sa *sa, uint16_t type)
{
	char text[TEXT_SIZE], line[TEXT_SIZE + 128];

	if (type == IKE_N_NO_PROPOSAL_CHOSEN)
		snprintf(line, sizeof(line),
			 "the peer accepts none of our IKE proposals (or has no tunnel for us): offered %s",
			 prop_list_text(&sa->tun->pol.ike, text, sizeof(text)));
	else
		snprintf(line, sizeof(line), "the peer refuses IKE_SA_INIT: %s", name_notify(type));
	if (!refused_for_good(ike, sa->setup, type))
		return hint(ike, sa, line);
	say_fault(ike, sa->tun, fault_of(type), "%s (not authenticated, but again and again)", line);
	return SA_DEAD;
}

static enum sa_state cookie_asked(struct ike *ike, struct ike_sa *sa, const struct ike_notify_pld *cookie)
{
	struct ike_setup *setup = sa->setup;

	if (!cookie->data.len || cookie->data.len > IKE_COOKIE_MAX || setup->rounds >= ROUNDS_MAX)
		return hint(ike, sa, "the peer asks for a cookie that cannot be, or too often");
	setup->rounds++;
	setup->cookie_len = cookie->data.len;
	memcpy(setup->cookie, cookie->data.at, cookie->data.len);
	return send_request(ike, sa) ? SA_DEAD : SA_INIT_SENT;
}

static enum sa_state group_asked(struct ike *ike, struct ike_sa *sa, const struct ike_notify_pld *notify)
{
	struct rd rd = rd_init(notify->data);
	struct ike_setup *setup = sa->setup;
	uint16_t group = rd_u16(&rd);
	struct dh *dh;

	if (!rd_done(&rd) || !prop_has_group(&sa->tun->pol.ike, group) || group == dh_group(setup->dh) ||
	    setup->rounds >= ROUNDS_MAX)
		return hint(ike, sa, "the peer asks for a Diffie-Hellman group that was not offered, or too often");
	dh = dh_create(group);
	if (!dh)
		return hint(ike, sa, "the peer asks for a Diffie-Hellman group that cannot be made");
	setup->rounds++;
	dh_free(setup->dh);
	setup->dh = dh;
	say(ike, sa->tun, IKE_LOG_DEBUG, "the peer wants group %s", name_group(group));
	return send_request(ike, sa) ? SA_DEAD : SA_INIT_SENT;
}

static int derive(struct ike_sa *sa, const struct ike_suite *suite, struct span peer)
{
	struct ike_setup *setup = sa->setup;
	const struct ike_nonces nonces = {nonce_span(&setup->ni), nonce_span(&setup->nr)};
	uint8_t shared[IKE_KE_MAX];
	int len, err;

	len = dh_shared(setup->dh, peer, shared);
	err = len < 0 ? len : keymat_ike(suite, (struct span){shared, len}, &nonces, sa->spi_i, sa->spi_r, &sa->keys);
	wipe(&shared);
	return err;
}

static enum sa_state accepted(struct ike *ike, struct ike_sa *sa, const struct ike_in *in)
{
	const struct ike_msg *msg = in->msg;
	struct ike_setup *setup = sa->setup;
	char line[TEXT_SIZE];
	struct ike_suite suite;
	struct why why = {""};

	if (!in->hdr->spi_r || prop_accept(&sa->tun->pol.ike, &msg->sa, &suite, &why) ||
	    suite.group != dh_group(setup->dh) || msg->ke_group != suite.group || nonce_take(&setup->nr, msg->nonce))
		return hint(ike, sa, "the peer's answer to IKE_SA_INIT is none that was offered");
	sa->spi_r = in->hdr->spi_r;
	if (derive(sa, &suite, msg->ke) || blob_set(&setup->response, in->bytes)) {
		sa->spi_r = 0;
		snprintf(line, sizeof(line), "the peer's Diffie-Hellman value of group %s is bad",
			 name_group(suite.group));
		return hint(ike, sa, line);
	}
	/* The driver knows best which of our addresses it was. */
	sa->path.local = in->path->local;
	prove_learn(sa, msg);
	nat_judge(sa, in);
	nat_settle(ike, sa);
	mobike_float(sa, msg);
	sa->fragments = sa->tun->pol.fragmentation && msg_notify(msg, IKE_N_FRAGMENTATION_SUPPORTED);
	dh_free(setup->dh);
	setup->dh = NULL;
	window_done(sa);
	return SA_AUTH_SIGNING;
}

enum sa_state x_init_response(struct ike *ike, struct ike_sa *sa, const struct ike_in *in)
{
	const struct ike_notify_pld *notify = msg_error(in->msg);

	if (notify && notify->type == IKE_N_INVALID_KE_PAYLOAD)
		return group_asked(ike, sa, notify);
	if (notify)
		return refused(ike, sa, notify->type);
	notify = msg_notify(in->msg, IKE_N_COOKIE);
	if (notify && !in->msg->counts[IKE_PLD_SA])
		return cookie_asked(ike, sa, notify);
	if (!in->msg->counts[IKE_PLD_SA] || !in->msg->counts[IKE_PLD_KE] || !in->msg->counts[IKE_PLD_NONCE])
		return hint(ike, sa, "the peer's answer to IKE_SA_INIT is incomplete");
	return accepted(ike, sa, in);
}

/* ---- responder ---- */

/* Answers without an SA, and so without memory. */
static void answer_notify(struct ike *ike, const struct ike_in *in, uint16_t type, struct span data)
{
	const struct ike_hdr hdr = {
		.spi_i = in->hdr->spi_i,
		.version = IKE_VERSION,
		.exchange = IKE_EXCH_SA_INIT,
		.flags = IKE_FLAG_RESPONSE,
	};
	uint8_t payloads[256], message[512];
	struct chain chain = chain_init(payloads, sizeof(payloads));
	struct wr out = wr_init(message, sizeof(message));

	chain_notify(&chain, type, data);
	if (chain_ok(&chain) && !msg_plain(&hdr, &chain, &out))
		send_bytes(ike, in->path, wr_done(&out));
}

/*
 * Which suite: by the first tunnel that could be meant and has a common one. Who it is shows in IKE_AUTH. Many tunnels
 * have the same proposals: those are not looked at again.
 */
static struct ike_tunnel *choose(struct ike *ike, const struct ike_in *in, struct ike_suite *suite,
				 struct ike_proposal *answer)
{
	char theirs[TEXT_SIZE], from[ADDR_TEXT_MAX];
	struct ike_tunnel *tun, *candidate = NULL;
	struct why why = {""};

	for (tun = ike->tunnels; tun; tun = tun->next) {
		if (!tunnel_takes(tun, in->path) || (candidate && prop_same(&candidate->pol.ike, &tun->pol.ike)))
			continue;
		if (!prop_choose(&in->msg->sa, &tun->pol.ike, in->msg->ke_group, suite, answer, NULL))
			return tun;
		candidate = tun;
	}
	room_refused(ike);
	if (!hint_allowed(ike))
		return NULL;
	if (candidate)
		prop_choose(&in->msg->sa, &candidate->pol.ike, in->msg->ke_group, suite, answer, &why);
	addr_port_text(&in->path->remote, in->path->remote_port, from);
	if (candidate)
		say_fault(ike, candidate, IKE_FAULT_NO_PROPOSAL, "%s: no common IKE proposal: %s; offered %s", from, why.text,
			  prop_list_text(&in->msg->sa, theirs, sizeof(theirs)));
	else
		say(ike, NULL, IKE_LOG_INFO, "%s wants a tunnel, but none here is for its address", from);
	answer_notify(ike, in, IKE_N_NO_PROPOSAL_CHOSEN, (struct span){NULL, 0});
	return NULL;
}

static int send_answer(struct ike *ike, struct ike_sa *sa, bool force_nat)
{
	const struct ike_hdr hdr = {
		.spi_i = sa->spi_i,
		.spi_r = sa->spi_r,
		.version = IKE_VERSION,
		.exchange = IKE_EXCH_SA_INIT,
		.flags = IKE_FLAG_RESPONSE,
	};
	uint8_t payloads[IKE_DATAGRAM_MAX / 2], message[IKE_DATAGRAM_MAX];
	struct chain chain = chain_init(payloads, sizeof(payloads));
	struct wr out = wr_init(message, sizeof(message));
	struct ike_setup *setup = sa->setup;
	struct ike_proposals answer = {.count = 1, .list = {setup->chosen}};
	int err;

	chain_sa(&chain, &answer);
	chain_ke(&chain, dh_group(setup->dh), dh_public(setup->dh));
	chain_nonce(&chain, nonce_span(&setup->nr));
	prove_answer(ike, &sa->path, &chain);
	chain_notify(&chain, IKE_N_CHILDLESS_IKEV2_SUPPORTED, (struct span){NULL, 0});
	nat_put(ike, sa, &sa->path, force_nat, &chain);
	if (sa->fragments)
		chain_notify(&chain, IKE_N_FRAGMENTATION_SUPPORTED, (struct span){NULL, 0});
	err = chain_ok(&chain) ? msg_plain(&hdr, &chain, &out) : -EMSGSIZE;
	if (!err)
		err = blob_set(&setup->response, wr_done(&out));
	return err ? err : window_answer_plain(ike, sa, blob_span(&setup->response));
}

/* -EINVAL: the peer's value is bad. */
static int respond(struct ike *ike, struct ike_sa *sa, const struct ike_in *in, const struct ike_suite *suite)
{
	struct ike_setup *setup;
	int err;

	sa->spi_i = in->hdr->spi_i;
	sa->origin = in->path->remote;
	sa->path = *in->path;
	sa->reply = *in->path;
	err = sa_setup(sa);
	if (err)
		return err;
	setup = sa->setup;
	setup->dh = dh_create(suite->group);
	if (!setup->dh || nonce_make(ike, &setup->nr) || nonce_take(&setup->ni, in->msg->nonce))
		return -EIO;
	err = derive(sa, suite, in->msg->ke);
	if (!err)
		err = blob_set(&setup->request, in->bytes);
	if (err)
		return err;
	prove_learn(sa, in->msg);
	nat_judge(sa, in);
	return 0;
}

/* A copy of a request that has been answered? */
static bool again(struct ike *ike, const struct ike_in *in)
{
	struct ike_sa *sa;

	for (sa = ike->half; sa; sa = sa->half_next) {
		if (sa->spi_i != in->hdr->spi_i || !sa->setup || !addr_equal(&sa->origin, &in->path->remote))
			continue;
		if (sa->win.next_in == 1 && span_equal(blob_span(&sa->setup->request), in->bytes) &&
		    sa->setup->copies < COPIES_MAX) {
			sa->setup->copies++;
			window_answer_again(ike, sa, in->path);
		}
		return true;
	}
	return false;
}

/* Our own first message, sent back to us: we would only talk to ourselves. */
static bool reflected(const struct ike *ike, const struct ike_in *in)
{
	const struct ike_sa *sa = sa_find(ike, in->hdr->spi_i);

	return sa && sa->initiator;
}

/* Is there room for one more, and has the peer shown that it gets what is sent to it, where it has to? */
static bool welcome(struct ike *ike, const struct ike_in *in)
{
	enum room room = room_for(ike, &in->path->remote);
	uint8_t cookie[COOKIE_SIZE];

	if (room != ROOM_FOR_TRUE)
		return room == ROOM_FREE;
	if (cookie_good(ike, in))
		return true;
	if (!cookie_make(ike, in, cookie))
		answer_notify(ike, in, IKE_N_COOKIE, (struct span){cookie, sizeof(cookie)});
	return false;
}

static void bad_value(struct ike *ike, const struct ike_in *in, uint16_t group)
{
	char from[ADDR_TEXT_MAX];

	if (hint_allowed(ike))
		say(ike, NULL, IKE_LOG_INFO, "%s sends a bad Diffie-Hellman value of group %s",
		    addr_port_text(&in->path->remote, in->path->remote_port, from), name_group(group));
}

struct ike_sa *x_init_request(struct ike *ike, const struct ike_in *in)
{
	struct ike_proposal answer;
	struct ike_suite suite;
	struct ike_tunnel *tun;
	struct ike_sa *sa;
	uint8_t group[2];
	int err;

	if (reflected(ike, in) || again(ike, in) || !welcome(ike, in))
		return NULL;
	if (in->msg->nonce.len < IKE_NONCE_MIN || in->msg->nonce.len > IKE_NONCE_MAX)
		return NULL;
	tun = choose(ike, in, &suite, &answer);
	if (!tun)
		return NULL;
	if (suite.group != in->msg->ke_group) {
		group[0] = suite.group >> 8;
		group[1] = suite.group & 0xff;
		answer_notify(ike, in, IKE_N_INVALID_KE_PAYLOAD, (struct span){group, sizeof(group)});
		return NULL;
	}
	if (in->msg->ke.len != group_size(suite.group)) {
		bad_value(ike, in, suite.group);
		room_refused(ike);
		return NULL;
	}
	sa = sa_create(ike, NULL, false, 0);
	if (!sa)
		return NULL;
	sa_half_open_count(ike, sa);
	sa->deadline = ike->now + HALF_OPEN_MS;
	err = respond(ike, sa, in, &suite);
	if (err == -EINVAL) {
		bad_value(ike, in, suite.group);
		return sa;
	}
	if (err)
		goto err_free;
	sa->setup->chosen = answer;
	/* It may turn out to be another tunnel's: then it is window.c that does not send fragments. */
	sa->fragments = tun->pol.fragmentation && msg_notify(in->msg, IKE_N_FRAGMENTATION_SUPPORTED);
	if (!send_answer(ike, sa, tun->pol.encap == IKE_ENCAP_UDP))
		return NULL;
err_free:
	sa_free(ike, sa);
	return NULL;
}
