// SPDX-License-Identifier: GPL-2.0
#include "ike/prove.h"

#include <errno.h>
#include <string.h>

#include "ike/auth.h"
#include "ike/names.h"
#include "ike/say.h"
#include "ike/scheme.h"

/* ---- identities ---- */

void prove_own_ident(const struct ike_tunnel *tun, const struct ike_path *path, struct ike_ident *out)
{
	if (tun->pol.local_id.type != IKE_ID_NONE)
		*out = tun->pol.local_id;
	else
		ident_of_addr(&path->local, out);
}

void prove_peer_ident(const struct ike_tunnel *tun, const struct ike_path *path, struct ike_ident *out)
{
	if (tun->pol.remote_id.type != IKE_ID_NONE)
		*out = tun->pol.remote_id;
	else
		ident_of_addr(tun->pol.remote.len && !tun->pol.by_name ? &tun->pol.remote : &path->remote, out);
}

/* ---- IKE_SA_INIT ---- */

static bool by_psk(const struct ike_tunnel *tun)
{
	return tun->pol.auth == IKE_BY_PSK;
}

bool prove_ready(struct ike *ike, struct ike_tunnel *tun)
{
	if (by_psk(tun) || (tun->creds && tun->creds->key != IKE_KEY_NONE && tun->creds->own.count))
		return true;
	say_fault(ike, tun, IKE_FAULT_CREDENTIALS, "there is no certificate with a private key for this tunnel");
	return false;
}

static void put_hashes(struct chain *chain)
{
	uint8_t bytes[32];
	struct wr wr = wr_init(bytes, sizeof(bytes));

	scheme_put_hashes(&wr);
	chain_notify(chain, IKE_N_SIGNATURE_HASH_ALGORITHMS, wr_done(&wr));
}

void prove_offer(const struct ike_tunnel *tun, struct chain *chain)
{
	if (!by_psk(tun))
		put_hashes(chain);
}

/* Hashes of CAs, each of them once. */
struct cas {
	size_t count;
	uint8_t list[IKE_CAS_MAX][IKE_CA_HASH];
};

static bool has_ca(const uint8_t (*list)[IKE_CA_HASH], size_t count, const uint8_t *ca)
{
	for (size_t i = 0; i < count; i++)
		if (!memcmp(list[i], ca, IKE_CA_HASH))
			return true;
	return false;
}

static void add_cas(struct cas *cas, const struct ike_credentials *creds)
{
	for (unsigned int i = 0; i < creds->n_cas && i < IKE_CAS_MAX && cas->count < IKE_CAS_MAX; i++)
		if (!has_ca(cas->list, cas->count, creds->cas[i]))
			memcpy(cas->list[cas->count++], creds->cas[i], IKE_CA_HASH);
}

void prove_answer(const struct ike *ike, const struct ike_path *path, struct chain *chain)
{
	struct cas cas = {.count = 0};
	const struct ike_tunnel *tun;
	bool any = false;

	for (tun = ike->tunnels; tun; tun = tun->next) {
		if (by_psk(tun) || !tunnel_takes(tun, path))
			continue;
		any = true;
		if (tun->creds)
			add_cas(&cas, tun->creds);
	}
	if (cas.count)
		chain_certreq(chain, cas.list, cas.count);
	if (any)
		put_hashes(chain);
}

/* Does the peer ask for certificates, but not of a CA that we know? */
static bool strange_cas(const struct ike_credentials *creds, struct span cas)
{
	struct rd rd = rd_init(cas);

	if (!creds || !cas.len)
		return false;
	while (rd.left >= IKE_CA_HASH)
		if (has_ca(creds->cas, creds->n_cas, rd_span(&rd, IKE_CA_HASH).at))
			return false;
	return true;
}

void prove_learn(struct ike_sa *sa, const struct ike_msg *msg)
{
	const struct ike_notify_pld *notify = msg_notify(msg, IKE_N_SIGNATURE_HASH_ALGORITHMS);
	struct ike_setup *setup = sa->setup;

	setup->signs = notify;
	setup->hashes = notify ? scheme_read_hashes(notify->data) : 0;
	setup->strange_cas = sa->tun && strange_cas(sa->tun->creds, msg->cas);
}

