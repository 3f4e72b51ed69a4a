// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/conf/cred.c tools/vpntun/conf/file.c tools/vpntun/conf/parse.c tools/vpntun/conf/lex.c */
/* sources: tools/vpntun/conf/keys.c tools/vpntun/conf/value.c tools/vpntun/conf/defaults.c */
/* sources: tools/vpntun/conf/report.c tools/vpntun/util/when.c tools/vpntun/util/addr.c tools/vpntun/util/hex.c */
/* sources: tools/vpntun/util/name.c tools/vpntun/util/nearest.c tools/vpntun/util/num.c tools/vpntun/util/text.c */
/* sources: tools/vpntun/util/why.c */
/* sources: tools/vpntun/conf/inside.c tools/vpntun/util/prefix.c */
/* libs: libcrypto */
/* The files of a tunnel's certificate: what is right, and what is said of the rest. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "certs.h"
#include "conf/cred.h"
#include "util/text.h"

static char folder[] = "/tmp/vpntun-cred-XXXXXX";
static struct issuer root, low;
static EVP_PKEY *key;
static struct cred cred;
static char told[4096];

static const char *in_folder(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

/* ---- files ---- */

static BIO *begin_file(const char *name, mode_t mode)
{
	BIO *bio = BIO_new_file(in_folder(name), "w");

	assert_non_null(bio);
	assert_int_equal(chmod(in_folder(name), mode), 0);
	return bio;
}

static void write_text(const char *name, const char *text)
{
	BIO *bio = begin_file(name, 0600);

	BIO_write(bio, text, strlen(text));
	BIO_free(bio);
}

static void write_key(const char *name, EVP_PKEY *from)
{
	BIO *bio = begin_file(name, 0600);

	assert_true(PEM_write_bio_PrivateKey(bio, from, NULL, NULL, 0, NULL, NULL));
	BIO_free(bio);
}

static void write_cert(const char *name, const struct wanted *wanted, X509 *next)
{
	X509 *cert = make_cert(wanted);
	BIO *bio = begin_file(name, 0644);

	PEM_write_bio_X509(bio, cert);
	if (next)
		PEM_write_bio_X509(bio, next);
	BIO_free(bio);
	X509_free(cert);
}

static void write_ca(const char *name, X509 *one, X509 *other)
{
	BIO *bio = begin_file(name, 0644);

	PEM_write_bio_X509(bio, one);
	if (other)
		PEM_write_bio_X509(bio, other);
	BIO_free(bio);
}

/* Frees it. */
static void write_crl(const char *name, X509_CRL *crl, bool der)
{
	BIO *bio = begin_file(name, 0644);

	if (der)
		i2d_X509_CRL_bio(bio, crl);
	else
		PEM_write_bio_X509_CRL(bio, crl);
	BIO_free(bio);
	X509_CRL_free(crl);
}

static struct wanted usual(void)
{
	return (struct wanted){ .name = "gw", .key = key, .by = &root, .usage = "critical,digitalSignature" };
}

/* ---- reading ---- */

/* Without the folder. */
static void tell(void *ctx, bool fault, const char *line)
{
	const char *at;

	(void)ctx;
	text_add(told, sizeof(told), "%s ", fault ? "F" : "W");
	for (; *line; line++) {
		at = strstr(line, folder);
		if (at == line)
			line += strlen(folder) + 1;
		text_add(told, sizeof(told), "%c", *line);
	}
	text_add(told, sizeof(told), "\n");
}

static int load_at(time_t now, const char *lines)
{
	struct conf_report report = { .say = tell };
	char text[2048], path[128];
	struct conf conf;
	int err;

	told[0] = '\0';
	snprintf(path, sizeof(path), "%s", in_folder("office.conf"));
	snprintf(text, sizeof(text), "[Tunnel a]\nRemote = 192.0.2.1\nCertificate = own.pem\nPrivateKey = own.key\n"
		 "CA = ca.pem\n%s", lines);
	assert_int_equal(conf_parse(path, text, strlen(text), &conf, &report), 0);
	err = cred_load(&conf, &conf.tunnels[0], now, &cred, &report);
	conf_free(&conf);
	return err;
}

