// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/iked/trust.c tools/vpntun/ike/certid.c tools/vpntun/ike/dn.c tools/vpntun/ike/ident.c */
/* sources: tools/vpntun/ike/sign.c tools/vpntun/ike/scheme.c tools/vpntun/ike/buf.c tools/vpntun/util/when.c */
/* sources: tools/vpntun/util/addr.c tools/vpntun/util/hex.c tools/vpntun/util/num.c tools/vpntun/util/nearest.c */
/* sources: tools/vpntun/util/text.c tools/vpntun/util/why.c */
/* libs: libcrypto */
/* Which peers are believed, and what is said of the others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "certs.h"
#include "ike/sign.h"
#include "iked/trust.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum { POLICY = 7, PARTS_MAX = 65536 };

static struct issuer root, middle, stranger;
static EVP_PKEY *peer_key;
static struct trusts *trusts;
static struct ike_act_cert job;
static const char octets[] = "what is signed";

/* ---- what is handed over ---- */

static uint8_t parts[PARTS_MAX];
static struct wr parts_wr;

static void begin_parts(void)
{
	parts_wr = wr_init(parts, sizeof(parts));
}

static void put_part(enum trust_part part, unsigned char *der, int len)
{
	assert_true(len > 0);
	wr_u8(&parts_wr, part);
	wr_u32(&parts_wr, len);
	wr_span(&parts_wr, (struct span){ der, len });
	OPENSSL_free(der);
	assert_false(parts_wr.bad);
}

static void put_ca(X509 *cert)
{
	unsigned char *der = NULL;
	int len = i2d_X509(cert, &der);

	put_part(TRUST_CA, der, len);
}

/* Frees it. */
static void put_crl(X509_CRL *crl)
{
	unsigned char *der = NULL;
	int len = i2d_X509_CRL(crl, &der);

	put_part(TRUST_CRL, der, len);
	X509_CRL_free(crl);
}

static void hand_over(void)
{
	struct why why = { "" };

	if (trust_set(trusts, POLICY, wr_done(&parts_wr), &why))
		fail_msg("%s", why.text);
}

static void trust_only(X509 *ca)
{
	begin_parts();
	put_ca(ca);
	hand_over();
}

/* ---- what a peer shows ---- */

static void show_cert(X509 *cert)
{
	struct ike_chain *chain = &job.chain;
	int len = i2d_X509(cert, NULL), used = 0, i;
	unsigned char *at;

	for (i = 0; i < chain->count; i++)
		used += chain->sizes[i];
	assert_true(chain->count < IKE_CERTS_MAX && used + len <= IKE_CHAIN_MAX);
	at = chain->bytes + used;
	i2d_X509(cert, &at);
	chain->sizes[chain->count++] = len;
}

/* A job of a peer with this certificate, that it signs with @key. */
static void begin_job(X509 *cert, EVP_PKEY *key, enum ike_scheme scheme, const char *id)
{
	struct why why = { "" };
	int len;

	memset(&job, 0, sizeof(job));
	job.job = 1;
	job.policy = POLICY;
	job.scheme = scheme;
	if (ident_parse(id, &job.id, &why))
		fail_msg("%s", why.text);
	job.len = sizeof(octets);
	memcpy(job.octets, octets, sizeof(octets));
	len = sign_make(key, scheme, (struct span){ job.octets, job.len }, job.auth);
	assert_true(len > 0);
	job.auth_len = len;
	show_cert(cert);
}

static void believed_at(time_t now)
{
	struct why why = { "" };

	if (!trust_verify(trusts, &job, now, &why))
		fail_msg("refused: %s", why.text);
}

static void refused_at(time_t now, const char *sentence)
{
	struct why why = { "" };

	assert_false(trust_verify(trusts, &job, now, &why));
	if (!strstr(why.text, sentence))
		fail_msg("'%s' does not say '%s'", why.text, sentence);
}

static void believed(void)
{
	believed_at(CERTS_NOW);
}

static void refused(const char *sentence)
{
	refused_at(CERTS_NOW, sentence);
}

static struct wanted usual(void)
{
	return (struct wanted){
		.name = "gw", .key = peer_key, .by = &root, .usage = "critical,digitalSignature",
		.san = "DNS:gw.example.com,IP:192.0.2.1,IP:2001:db8::1,email:Root@example.com",
	};
}

/* The job of a peer as it should be, but for @wanted. */
static void job_of(const struct wanted *wanted, const char *id)
{
	X509 *cert = make_cert(wanted);

	begin_job(cert, peer_key, IKE_SCHEME_ECDSA_SHA256, id);
	X509_free(cert);
}

