// SPDX-License-Identifier: GPL-2.0
#include "certs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

static EVP_PKEY *make_key(enum ike_key_kind kind)
{
	switch (kind) {
	case IKE_KEY_RSA:
		return EVP_RSA_gen(2048);
	case IKE_KEY_P256:
		return EVP_EC_gen("P-256");
	case IKE_KEY_P384:
		return EVP_EC_gen("P-384");
	case IKE_KEY_P521:
		return EVP_EC_gen("P-521");
	default:
		return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	}
}

static void add_extension(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	assert_non_null(extension);
	assert_int_equal(X509_add_ext(cert, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

struct issued cert_issue(const struct issued *by, enum ike_key_kind kind, const char *name, bool is_ca)
{
	struct issued made = {make_key(kind), X509_new()};
	const EVP_MD *md;
	X509_NAME *subject;
	static long serial;
	char san[100];

	assert_true(made.key && made.cert);
	by = by ? by : &made;
	subject = X509_get_subject_name(made.cert);
	X509_set_version(made.cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(made.cert), ++serial);
	X509_gmtime_adj(X509_getm_notBefore(made.cert), -3600);
	X509_gmtime_adj(X509_getm_notAfter(made.cert), 24 * 3600);
	X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_ASC, (const uint8_t *)"Test", -1, -1, 0);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const uint8_t *)name, -1, -1, 0);
	X509_set_issuer_name(made.cert, X509_get_subject_name(by->cert));
	X509_set_pubkey(made.cert, made.key);
	add_extension(made.cert, NID_basic_constraints, is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
	snprintf(san, sizeof(san), "DNS:%s", name);
	if (!is_ca)
		add_extension(made.cert, NID_subject_alt_name, san);
	md = EVP_PKEY_is_a(by->key, "ED25519") ? NULL : EVP_sha256();
	assert_true(X509_sign(made.cert, by->key, md) > 0);
	return made;
}

struct issued cert_root(enum ike_key_kind kind, const char *name)
{
	return cert_issue(NULL, kind, name, true);
}

void cert_free(struct issued *issued)
{
	EVP_PKEY_free(issued->key);
	X509_free(issued->cert);
	memset(issued, 0, sizeof(*issued));
}

void cert_subject(const struct issued *issued, struct ike_ident *out)
{
	uint8_t *at = out->bytes;
	int len = i2d_X509_NAME(X509_get_subject_name(issued->cert), NULL);

	assert_true(len > 0 && len <= IKE_ID_MAX);
	out->type = IKE_ID_DN;
	out->len = i2d_X509_NAME(X509_get_subject_name(issued->cert), &at);
}

void creds_set(struct ike_credentials *creds, const struct issued *const *chain, unsigned int n)
{
	uint8_t *at = creds->own.bytes;

	memset(&creds->own, 0, sizeof(creds->own));
	creds->key = sign_key_kind(chain[0]->key);
	for (unsigned int i = 0; i < n; i++) {
		assert_true(at + i2d_X509(chain[i]->cert, NULL) <= creds->own.bytes + sizeof(creds->own.bytes));
		creds->own.sizes[i] = i2d_X509(chain[i]->cert, &at);
	}
	creds->own.count = n;
}

void creds_add_ca(struct ike_credentials *creds, const struct issued *ca)
{
	uint8_t *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(ca->cert), &der);

	assert_true(len > 0 && creds->n_cas < IKE_CAS_MAX);
	SHA1(der, len, creds->cas[creds->n_cas++]);
	OPENSSL_free(der);
}

struct span keyring_sign(const struct keyring *ring, const struct ike_act_auth *auth, uint8_t *out)
{
	int len = ring->key ? sign_make(ring->key, auth->scheme, (struct span){auth->octets, auth->len}, out) : 0;

	return (struct span){out, len > 0 ? len : 0};
}

static bool is_for(X509 *cert, const struct ike_ident *id)
{
	struct issued holder = {NULL, cert};
	struct ike_ident subject;

	if (id->type == IKE_ID_FQDN)
		return X509_check_host(cert, (const char *)id->bytes, id->len, 0, NULL) == 1;
	cert_subject(&holder, &subject);
	return ident_equal(&subject, id);
}

static bool is_trusted(const struct keyring *ring, STACK_OF(X509) *certs)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	bool good;

	assert_true(store && ctx);
	X509_STORE_add_cert(store, ring->root);
	X509_STORE_CTX_init(ctx, store, sk_X509_value(certs, 0), certs);
	good = X509_verify_cert(ctx) == 1;
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	return good;
}

static int judge(const struct keyring *ring, const struct ike_act_cert *claim, STACK_OF(X509) *certs, struct why *why)
{
	X509 *cert = sk_X509_value(certs, 0);

	if (!ring->root || !is_trusted(ring, certs))
		return why_set(why, "its certificate is by no CA of ours");
	if (!is_for(cert, &claim->id))
		return why_set(why, "its certificate is another one's");
	if (!sign_good(X509_get0_pubkey(cert), claim->scheme, (struct span){claim->octets, claim->len},
		       (struct span){claim->auth, claim->auth_len}))
		return why_set(why, "its signature is not by that certificate's key");
	return 0;
}

int keyring_judge(const struct keyring *ring, const struct ike_act_cert *claim, struct why *why)
{
	const uint8_t *at = claim->chain.bytes;
	STACK_OF(X509) *certs = sk_X509_new_null();
	int err;

	assert_in_range(claim->chain.count, 1, IKE_CERTS_MAX);
	for (unsigned int i = 0; i < claim->chain.count; i++) {
		const uint8_t *end = at + claim->chain.sizes[i];
		X509 *cert = d2i_X509(NULL, &at, claim->chain.sizes[i]);

		assert_non_null(cert);
		assert_ptr_equal(at, end);
		sk_X509_push(certs, cert);
	}
	err = judge(ring, claim, certs, why);
	sk_X509_pop_free(certs, X509_free);
	return err;
}
