// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "ike/auth.h"
#include "ike/sa.h"
#include "ike/scheme.h"
#include "ike/state.h"
#include "ike/window.h"
#include "pair.h"

/* Who shows itself by certificate and signature, and who does not get in. */

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

enum { KINDS = IKE_KEY_ED25519 + 1 };

/* Made once: keys take their time. By kind of key, a host a side. */
static struct issued root, other_root, between[3], hosts[2][KINDS], deep, stranger;
static const char *const names[2] = {"left.example.com", "right.example.com"};

static int make_all(void **state)
{
	(void)state;
	root = cert_root(IKE_KEY_P256, "Root");
	other_root = cert_root(IKE_KEY_P256, "Other Root");
	for (int kind = IKE_KEY_RSA; kind < KINDS; kind++)
		for (int i = 0; i < 2; i++)
			hosts[i][kind] = cert_issue(&root, kind, names[i], false);
	for (size_t i = 0; i < LENGTH(between); i++)
		between[i] = cert_issue(i ? &between[i - 1] : &root, IKE_KEY_RSA, i ? i > 1 ? "C" : "B" : "A", true);
	deep = cert_issue(&between[2], IKE_KEY_RSA, names[0], false);
	stranger = cert_issue(&other_root, IKE_KEY_P256, names[0], false);
	return 0;
}

static int free_all(void **state)
{
	(void)state;
	cert_free(&root);
	cert_free(&other_root);
	for (int kind = IKE_KEY_RSA; kind < KINDS; kind++)
		for (int i = 0; i < 2; i++)
			cert_free(&hosts[i][kind]);
	for (size_t i = 0; i < LENGTH(between); i++)
		cert_free(&between[i]);
	cert_free(&deep);
	cert_free(&stranger);
	return 0;
}

static struct ike_ident fqdn(const char *name)
{
	struct ike_ident ident = {.type = IKE_ID_FQDN, .len = strlen(name)};

	memcpy(ident.bytes, name, ident.len);
	return ident;
}

static void give(struct side *side, const struct issued *own)
{
	side->creds.policy = POLICY;
	creds_set(&side->creds, &own, 1);
	side->ring.key = own->key;
	side->ring.root = root.cert;
}

/* Both by certificate: keys of these kinds, and this AuthMethod. */
static void init(struct pair *pair, uint64_t seed, const enum ike_key_kind kinds[2], const uint8_t by[2])
{
	pair_init(pair, seed, NULL, NULL);
	for (int i = 0; i < 2; i++) {
		struct side *side = &pair->side[i];

		side->policy.auth = by[i];
		side->policy.local_id = fqdn(names[i]);
		side->policy.remote_id = fqdn(names[!i]);
		side->psk[0] = 0;
		give(side, &hosts[i][kinds[i]]);
		creds_add_ca(&side->creds, &root);
	}
}

static void init_auto(struct pair *pair, uint64_t seed, enum ike_key_kind kind)
{
	init(pair, seed, (const enum ike_key_kind[]){kind, kind}, (const uint8_t[]){IKE_BY_AUTO, IKE_BY_AUTO});
}

/* Makes the engines; side 1 listens, side 0 begins. */
static void begin(struct pair *pair)
{
	pair_create(pair, 1000);
	pair_up(pair, 1);
	pair_up(pair, 0);
}

static void comes_up(struct pair *pair)
{
	begin(pair);
	assert_true(pair_until_up(pair, 5000));
	pair_run(pair, 1000);
	pair_settled(pair);
}

/* Side 1 refuses, and both say why; nothing is in the kernels. */
static void fails(struct pair *pair, int side, const char *line, const char *other_line)
{
	begin(pair);
	pair_run(pair, 900);
	if (!pair_said(pair, side, line))
		fail_msg("side %d does not say: %s", side, line);
	if (!pair_said(pair, !side, other_line))
		fail_msg("side %d does not say: %s", !side, other_line);
	for (int i = 0; i < 2; i++) {
		assert_int_not_equal(pair_status(pair, i).state, IKE_STATE_UP);
		assert_int_equal(kernel_count(&pair->side[i]), 0);
		assert_int_equal(pair->side[i].installs, 0);
	}
	pair_free(pair);
}

