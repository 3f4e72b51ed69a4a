// SPDX-License-Identifier: GPL-2.0
#include "iked/trust.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "ike/certid.h"
#include "ike/sign.h"
#include "util/when.h"

enum {
	DEPTH_MAX = IKE_CERTS_MAX,
	SECURITY_LEVEL = 2,	/* 112 bits: no SHA-1, no RSA below 2048 bits in a chain */
	NAME_MAX_TEXT = 100,	/* so that two of them and a sentence fit */
};

struct trust {
	struct trust *next;
	uint32_t policy;
	X509_STORE *store;
	bool has_crls;
};

struct trusts {
	struct trust *first;
};

/* The peer's certificates. */
struct shown {
	X509 *own;
	STACK_OF(X509) *others;
};

/* ---- what is trusted ---- */

static int add_part(struct trust *trust, uint8_t kind, struct span der)
{
	const unsigned char *at = der.at;
	X509_CRL *crl = NULL;
	X509 *ca = NULL;
	int good = 0;

	if (kind == TRUST_CA) {
		ca = d2i_X509(NULL, &at, der.len);
		good = ca && at == der.at + der.len && X509_STORE_add_cert(trust->store, ca);
	} else if (kind == TRUST_CRL) {
		crl = d2i_X509_CRL(NULL, &at, der.len);
		good = crl && at == der.at + der.len && X509_STORE_add_crl(trust->store, crl);
		trust->has_crls = true;
	}
	X509_free(ca);
	X509_CRL_free(crl);
	ERR_clear_error();
	return good ? 0 : -EINVAL;
}

static int add_parts(struct trust *trust, struct span parts)
{
	struct rd rd = rd_init(parts);
	struct span der;
	uint8_t kind;
	int err = 0;

	while (rd.left && !err) {
		kind = rd_u8(&rd);
		der = rd_span(&rd, rd_u32(&rd));
		err = rd.bad ? -EINVAL : add_part(trust, kind, der);
	}
	return err;
}

static void trust_free(struct trust *trust)
{
	X509_STORE_free(trust->store);
	free(trust);
}

void trust_forget(struct trusts *trusts, uint32_t policy)
{
	struct trust **at = &trusts->first, *trust;

	while ((trust = *at)) {
		if (trust->policy != policy) {
			at = &trust->next;
			continue;
		}
		*at = trust->next;
		trust_free(trust);
	}
}

int trust_set(struct trusts *trusts, uint32_t policy, struct span parts, struct why *why)
{
	struct trust *trust = calloc(1, sizeof(*trust));

	trust_forget(trusts, policy);
	if (trust)
		trust->store = X509_STORE_new();
	if (!trust || !trust->store) {
		free(trust);
		return why_set(why, "no memory for the CAs of a tunnel");
	}
	trust->policy = policy;
	if (add_parts(trust, parts)) {
		trust_free(trust);
		return why_set(why, "the CAs or revocation lists of a tunnel cannot be read");
	}
	trust->next = trusts->first;
	trusts->first = trust;
	return 0;
}

struct trusts *trusts_create(void)
{
	return calloc(1, sizeof(struct trusts));
}

void trusts_free(struct trusts *trusts)
{
	while (trusts && trusts->first)
		trust_forget(trusts, trusts->first->policy);
	free(trusts);
}

/* ---- what a peer shows ---- */

static X509 *read_cert(struct span der)
{
	const unsigned char *at = der.at;
	X509 *cert = der.len ? d2i_X509(NULL, &at, der.len) : NULL;

	if (!cert || at == der.at + der.len)
		return cert;
	X509_free(cert);
	return NULL;
}

/* Certificates beside its own that cannot be read are as good as not there. */
static int read_chain(const struct ike_chain *chain, struct shown *shown, struct why *why)
{
	struct rd rd = rd_init((struct span){ chain->bytes, sizeof(chain->bytes) });
	X509 *cert;
	int i;

	shown->own = NULL;
	shown->others = sk_X509_new_null();
	if (!shown->others)
		return why_set(why, "no memory to look at its certificates");
	if (!chain->count)
		return why_set(why, "it sent no certificate");
	for (i = 0; i < chain->count && i < IKE_CERTS_MAX; i++) {
		cert = read_cert(rd_span(&rd, chain->sizes[i]));
		if (!i && !cert)
			return why_set(why, "its certificate is damaged");
		if (!i)
			shown->own = cert;
		else if (cert && !sk_X509_push(shown->others, cert))
			X509_free(cert);
	}
	return 0;
}

static void tell_crl_time(X509_STORE_CTX *ctx, const char *issuer, struct why *why)
{
	const X509_CRL *crl = X509_STORE_CTX_get0_current_crl(ctx);
	char text[WHEN_TEXT_MAX];

	if (X509_STORE_CTX_get_error(ctx) == X509_V_ERR_CRL_NOT_YET_VALID)
		why_set(why, "the revocation list of '%s' is not valid before %s; the clock of this host may be wrong",
			issuer, when_text(crl ? when_of(X509_CRL_get0_lastUpdate(crl)) : 0, text));
	else
		why_set(why, "the revocation list of '%s' ended on %s and has to be renewed", issuer,
			when_text(crl ? when_of(X509_CRL_get0_nextUpdate(crl)) : 0, text));
}