static void says_at(time_t now, const char *lines, const char *what)
{
	int err = load_at(now, lines);

	assert_string_equal(told, what);
	assert_int_equal(err, !strncmp(what, "F", 1) || strstr(what, "\nF") ? -EINVAL : 0);
	if (err)
		assert_true(!cred.key && !cred.n_certs && !cred.n_cas && !cred.n_crls);
	cred_free(&cred);
}

static void says(const char *lines, const char *what)
{
	says_at(CERTS_NOW, lines, what);
}

/* What is there before each test. */
static int write_usual(void **state)
{
	struct wanted wanted = usual();

	(void)state;
	write_cert("own.pem", &wanted, NULL);
	write_key("own.key", key);
	write_ca("ca.pem", root.cert, NULL);
	return 0;
}

#define P "office.conf:"

/* ---- tests ---- */

static void what_is_right_is_loaded(void **state)
{
	struct wanted wanted = usual();

	(void)state;
	wanted.by = &low;
	write_cert("own.pem", &wanted, low.cert);
	write_ca("ca.pem", low.cert, root.cert);
	write_crl("a.crl", make_crl(&root, 1, -60, 60), false);
	write_crl("b.crl", make_crl(&low, 1, -60, 60), true);
	assert_int_equal(load_at(CERTS_NOW, "CRL = a.crl, b.crl\n"), 0);
	assert_string_equal(told, "");
	assert_int_equal(cred.n_certs, 2);
	assert_int_equal(cred.n_cas, 2);
	assert_int_equal(cred.n_crls, 2);
	assert_int_equal(cred.not_after, CERTS_NOW + 365 * CERTS_DAY);
	assert_int_equal(EVP_PKEY_eq(cred.key, key), 1);
	assert_int_equal(X509_NAME_cmp(X509_get_subject_name(cred.certs[1]), X509_get_subject_name(low.cert)), 0);
	cred_free(&cred);
}

static void time_is_told(void **state)
{
	struct wanted wanted = usual();

	(void)state;
	says_at(CERTS_NOW + 334 * CERTS_DAY, "", "");
	says_at(CERTS_NOW + 336 * CERTS_DAY, "",
		"W " P "3: Certificate: own.pem: it expires in 29 days, on 2028-01-15 08:00:00 UTC\n");
	says_at(CERTS_NOW + 364 * CERTS_DAY, "",
		"W " P "3: Certificate: own.pem: it expires in 1 day, on 2028-01-15 08:00:00 UTC\n");
	says_at(CERTS_NOW + 366 * CERTS_DAY, "",
		"F " P "3: Certificate: own.pem: it expired on 2028-01-15 08:00:00 UTC\n"
		"W " P "5: CA: ca.pem: certificate 1 in it expired on 2028-01-15 08:00:00 UTC\n");
	wanted.from = 3600;
	wanted.until = 200 * CERTS_DAY;
	write_cert("own.pem", &wanted, NULL);
	says("", "F " P "3: Certificate: own.pem: it is not valid before 2027-01-15 09:00:00 UTC; if that has passed, "
	     "the clock of this host is wrong\n");
}

static void usage_is_told(void **state)
{
	struct wanted wanted = usual();

	(void)state;
	wanted.usage = "keyEncipherment";
	write_cert("own.pem", &wanted, NULL);
	says("", "F " P "3: Certificate: own.pem: its key usage does not allow digital signatures\n");
	wanted.usage = NULL;
	write_cert("own.pem", &wanted, NULL);
	says("", "");
	wanted.constraints = "CA:TRUE";
	write_cert("own.pem", &wanted, NULL);
	says("", "W " P "3: Certificate: own.pem: it is that of a CA; many peers refuse such a one\n");
	wanted.constraints = NULL;
	write_cert("own.pem", &wanted, low.cert);
	says("", "W " P "3: Certificate: own.pem: certificate 2 in it has not issued the one before it\n");
	write_cert("ca.pem", &(struct wanted){ .name = "x", .key = key, .constraints = "CA:FALSE" }, NULL);
	write_cert("own.pem", &wanted, NULL);
	says("", "F " P "5: CA: ca.pem: certificate 1 in it is not that of a CA\n");
}