/* ---- tests ---- */

static void every_kind_of_key(void **state)
{
	const struct {
		EVP_PKEY *key;
		enum ike_scheme scheme, other;
	} kinds[] = {
		{ rsa_key(2048), IKE_SCHEME_PSS_SHA256, IKE_SCHEME_PKCS1_SHA256 },
		{ rsa_key(2048), IKE_SCHEME_PKCS1_SHA512, IKE_SCHEME_PSS_SHA512 },
		{ key_of("EC", "P-256"), IKE_SCHEME_ECDSA_256, IKE_SCHEME_ECDSA_384 },
		{ key_of("EC", "P-384"), IKE_SCHEME_ECDSA_384, IKE_SCHEME_ECDSA_256 },
		{ key_of("EC", "P-521"), IKE_SCHEME_ECDSA_SHA512, IKE_SCHEME_ECDSA_SHA384 },
		{ key_of("ED25519", NULL), IKE_SCHEME_ED25519, IKE_SCHEME_PSS_SHA256 },
	};
	struct wanted wanted = usual();
	X509 *cert;
	size_t i;

	(void)state;
	trust_only(root.cert);
	for (i = 0; i < COUNT(kinds); i++) {
		wanted.key = kinds[i].key;
		cert = make_cert(&wanted);
		begin_job(cert, kinds[i].key, kinds[i].scheme, "gw.example.com");
		believed();
		job.octets[3] ^= 1;
		refused("its signature is not by the key of its certificate");
		job.octets[3] ^= 1;
		job.scheme = kinds[i].other;
		refused("its signature is not by the key of its certificate");
		X509_free(cert);
		EVP_PKEY_free(kinds[i].key);
	}
}

static void weak_keys_are_refused(void **state)
{
	EVP_PKEY *weak = rsa_key(1024);
	struct wanted wanted = usual();

	(void)state;
	trust_only(root.cert);
	wanted.key = weak;
	job_of(&wanted, "gw.example.com");
	refused("its certificate 'CN=gw' is refused: ");
	EVP_PKEY_free(weak);

	wanted = usual();
	wanted.digest = EVP_sha1();
	job_of(&wanted, "gw.example.com");
	refused("its certificate 'CN=gw' is refused: ");
}

static void the_identity_is_in_it(void **state)
{
	static const char *const has[] = {
		"gw.example.com", "GW.Example.Com", "192.0.2.1", "2001:db8::1", "root@example.com", "CN=gw", "dn:CN=GW",
	};
	static const char *const has_not[] = {
		"example.com", "gw.example.com.", "www.gw.example.com", "192.0.2.2", "2001:db8::2", "fqdn:192.0.2.1",
		"root@example.org", "fqdn:root@example.com", "email:gw.example.com", "CN=gw2", "CN=gw, CN=gw",
		"keyid:gw", "fqdn:gw", "fqdn:*.example.com",
	};
	struct wanted wanted = usual();
	size_t i;

	(void)state;
	trust_only(root.cert);
	for (i = 0; i < COUNT(has); i++) {
		job_of(&wanted, has[i]);
		believed();
	}
	for (i = 0; i < COUNT(has_not); i++) {
		job_of(&wanted, has_not[i]);
		refused("its certificate is not for '");
		refused("' but for 'CN=gw; gw.example.com; 192.0.2.1; 2001:db8::1; Root@example.com'");
	}

	/* One name for many hosts is nobody's; a common name is no name of a host. */
	wanted.san = "DNS:*.example.com";
	job_of(&wanted, "gw.example.com");
	refused("not for 'gw.example.com' but for 'CN=gw; fqdn:*.example.com'");
	job_of(&wanted, "fqdn:*.example.com");
	refused("not for 'fqdn:*.example.com'");
	wanted.name = "gw.example.com";
	wanted.san = NULL;
	job_of(&wanted, "gw.example.com");
	refused("but for 'CN=gw.example.com'");
	wanted.name = NULL;
	job_of(&wanted, "gw.example.com");
	refused("but for '(without a name)'");
	wanted.name = "evil\x1b[2J\n'gw";
	job_of(&wanted, "gw.example.com");
	refused("but for 'CN=evil\\1B[2J\\0A'gw'");
}

