// SPDX-License-Identifier: GPL-2.0

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/dh.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "ike/dh.h"
#include "util/wipe.h"

enum family { MODP, ECP, ECX };

enum { EC_UNCOMPRESSED = 0x04, EC_PUBLIC_MAX = 1 + 132, PRIVATE_BITS = 225 };

struct group {
	uint16_t id;
	uint16_t size;		/* bytes of a public value */
	uint16_t secret;	/* bytes of the shared secret */
	enum family family;
	const char *type;	/* libcrypto's names */
	const char *name;
};

static const struct group groups[] = {
	/* RFC 7296 section 2.14: the secret is padded to the size of the modulus. The first has no name in libcrypto. */
	{IKE_GROUP_MODP1024, 128, 128, MODP, "DH", NULL},
	{IKE_GROUP_MODP1536, 192, 192, MODP, "DH", "modp_1536"},
	{IKE_GROUP_MODP2048, 256, 256, MODP, "DH", "modp_2048"},
	{IKE_GROUP_MODP3072, 384, 384, MODP, "DH", "modp_3072"},
	{IKE_GROUP_MODP4096, 512, 512, MODP, "DH", "modp_4096"},
	{IKE_GROUP_MODP6144, 768, 768, MODP, "DH", "modp_6144"},
	{IKE_GROUP_MODP8192, 1024, 1024, MODP, "DH", "modp_8192"},
	/* RFC 5903 section 7: x and y without the octet that says so; the secret is x alone. */
	{IKE_GROUP_ECP256, 64, 32, ECP, "EC", "P-256"},
	{IKE_GROUP_ECP384, 96, 48, ECP, "EC", "P-384"},
	{IKE_GROUP_ECP521, 132, 66, ECP, "EC", "P-521"},
	{IKE_GROUP_X25519, 32, 32, ECX, "X25519", NULL},
	{IKE_GROUP_X448, 56, 56, ECX, "X448", NULL},
};

struct dh {
	const struct group *group;
	EVP_PKEY *key;
	uint8_t public[IKE_KE_MAX];
};

static const struct group *group_find(uint16_t id)
{
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (groups[i].id == id)
			return &groups[i];
	return NULL;
}

size_t group_size(uint16_t group)
{
	const struct group *found = group_find(group);

	return found ? found->size : 0;
}

/* Group 2, RFC 7296 appendix B.2: p, 2, and how many bits a private key has, which is as for modp2048. */
static EVP_PKEY *modp1024_parameters(void)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "DH", NULL);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	BIGNUM *prime = BN_get_rfc2409_prime_1024(NULL), *two = BN_new();
	OSSL_PARAM *params = NULL;
	EVP_PKEY *key = NULL;

	if (!ctx || !build || !prime || !two || !BN_set_word(two, 2) ||
	    !OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_FFC_P, prime) ||
	    !OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_FFC_G, two) ||
	    !OSSL_PARAM_BLD_push_int(build, OSSL_PKEY_PARAM_DH_PRIV_LEN, PRIVATE_BITS))
		goto out;
	params = OSSL_PARAM_BLD_to_param(build);
	if (!params || EVP_PKEY_fromdata_init(ctx) <= 0 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEY_PARAMETERS, params) <= 0)
		key = NULL;
out:
	OSSL_PARAM_free(params);
	BN_free(two);
	BN_free(prime);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static EVP_PKEY_CTX *make_context(const struct group *group)
{
	EVP_PKEY *parameters;
	EVP_PKEY_CTX *ctx;

	if (group->family != MODP || group->name)
		return EVP_PKEY_CTX_new_from_name(NULL, group->type, NULL);
	parameters = modp1024_parameters();
	ctx = parameters ? EVP_PKEY_CTX_new_from_pkey(NULL, parameters, NULL) : NULL;
	EVP_PKEY_free(parameters);
	return ctx;
}

static EVP_PKEY *make_key(const struct group *group)
{
	EVP_PKEY_CTX *ctx = make_context(group);
	EVP_PKEY *key = NULL;

	if (!ctx || EVP_PKEY_keygen_init(ctx) <= 0)
		goto out;
	if (group->name && EVP_PKEY_CTX_set_group_name(ctx, group->name) <= 0)
		goto out;
	if (EVP_PKEY_generate(ctx, &key) <= 0)
		key = NULL;
out:
	EVP_PKEY_CTX_free(ctx);
	return key;
}

/* The public value in the KE payload's form. */
static bool copy_public(struct dh *dh)
{
	size_t prefix = dh->group->family == ECP ? 1 : 0;
	unsigned char *bytes = NULL;
	size_t len = EVP_PKEY_get1_encoded_public_key(dh->key, &bytes);
	bool fits = len == prefix + dh->group->size && (!prefix || bytes[0] == EC_UNCOMPRESSED);

	if (fits)
		memcpy(dh->public, bytes + prefix, dh->group->size);
	OPENSSL_free(bytes);
	return fits;
}