struct way {
	enum ike_key_kind kinds[2];
	uint8_t by[2];
	enum ike_scheme schemes[2];	/* who signs how */
};

static const struct way ways[] = {
	{{IKE_KEY_RSA, IKE_KEY_RSA}, {IKE_BY_AUTO, IKE_BY_AUTO}, {IKE_SCHEME_PSS_SHA256, IKE_SCHEME_PSS_SHA256}},
	{{IKE_KEY_RSA, IKE_KEY_RSA}, {IKE_BY_RSA_PSS, IKE_BY_AUTO}, {IKE_SCHEME_PSS_SHA256, IKE_SCHEME_PSS_SHA256}},
	/* who answers does as the other one did */
	{{IKE_KEY_RSA, IKE_KEY_RSA}, {IKE_BY_RSA_PKCS1, IKE_BY_AUTO},
	 {IKE_SCHEME_PKCS1_SHA256, IKE_SCHEME_PKCS1_SHA256}},
	{{IKE_KEY_RSA, IKE_KEY_RSA}, {IKE_BY_AUTO, IKE_BY_RSA_PKCS1},
	 {IKE_SCHEME_PSS_SHA256, IKE_SCHEME_PKCS1_SHA256}},
	{{IKE_KEY_RSA, IKE_KEY_RSA}, {IKE_BY_RSA_SHA1, IKE_BY_RSA_SHA1}, {IKE_SCHEME_RSA_SHA1, IKE_SCHEME_RSA_SHA1}},
	{{IKE_KEY_P256, IKE_KEY_P256}, {IKE_BY_AUTO, IKE_BY_ECDSA},
	 {IKE_SCHEME_ECDSA_SHA256, IKE_SCHEME_ECDSA_SHA256}},
	{{IKE_KEY_P384, IKE_KEY_P521}, {IKE_BY_ECDSA, IKE_BY_AUTO},
	 {IKE_SCHEME_ECDSA_SHA384, IKE_SCHEME_ECDSA_SHA512}},
	{{IKE_KEY_ED25519, IKE_KEY_ED25519}, {IKE_BY_AUTO, IKE_BY_ED25519}, {IKE_SCHEME_ED25519, IKE_SCHEME_ED25519}},
	/* each as it can */
	{{IKE_KEY_RSA, IKE_KEY_ED25519}, {IKE_BY_AUTO, IKE_BY_AUTO}, {IKE_SCHEME_PSS_SHA256, IKE_SCHEME_ED25519}},
	{{IKE_KEY_P521, IKE_KEY_RSA}, {IKE_BY_AUTO, IKE_BY_RSA_PKCS1},
	 {IKE_SCHEME_ECDSA_SHA512, IKE_SCHEME_PKCS1_SHA256}},
};

static void authenticated_by(const struct pair *pair, int side, enum ike_scheme scheme)
{
	char line[100];

	snprintf(line, sizeof(line), "the peer is authenticated by %s", scheme_name(scheme));
	if (!pair_said(pair, side, line))
		fail_msg("side %d does not say: %s", side, line);
}

static void test_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(ways); i++) {
		struct ike_status status;
		struct pair pair;

		init(&pair, i, ways[i].kinds, ways[i].by);
		comes_up(&pair);
		authenticated_by(&pair, 1, ways[i].schemes[0]);
		authenticated_by(&pair, 0, ways[i].schemes[1]);
		/* Four messages, as with a pre-shared key. */
		assert_int_equal(pair.side[0].sent + pair.side[1].sent, 4);
		status = pair_status(&pair, 0);
		assert_true(ident_equal(&status.remote_id, &pair.side[0].policy.remote_id));
		pair_free(&pair);
	}
}

/* The notify becomes one that nobody knows, on its way: as if an older peer had sent the message. */
static bool older_peer(struct pair *pair, int from, struct span bytes)
{
	uint8_t *at = (uint8_t *)bytes.at;

	(void)pair;
	(void)from;
	if (bytes.at[18] != IKE_EXCH_SA_INIT)
		return true;
	for (size_t i = IKE_HDR_SIZE; i + 8 <= bytes.len; i++)
		if (at[i] == IKE_N_SIGNATURE_HASH_ALGORITHMS >> 8 && at[i + 1] == (IKE_N_SIGNATURE_HASH_ALGORITHMS & 255) &&
		    !memcmp(at + i + 2, "\0\2\0\3\0\4\0\5", 8))
			at[i] = 0xbf;
	return true;
}