static void time_is_looked_at(void **state)
{
	struct wanted wanted = usual();

	(void)state;
	trust_only(root.cert);
	wanted.from = 3600;
	wanted.until = 7200;
	job_of(&wanted, "CN=gw");
	refused("its certificate 'CN=gw' is not valid before 2027-01-15 09:00:00 UTC; the clock of this host may be wrong");
	believed_at(CERTS_NOW + 3601);
	refused_at(CERTS_NOW + 7201, "its certificate 'CN=gw' expired on 2027-01-15 10:00:00 UTC");
	wanted.until = 2 * 365 * CERTS_DAY;
	job_of(&wanted, "CN=gw");
	refused_at(CERTS_NOW + 366 * CERTS_DAY, "the CA certificate 'CN=root' expired on 2028-01-15 08:00:00 UTC");
}

static void only_this_tunnels_cas(void **state)
{
	struct wanted wanted = usual();
	struct issuer twin = make_ca("root", NULL);

	(void)state;
	trust_only(stranger.cert);
	job_of(&wanted, "CN=gw");
	refused("its certificate 'CN=gw' was issued by 'CN=root', which is no CA of this tunnel");
	show_cert(root.cert);
	refused("which is no CA of this tunnel");
	job.policy++;
	refused("this tunnel has no CA");
	trust_only(twin.cert);
	job_of(&wanted, "CN=gw");
	refused("its certificate 'CN=gw' bears a wrong signature of 'CN=root'");

	/* Nobody vouches for itself. */
	wanted.by = NULL;
	wanted.constraints = "CA:TRUE";
	job_of(&wanted, "CN=gw");
	refused("its certificate 'CN=gw' was issued by 'CN=gw', which is no CA of this tunnel");

	begin_parts();
	put_ca(stranger.cert);
	put_ca(root.cert);
	hand_over();
	wanted = usual();
	job_of(&wanted, "CN=gw");
	believed();
	trust_forget(trusts, POLICY);
	refused("this tunnel has no CA");
	free_issuer(&twin);
}

static void authorities_between(void **state)
{
	struct issuer low = make_ca("low", &middle), no_ca = { .key = key_of("EC", "P-256") };
	struct wanted wanted = usual();

	(void)state;
	trust_only(root.cert);
	wanted.by = &low;
	job_of(&wanted, "CN=gw");
	refused("its certificate 'CN=gw' was issued by 'CN=low', which is no CA of this tunnel");
	show_cert(low.cert);
	refused("the CA certificate 'CN=low' was issued by 'CN=middle', which is no CA of this tunnel");
	show_cert(middle.cert);
	believed();
	job_of(&wanted, "CN=gw");
	show_cert(stranger.cert);
	show_cert(middle.cert);
	show_cert(low.cert);
	believed();

	/* It is enough to trust the one below. */
	trust_only(middle.cert);
	job_of(&wanted, "CN=gw");
	show_cert(low.cert);
	believed();

	/* Who got a certificate cannot give any. */
	trust_only(root.cert);
	no_ca.cert = make_cert(&(struct wanted){
		.name = "no ca", .key = no_ca.key, .by = &root, .constraints = "critical,CA:FALSE",
	});
	wanted.by = &no_ca;
	job_of(&wanted, "CN=gw");
	show_cert(no_ca.cert);
	refused("the CA certificate 'CN=no ca' is refused: ");
	X509_free(no_ca.cert);
	no_ca.cert = make_cert(&(struct wanted){
		.name = "no ca", .key = no_ca.key, .by = &root, .constraints = "critical,CA:TRUE",
		.usage = "critical,cRLSign",
	});
	job_of(&wanted, "CN=gw");
	show_cert(no_ca.cert);
	refused("the CA certificate 'CN=no ca' is refused: ");
	free_issuer(&no_ca);
	free_issuer(&low);
}

static void path_lengths_bind(void **state)
{
	struct issuer short_root = { .key = key_of("EC", "P-256") }, below;
	struct wanted wanted = usual();

	(void)state;
	short_root.cert = make_cert(&(struct wanted){
		.name = "short", .key = short_root.key, .constraints = "critical,CA:TRUE,pathlen:0",
	});
	below = make_ca("below", &short_root);
	trust_only(short_root.cert);
	wanted.by = &short_root;
	job_of(&wanted, "CN=gw");
	believed();
	wanted.by = &below;
	job_of(&wanted, "CN=gw");
	show_cert(below.cert);
	refused("is refused: path length constraint exceeded");
	free_issuer(&below);
	free_issuer(&short_root);
}