/* Owns @key from here on, also when it fails. */
static struct dh *dh_wrap(const struct group *group, EVP_PKEY *key)
{
	struct dh *dh = calloc(1, sizeof(*dh));

	if (!dh) {
		EVP_PKEY_free(key);
		return NULL;
	}
	dh->group = group;
	dh->key = key;
	if (!copy_public(dh)) {
		dh_free(dh);
		return NULL;
	}
	return dh;
}

struct dh *dh_create(uint16_t group)
{
	const struct group *found = group_find(group);
	EVP_PKEY *key = found ? make_key(found) : NULL;

	return key ? dh_wrap(found, key) : NULL;
}

void dh_free(struct dh *dh)
{
	if (!dh)
		return;
	EVP_PKEY_free(dh->key);	/* libcrypto clears its private half */
	wipe(dh);
	free(dh);
}

uint16_t dh_group(const struct dh *dh)
{
	return dh->group->id;
}

struct span dh_public(const struct dh *dh)
{
	return (struct span){dh->public, dh->group->size};
}

/*
 * RFC 6989 section 2.1: with these safe primes 1 < y < p - 1 is all that is needed. libcrypto's own full check would
 * cost an exponentiation as long as the modulus, which a stranger could make us do.
 */
static bool modp_in_range(const struct dh *dh, struct span peer)
{
	BIGNUM *limit = NULL;
	BIGNUM *value = BN_bin2bn(peer.at, (int)peer.len, NULL);
	bool inside = value && EVP_PKEY_get_bn_param(dh->key, OSSL_PKEY_PARAM_FFC_P, &limit) > 0 &&
		      BN_sub_word(limit, 1) && BN_cmp(value, BN_value_one()) > 0 && BN_cmp(value, limit) < 0;

	BN_free(value);
	BN_free(limit);
	return inside;
}

static EVP_PKEY *with_our_parameters(const struct dh *dh, struct span encoded)
{
	EVP_PKEY *key = EVP_PKEY_new();

	if (key && EVP_PKEY_copy_parameters(key, dh->key) > 0 &&
	    EVP_PKEY_set1_encoded_public_key(key, encoded.at, encoded.len) > 0)
		return key;
	EVP_PKEY_free(key);
	return NULL;
}

/* The peer's value, validated as its family needs it; NULL: it cannot be one. */
static EVP_PKEY *peer_key(const struct dh *dh, struct span peer)
{
	uint8_t point[EC_PUBLIC_MAX] = {EC_UNCOMPRESSED};

	switch (dh->group->family) {
	case MODP:
		return modp_in_range(dh, peer) ? with_our_parameters(dh, peer) : NULL;
	case ECP:
		/* Section 2.3: decoding refuses coordinates beyond the field and points off the curve; no cofactor. */
		memcpy(point + 1, peer.at, peer.len);
		return with_our_parameters(dh, (struct span){point, 1 + peer.len});
	case ECX:
		/* RFC 7748: every value will do; it is the result that is looked at. */
		return EVP_PKEY_new_raw_public_key_ex(NULL, dh->group->type, NULL, peer.at, peer.len);
	}
	return NULL;
}

static int derive(const struct dh *dh, EVP_PKEY *peer, uint8_t *out)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, dh->key, NULL);
	size_t len = IKE_KE_MAX;
	int err = -EIO;

	if (!ctx || EVP_PKEY_derive_init(ctx) <= 0)
		goto out;
	if (dh->group->family == MODP && EVP_PKEY_CTX_set_dh_pad(ctx, 1) <= 0)
		goto out;
	if (EVP_PKEY_derive_set_peer_ex(ctx, peer, 0) <= 0)
		goto out;
	/* What fails now is the value: small-order points give zero (RFC 7748 section 6). */
	err = -EINVAL;
	if (EVP_PKEY_derive(ctx, out, &len) > 0 && len == dh->group->secret)
		err = 0;
out:
	EVP_PKEY_CTX_free(ctx);
	return err;
}

/* In constant time, as it is a secret if it is not zero. */
static bool all_zero(const uint8_t *bytes, size_t len)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum |= bytes[i];
	return !sum;
}

int dh_shared(const struct dh *dh, struct span peer, uint8_t *out)
{
	EVP_PKEY *key;
	int err;

	if (peer.len != dh->group->size)
		return -EINVAL;
	key = peer_key(dh, peer);
	err = key ? derive(dh, key, out) : -EINVAL;
	EVP_PKEY_free(key);
	if (!err && all_zero(out, dh->group->secret))
		err = -EINVAL;
	if (!err)
		return dh->group->secret;
	explicit_bzero(out, IKE_KE_MAX);
	ERR_clear_error();	/* nobody reads libcrypto's own words */
	return err;
}
