// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/iked/creds.c tools/vpntun/iked/policy.c tools/vpntun/iked/trust.c tools/vpntun/iked/imsg.c */
/* sources: tools/vpntun/ike/certid.c tools/vpntun/ike/dn.c tools/vpntun/ike/ident.c tools/vpntun/ike/sign.c */
/* sources: tools/vpntun/ike/scheme.c tools/vpntun/ike/prop.c tools/vpntun/ike/propname.c tools/vpntun/ike/ts.c */
/* sources: tools/vpntun/ike/buf.c tools/vpntun/ike/crypt.c tools/vpntun/conf/cred.c tools/vpntun/conf/psk.c */
/* sources: tools/vpntun/conf/file.c tools/vpntun/conf/parse.c tools/vpntun/conf/lex.c tools/vpntun/conf/keys.c */
/* sources: tools/vpntun/conf/value.c tools/vpntun/conf/defaults.c tools/vpntun/conf/report.c */
/* sources: tools/vpntun/util/when.c tools/vpntun/util/addr.c tools/vpntun/util/base64.c tools/vpntun/util/hex.c */
/* sources: tools/vpntun/util/name.c tools/vpntun/util/nearest.c tools/vpntun/util/num.c tools/vpntun/util/text.c */
/* sources: tools/vpntun/util/why.c */
/* sources: tools/vpntun/conf/inside.c tools/vpntun/util/prefix.c */
/* libs: libcrypto */
/* What of a tunnel's files goes to which process, and that it is of use there. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "certs.h"
#include "ike/sign.h"
#include "iked/creds.h"
#include "iked/log.h"
#include "iked/policy.h"
#include "iked/trust.h"
#include "util/why.h"

#define CERT "Certificate = own.pem\nPrivateKey = own.key\nCA = ca.pem\n"

enum { ID = 9 };

static char folder[] = "/tmp/vpntun-creds-XXXXXX";
static struct issuer root;
static EVP_PKEY *key;
static struct creds *creds;
static struct why told;

/* ---- what creds.c calls: the messages are kept ---- */

static struct imsg sent[4];
static size_t n_sent;
static int trust_fd = -1;

void procs_send(struct procs *procs, enum proc_kind kind, enum imsg_type type, const void *body, int fd)
{
	struct imsg *msg = &sent[n_sent++];

	(void)procs;
	(void)kind;
	assert_true(n_sent <= sizeof(sent) / sizeof(*sent));
	msg->type = type;
	memcpy(&msg->u, body, imsg_size(type) - offsetof(struct imsg, u));
	assert_int_equal(imsg_has_fd(type), fd >= 0);
	if (fd >= 0)
		trust_fd = dup(fd);
}

void ilog(enum ike_log_level level, const char *name, const char *fmt, ...)
{
	va_list args;

	(void)level;
	(void)name;
	va_start(args, fmt);
	vsnprintf(told.text, sizeof(told.text), fmt, args);
	va_end(args);
}

/* ---- files ---- */