/* Who does not know RFC 7427 gets methods 9 to 11. The first message was changed, so its signature is not judged. */
static void test_older_peer(void **state)
{
	static const enum ike_key_kind kinds[] = {IKE_KEY_P256, IKE_KEY_P384, IKE_KEY_P521};

	(void)state;
	for (size_t i = 0; i < LENGTH(kinds); i++) {
		struct pair pair;

		init_auto(&pair, i, kinds[i]);
		pair.watch = older_peer;
		pair.credulous = true;
		comes_up(&pair);
		authenticated_by(&pair, 0, IKE_SCHEME_ECDSA_256 + i);
		authenticated_by(&pair, 1, IKE_SCHEME_ECDSA_256 + i);
		pair_free(&pair);
	}
}

static void test_older_peer_without_ecdsa(void **state)
{
	struct pair pair;

	(void)state;
	init_auto(&pair, 1, IKE_KEY_RSA);
	pair.watch = older_peer;
	fails(&pair, 0, "which is used when AuthMethod = rsa-sha1 says so", "");
	init_auto(&pair, 1, IKE_KEY_ED25519);
	pair.watch = older_peer;
	fails(&pair, 0, "the peer does not take Ed25519 signatures", "");
}

/* The same message, unchanged: changing it has to be noticed. */
static void test_changed_first_message(void **state)
{
	struct pair pair;

	(void)state;
	init_auto(&pair, 1, IKE_KEY_P256);
	pair.watch = older_peer;
	fails(&pair, 1, "left.example.com is not who it says it is: its signature is not by that certificate's key",
	      "the peer refuses to authenticate us");
}

static void test_wrong_key(void **state)
{
	struct pair pair;

	(void)state;
	for (int who = 0; who < 2; who++) {
		init_auto(&pair, 2, IKE_KEY_RSA);
		/* A certificate that it has seen, and a key of its own. */
		pair.side[who].ring.key = hosts[!who][IKE_KEY_RSA].key;
		if (!who) {
			fails(&pair, 1, "left.example.com is not who it says it is: its signature is not by",
			      "takes no RSA-PSS with SHA2-256 (try AuthMethod = rsa-pkcs1)");
			continue;
		}
		begin(&pair);
		pair_run(&pair, 900);
		assert_true(pair_said(&pair, 0, "right.example.com is not who it says it is: its signature is not by"));
		assert_int_not_equal(pair_status(&pair, 0).state, IKE_STATE_UP);
		/* The one who was taken for good hears of the end. */
		assert_int_equal(kernel_count(&pair.side[0]), 0);
		assert_int_equal(kernel_count(&pair.side[1]), 0);
		pair_free(&pair);
	}
	init(&pair, 2, (const enum ike_key_kind[]){IKE_KEY_RSA, IKE_KEY_RSA},
	     (const uint8_t[]){IKE_BY_RSA_PKCS1, IKE_BY_AUTO});
	pair.side[0].ring.key = hosts[1][IKE_KEY_RSA].key;
	fails(&pair, 1, "its signature is not by", "(try AuthMethod = rsa-pss)");
}

static void test_wrong_ca(void **state)
{
	struct pair pair;

	(void)state;
	init_auto(&pair, 3, IKE_KEY_P256);
	give(&pair.side[0], &stranger);
	fails(&pair, 1, "left.example.com is not who it says it is: its certificate is by no CA of ours",
	      "it does not trust our certificate, or takes no ECDSA with SHA2-256, or");
	/* What it asks for says more. */
	init_auto(&pair, 3, IKE_KEY_P256);
	give(&pair.side[0], &stranger);
	pair.side[0].creds.n_cas = 0;
	creds_add_ca(&pair.side[0].creds, &other_root);
	fails(&pair, 1, "its certificate is by no CA of ours", "(it asks for those of CAs that are not ours)");
}