/* Whose CA may speak for some names only (RFC 5280 section 4.2.1.10) has no peers of others, by whichever name they are asked for. */
static void names_are_constrained(void **state)
{
	static const struct {
		const char *names, *san, *id, *why;	/* why: NULL: believed */
	} cases[] = {
		{ "permitted;DNS:example.com", "DNS:gw.example.com", "gw.example.com", NULL },
		{ "permitted;DNS:example.com", "DNS:gw.example.net", "gw.example.net", "permitted subtree violation" },
		{ "permitted;DNS:example.com", "DNS:gw.notexample.com", "gw.notexample.com", "permitted subtree violation" },
		{ "permitted;DNS:example.com", "DNS:gw.example.com,DNS:gw.example.net", "gw.example.com",
		  "permitted subtree violation" },
		{ "permitted;DNS:example.com", "IP:192.0.2.1", "192.0.2.1", NULL },
		{ "excluded;DNS:bad.example.com", "DNS:gw.example.com", "gw.example.com", NULL },
		{ "excluded;DNS:bad.example.com", "DNS:gw.bad.example.com", "gw.bad.example.com", "excluded subtree violation" },
		{ "excluded;DNS:bad.example.com", "DNS:gw.BAD.example.com", "gw.BAD.example.com", "excluded subtree violation" },
		{ "permitted;IP:192.0.2.0/255.255.255.0", "IP:192.0.2.77", "192.0.2.77", NULL },
		{ "permitted;IP:192.0.2.0/255.255.255.0", "IP:192.0.3.1", "192.0.3.1", "permitted subtree violation" },
		{ "permitted;IP:192.0.2.0/255.255.255.0", "IP:2001:db8::1", "2001:db8::1", "permitted subtree violation" },
		{ "excluded;IP:0.0.0.0/0.0.0.0", "DNS:gw.example.com,IP:192.0.2.1", "gw.example.com", "excluded subtree violation" },
		{ "permitted;email:example.com", "email:root@example.com", "root@example.com", NULL },
		{ "permitted;email:example.com", "email:root@example.org", "root@example.org", "permitted subtree violation" },
	};
	struct wanted wanted = usual();
	struct issuer bound, below;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		bound.key = key_of("EC", "P-256");
		bound.cert = make_cert(&(struct wanted){
			.name = "bound", .key = bound.key, .by = &root, .usage = "critical,keyCertSign,cRLSign",
			.constraints = "critical,CA:TRUE", .names = cases[i].names,
		});
		below = make_ca("below", &bound);
		/* It binds those who are two steps below, too, and is shown by the peer or trusted by us. */
		trust_only(i % 2 ? root.cert : bound.cert);
		wanted.by = i % 4 < 2 ? &below : &bound;
		wanted.san = cases[i].san;
		job_of(&wanted, cases[i].id);
		show_cert(below.cert);
		show_cert(bound.cert);
		if (cases[i].why)
			refused(cases[i].why);
		else
			believed();
		free_issuer(&below);
		free_issuer(&bound);
	}
}

static void key_usage_binds(void **state)
{
	struct wanted wanted = usual();

	(void)state;
	trust_only(root.cert);
	wanted.usage = "critical,keyEncipherment";
	job_of(&wanted, "CN=gw");
	refused("the key usage of its certificate does not allow digital signatures");
	wanted.usage = "nonRepudiation";
	job_of(&wanted, "CN=gw");
	believed();
	wanted.usage = NULL;
	job_of(&wanted, "CN=gw");
	believed();
}

static void trust_with(const struct issuer *by, long serial, long from, long until)
{
	begin_parts();
	put_ca(root.cert);
	put_crl(make_crl(by, serial, from, until));
	hand_over();
}

static void revoked_ones_are_refused(void **state)
{
	struct wanted wanted = usual();
	struct issuer low = make_ca("low", &root);

	(void)state;
	wanted.serial = 5;
	job_of(&wanted, "CN=gw");
	trust_with(&root, 0, -60, 60);
	believed();
	trust_with(&root, 4, -60, 60);
	believed();
	trust_with(&root, 5, -60, 60);
	refused("its certificate 'CN=gw' was revoked by 'CN=root'");
	trust_with(&root, 0, -60, -30);
	refused("the revocation list of 'CN=root' ended on 2027-01-15 07:59:30 UTC and has to be renewed");
	trust_with(&root, 0, 30, 60);
	refused("the revocation list of 'CN=root' is not valid before 2027-01-15 08:00:30 UTC; the clock of this host may be wrong");
	trust_with(&stranger, 0, -60, 60);
	refused("its certificate 'CN=gw' was issued by 'CN=root', of which there is no revocation list here");

	/* On the way to the root it is looked at where there is a list; low has the serial number 1. */
	wanted.by = &low;
	job_of(&wanted, "CN=gw");
	show_cert(low.cert);
	trust_with(&low, 4, -60, 60);
	believed();
	trust_with(&low, 5, -60, 60);
	refused("its certificate 'CN=gw' was revoked by 'CN=low'");
	trust_with(&root, 0, -60, 60);
	refused("of which there is no revocation list here");
	begin_parts();
	put_ca(root.cert);
	put_crl(make_crl(&low, 0, -60, 60));
	put_crl(make_crl(&root, 1, -60, 60));
	hand_over();
	refused("the CA certificate 'CN=low' was revoked by 'CN=root'");
	free_issuer(&low);
}

