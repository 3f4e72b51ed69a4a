// SPDX-License-Identifier: GPL-2.0
#include "ike/x_auth.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ike/child.h"
#include "ike/mobike.h"
#include "ike/names.h"
#include "ike/nat.h"
#include "ike/prove.h"
#include "ike/reauth.h"
#include "ike/say.h"
#include "ike/scheme.h"
#include "ike/window.h"
#include "ike/x_init.h"

enum { TEXT_SIZE = 200 };

#define NOT_SHOWN "the peer does not show who it is: %s"

static struct ike_task *task_of(struct ike_sa *sa)
{
	return sa->initiator ? &sa->out : &sa->in;
}

static int key_first_child(struct ike_sa *sa, struct ike_child *child)
{
	const struct ike_nonces nonces = {nonce_span(&sa->setup->ni), nonce_span(&sa->setup->nr)};

	return child_key(sa, child, sa->initiator, (struct span){NULL, 0}, &nonces);
}

/* ---- initiator ---- */

enum sa_state x_auth_sign(struct ike *ike, struct ike_sa *sa)
{
	task_clear(&sa->out);
	sa->out.kind = TASK_AUTH;
	return prove_sign(ike, sa, &sa->out) ? SA_DEAD : SA_AUTH_SIGNING;
}

static enum sa_state send_request(struct ike *ike, struct ike_sa *sa, struct span auth)
{
	uint8_t payloads[IKE_DATAGRAM_MAX];
	struct chain chain = chain_init(payloads, sizeof(payloads));
	struct ike_tunnel *tun = sa->tun;
	struct ike_ident own;

	sa->out.child = child_create(ike);
	if (!sa->out.child)
		return SA_DEAD;
	child_reserve(ike, tun, sa->out.child);
	prove_own_ident(tun, &sa->path, &own);
	chain_ident(&chain, IKE_PLD_IDI, &own);
	prove_put_certs(sa, &chain);
	if (tun->pol.initial_contact && !tun->contacted)
		chain_notify(&chain, IKE_N_INITIAL_CONTACT, (struct span){NULL, 0});
	if (tun->pol.remote_id.type != IKE_ID_NONE)
		chain_ident(&chain, IKE_PLD_IDR, &tun->pol.remote_id);
	prove_put_auth(sa, auth, &chain);
	child_put_offer(tun, sa->out.child, false, &chain);
	child_put_offer_ts(tun, &chain);
	mobike_put(sa, &chain);
	if (window_request_held(ike, sa, IKE_EXCH_AUTH, &chain, SETUP_PATIENCE_MS))
		return SA_DEAD;
	if (!sa->out.child->reserving)
		window_release(ike, sa);
	return SA_AUTH_SENT;
}

/* The peer has a Child SA that cannot be: it is told so. */
static void reject_child(struct ike *ike, struct ike_sa *sa)
{
	struct ike_child *child = sa->out.child;

	child_uninstall(ike, sa, child);
	child_established(ike, sa, &sa->out)->state = CHILD_CLOSING;
}

/* What the peer may have against us; with RSA it can be the padding, of which it does not say what it takes. */
static const char *suspicion(const struct ike_sa *sa, char *text, size_t size)
{
	enum ike_scheme scheme = sa->setup->scheme;
	const char *other = "";

	if (scheme == IKE_SCHEME_PSK)
		return "its pre-shared key differs";
	if (scheme_form(scheme) == SCHEME_FORM_PSS)
		other = " (try AuthMethod = rsa-pkcs1)";
	else if (scheme_form(scheme) == SCHEME_FORM_PKCS1)
		other = " (try AuthMethod = rsa-pss)";
	snprintf(text, size, "it does not trust our certificate%s, or takes no %s%s",
		 sa->setup->strange_cas ? " (it asks for those of CAs that are not ours)" : "",
		 scheme_name(scheme), other);
	return text;
}

static enum sa_state refused(struct ike *ike, struct ike_sa *sa, uint16_t type)
{
	char own[TEXT_SIZE], peer[TEXT_SIZE], what[TEXT_SIZE];
	struct ike_ident ident, remote;