static void test_wrong_name(void **state)
{
	struct pair pair;

	(void)state;
	/* Says that it is another one than its certificate is for. */
	init_auto(&pair, 4, IKE_KEY_P256);
	pair.side[0].policy.local_id = fqdn("boss.example.com");
	pair.side[1].policy.remote_id = fqdn("boss.example.com");
	fails(&pair, 1, "boss.example.com is not who it says it is: its certificate is another one's",
	      "the peer refuses to authenticate us");
	/* A good certificate, of somebody who is not expected. */
	init_auto(&pair, 4, IKE_KEY_P256);
	pair.side[1].policy.remote_id = fqdn("boss.example.com");
	fails(&pair, 1, "no tunnel for identity left.example.com", "the peer refuses to authenticate us");
}

static void test_subject_as_identity(void **state)
{
	struct pair pair;

	(void)state;
	init_auto(&pair, 5, IKE_KEY_ED25519);
	for (int i = 0; i < 2; i++)
		cert_subject(&hosts[i][IKE_KEY_ED25519], &pair.side[i].policy.local_id);
	pair.side[0].policy.remote_id = pair.side[1].policy.local_id;
	pair.side[1].policy.remote_id = pair.side[0].policy.local_id;
	comes_up(&pair);
	assert_int_equal(pair_status(&pair, 1).remote_id.type, IKE_ID_DN);
	pair_free(&pair);

	/* The subjects of the others, whose certificates would do, too. */
	init_auto(&pair, 5, IKE_KEY_ED25519);
	cert_subject(&hosts[0][IKE_KEY_ED25519], &pair.side[0].policy.local_id);
	cert_subject(&stranger, &pair.side[1].policy.remote_id);
	pair.side[1].policy.remote_id.bytes[pair.side[1].policy.remote_id.len - 1] ^= 1;
	fails(&pair, 1, "no tunnel for identity dn:", "the peer refuses to authenticate us");
}

static void test_no_credentials(void **state)
{
	static const char line[] = "there is no certificate with a private key for this tunnel";
	struct pair pair;

	(void)state;
	init_auto(&pair, 6, IKE_KEY_P256);
	pair.side[0].creds.key = IKE_KEY_NONE;
	begin(&pair);
	pair_run(&pair, 5000);
	assert_true(pair_said(&pair, 0, line));
	assert_string_equal(pair_status(&pair, 0).last_error, line);
	assert_int_equal(pair.side[0].sent, 0);
	/* They come later: then it works. */
	give(&pair.side[0], &hosts[0][IKE_KEY_P256]);
	assert_int_equal(ike_credentials_set(pair.side[0].ike, &pair.side[0].creds), 0);
	assert_true(pair_until_up(&pair, 60000));
	pair_run(&pair, 1000);
	pair_settled(&pair);
	pair_free(&pair);

	init_auto(&pair, 6, IKE_KEY_P256);
	pair.side[1].creds.key = IKE_KEY_NONE;
	begin(&pair);
	pair_run(&pair, 900);
	assert_true(pair_said(&pair, 1, line));
	assert_true(pair_said(&pair, 0, "the peer refuses to authenticate us"));
	pair_run(&pair, 20000);
	assert_int_equal(kernel_count(&pair.side[1]), 0);
	pair_free(&pair);

	/* The engine has the certificate, the key process lost the key. */
	init_auto(&pair, 6, IKE_KEY_P256);
	pair.side[0].ring.key = NULL;
	fails(&pair, 0, "the private key of this tunnel cannot be used for ECDSA with SHA2-256", "");
}

/* A key of another kind than AuthMethod names. */
static void test_other_key(void **state)
{
	struct pair pair;

	(void)state;
	init(&pair, 7, (const enum ike_key_kind[]){IKE_KEY_P256, IKE_KEY_P256},
	     (const uint8_t[]){IKE_BY_RSA_PSS, IKE_BY_AUTO});
	fails(&pair, 0, "our private key is not of the kind that AuthMethod names", "");
}

static void test_sha1_only_by_name(void **state)
{
	struct pair pair;

	(void)state;
	init(&pair, 8, (const enum ike_key_kind[]){IKE_KEY_RSA, IKE_KEY_RSA},
	     (const uint8_t[]){IKE_BY_RSA_SHA1, IKE_BY_AUTO});
	fails(&pair, 1, "the peer does not show who it is: it does so by RSA with SHA-1, which is not configured",
	      "takes no RSA with SHA-1 (try AuthMethod = rsa-pss)");
}