static void keys_are_judged(void **state)
{
	static const struct {
		const char *type, *curve, *method, *wrong;
	} kinds[] = {
		{ "RSA", NULL, "rsa-pss", "ecdsa" }, { "RSA", NULL, "rsa-pkcs1", "ed25519" },
		{ "RSA", NULL, "rsa-sha1", NULL }, { "EC", "P-256", "ecdsa", "rsa-pss" },
		{ "EC", "P-384", "ecdsa", NULL }, { "EC", "P-521", "ecdsa", NULL },
		{ "ED25519", NULL, "ed25519", "ecdsa" },
	};
	struct wanted wanted = usual();
	char lines[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		wanted.key = strcmp(kinds[i].type, "RSA") ? key_of(kinds[i].type, kinds[i].curve) : rsa_key(2048);
		write_cert("own.pem", &wanted, NULL);
		write_key("own.key", wanted.key);
		says("", "");
		snprintf(lines, sizeof(lines), "AuthMethod = %s\n", kinds[i].method);
		says(lines, "");
		snprintf(lines, sizeof(lines), "AuthMethod = %s\n", kinds[i].wrong ? kinds[i].wrong : kinds[i].method);
		load_at(CERTS_NOW, lines);
		if (kinds[i].wrong)
			assert_non_null(strstr(told, "F " P "6: AuthMethod does not go with own.key, which is an "));
		cred_free(&cred);
		EVP_PKEY_free(wanted.key);
	}

	wanted.key = rsa_key(1024);
	write_cert("own.pem", &wanted, NULL);
	write_key("own.key", wanted.key);
	says("", "F " P "4: PrivateKey: own.key: an RSA key of 1024 bits is too weak, 2048 are the least\n");
	EVP_PKEY_free(wanted.key);
	wanted.key = key_of("EC", "P-224");
	write_cert("own.pem", &wanted, NULL);
	write_key("own.key", wanted.key);
	says("", "F " P "4: PrivateKey: own.key: a key of this kind is not supported; RSA, ECDSA with P-256, P-384 or "
	     "P-521, and Ed25519 are\n");
	EVP_PKEY_free(wanted.key);
	write_usual(NULL);
	write_key("own.key", low.key);
	says("", "F " P "4: PrivateKey: own.key: it is not the key of the first certificate in own.pem\n");
}

static void keys_are_read_as_programs_write_them(void **state)
{
	EVP_PKEY *rsa = rsa_key(2048);
	struct wanted wanted = usual();
	BIO *bio;

	(void)state;
	bio = begin_file("own.key", 0400);	/* SEC1 */
	assert_true(PEM_write_bio_PrivateKey_traditional(bio, key, NULL, NULL, 0, NULL, NULL));
	BIO_free(bio);
	says("", "");
	wanted.key = rsa;
	write_cert("own.pem", &wanted, NULL);
	unlink(in_folder("own.key"));
	bio = begin_file("own.key", 0600);	/* PKCS#1 */
	assert_true(PEM_write_bio_PrivateKey_traditional(bio, rsa, NULL, NULL, 0, NULL, NULL));
	BIO_free(bio);
	says("", "");
	bio = begin_file("own.key", 0600);
	assert_true(PEM_write_bio_PKCS8PrivateKey(bio, rsa, EVP_aes_128_cbc(), "secret", 6, NULL, NULL));
	BIO_free(bio);
	says("", "F " P "4: PrivateKey: own.key: it is encrypted, and nobody is there to give the passphrase: "
	     "openssl pkey -in OLD -out NEW\n");
	EVP_PKEY_free(rsa);
}

