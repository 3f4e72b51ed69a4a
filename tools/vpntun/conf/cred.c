// SPDX-License-Identifier: GPL-2.0
#include "conf/cred.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/file.h"
#include "conf/keys.h"
#include "conf/report.h"
#include "util/when.h"

enum { KEY_BYTES = 64 * 1024, CERT_BYTES = 256 * 1024, CA_BYTES = 1024 * 1024, RSA_BITS_MIN = 2048 };

struct loader {
	const struct conf *conf;
	const struct conf_tunnel *tunnel;
	struct conf_report *report;
	time_t now;
	struct cred *out;
	size_t crl_bytes;
};

/* A file, and the key of the configuration that names it. */
struct source {
	const char *key;
	const char *name;
	size_t max;
	bool secret;
};

static unsigned int line_of(const struct loader *loader, const char *key)
{
	unsigned int line = keys_line(keys_tunnel, loader->tunnel->lines, key);

	return line ? line : loader->tunnel->line;
}

#define FAULT(loader, source, fmt, ...) \
	report_fault((loader)->report, (loader)->conf->path, line_of(loader, (source)->key), "%s: %s: " fmt, \
		     (source)->key, (source)->name, ##__VA_ARGS__)
#define WARN(loader, source, fmt, ...) \
	report_warning((loader)->report, (loader)->conf->path, line_of(loader, (source)->key), "%s: %s: " fmt, \
		       (source)->key, (source)->name, ##__VA_ARGS__)

/* Their number, or -EINVAL: the fault is told. */
static ssize_t read_source(const struct loader *loader, const struct source *source, uint8_t **bytes)
{
	char path[FILE_PATH_MAX];
	struct why why = { "" };
	ssize_t len = -EINVAL;
	bool named = false;
	int fd = -1;

	*bytes = NULL;
	if (!file_find(loader->conf, source->name, path, &why))
		fd = file_open(path, source->secret, &why);
	if (fd >= 0) {
		len = file_read(fd, source->max, bytes, &why);
		named = true;
		close(fd);
	}
	if (len >= 0)
		return len;
	if (named)
		why_prepend(&why, path);
	report_fault(loader->report, loader->conf->path, line_of(loader, source->key), "%s: %s", source->key, why.text);
	return -EINVAL;
}

/* ---- the private key ---- */

/* Nobody is there to type a passphrase. */
static int no_passphrase(char *buffer, int size, int writing, void *asked)
{
	(void)buffer;
	(void)size;
	(void)writing;
	*(bool *)asked = true;
	return -1;
}

static void load_key(const struct loader *loader)
{
	const struct source source = { "PrivateKey", loader->tunnel->private_key, KEY_BYTES, true };
	bool asked = false;
	uint8_t *bytes;
	ssize_t len = read_source(loader, &source, &bytes);
	BIO *bio;

	if (len < 0)
		return;
	bio = BIO_new_mem_buf(bytes, len);
	if (bio)
		loader->out->key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, &asked);
	BIO_free(bio);
	explicit_bzero(bytes, len);
	free(bytes);
	ERR_clear_error();
	if (asked)
		FAULT(loader, &source, "it is encrypted, and nobody is there to give the passphrase: openssl pkey -in OLD -out NEW");
	else if (!loader->out->key)
		FAULT(loader, &source, "no private key in PEM form in it");
}

/* ---- certificates ---- */

/* All certificates of a file, behind the @count that are there already; the new count. */
static size_t load_certs(const struct loader *loader, const struct source *source, X509 **certs, size_t count,
			 size_t max)
{
	const size_t before = count;
	bool asked = false;
	uint8_t *bytes;
	ssize_t len = read_source(loader, source, &bytes);
	unsigned long error;
	X509 *cert;
	BIO *bio;

	if (len < 0)
		return count;
	bio = BIO_new_mem_buf(bytes, len);
	while (bio && (cert = PEM_read_bio_X509(bio, NULL, no_passphrase, &asked))) {
		if (count == max) {
			FAULT(loader, source, "more certificates than %zu", max);
			X509_free(cert);
			break;
		}
		certs[count++] = cert;
	}
	error = ERR_peek_last_error();
	if (count == before)
		FAULT(loader, source, "no certificate in PEM form in it");
	else if (count < max && ERR_GET_REASON(error) != PEM_R_NO_START_LINE)
		FAULT(loader, source, "certificate %zu in it is damaged", count - before + 1);
	BIO_free(bio);
	free(bytes);
	ERR_clear_error();
	return count;
}

static void judge_own_time(const struct loader *loader, const struct source *source)
{
	const X509 *cert = loader->out->certs[0];
	time_t from = when_of(X509_get0_notBefore(cert)), until = when_of(X509_get0_notAfter(cert));
	long days = (until - loader->now) / WHEN_DAY;
	char text[WHEN_TEXT_MAX];

	loader->out->not_after = until;
	if (loader->now < from)
		FAULT(loader, source, "it is not valid before %s; if that has passed, the clock of this host is wrong",
		      when_text(from, text));
	else if (loader->now > until)
		FAULT(loader, source, "it expired on %s", when_text(until, text));
	else if (days < CRED_WARN_DAYS)
		WARN(loader, source, "it expires in %ld day%s, on %s", days, days == 1 ? "" : "s", when_text(until, text));
}

/* Of our chain, and of CAs: what is not valid helps nobody, but others may be there for it. */
static void judge_time(const struct loader *loader, const struct source *source, const X509 *cert, size_t number)
{
	time_t from = when_of(X509_get0_notBefore(cert)), until = when_of(X509_get0_notAfter(cert));
	char text[WHEN_TEXT_MAX];

	if (loader->now < from)
		WARN(loader, source, "certificate %zu in it is not valid before %s; if that has passed, the clock of this host is wrong",
		     number, when_text(from, text));
	else if (loader->now > until)
		WARN(loader, source, "certificate %zu in it expired on %s", number, when_text(until, text));
}

/* RFC 4945 section 5.1.3.2. */
static void judge_usage(const struct loader *loader, const struct source *source)
{
	X509 *cert = loader->out->certs[0];

	if (X509_check_ca(cert) == 1)
		WARN(loader, source, "it is that of a CA; many peers refuse such a one");
	if (!(X509_get_key_usage(cert) & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)))
		FAULT(loader, source, "its key usage does not allow digital signatures");
}