static void psk_peer(struct pair *pair, int who)
{
	init_auto(pair, 9, IKE_KEY_P256);
	snprintf(pair->side[who].psk, sizeof(pair->side[who].psk), "a secret");
	pair->side[who].policy.auth = IKE_BY_PSK;
}

static void test_psk_and_certificate(void **state)
{
	struct pair pair;

	(void)state;
	psk_peer(&pair, 0);
	fails(&pair, 1, "it does so by pre-shared key, which is not configured", "its pre-shared key differs");
	/* This one announces no hashes. */
	psk_peer(&pair, 1);
	fails(&pair, 1, "it does so by ECDSA on P-256, which is not configured",
	      "it does not trust our certificate, or takes no ECDSA on P-256, or");
	psk_peer(&pair, 1);
	pair.side[0].creds.key = IKE_KEY_RSA;
	fails(&pair, 0, "the peer knows RSA only with SHA-1", "");
}

/* Two tunnels for the same peer: the one that is for its way is taken, wherever it stands. */
static void test_two_tunnels(void **state)
{
	(void)state;
	for (int psk = 0; psk < 2; psk++) {
		struct ike_policy other;
		struct pair pair;

		init_auto(&pair, 10, IKE_KEY_P256);
		other = pair.side[1].policy;
		other.id = POLICY + 1;
		if (psk) {
			snprintf(pair.side[0].psk, sizeof(pair.side[0].psk), "a secret");
			snprintf(pair.side[1].psk, sizeof(pair.side[1].psk), "a secret");
			pair.side[0].policy.auth = IKE_BY_PSK;
			pair.side[1].policy.auth = IKE_BY_PSK;
		} else {
			other.auth = IKE_BY_PSK;
		}
		other.remote.len = psk ? other.remote.len : 0;
		pair_create(&pair, 1000);
		assert_int_equal(ike_policy_set(pair.side[1].ike, &other), 0);
		ike_up(pair.side[1].ike, pair.now, POLICY + 1);
		pair_up(&pair, 1);
		pair_up(&pair, 0);
		assert_true(pair_until_up(&pair, 5000));
		pair_run(&pair, 1000);
		pair_settled(&pair);
		pair_free(&pair);
	}
}

static void test_chain(void **state)
{
	const struct issued *const chain[] = {&deep, &between[2], &between[1], &between[0]};
	struct pair pair;

	(void)state;
	init_auto(&pair, 11, IKE_KEY_RSA);
	creds_set(&pair.side[0].creds, chain, LENGTH(chain));
	pair.side[0].ring.key = deep.key;
	comes_up(&pair);
	pair_free(&pair);

	/* A link is missing. */
	init_auto(&pair, 11, IKE_KEY_RSA);
	creds_set(&pair.side[0].creds, chain, LENGTH(chain) - 1);
	pair.side[0].ring.key = deep.key;
	fails(&pair, 1, "its certificate is by no CA of ours", "the peer refuses to authenticate us");
}

/* Behind its own all the same one, which leads nowhere: as many as there may be. */
static void fill(struct side *side)
{
	struct ike_chain *own = &side->creds.own;
	size_t size = own->sizes[0];

	while (own->count < IKE_CERTS_MAX && size + own->sizes[0] <= IKE_CHAIN_MAX) {
		memcpy(own->bytes + size, own->bytes, own->sizes[0]);
		own->sizes[own->count++] = own->sizes[0];
		size += own->sizes[0];
	}
	while (side->creds.n_cas < IKE_CAS_MAX)
		creds_add_ca(&side->creds, &root);
	assert_int_equal(own->count, IKE_CERTS_MAX);
}

/* They fit into a message, whole or in parts. */
static void test_largest_chain(void **state)
{
	(void)state;
	for (int parts = 0; parts < 2; parts++) {
		struct pair pair;

		init_auto(&pair, 12, IKE_KEY_RSA);
		for (int i = 0; i < 2; i++) {
			fill(&pair.side[i]);
			pair.side[i].policy.fragmentation = parts;
		}
		comes_up(&pair);
		assert_int_equal(pair.side[0].sent > 2, parts);
		pair_free(&pair);
	}
}

