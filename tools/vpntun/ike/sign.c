// SPDX-License-Identifier: GPL-2.0
#include "ike/sign.h"

#include <errno.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "ike/scheme.h"

enum { RSA_BITS_MIN = 2048, RSA_BITS_MAX = SIGN_MAX * 8 };

struct curve {
	const char *name;	/* libcrypto's */
	uint8_t kind;
	uint8_t size;		/* bytes of the group's order */
};

static const struct curve curves[] = {
	{ "prime256v1", IKE_KEY_P256, 32 },
	{ "secp384r1", IKE_KEY_P384, 48 },
	{ "secp521r1", IKE_KEY_P521, 66 },
};

enum { CURVE_COUNT = sizeof(curves) / sizeof(curves[0]) };

static const struct curve *curve_of(const EVP_PKEY *key)
{
	char name[64];
	size_t len;

	if (EVP_PKEY_get_group_name(key, name, sizeof(name), &len) <= 0)
		return NULL;
	for (unsigned int i = 0; i < CURVE_COUNT; i++)
		if (!strcmp(name, curves[i].name))
			return &curves[i];
	return NULL;
}

enum ike_key_kind sign_key_kind(const EVP_PKEY *key)
{
	const struct curve *curve;
	int bits;

	if (EVP_PKEY_is_a(key, "RSA")) {
		bits = EVP_PKEY_get_bits(key);
		return bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX ? IKE_KEY_RSA : IKE_KEY_NONE;
	}
	if (EVP_PKEY_is_a(key, "ED25519"))
		return IKE_KEY_ED25519;
	curve = EVP_PKEY_is_a(key, "EC") ? curve_of(key) : NULL;
	return curve ? curve->kind : IKE_KEY_NONE;
}

static const char *digest_of(enum ike_scheme scheme)
{
	switch (scheme_hash(scheme)) {
	case IKE_HASH_SHA1:
		return "SHA1";
	case IKE_HASH_SHA2_256:
		return "SHA2-256";
	case IKE_HASH_SHA2_384:
		return "SHA2-384";
	case IKE_HASH_SHA2_512:
		return "SHA2-512";
	default:
		return NULL;
	}
}

/* Begins to sign or to verify; NULL: the key does not go with the scheme, or no memory. The caller frees it. */
static EVP_MD_CTX *begin(EVP_PKEY *key, enum ike_scheme scheme, bool sign)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *ctx;
	int ok;

	if (!md || !scheme_suits(scheme, sign_key_kind(key)))
		goto err_free;
	if (sign)
		ok = EVP_DigestSignInit_ex(md, &ctx, digest_of(scheme), NULL, NULL, key, NULL);
	else
		ok = EVP_DigestVerifyInit_ex(md, &ctx, digest_of(scheme), NULL, NULL, key, NULL);
	if (ok > 0 && scheme_form(scheme) == SCHEME_FORM_PKCS1)
		ok = EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING);
	/* MGF1 takes the same hash unless told otherwise. */
	if (ok > 0 && scheme_form(scheme) == SCHEME_FORM_PSS)
		ok = EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) > 0 &&
		     EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) > 0;
	if (ok > 0)
		return md;
err_free:
	EVP_MD_CTX_free(md);
	return NULL;
}

/* RFC 4754 section 7: r and s one behind the other, each as long as the group's order. Bytes, or -EINVAL. */
static int raw_of_der(const EVP_PKEY *key, uint8_t *bytes, size_t len)
{
	const struct curve *curve = curve_of(key);
	const unsigned char *at = bytes;
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, len);
	int result = -EINVAL;

	if (sig && curve && BN_bn2binpad(ECDSA_SIG_get0_r(sig), bytes, curve->size) == curve->size &&
	    BN_bn2binpad(ECDSA_SIG_get0_s(sig), bytes + curve->size, curve->size) == curve->size)
		result = 2 * curve->size;
	ECDSA_SIG_free(sig);
	return result;
}

/* The other way; @der has SIGN_MAX bytes. */
static int der_of_raw(const EVP_PKEY *key, struct span raw, uint8_t *der)
{
	const struct curve *curve = curve_of(key);
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = NULL, *s = NULL;
	unsigned char *at = der;
	int result = -EINVAL;

	if (!sig || !curve || raw.len != 2u * curve->size)
		goto out;
	r = BN_bin2bn(raw.at, curve->size, NULL);
	s = BN_bin2bn(raw.at + curve->size, curve->size, NULL);
	if (!r || !s || !ECDSA_SIG_set0(sig, r, s))
		goto out;
	/* They are its own now. */
	r = NULL;
	s = NULL;
	result = i2d_ECDSA_SIG(sig, &at);
	if (result <= 0)
		result = -EINVAL;
out:
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(sig);
	return result;
}

int sign_make(EVP_PKEY *key, enum ike_scheme scheme, struct span octets, uint8_t *out)
{
	EVP_MD_CTX *md = begin(key, scheme, true);
	size_t len = SIGN_MAX;
	int result = -EINVAL;

	if (md && EVP_DigestSign(md, out, &len, octets.at, octets.len) > 0)
		result = scheme_form(scheme) == SCHEME_FORM_ECDSA_RAW ? raw_of_der(key, out, len) : (int)len;
	EVP_MD_CTX_free(md);
	ERR_clear_error();
	return result;
}

bool sign_good(EVP_PKEY *key, enum ike_scheme scheme, struct span octets, struct span signature)
{
	EVP_MD_CTX *md = begin(key, scheme, false);
	uint8_t der[SIGN_MAX];
	bool good = false;
	int len;

	if (md && scheme_form(scheme) == SCHEME_FORM_ECDSA_RAW) {
		len = der_of_raw(key, signature, der);
		signature = (struct span){der, len > 0 ? len : 0};
	}
	if (md && signature.len)
		good = EVP_DigestVerify(md, signature.at, signature.len, octets.at, octets.len) == 1;
	EVP_MD_CTX_free(md);
	ERR_clear_error();
	return good;
}