static const char *in_folder(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static BIO *begin_file(const char *name)
{
	BIO *bio = BIO_new_file(in_folder(name), "w");

	assert_non_null(bio);
	assert_int_equal(chmod(in_folder(name), 0600), 0);
	return bio;
}

/* The wall clock judges here. */
static X509 *write_cert(const char *name, const char *san, long days)
{
	long ahead = time(NULL) - CERTS_NOW;
	X509 *cert = make_cert(&(struct wanted){
		.name = name, .key = key, .by = &root, .san = san, .usage = "digitalSignature",
		.from = ahead - CERTS_DAY, .until = ahead + days * CERTS_DAY,
	});
	BIO *bio = begin_file("own.pem");

	PEM_write_bio_X509(bio, cert);
	BIO_free(bio);
	return cert;
}

static void tell(void *ctx, bool fault, const char *line)
{
	(void)ctx;
	(void)fault;
	why_set(&told, "%s", strstr(line, ".conf:") + 6);
}

static int load(const char *lines)
{
	struct conf_report report = { .say = tell };
	struct ike_policy policy;
	char text[2048], path[128];
	struct conf conf;
	int err;

	told.text[0] = '\0';
	snprintf(path, sizeof(path), "%s", in_folder("office.conf"));
	snprintf(text, sizeof(text), "[Tunnel a]\nRemote = 192.0.2.1\n%s", lines);
	assert_int_equal(conf_parse(path, text, strlen(text), &conf, &report), 0);
	if (policy_make(&conf, &conf.tunnels[0], &policy, &told))
		fail_msg("%s", told.text);
	policy.id = ID;
	err = creds_load(&conf, &conf.tunnels[0], &policy, creds, &report);
	conf_free(&conf);
	return err;
}

static void loads(const char *lines)
{
	if (load(lines))
		fail_msg("%s", told.text);
}

static void refused(const char *lines, const char *sentence)
{
	assert_int_equal(load(lines), -22);
	if (!strstr(told.text, sentence))
		fail_msg("'%s' does not say '%s'", told.text, sentence);
}

static void send_to(enum proc_kind kind)
{
	memset(sent, 0, sizeof(sent));
	n_sent = 0;
	creds_tell(creds, NULL, kind);
}

/* ---- tests ---- */

static void a_pre_shared_key_goes_to_the_key_process(void **state)
{
	BIO *bio = begin_file("a.psk");

	(void)state;
	BIO_puts(bio, "secret\n");
	BIO_free(bio);
	loads("PSKFile = a.psk\n");
	assert_int_equal(creds->not_after, 0);
	send_to(PROC_NETWORK);
	assert_int_equal(n_sent, 0);
	send_to(PROC_KEY);
	assert_int_equal(n_sent, 1);
	assert_int_equal(sent[0].type, IMSG_PSK);
	assert_int_equal(sent[0].u.psk.policy, ID);
	assert_int_equal(sent[0].u.psk.len, 6);
	assert_memory_equal(sent[0].u.psk.bytes, "secret", 6);
	creds_free(creds);
	refused("PSKFile = b.psk\n", "3: PSKFile: ");
	unlink(in_folder("a.psk"));
}

static void a_private_key_signs(void **state)
{
	static const uint8_t octets[] = "octets";
	const struct span signed_octets = { octets, sizeof(octets) };
	uint8_t signature[SIGN_MAX];
	const unsigned char *at;
	EVP_PKEY *there;
	int len;

	(void)state;
	X509_free(write_cert("gw", NULL, 365));
	loads(CERT);
	assert_int_equal(creds->shown.key, IKE_KEY_P256);
	send_to(PROC_KEY);
	assert_int_equal(n_sent, 1);
	assert_int_equal(sent[0].type, IMSG_PRIVATE_KEY);
	assert_int_equal(sent[0].u.key.policy, ID);
	at = sent[0].u.key.bytes;
	there = d2i_AutoPrivateKey(NULL, &at, sent[0].u.key.len);
	assert_non_null(there);
	len = sign_make(there, IKE_SCHEME_ECDSA_SHA256, signed_octets, signature);
	assert_true(sign_good(key, IKE_SCHEME_ECDSA_SHA256, signed_octets, (struct span){ signature, len }));
	EVP_PKEY_free(there);
	creds_free(creds);
}

static void certificates_go_to_the_network_process(void **state)
{
	X509 *cert = write_cert("gw", NULL, 365);
	const unsigned char *at;
	unsigned char hash[20], *spki = NULL;
	struct trusts *trusts = trusts_create();
	struct why why = { "" };
	X509 *there;
	void *bytes;
	int len;

	(void)state;
	loads(CERT);
	send_to(PROC_NETWORK);
	assert_int_equal(n_sent, 2);
	assert_int_equal(sent[0].type, IMSG_CREDENTIALS);
	assert_int_equal(sent[0].u.credentials.policy, ID);
	assert_int_equal(sent[0].u.credentials.own.count, 1);
	at = sent[0].u.credentials.own.bytes;
	there = d2i_X509(NULL, &at, sent[0].u.credentials.own.sizes[0]);
	assert_int_equal(X509_cmp(there, cert), 0);
	assert_int_equal(sent[0].u.credentials.n_cas, 1);
	len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(root.cert), &spki);
	assert_true(EVP_Digest(spki, len, hash, NULL, EVP_sha1(), NULL));
	assert_memory_equal(sent[0].u.credentials.cas[0], hash, sizeof(hash));
	OPENSSL_free(spki);
	X509_free(there);

	assert_int_equal(sent[1].type, IMSG_TRUST);
	assert_int_equal(sent[1].u.trust.policy, ID);
	assert_int_equal(ftruncate(trust_fd, 0), -1);
	bytes = mmap(NULL, sent[1].u.trust.size, PROT_READ, MAP_PRIVATE, trust_fd, 0);
	assert_true(bytes != MAP_FAILED);
	assert_int_equal(trust_set(trusts, ID, (struct span){ bytes, sent[1].u.trust.size }, &why), 0);
	munmap(bytes, sent[1].u.trust.size);
	close(trust_fd);
	trusts_free(trusts);
	creds_free(creds);
	X509_free(cert);
}