/* A list that bears another's signature is none. */
static void forged_lists_are_refused(void **state)
{
	struct issuer liar = { .cert = root.cert, .key = stranger.key };
	struct wanted wanted = usual();

	(void)state;
	job_of(&wanted, "CN=gw");
	trust_with(&liar, 0, -60, 60);
	refused("is refused: CRL signature failure");
}

static void damage_does_no_harm(void **state)
{
	struct wanted wanted = usual();
	unsigned int at;
	struct why why;

	(void)state;
	trust_only(root.cert);
	job_of(&wanted, "CN=gw");
	job.chain.count = 0;
	refused("it sent no certificate");
	job.chain.count = 1;
	job.chain.sizes[0]--;
	refused("its certificate is damaged");
	job.chain.sizes[0] += 2;
	refused("its certificate is damaged");
	job.chain.sizes[0] = IKE_CHAIN_MAX + 1;
	refused("its certificate is damaged");
	job_of(&wanted, "CN=gw");
	job.chain.sizes[1] = 0;
	job.chain.sizes[2] = 65535;
	job.chain.count = 255;
	believed();
	for (at = 0; at < job.chain.sizes[0]; at++) {
		job.chain.bytes[at] ^= 0x55;
		assert_false(trust_verify(trusts, &job, CERTS_NOW, &why));
		job.chain.bytes[at] ^= 0x55;
	}
	job.auth_len = 0;
	refused("its signature");

	/* What is trusted is read whole, or not at all. */
	for (at = 1; at < parts_wr.len; at += 13) {
		assert_int_equal(trust_set(trusts, POLICY, (struct span){ parts, at }, &why), -22);
		refused("this tunnel has no CA");
	}
	parts[0] = 9;
	assert_int_equal(trust_set(trusts, POLICY, wr_done(&parts_wr), &why), -22);
}

/* As many as fit, all of one name: the search among them has an end. */
static void huge_chains_have_an_end(void **state)
{
	struct wanted wanted = usual();
	struct issuer same[IKE_CERTS_MAX];
	int i;

	(void)state;
	trust_only(root.cert);
	for (i = 0; i < IKE_CERTS_MAX; i++)
		same[i] = make_ca("same", i ? &same[i - 1] : NULL);
	wanted.by = &same[IKE_CERTS_MAX - 1];
	job_of(&wanted, "CN=gw");
	for (i = 1; i < IKE_CERTS_MAX; i++)
		show_cert(same[i].cert);
	refused("");
	for (i = 0; i < IKE_CERTS_MAX; i++)
		free_issuer(&same[i]);
}

static int make_all(void **state)
{
	(void)state;
	root = make_ca("root", NULL);
	middle = make_ca("middle", &root);
	stranger = make_ca("stranger", NULL);
	peer_key = key_of("EC", "P-256");
	trusts = trusts_create();
	return 0;
}

static int free_all(void **state)
{
	(void)state;
	free_issuer(&root);
	free_issuer(&middle);
	free_issuer(&stranger);
	EVP_PKEY_free(peer_key);
	trusts_free(trusts);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_key),
		cmocka_unit_test(weak_keys_are_refused),
		cmocka_unit_test(the_identity_is_in_it),
		cmocka_unit_test(time_is_looked_at),
		cmocka_unit_test(only_this_tunnels_cas),
		cmocka_unit_test(authorities_between),
		cmocka_unit_test(path_lengths_bind),
		cmocka_unit_test(names_are_constrained),
		cmocka_unit_test(key_usage_binds),
		cmocka_unit_test(revoked_ones_are_refused),
		cmocka_unit_test(forged_lists_are_refused),
		cmocka_unit_test(damage_does_no_harm),
		cmocka_unit_test(huge_chains_have_an_end),
	};

	return cmocka_run_group_tests(tests, make_all, free_all);
}