static void load_chain(const struct loader *loader)
{
	const struct source source = { "Certificate", loader->tunnel->certificate, CERT_BYTES, false };
	struct cred *out = loader->out;
	size_t i;

	out->n_certs = load_certs(loader, &source, out->certs, 0, CRED_CERTS_MAX);
	if (!out->n_certs)
		return;
	judge_own_time(loader, &source);
	judge_usage(loader, &source);
	for (i = 1; i < out->n_certs; i++) {
		judge_time(loader, &source, out->certs[i], i + 1);
		if (X509_check_issued(out->certs[i], out->certs[i - 1]) != X509_V_OK)
			WARN(loader, &source, "certificate %zu in it has not issued the one before it", i + 1);
	}
	ERR_clear_error();
}

static void load_cas(const struct loader *loader)
{
	const struct conf_words *words = &loader->tunnel->ca;
	struct cred *out = loader->out;
	size_t i, j;

	for (i = 0; i < words->count; i++) {
		const struct source source = { "CA", words->list[i], CA_BYTES, false };

		j = out->n_cas;
		out->n_cas = load_certs(loader, &source, out->cas, j, CRED_CAS_MAX);
		for (size_t first = j; j < out->n_cas; j++) {
			judge_time(loader, &source, out->cas[j], j - first + 1);
			if (!X509_check_ca(out->cas[j]))
				FAULT(loader, &source, "certificate %zu in it is not that of a CA", j - first + 1);
		}
	}
	ERR_clear_error();
}

/* ---- revocation lists ---- */

static void add_crl(const struct loader *loader, const struct source *source, X509_CRL *crl)
{
	const ASN1_TIME *next = X509_CRL_get0_nextUpdate(crl);
	char text[WHEN_TEXT_MAX];

	if (loader->out->n_crls == CRED_CRLS_MAX) {
		FAULT(loader, source, "more revocation lists than %d", CRED_CRLS_MAX);
		X509_CRL_free(crl);
		return;
	}
	if (next && when_of(next) < loader->now)
		WARN(loader, source, "it should have been renewed by %s; peers of that CA are refused until it is",
		     when_text(when_of(next), text));
	loader->out->crls[loader->out->n_crls++] = crl;
}