	prove_own_ident(sa->tun, &sa->path, &ident);
	prove_peer_ident(sa->tun, &sa->path, &remote);
	ident_text(&ident, own, sizeof(own));
	if (type == IKE_N_AUTHENTICATION_FAILED)
		say_fault(ike, sa->tun, IKE_FAULT_AUTHENTICATION,
			  "the peer refuses to authenticate us: %s, or it has no tunnel for "
			  "identity %s (that we sent) with itself as %s",
			  suspicion(sa, what, sizeof(what)), own, ident_text(&remote, peer, sizeof(peer)));
	else
		say_fault(ike, sa->tun, fault_of(type), "the peer refuses IKE_AUTH of %s: %s", own, name_notify(type));
	return SA_DEAD;
}

static void judge_child(struct ike *ike, struct ike_sa *sa, const struct ike_msg *msg)
{
	const struct ike_notify_pld *error = msg_error(msg);
	struct ike_task *task = &sa->out;
	struct why why = {""};
	char text[TEXT_SIZE];

	if (error || !msg->counts[IKE_PLD_SA]) {
		say_fault(ike, sa->tun, fault_of(error ? error->type : 0), "the peer refuses the tunnel: %s; offered %s",
			  error ? name_notify(error->type) : "it has none for us",
			  child_offer_text(sa->tun, error ? error->type : 0, text, sizeof(text)));
		sa->child_later = error && error->type == IKE_N_TEMPORARY_FAILURE;
		child_free(task->child);
		task->child = NULL;
		return;
	}
	if (!child_accept(sa->tun, task->child, msg, false, &why) && !key_first_child(sa, task->child))
		return;
	say_fault(ike, sa->tun, IKE_FAULT_BAD_MESSAGE, "the peer's answer for the tunnel is refused: %s", why.text);
	reject_child(ike, sa);
}

enum sa_state x_auth_response(struct ike *ike, struct ike_sa *sa, const struct ike_in *in)
{
	const struct ike_notify_pld *error = msg_error(in->msg);
	const struct ike_msg *msg = in->msg;
	char got[TEXT_SIZE], want[TEXT_SIZE];
	struct ike_ident expected;
	struct why why = {""};

	if (!msg->counts[IKE_PLD_AUTH] || !msg->counts[IKE_PLD_IDR])
		return refused(ike, sa, error ? error->type : IKE_N_INVALID_SYNTAX);
	prove_peer_ident(sa->tun, in->path, &expected);
	if (!ident_equal(&msg->idr, &expected)) {
		say_fault(ike, sa->tun, IKE_FAULT_IDENTITY, "the peer says it is %s, configured is %s",
			  ident_text(&msg->idr, got, sizeof(got)), ident_text(&expected, want, sizeof(want)));
		return SA_DELETING;
	}
	if (prove_accept(sa, msg, &why)) {
		say_fault(ike, sa->tun, IKE_FAULT_AUTHENTICATION, NOT_SHOWN, why.text);
		return SA_DELETING;
	}
	sa->remote_id = msg->idr;
	mobike_note(sa, msg);
	reauth_note(ike, sa, msg);
	judge_child(ike, sa, msg);
	return prove_verify(ike, sa, &sa->out, msg) ? SA_DEAD : SA_AUTH_CHECKING;
}

/* ---- responder ---- */

static enum sa_state refuse(struct ike *ike, struct ike_sa *sa)
{
	struct ike_hdr hdr = {.exchange = IKE_EXCH_AUTH, .id = sa->in.id};

	child_abort(ike, sa, &sa->in);
	if (window_answer_notify(ike, sa, &hdr, IKE_N_AUTHENTICATION_FAILED, (struct span){NULL, 0}))
		return SA_DEAD;
	return SA_REFUSED;
}

/* Does the tunnel fit to what the peer says of itself, and to the suite that IKE_SA_INIT chose? */
static bool fits(const struct ike_tunnel *tun, const struct ike_sa *sa, const struct ike_in *in)
{
	struct ike_proposals chosen = {.count = 1, .list = {sa->setup->chosen}};
	const struct ike_path *path = in->path;
	struct ike_proposal answer;
	struct ike_suite suite;
	struct ike_ident ident;
	struct why why = {""};

	if (!tunnel_takes(tun, path))
		return false;
	prove_peer_ident(tun, path, &ident);
	if (!ident_equal(&in->msg->idi, &ident))
		return false;
	prove_own_ident(tun, path, &ident);
	if (in->msg->counts[IKE_PLD_IDR] && !ident_equal(&in->msg->idr, &ident))
		return false;
	return !prop_choose(&chosen, &tun->pol.ike, sa->keys.suite.group, &suite, &answer, &why);
}

