// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/ike/buf.c tools/vpntun/ike/sign.c tools/vpntun/ike/scheme.c tools/vpntun/util/why.c */
/* sources: tools/vpntun/util/text.c */
/* libs: libcrypto */
/* Writes the seeds of fuzz_cert.c: peers that are believed, and one for each reason not to. */
#include <string.h>

#define assert_non_null(pointer) ((pointer) ? (void)0 : abort())
#define assert_true(value) ((value) ? (void)0 : abort())

#include "../unit/certs.h"
#include "ike/sign.h"
#include "iked/trust.h"
#include "seed.h"

static const char *folder;
static uint8_t bytes[65536];
static struct wr wr;

static void put_id(uint8_t type, const char *id, size_t len)
{
	wr_u8(&wr, type);
	wr_u8(&wr, len);
	wr_span(&wr, (struct span){ (const uint8_t *)id, len });
}

static void put_signature(EVP_PKEY *key, enum ike_scheme scheme)
{
	static const uint8_t octets[4];
	uint8_t signature[SIGN_MAX];
	int len = sign_make(key, scheme, (struct span){ octets, sizeof(octets) }, signature);

	assert_true(len > 0 && len < 256);
	wr_u8(&wr, scheme);
	wr_u8(&wr, len);
	wr_span(&wr, (struct span){ signature, len });
}

static void put_part(uint8_t part, const unsigned char *der, int len)
{
	wr_u8(&wr, part);
	wr_u32(&wr, len);
	wr_span(&wr, (struct span){ der, len });
}

/* Frees @crl, which may be NULL. */
static void put_trust(X509 *ca, X509_CRL *crl)
{
	uint8_t *size = wr_room(&wr, 2);	/* without itself, unlike those of IKE */
	size_t begin = wr.len;
	unsigned char *der = NULL;
	int len = i2d_X509(ca, &der);

	put_part(TRUST_CA, der, len);
	OPENSSL_free(der);
	der = NULL;
	if (crl) {
		len = i2d_X509_CRL(crl, &der);
		put_part(TRUST_CRL, der, len);
		OPENSSL_free(der);
		X509_CRL_free(crl);
	}
	size[0] = (wr.len - begin) >> 8;
	size[1] = wr.len - begin;
}

static void put_chain(X509 *own, X509 *other)
{
	unsigned char *der;

	wr_u8(&wr, other ? 2 : 1);
	wr_u16(&wr, i2d_X509(own, NULL));
	if (other)
		wr_u16(&wr, i2d_X509(other, NULL));
	der = wr_room(&wr, i2d_X509(own, NULL));
	i2d_X509(own, &der);
	if (other) {
		der = wr_room(&wr, i2d_X509(other, NULL));
		i2d_X509(other, &der);
	}
}

static void finish(const char *name)
{
	if (wr.bad)
		exit(1);
	seed_write(folder, name, bytes, wr.len);
	wr = wr_init(bytes, sizeof(bytes));
}

/* A peer with this key that is believed. */
static void seed_key(const char *name, EVP_PKEY *key, enum ike_scheme scheme, const struct issuer *ca)
{
	X509 *cert = make_cert(&(struct wanted){
		.name = "gw", .key = key, .by = ca, .san = "DNS:gw,IP:192.0.2.1,email:a@b,URI:x:y", .usage = "digitalSignature",
	});

	put_id(IKE_ID_FQDN, "gw", 2);
	put_signature(key, scheme);
	put_trust(ca->cert, NULL);
	put_chain(cert, NULL);
	finish(name);
	X509_free(cert);
	EVP_PKEY_free(key);
}

static void seed_others(const struct issuer *ca)
{
	struct issuer low = make_ca("low", ca);
	struct wanted wanted = { .name = "gw", .key = low.key, .by = &low, .san = "IP:2001:db8::1" };
	X509 *cert = make_cert(&wanted);

	put_id(IKE_ID_DN, "\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x0c\x02gw", 15);
	put_signature(low.key, IKE_SCHEME_ECDSA_256);
	put_trust(ca->cert, NULL);
	put_chain(cert, low.cert);
	finish("between");

	put_id(IKE_ID_IPV4, "\xc0\0\2\1", 4);
	put_signature(low.key, IKE_SCHEME_ECDSA_SHA256);
	put_trust(low.cert, make_crl(&low, 1, -60, 60));
	put_chain(cert, NULL);
	finish("revoked");

	put_id(IKE_ID_IPV4, "\xc0\0\2\1", 4);
	put_signature(low.key, IKE_SCHEME_ECDSA_SHA256);
	put_trust(low.cert, make_crl(&low, 2, -60, 60));
	put_chain(cert, NULL);
	finish("not-its-name");
	X509_free(cert);

	wanted.until = wanted.from = 60;
	cert = make_cert(&wanted);
	put_id(IKE_ID_EMAIL, "a@b", 3);
	put_signature(low.key, IKE_SCHEME_ECDSA_SHA256);
	put_trust(low.cert, NULL);
	put_chain(cert, ca->cert);
	finish("early");
	X509_free(cert);
	free_issuer(&low);
}

int main(int argc, char *argv[])
{
	struct issuer ca;

	if (argc != 2)
		return 2;
	folder = argv[1];
	wr = wr_init(bytes, sizeof(bytes));
	ca = make_ca("ca", NULL);
	seed_key("p384", key_of("EC", "P-384"), IKE_SCHEME_ECDSA_384, &ca);
	seed_key("ed25519", key_of("ED25519", NULL), IKE_SCHEME_ED25519, &ca);
	seed_others(&ca);
	free_issuer(&ca);
	return 0;
}