static void our_identity_is_in_our_certificate(void **state)
{
	char text[200], large[400];

	(void)state;
	X509_free(write_cert("gw", "DNS:gw.example.com,IP:192.0.2.7", 365));
	loads(CERT);
	assert_string_equal(ident_text(&creds->local_id, text, sizeof(text)), "dn:CN=gw");
	creds_free(creds);
	loads(CERT "LocalID = GW.example.com\n");
	assert_string_equal(ident_text(&creds->local_id, text, sizeof(text)), "GW.example.com");
	creds_free(creds);
	loads(CERT "LocalID = CN=gw\n");
	creds_free(creds);
	refused(CERT "LocalID = 192.0.2.8\n",
		"6: LocalID: '192.0.2.8' is not in the certificate; it is for 'CN=gw; gw.example.com; 192.0.2.7'");
	refused(CERT "LocalID = keyid:gw\n", "6: LocalID: 'keyid:gw' is not in the certificate");
	refused(CERT "RemoteID = keyid:gw\n", "6: RemoteID: a key-id is in no certificate");

	X509_free(write_cert(NULL, "DNS:gw.example.com", 365));
	refused(CERT, "LocalID: the subject of the certificate is no identity: say which of its names is ours: "
		"(without a name); gw.example.com");
	loads(CERT "LocalID = gw.example.com\n");
	creds_free(creds);
	memset(large, 'x', sizeof(large));
	large[60] = '\0';
	X509_free(write_cert(large, NULL, 365));
	loads(CERT);
	creds_free(creds);
}

static void ends_are_near(void **state)
{
	(void)state;
	assert_int_equal(creds_age(CERTS_NOW + 31 * CERTS_DAY, CERTS_NOW), CREDS_FRESH);
	assert_int_equal(creds_age(CERTS_NOW + 30 * CERTS_DAY, CERTS_NOW), CREDS_MONTH);
	assert_int_equal(creds_age(CERTS_NOW + 7 * CERTS_DAY + 1, CERTS_NOW), CREDS_MONTH);
	assert_int_equal(creds_age(CERTS_NOW + 7 * CERTS_DAY, CERTS_NOW), CREDS_WEEK);
	assert_int_equal(creds_age(CERTS_NOW + CERTS_DAY, CERTS_NOW), CREDS_DAY);
	assert_int_equal(creds_age(CERTS_NOW, CERTS_NOW), CREDS_DAY);
	assert_int_equal(creds_age(CERTS_NOW, CERTS_NOW + 1), CREDS_EXPIRED);
	creds_warn("office/a", time(NULL) - 1);
	assert_non_null(strstr(told.text, "its certificate expired on 20"));
	creds_warn("office/a", time(NULL) + 7 * CERTS_DAY + 60);
	assert_non_null(strstr(told.text, "its certificate expires in 7 days, on 20"));
	X509_free(write_cert("gw", NULL, 3));
	loads(CERT);
	assert_non_null(strstr(told.text, "3: Certificate: own.pem: it expires in "));
	assert_true(creds->not_after > time(NULL) + 2 * CERTS_DAY);
	creds_free(creds);
}

static int make_all(void **state)
{
	long ahead = time(NULL) - CERTS_NOW;
	BIO *bio;

	(void)state;
	creds = malloc(sizeof(*creds));
	key = key_of("EC", "P-256");
	root.key = key_of("EC", "P-256");
	root.cert = make_cert(&(struct wanted){
		.name = "root", .key = root.key, .constraints = "critical,CA:TRUE",
		.from = ahead - CERTS_DAY, .until = ahead + 999 * CERTS_DAY,
	});
	if (!mkdtemp(folder))
		return -1;
	bio = begin_file("own.key");
	PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
	BIO_free(bio);
	bio = begin_file("ca.pem");
	PEM_write_bio_X509(bio, root.cert);
	BIO_free(bio);
	return 0;
}

static int free_all(void **state)
{
	(void)state;
	unlink(in_folder("own.pem"));
	unlink(in_folder("own.key"));
	unlink(in_folder("ca.pem"));
	free_issuer(&root);
	EVP_PKEY_free(key);
	free(creds);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pre_shared_key_goes_to_the_key_process),
		cmocka_unit_test(a_private_key_signs),
		cmocka_unit_test(certificates_go_to_the_network_process),
		cmocka_unit_test(our_identity_is_in_our_certificate),
		cmocka_unit_test(ends_are_near),
	};

	return cmocka_run_group_tests(tests, make_all, free_all);
}