/* One for the peer's way to authenticate goes before others, and then one that names its address. */
static struct ike_tunnel *find_tunnel(const struct ike *ike, const struct ike_sa *sa, const struct ike_in *in)
{
	bool psk = in->msg->auth_method == IKE_AUTH_PSK;
	struct ike_tunnel *tun, *best = NULL;
	unsigned int rank, best_rank = 0;

	for (tun = ike->tunnels; tun; tun = tun->next) {
		if (!fits(tun, sa, in))
			continue;
		rank = 1 + (tun->pol.remote.len != 0) + 2 * (psk == (tun->pol.auth == IKE_BY_PSK));
		if (rank <= best_rank)
			continue;
		best = tun;
		best_rank = rank;
	}
	return best;
}

static void choose_child(struct ike *ike, struct ike_sa *sa, const struct ike_msg *msg)
{
	struct ike_task *task = &sa->in;
	struct why why = {"out of memory"};
	char text[TEXT_SIZE];

	if (!msg->counts[IKE_PLD_SA] || !msg->counts[IKE_PLD_TSI] || !msg->counts[IKE_PLD_TSR])
		return;
	task->child = child_create(ike);
	task->refused = IKE_N_TEMPORARY_FAILURE;
	if (task->child)
		task->refused = child_choose(sa->tun, task->child, msg, false, &why);
	if (!task->refused && key_first_child(sa, task->child))
		task->refused = IKE_N_NO_PROPOSAL_CHOSEN;
	if (!task->refused)
		return;
	if (hint_allowed(ike))
		say_fault(ike, sa->tun, fault_of(task->refused), "the peer's tunnel is refused: %s; it offered %s", why.text,
			  prop_list_text(&msg->sa, text, sizeof(text)));
	child_free(task->child);
	task->child = NULL;
}

static void say_no_tunnel(struct ike *ike, const struct ike_in *in)
{
	char them[TEXT_SIZE], us[TEXT_SIZE] = "anybody", from[ADDR_TEXT_MAX];

	if (!hint_allowed(ike))
		return;
	if (in->msg->counts[IKE_PLD_IDR])
		ident_text(&in->msg->idr, us, sizeof(us));
	say(ike, NULL, IKE_LOG_WARNING, "%s: no tunnel for identity %s, which asks for %s",
	    addr_port_text(&in->path->remote, in->path->remote_port, from),
	    ident_text(&in->msg->idi, them, sizeof(them)), us);
}

enum sa_state x_auth_request(struct ike *ike, struct ike_sa *sa, const struct ike_in *in)
{
	const struct ike_msg *msg = in->msg;
	struct why why = {""};

	sa->in.kind = TASK_AUTH;
	sa->in.id = in->hdr->id;
	sa->path = *in->path;
	sa_join(ike, sa, find_tunnel(ike, sa, in));
	if (!sa->tun) {
		say_no_tunnel(ike, in);
		return refuse(ike, sa);
	}
	if (prove_accept(sa, msg, &why)) {
		if (hint_allowed(ike))
			say_fault(ike, sa->tun, IKE_FAULT_AUTHENTICATION, NOT_SHOWN, why.text);
		return refuse(ike, sa);
	}
	nat_believe(ike, sa);
	nat_settle(ike, sa);
	sa->remote_id = msg->idi;
	mobike_note(sa, msg);
	sa->initial_contact = msg_notify(msg, IKE_N_INITIAL_CONTACT);
	if (prove_verify(ike, sa, &sa->in, msg))
		return SA_DEAD;
	choose_child(ike, sa, msg);
	return SA_AUTH_CHECKING;
}

static enum sa_state send_answer(struct ike *ike, struct ike_sa *sa, struct span auth)
{
	uint8_t payloads[IKE_DATAGRAM_MAX];
	struct chain chain = chain_init(payloads, sizeof(payloads));
	struct ike_task *task = &sa->in;
	struct ike_ident own;

