/* SPDX-License-Identifier: GPL-2.0 */
#ifndef UNIT_CERTS_H
#define UNIT_CERTS_H

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <time.h>

/* Certificates made for a test; what cannot be made fails it. Include cmocka.h first. */

enum { CERTS_NOW = 1800000000, CERTS_DAY = 86400 };	/* 2027-01-15 08:00:00 UTC */

struct issuer {
	X509 *cert;
	EVP_PKEY *key;
};

struct wanted {
	const char *name;		/* its CN; NULL: no name at all */
	EVP_PKEY *key;
	const struct issuer *by;	/* NULL: itself */
	/* as openssl.cnf has them, NULL: without */
	const char *san, *usage, *constraints, *names;	/* names: nameConstraints */
	long from, until;		/* seconds after CERTS_NOW; both 0: around it */
	const EVP_MD *digest;		/* NULL: SHA-256, or what the key has of its own */
	long serial;			/* 0: 1 */
};

static inline EVP_PKEY *key_of(const char *type, const char *curve)
{
	EVP_PKEY *key = curve ? EVP_PKEY_Q_keygen(NULL, NULL, type, curve) : EVP_PKEY_Q_keygen(NULL, NULL, type);

	assert_non_null(key);
	return key;
}

static inline EVP_PKEY *rsa_key(size_t bits)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", bits);

	assert_non_null(key);
	return key;
}

static inline const EVP_MD *digest_for(const EVP_PKEY *key, const EVP_MD *wanted)
{
	return EVP_PKEY_is_a(key, "ED25519") ? NULL : wanted ? wanted : EVP_sha256();
}

static inline void add_extension(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *extension = value ? X509V3_EXT_conf_nid(NULL, NULL, nid, value) : NULL;

	if (!value)
		return;
	assert_non_null(extension);
	assert_true(X509_add_ext(cert, extension, -1));
	X509_EXTENSION_free(extension);
}

static inline X509 *make_cert(const struct wanted *wanted)
{
	EVP_PKEY *key = wanted->by ? wanted->by->key : wanted->key;
	bool around = !wanted->from && !wanted->until;
	X509 *cert = X509_new();

	X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), wanted->serial ? wanted->serial : 1);
	ASN1_TIME_set(X509_getm_notBefore(cert), CERTS_NOW + (around ? -CERTS_DAY : wanted->from));
	ASN1_TIME_set(X509_getm_notAfter(cert), CERTS_NOW + (around ? 365 * CERTS_DAY : wanted->until));
	if (wanted->name)
		X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_UTF8,
					   (const unsigned char *)wanted->name, -1, -1, 0);
	X509_set_issuer_name(cert, X509_get_subject_name(wanted->by ? wanted->by->cert : cert));
	X509_set_pubkey(cert, wanted->key);
	add_extension(cert, NID_subject_alt_name, wanted->san);
	add_extension(cert, NID_key_usage, wanted->usage);
	add_extension(cert, NID_basic_constraints, wanted->constraints);
	add_extension(cert, NID_name_constraints, wanted->names);
	assert_true(X509_sign(cert, key, digest_for(key, wanted->digest)));
	return cert;
}

static inline struct issuer make_ca(const char *name, const struct issuer *by)
{
	struct issuer ca = { .key = key_of("EC", "P-256") };

	ca.cert = make_cert(&(struct wanted){
		.name = name, .key = ca.key, .by = by, .usage = "critical,keyCertSign,cRLSign",
		.constraints = "critical,CA:TRUE",
	});
	return ca;
}

static inline void free_issuer(struct issuer *issuer)
{
	X509_free(issuer->cert);
	EVP_PKEY_free(issuer->key);
}

/* A revocation list from @from to @until, seconds after CERTS_NOW, that has @serial (0: none) on it. */
static inline X509_CRL *make_crl(const struct issuer *by, long serial, long from, long until)
{
	ASN1_TIME *time = ASN1_TIME_set(NULL, CERTS_NOW + from);
	X509_REVOKED *revoked = X509_REVOKED_new();
	ASN1_INTEGER *number = ASN1_INTEGER_new();
	X509_CRL *crl = X509_CRL_new();

	X509_CRL_set_version(crl, X509_CRL_VERSION_2);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(by->cert));
	X509_CRL_set1_lastUpdate(crl, time);
	ASN1_INTEGER_set(number, serial);
	X509_REVOKED_set_serialNumber(revoked, number);
	X509_REVOKED_set_revocationDate(revoked, time);
	if (serial)
		X509_CRL_add0_revoked(crl, revoked);
	else
		X509_REVOKED_free(revoked);
	ASN1_TIME_set(time, CERTS_NOW + until);
	X509_CRL_set1_nextUpdate(crl, time);
	assert_true(X509_CRL_sign(crl, by->key, digest_for(by->key, NULL)));
	ASN1_INTEGER_free(number);
	ASN1_TIME_free(time);
	return crl;
}

#endif /* UNIT_CERTS_H */