/* The peer changes what it shows: the next IKE SA is with the new one, and this one lives on. */
static void test_new_certificate(void **state)
{
	struct pair pair;

	(void)state;
	init_auto(&pair, 13, IKE_KEY_P256);
	comes_up(&pair);
	give(&pair.side[0], &hosts[0][IKE_KEY_ED25519]);
	assert_int_equal(ike_credentials_set(pair.side[0].ike, &pair.side[0].creds), 0);
	pair_run(&pair, 1000);
	pair_settled(&pair);
	assert_int_equal(ike_rekey(pair.side[0].ike, pair.now, POLICY, true), 0);
	pair_run(&pair, 2000);
	pair_settled(&pair);
	ike_down(pair.side[0].ike, pair.now, POLICY);
	pair_run(&pair, 2000);
	pair_up(&pair, 0);
	assert_true(pair_until_up(&pair, 5000));
	authenticated_by(&pair, 1, IKE_SCHEME_ED25519);
	pair_free(&pair);
}

/* Certificates over a bad network, with key processes that take their time. */
static void test_loss(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct pair pair;

		init_auto(&pair, seed, IKE_KEY_P256);
		pair.loss = 300;
		pair.twice = 200;
		pair.jitter = 200;
		pair.job_jitter = 500;
		begin(&pair);
		assert_true(pair_until_up(&pair, 300000));
		pair.loss = 0;
		pair_run(&pair, 200000);
		pair_settled(&pair);
		pair_free(&pair);
	}
}

/* What the first messages say, and what they do not when nobody here uses certificates. */
static struct ike_msg first[2];

static bool keep_first(struct pair *pair, int from, struct span bytes)
{
	static uint8_t copies[2][IKE_DATAGRAM_MAX];
	struct span payloads = {copies[from], bytes.len - IKE_HDR_SIZE};
	struct why why;

	(void)pair;
	if (bytes.at[18] != IKE_EXCH_SA_INIT)
		return true;
	memcpy(copies[from], bytes.at + IKE_HDR_SIZE, payloads.len);
	assert_int_equal(msg_decode(&first[from], bytes.at[16], payloads, &why), 0);
	return true;
}

static void test_first_messages(void **state)
{
	struct pair pair;

	(void)state;
	init_auto(&pair, 15, IKE_KEY_P256);
	pair.watch = keep_first;
	creds_add_ca(&pair.side[1].creds, &other_root);
	creds_add_ca(&pair.side[1].creds, &root);
	comes_up(&pair);
	for (int i = 0; i < 2; i++) {
		const struct ike_notify_pld *notify = msg_notify(&first[i], IKE_N_SIGNATURE_HASH_ALGORITHMS);

		assert_non_null(notify);
		assert_int_equal(scheme_read_hashes(notify->data), SCHEME_HASHES);
	}
	assert_int_equal(first[0].counts[IKE_PLD_CERTREQ], 0);
	/* The same CA twice is one. */
	assert_int_equal(first[1].cas.len, 2 * IKE_CA_HASH);
	assert_memory_equal(first[1].cas.at, pair.side[1].creds.cas, 2 * IKE_CA_HASH);
	assert_non_null(msg_notify(&first[1], IKE_N_CHILDLESS_IKEV2_SUPPORTED));
	assert_null(msg_notify(&first[0], IKE_N_CHILDLESS_IKEV2_SUPPORTED));
	pair_free(&pair);

	pair_init(&pair, 15, NULL, NULL);
	pair.watch = keep_first;
	comes_up(&pair);
	for (int i = 0; i < 2; i++) {
		assert_null(msg_notify(&first[i], IKE_N_SIGNATURE_HASH_ALGORITHMS));
		assert_int_equal(first[i].counts[IKE_PLD_CERTREQ], 0);
	}
	pair_free(&pair);
}

/* ---- without a Child SA, RFC 6023 ---- */

static struct ike_sa *only_sa(struct pair *pair, int side)
{
	struct ike_sa *sa, *found = NULL;

	for_each_sa(pair->side[side].ike, sa)
		found = sa;
	assert_non_null(found);
	return found;
}