/* PEM, any number of them, or one in DER. False: there is none. */
static bool read_crls(const struct loader *loader, const struct source *source, const uint8_t *bytes, size_t len)
{
	const unsigned char *at = bytes;
	bool asked = false, any = false;
	BIO *bio = BIO_new_mem_buf(bytes, len);
	X509_CRL *crl;

	while (bio && (crl = PEM_read_bio_X509_CRL(bio, NULL, no_passphrase, &asked))) {
		add_crl(loader, source, crl);
		any = true;
	}
	BIO_free(bio);
	if (any)
		return ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
	crl = d2i_X509_CRL(NULL, &at, len);
	if (crl)
		add_crl(loader, source, crl);
	return crl;
}

static void load_crls(struct loader *loader)
{
	const struct conf_words *words = &loader->tunnel->crl;
	uint8_t *bytes;
	ssize_t len;
	size_t i;

	for (i = 0; i < words->count; i++) {
		const struct source source = { "CRL", words->list[i], CRED_CRL_BYTES - loader->crl_bytes, false };

		len = read_source(loader, &source, &bytes);
		if (len < 0)
			continue;
		loader->crl_bytes += len;
		if (!read_crls(loader, &source, bytes, len))
			FAULT(loader, &source, "no revocation list in PEM or DER form in it, or a damaged one");
		free(bytes);
		ERR_clear_error();
	}
}

/* ---- all of them together ---- */

/* What signs with this key; NULL: nothing that we can. */
static const char *key_name(const EVP_PKEY *key)
{
	char curve[32] = "";

	switch (EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_RSA:
		return "an RSA key";
	case EVP_PKEY_ED25519:
		return "an Ed25519 key";
	case EVP_PKEY_EC:
		EVP_PKEY_get_group_name(key, curve, sizeof(curve), NULL);
		return !strcmp(curve, SN_X9_62_prime256v1) || !strcmp(curve, SN_secp384r1) ||
		       !strcmp(curve, SN_secp521r1) ? "an ECDSA key" : NULL;
	}
	return NULL;
}

static bool method_fits(enum conf_auth method, const EVP_PKEY *key)
{
	switch (method) {
	case CONF_AUTH_RSA_PSS:
	case CONF_AUTH_RSA_PKCS1:
	case CONF_AUTH_RSA_SHA1:
		return EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA;
	case CONF_AUTH_ECDSA:
		return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC;
	case CONF_AUTH_ED25519:
		return EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519;
	default:
		return true;
	}
}

static void judge_key(const struct loader *loader)
{
	const struct source source = { "PrivateKey", loader->tunnel->private_key, 0, true };
	const struct cred *out = loader->out;

	if (!out->key)
		return;
	if (!key_name(out->key))
		FAULT(loader, &source, "a key of this kind is not supported; RSA, ECDSA with P-256, P-384 or P-521, and Ed25519 are");
	else if (EVP_PKEY_get_base_id(out->key) == EVP_PKEY_RSA && EVP_PKEY_get_bits(out->key) < RSA_BITS_MIN)
		FAULT(loader, &source, "an RSA key of %d bits is too weak, %d are the least", EVP_PKEY_get_bits(out->key),
		      RSA_BITS_MIN);
	else if (!method_fits(loader->tunnel->auth_method, out->key))
		report_fault(loader->report, loader->conf->path, line_of(loader, "AuthMethod"),
			     "AuthMethod does not go with %s, which is %s", source.name, key_name(out->key));
	if (out->n_certs && X509_check_private_key(out->certs[0], out->key) != 1)
		FAULT(loader, &source, "it is not the key of the first certificate in %s", loader->tunnel->certificate);
	ERR_clear_error();
}

int cred_load(const struct conf *conf, const struct conf_tunnel *tunnel, time_t now, struct cred *out,
	      struct conf_report *report)
{
	struct loader loader = { .conf = conf, .tunnel = tunnel, .report = report, .now = now, .out = out };
	unsigned int before = report->faults;

	memset(out, 0, sizeof(*out));
	load_chain(&loader);
	load_key(&loader);
	judge_key(&loader);
	load_cas(&loader);
	load_crls(&loader);
	if (report->faults == before)
		return 0;
	cred_free(out);
	return -EINVAL;
}

void cred_free(struct cred *cred)
{
	EVP_PKEY_free(cred->key);	/* wipes it */
	while (cred->n_certs)
		X509_free(cred->certs[--cred->n_certs]);
	while (cred->n_cas)
		X509_free(cred->cas[--cred->n_cas]);
	while (cred->n_crls)
		X509_CRL_free(cred->crls[--cred->n_crls]);
	memset(cred, 0, sizeof(*cred));
}