/* ---- AUTH, made and judged by another process ---- */

/* What the AUTH payload of one side covers. */
static int put_octets(const struct ike_sa *sa, bool of_initiator, struct span ident_body, struct wr *out)
{
	const struct ike_setup *setup = sa->setup;
	const struct auth_parts parts = {
		.message = blob_span(of_initiator ? &setup->request : &setup->response),
		.nonce = nonce_span(of_initiator ? &setup->nr : &setup->ni),
		.ident_body = ident_body,
		.key = of_initiator ? &sa->keys.pi : &sa->keys.pr,
		.prf = sa->keys.suite.prf,
	};

	return auth_octets(&parts, out);
}

/* Returns the number that names the answer. */
static uint64_t await(struct ike *ike, const struct ike_sa *sa, struct ike_task *task, enum task_wait wait)
{
	task->wait = wait;
	task->job = sa_job_new(ike, sa);
	return task->job;
}

static int choose_scheme(struct ike *ike, struct ike_sa *sa)
{
	struct ike_tunnel *tun = sa->tun;
	struct ike_setup *setup = sa->setup;
	const struct scheme_wish wish = {
		.by = tun->pol.auth,
		.key = tun->creds ? tun->creds->key : IKE_KEY_NONE,
		.peer = setup->peer_scheme,
		.announced = setup->signs,
		.hashes = setup->hashes,
	};
	struct why why = {""};

	if (!prove_ready(ike, tun))
		return -ENOKEY;
	setup->scheme = scheme_choose(&wish, &why);
	if (setup->scheme != IKE_SCHEME_NONE)
		return 0;
	say_fault(ike, tun, IKE_FAULT_CREDENTIALS, "we cannot show the peer who we are: %s", why.text);
	return -ENOKEY;
}

int prove_sign(struct ike *ike, struct ike_sa *sa, struct ike_task *task)
{
	uint8_t body[IKE_ID_MAX + 4];
	struct wr id = wr_init(body, sizeof(body)), wr;
	struct ike_ident own;
	struct ike_act *act;
	int err;

	err = choose_scheme(ike, sa);
	if (err)
		return err;
	act = acts_add(&ike->acts, IKE_ACT_SIGN);
	if (!act)
		return -ENOMEM;
	prove_own_ident(sa->tun, &sa->path, &own);
	msg_ident_body(&own, &id);
	act->auth.job = await(ike, sa, task, WAIT_SIGN);
	wr = wr_init(act->auth.octets, sizeof(act->auth.octets));
	err = put_octets(sa, sa->initiator, wr_done(&id), &wr);
	act->auth.len = wr.len;
	act->auth.policy = sa->tun->pol.id;
	act->auth.scheme = sa->setup->scheme;
	act->auth.prf = sa->keys.suite.prf;
	return err;
}

void prove_put_certs(const struct ike_sa *sa, struct chain *chain)
{
	const struct ike_credentials *creds = sa->tun->creds;
	struct rd rd;

	if (by_psk(sa->tun) || !creds)
		return;
	rd = rd_init((struct span){creds->own.bytes, sizeof(creds->own.bytes)});
	for (unsigned int i = 0; i < creds->own.count && i < IKE_CERTS_MAX; i++)
		chain_cert(chain, rd_span(&rd, creds->own.sizes[i]));
	if (sa->initiator && creds->n_cas && creds->n_cas <= IKE_CAS_MAX)
		chain_certreq(chain, creds->cas, creds->n_cas);
}

void prove_put_auth(const struct ike_sa *sa, struct span raw, struct chain *chain)
{
	uint8_t data[sizeof(((struct ike_act_auth *)NULL)->auth) + UINT8_MAX + 1];
	struct wr wr = wr_init(data, sizeof(data));

	scheme_put(sa->setup->scheme, raw, &wr);
	chain->wr.bad |= wr.bad;
	chain_auth(chain, scheme_method(sa->setup->scheme), wr_done(&wr));
}

/* ---- the peer's ---- */