/* Side 0 has got the answer to IKE_SA_INIT; it sends what the engine itself never does. */
static void send_childless(struct pair *pair)
{
	struct ike_sa *sa = only_sa(pair, 0);
	const struct ike_setup *setup = sa->setup;
	uint8_t payloads[512], body[64], octets[AUTH_OCTETS_MAX], mac[64];
	struct chain chain = chain_init(payloads, sizeof(payloads));
	struct wr id = wr_init(body, sizeof(body)), text = wr_init(octets, sizeof(octets));
	struct auth_parts parts = {
		.message = blob_span(&setup->request), .nonce = nonce_span(&setup->nr),
		.key = &sa->keys.pi, .prf = sa->keys.suite.prf,
	};
	struct ike_ident own;

	ident_of_addr(&sa->path.local, &own);
	msg_ident_body(&own, &id);
	parts.ident_body = wr_done(&id);
	assert_int_equal(auth_octets(&parts, &text), 0);
	assert_int_equal(auth_psk(parts.prf, (struct span){(uint8_t *)pair->side[0].psk, strlen(pair->side[0].psk)},
				  wr_done(&text), mac), 0);
	chain_ident(&chain, IKE_PLD_IDI, &own);
	chain_auth(&chain, IKE_AUTH_PSK, (struct span){mac, 32});
	assert_int_equal(window_request(pair->side[0].ike, sa, IKE_EXCH_AUTH, &chain, 5000), 0);
}

static struct ike_msg answer;

/* Keeps what the answer to IKE_AUTH holds from the engine, which did not ask. */
static bool catch_answer(struct pair *pair, int from, struct span bytes)
{
	struct ike_sa *sa = only_sa(pair, 0);
	const struct sk_side side = {&sa->keys, true};
	static uint8_t text[IKE_DATAGRAM_MAX];
	struct wr out = wr_init(text, sizeof(text));
	struct ike_msg outer;
	struct why why;
	struct span in;

	if (from != 1 || bytes.at[18] != IKE_EXCH_AUTH)
		return true;
	assert_int_equal(msg_decode(&outer, bytes.at[16], (struct span){bytes.at + 28, bytes.len - 28}, &why), 0);
	assert_int_equal(sk_open(&side, bytes, &outer, &out, &in), 0);
	assert_int_equal(msg_decode(&answer, outer.sk_next, in, &why), 0);
	return false;
}

static void test_childless(void **state)
{
	struct pair pair;
	struct ike_sa *sa;

	(void)state;
	pair_init(&pair, 14, NULL, NULL);
	pair.side[0].mute_jobs = true;
	pair.watch = catch_answer;
	begin(&pair);
	pair_run(&pair, 100);
	sa = only_sa(&pair, 0);
	assert_int_equal(sa->state, SA_AUTH_SIGNING);
	send_childless(&pair);
	pair_run(&pair, 100);
	assert_int_equal(answer.counts[IKE_PLD_IDR], 1);
	assert_int_equal(answer.counts[IKE_PLD_AUTH], 1);
	assert_int_equal(answer.counts[IKE_PLD_SA], 0);
	assert_null(msg_error(&answer));
	assert_int_equal(pair_status(&pair, 1).ike_sas, 1);
	assert_int_equal(kernel_count(&pair.side[1]), 0);
	/* Now the initiator goes on with CREATE_CHILD_SA. */
	pair.side[0].mute_jobs = false;
	task_clear(&sa->out);
	window_done(sa);
	state_enter(pair.side[0].ike, sa, SA_UP);
	assert_true(pair_until_up(&pair, 20000));
	pair_run(&pair, 1000);
	pair_settled(&pair);
	pair_free(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ways),
		cmocka_unit_test(test_older_peer),
		cmocka_unit_test(test_older_peer_without_ecdsa),
		cmocka_unit_test(test_changed_first_message),
		cmocka_unit_test(test_wrong_key),
		cmocka_unit_test(test_wrong_ca),
		cmocka_unit_test(test_wrong_name),
		cmocka_unit_test(test_subject_as_identity),
		cmocka_unit_test(test_no_credentials),
		cmocka_unit_test(test_other_key),
		cmocka_unit_test(test_sha1_only_by_name),
		cmocka_unit_test(test_psk_and_certificate),
		cmocka_unit_test(test_two_tunnels),
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_largest_chain),
		cmocka_unit_test(test_new_certificate),
		cmocka_unit_test(test_loss),
		cmocka_unit_test(test_first_messages),
		cmocka_unit_test(test_childless),
	};

	return cmocka_run_group_tests(tests, make_all, free_all);
}