static void tell_fault(X509_STORE_CTX *ctx, struct why *why)
{
	const X509 *cert = X509_STORE_CTX_get_current_cert(ctx);
	const char *what = X509_STORE_CTX_get_error_depth(ctx) ? "the CA certificate" : "its certificate";
	char subject[NAME_MAX_TEXT] = "", issuer[NAME_MAX_TEXT] = "", text[WHEN_TEXT_MAX];
	int error = X509_STORE_CTX_get_error(ctx);

	if (cert) {
		certid_subject_text(cert, subject, sizeof(subject));
		certid_issuer_text(cert, issuer, sizeof(issuer));
	}
	switch (error) {
	case X509_V_ERR_CERT_NOT_YET_VALID:
		why_set(why, "%s '%s' is not valid before %s; the clock of this host may be wrong", what, subject,
			when_text(cert ? when_of(X509_get0_notBefore(cert)) : 0, text));
		break;
	case X509_V_ERR_CERT_HAS_EXPIRED:
		why_set(why, "%s '%s' expired on %s", what, subject,
			when_text(cert ? when_of(X509_get0_notAfter(cert)) : 0, text));
		break;
	case X509_V_ERR_CERT_REVOKED:
		why_set(why, "%s '%s' was revoked by '%s'", what, subject, issuer);
		break;
	case X509_V_ERR_CRL_NOT_YET_VALID:
	case X509_V_ERR_CRL_HAS_EXPIRED:
		tell_crl_time(ctx, issuer, why);
		break;
	case X509_V_ERR_UNABLE_TO_GET_CRL:
		why_set(why, "%s '%s' was issued by '%s', of which there is no revocation list here", what, subject, issuer);
		break;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
		why_set(why, "%s '%s' was issued by '%s', which is no CA of this tunnel", what, subject, issuer);
		break;
	case X509_V_ERR_CERT_SIGNATURE_FAILURE:
		why_set(why, "%s '%s' bears a wrong signature of '%s'", what, subject, issuer);
		break;
	default:
		why_set(why, "%s '%s' is refused: %s", what, subject, X509_verify_cert_error_string(error));
	}
}

/* A list of each authority on the way is asked for that has one; that of the peer's own certificate has to be there. */
static int on_verify(int good, X509_STORE_CTX *ctx)
{
	int error = X509_STORE_CTX_get_error(ctx);

	if (good)
		return 1;
	if (X509_STORE_CTX_get_error_depth(ctx) &&
	    (error == X509_V_ERR_UNABLE_TO_GET_CRL || error == X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER)) {
		X509_STORE_CTX_set_error(ctx, X509_V_OK);
		return 1;
	}
	/* Only here it is known which list it is. */
	tell_fault(ctx, X509_STORE_CTX_get_app_data(ctx));
	return 0;
}

static bool verify_chain(const struct trust *trust, const struct shown *shown, time_t now, struct why *why)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509_VERIFY_PARAM *param;
	bool good = false;

	if (!ctx || !X509_STORE_CTX_init(ctx, trust->store, shown->own, shown->others)) {
		X509_STORE_CTX_free(ctx);
		why_set(why, "no memory to verify its certificate");
		return false;
	}
	param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_time(param, now);
	X509_VERIFY_PARAM_set_depth(param, DEPTH_MAX);
	X509_VERIFY_PARAM_set_auth_level(param, SECURITY_LEVEL);
	/* What is a CA of the configuration is trusted, though it may have another one above it. */
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN |
				    (trust->has_crls ? X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL : 0));
	X509_STORE_CTX_set_verify_cb(ctx, on_verify);
	X509_STORE_CTX_set_app_data(ctx, why);
	why_set(why, "its certificate cannot be verified");
	good = X509_verify_cert(ctx) == 1;
	X509_STORE_CTX_free(ctx);
	return good;
}

/* ---- all of it ---- */

/* RFC 4945 section 5.1.3.2; a certificate without the extension may be used for anything. */
static bool may_sign(X509 *cert)
{
	return X509_get_key_usage(cert) & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION);
}

static bool verify_identity(const X509 *cert, const struct ike_ident *id, struct why *why)
{
	char wanted[NAME_MAX_TEXT], names[2 * NAME_MAX_TEXT];

	if (certid_has(cert, id))
		return true;
	why_set(why, "its certificate is not for '%s' but for '%s'", ident_text(id, wanted, sizeof(wanted)),
		certid_text(cert, names, sizeof(names)));
	return false;
}

static bool verify_signature(const X509 *cert, const struct ike_act_cert *job, struct why *why)
{
	EVP_PKEY *key = X509_get0_pubkey(cert);

	if (!key || sign_key_kind(key) == IKE_KEY_NONE) {
		why_set(why, "the key of its certificate is of no kind that is supported, or too weak");
		return false;
	}
	if (sign_good(key, job->scheme, (struct span){ job->octets, job->len },
		      (struct span){ job->auth, job->auth_len }))
		return true;
	why_set(why, "its signature is not by the key of its certificate");
	return false;
}

static bool verify_all(const struct trust *trust, const struct shown *shown, const struct ike_act_cert *job, time_t now,
		       struct why *why)
{
	if (!verify_chain(trust, shown, now, why))
		return false;
	if (!may_sign(shown->own)) {
		why_set(why, "the key usage of its certificate does not allow digital signatures");
		return false;
	}
	return verify_identity(shown->own, &job->id, why) && verify_signature(shown->own, job, why);
}

bool trust_verify(const struct trusts *trusts, const struct ike_act_cert *job, time_t now, struct why *why)
{
	const struct trust *trust;
	struct shown shown;
	bool good = false;

	for (trust = trusts->first; trust && trust->policy != job->policy; trust = trust->next)
		;
	if (!trust) {
		why_set(why, "this tunnel has no CA");
		return false;
	}
	if (!read_chain(&job->chain, &shown, why))
		good = verify_all(trust, &shown, job, now, why);
	X509_free(shown.own);
	sk_X509_pop_free(shown.others, X509_free);
	ERR_clear_error();
	return good;
}