static int certs_fit(const struct ike_msg *msg, struct why *why)
{
	size_t size = 0;

	if (!msg->n_certs)
		return why_set(why, "it sent no certificate");
	for (unsigned int i = 0; i < msg->n_certs; i++)
		size += msg->certs[i].len;
	if (size > IKE_CHAIN_MAX)
		return why_set(why, "its certificates have %zu bytes, %d are the most", size, IKE_CHAIN_MAX);
	return 0;
}

int prove_accept(struct ike_sa *sa, const struct ike_msg *msg, struct why *why)
{
	enum ike_scheme scheme;
	struct span raw;

	if (scheme_parse(msg->auth_method, msg->auth, &scheme, &raw, why)) {
		why_prepend(why, name_auth_method(msg->auth_method));
		return -EINVAL;
	}
	if (!scheme_allowed(sa->tun->pol.auth, scheme))
		return why_set(why, "it does so by %s, which is not configured", scheme_name(scheme));
	if (raw.len > sizeof(((struct ike_act_auth *)NULL)->auth))
		return why_set(why, "its AUTH payload has %zu bytes", raw.len);
	sa->setup->peer_scheme = scheme;
	return by_psk(sa->tun) ? 0 : certs_fit(msg, why);
}

static void copy_certs(struct ike_chain *chain, const struct ike_msg *msg)
{
	struct wr wr = wr_init(chain->bytes, sizeof(chain->bytes));

	for (; chain->count < msg->n_certs; chain->count++) {
		chain->sizes[chain->count] = msg->certs[chain->count].len;
		wr_span(&wr, msg->certs[chain->count]);
	}
}

/* What the peer's AUTH payload covers, and what it is without its AlgorithmIdentifier. */
static int put_claim(const struct ike_sa *sa, const struct ike_msg *msg, struct span *raw, struct wr *octets)
{
	enum ike_scheme scheme;
	struct why why;
	int err;

	err = scheme_parse(msg->auth_method, msg->auth, &scheme, raw, &why);
	return err ? err : put_octets(sa, !sa->initiator, sa->initiator ? msg->idr_body : msg->idi_body, octets);
}

static int verify_psk(struct ike *ike, struct ike_sa *sa, struct ike_task *task, const struct ike_msg *msg)
{
	struct ike_act *act = acts_add(&ike->acts, IKE_ACT_VERIFY);
	struct span raw;
	struct wr wr;
	int err;

	if (!act)
		return -ENOMEM;
	act->auth.job = await(ike, sa, task, WAIT_VERIFY);
	wr = wr_init(act->auth.octets, sizeof(act->auth.octets));
	err = put_claim(sa, msg, &raw, &wr);
	if (err)
		return err;
	act->auth.len = wr.len;
	act->auth.policy = sa->tun->pol.id;
	act->auth.scheme = IKE_SCHEME_PSK;
	act->auth.prf = sa->keys.suite.prf;
	act->auth.auth_len = raw.len;
	memcpy(act->auth.auth, raw.at, raw.len);
	return 0;
}

static int verify_cert(struct ike *ike, struct ike_sa *sa, struct ike_task *task, const struct ike_msg *msg)
{
	struct ike_act *act = acts_add(&ike->acts, IKE_ACT_VERIFY_CERT);
	struct span raw;
	struct wr wr;
	int err;

	if (!act)
		return -ENOMEM;
	act->cert.job = await(ike, sa, task, WAIT_VERIFY);
	wr = wr_init(act->cert.octets, sizeof(act->cert.octets));
	err = put_claim(sa, msg, &raw, &wr);
	if (err)
		return err;
	act->cert.len = wr.len;
	act->cert.policy = sa->tun->pol.id;
	act->cert.scheme = sa->setup->peer_scheme;
	act->cert.auth_len = raw.len;
	memcpy(act->cert.auth, raw.at, raw.len);
	copy_certs(&act->cert.chain, msg);
	act->cert.id = sa->initiator ? msg->idr : msg->idi;
	return 0;
}

int prove_verify(struct ike *ike, struct ike_sa *sa, struct ike_task *task, const struct ike_msg *msg)
{
	return by_psk(sa->tun) ? verify_psk(ike, sa, task, msg) : verify_cert(ike, sa, task, msg);
}