	prove_own_ident(sa->tun, &sa->path, &own);
	chain_ident(&chain, IKE_PLD_IDR, &own);
	prove_put_certs(sa, &chain);
	prove_put_auth(sa, auth, &chain);
	if (task->child) {
		child_put_answer(task->child, &chain);
		child_put_answer_ts(task->child, &chain);
	} else if (task->refused) {
		chain_notify(&chain, task->refused, (struct span){NULL, 0});
	}
	mobike_put(sa, &chain);
	if (window_answer(ike, sa, IKE_EXCH_AUTH, task->id, &chain))
		return SA_DEAD;
	if (task->child)
		child_established(ike, sa, task);
	task_clear(task);
	return SA_UP;
}

/* ---- answers of other processes ---- */

enum sa_state x_auth_signed(struct ike *ike, struct ike_sa *sa, struct span auth)
{
	if (auth.len)
		return sa->initiator ? send_request(ike, sa, auth) : send_answer(ike, sa, auth);
	if (sa->setup->scheme == IKE_SCHEME_PSK)
		say_fault(ike, sa->tun, IKE_FAULT_CREDENTIALS, "there is no pre-shared key for this tunnel");
	else
		say_fault(ike, sa->tun, IKE_FAULT_CREDENTIALS, "the private key of this tunnel cannot be used for %s",
			  scheme_name(sa->setup->scheme));
	return sa->initiator ? SA_DEAD : refuse(ike, sa);
}

/* A responder has found out who the peer is; now it shows itself. */
static enum sa_state sign_answer(struct ike *ike, struct ike_sa *sa)
{
	switch (prove_sign(ike, sa, &sa->in)) {
	case 0:
		return SA_AUTH_CHECKING;
	case -ENOKEY:
		return refuse(ike, sa);
	default:
		return SA_DEAD;
	}
}

static void say_unproven(struct ike *ike, struct ike_sa *sa, const char *why)
{
	char text[TEXT_SIZE];

	ident_text(&sa->remote_id, text, sizeof(text));
	if (sa->setup->peer_scheme == IKE_SCHEME_PSK)
		say_fault(ike, sa->tun, IKE_FAULT_AUTHENTICATION,
			  "the peer's pre-shared key differs: %s is not who it says it is", text);
	else
		say_fault(ike, sa->tun, IKE_FAULT_AUTHENTICATION, "%s is not who it says it is: %s", text,
			  why ? why : "its signature is wrong");
}

/* An initiator's last step. */
static enum sa_state conclude(struct ike_sa *sa)
{
	task_clear(&sa->out);
	return SA_UP;
}

enum sa_state x_auth_verified(struct ike *ike, struct ike_sa *sa, bool good, const char *why)
{
	struct ike_task *task = task_of(sa);

	if (!good) {
		if (sa->initiator || hint_allowed(ike))
			say_unproven(ike, sa, why);
		return sa->initiator ? SA_DELETING : refuse(ike, sa);
	}
	say(ike, sa->tun, IKE_LOG_DEBUG, "the peer is authenticated by %s", scheme_name(sa->setup->peer_scheme));
	if (task->child) {
		/* As initiator we know that the peer has it; before, it would drop what we send. */
		child_install(ike, sa, task, !sa->initiator && child_any(ike, sa->tun));
		return SA_AUTH_CHECKING;
	}
	if (sa->initiator)
		return conclude(sa);
	return sign_answer(ike, sa);
}

enum sa_state x_auth_installed(struct ike *ike, struct ike_sa *sa, int err)
{
	struct ike_task *task = task_of(sa);

	if (err)
		say_fault(ike, sa->tun, IKE_FAULT_LOCAL, "the kernel refuses the tunnel's SA: %s", strerror(-err));
	if (sa->initiator) {
		if (err)
			reject_child(ike, sa);
		else
			child_established(ike, sa, task);
		return conclude(sa);
	}
	if (err) {
		child_uninstall(ike, sa, task->child);
		child_free(task->child);
		task->child = NULL;
		task->refused = IKE_N_TEMPORARY_FAILURE;
	}
	return sign_answer(ike, sa);
}