static void files_are_as_they_should_be(void **state)
{
	(void)state;
	chmod(in_folder("own.key"), 0640);
	says("", "F " P "4: PrivateKey: own.key: others can read this key: chmod 600 own.key\n");
	write_key("own.key", key);
	chmod(in_folder("ca.pem"), 0666);
	says("", "F " P "5: CA: ca.pem: everybody can write to it: chmod o-w ca.pem\n");
	unlink(in_folder("ca.pem"));
	write_text("own.pem", "");
	write_text("own.key", "no key\n");
	says("CRL = c.crl\n",
	     "F " P "3: Certificate: own.pem: it is empty\n"
	     "F " P "4: PrivateKey: own.key: no private key in PEM form in it\n"
	     "F " P "5: CA: ca.pem: No such file or directory\n"
	     "F " P "6: CRL: c.crl: No such file or directory\n");
}

static void damage_is_told(void **state)
{
	static const char broken[] = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
	FILE *file;

	(void)state;
	write_text("own.pem", broken);
	says("", "F " P "3: Certificate: own.pem: no certificate in PEM form in it\n");
	write_usual(NULL);
	file = fopen(in_folder("ca.pem"), "a");
	fputs(broken, file);
	fclose(file);
	says("", "F " P "5: CA: ca.pem: certificate 2 in it is damaged\n");
	write_usual(NULL);
	write_text("c.crl", "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n");
	says("CRL = c.crl\n", "F " P "6: CRL: c.crl: no revocation list in PEM or DER form in it, or a damaged one\n");
}

static void lists_grow_old(void **state)
{
	(void)state;
	write_crl("c.crl", make_crl(&root, 1, -60, -30), false);
	says("CRL = c.crl\n", "W " P "6: CRL: c.crl: it should have been renewed by 2027-01-15 07:59:30 UTC; "
	     "peers of that CA are refused until it is\n");
}

static void too_many_are_refused(void **state)
{
	BIO *bio;
	int i;

	(void)state;
	bio = begin_file("ca.pem", 0644);
	for (i = 0; i <= CRED_CAS_MAX; i++)
		PEM_write_bio_X509(bio, root.cert);
	BIO_free(bio);
	says("", "F " P "5: CA: ca.pem: more certificates than 64\n");
	bio = begin_file("ca.pem", 0644);
	for (i = 0; i < 2000; i++)
		PEM_write_bio_X509(bio, root.cert);
	while (BIO_tell(bio) <= 1024 * 1024)
		PEM_write_bio_X509(bio, root.cert);
	BIO_free(bio);
	says("", "F " P "5: CA: ca.pem: it is longer than 1048576 bytes\n");
}

static int make_all(void **state)
{
	(void)state;
	root = make_ca("root", NULL);
	low = make_ca("low", &root);
	key = key_of("EC", "P-256");
	return mkdtemp(folder) ? 0 : -1;
}

static int free_all(void **state)
{
	static const char *const names[] = {
		"own.pem", "own.key", "ca.pem", "a.crl", "b.crl", "c.crl",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		unlink(in_folder(names[i]));
	free_issuer(&root);
	free_issuer(&low);
	EVP_PKEY_free(key);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_is_right_is_loaded, write_usual),
		cmocka_unit_test_setup(time_is_told, write_usual),
		cmocka_unit_test_setup(usage_is_told, write_usual),
		cmocka_unit_test_setup(keys_are_judged, write_usual),
		cmocka_unit_test_setup(keys_are_read_as_programs_write_them, write_usual),
		cmocka_unit_test_setup(files_are_as_they_should_be, write_usual),
		cmocka_unit_test_setup(damage_is_told, write_usual),
		cmocka_unit_test_setup(lists_grow_old, write_usual),
		cmocka_unit_test_setup(too_many_are_refused, write_usual),
	};

	return cmocka_run_group_tests(tests, make_all, free_all);
}
