// SPDX-License-Identifier: GPL-2.0

#include <errno.h>
#include <limits.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "ike/crypt.h"
#include "util/wipe.h"

enum { AEAD_SALT = 4, AEAD_NONCE = 12, CBC_BLOCK = 16, HMAC_MAX = 64 };

struct prf {
	uint16_t id;
	uint8_t size;
	const char *digest;
};

static const struct prf prfs[] = {
	{IKE_PRF_HMAC_SHA1, 20, "SHA1"},
	{IKE_PRF_HMAC_SHA2_256, 32, "SHA2-256"},
	{IKE_PRF_HMAC_SHA2_384, 48, "SHA2-384"},
	{IKE_PRF_HMAC_SHA2_512, 64, "SHA2-512"},
};

struct integ {
	uint16_t id;
	uint8_t key;	/* RFC 4868 section 2.1.1: as long as the digest */
	uint8_t icv;
	const char *digest;
};

static const struct integ integs[] = {
	{IKE_INTEG_HMAC_SHA1_96, 20, 12, "SHA1"},
	{IKE_INTEG_HMAC_SHA2_256_128, 32, 16, "SHA2-256"},
	{IKE_INTEG_HMAC_SHA2_384_192, 48, 24, "SHA2-384"},
	{IKE_INTEG_HMAC_SHA2_512_256, 64, 32, "SHA2-512"},
};

struct encr {
	uint16_t id;
	uint8_t salt;
	uint8_t iv;
	uint8_t icv;		/* 0: not an AEAD */
	uint16_t fixed_key;	/* bytes of key where there is but one size and no attribute; else AES with three */
	bool aes;
};

static const struct encr encrs[] = {
	{IKE_ENCR_NULL, 0, 0, 0, 0, false},
	{IKE_ENCR_AES_CBC, 0, CBC_BLOCK, 0, 0, true},
	{IKE_ENCR_AES_GCM_8, AEAD_SALT, 8, 8, 0, true},
	{IKE_ENCR_AES_GCM_12, AEAD_SALT, 8, 12, 0, true},
	{IKE_ENCR_AES_GCM_16, AEAD_SALT, 8, 16, 0, true},
	{IKE_ENCR_AES_GMAC, AEAD_SALT, 8, 16, 0, true},
	{IKE_ENCR_CHACHA20_POLY1305, AEAD_SALT, 8, 16, 32, false},
};

/* The row of a table with this number. */
#define FIND(table, wanted)								\
	do {										\
		for (size_t i_ = 0; i_ < sizeof(table) / sizeof((table)[0]); i_++)	\
			if ((table)[i_].id == (wanted))					\
				return &(table)[i_];					\
		return NULL;								\
	} while (0)

static const struct prf *prf_find(uint16_t id)
{
	FIND(prfs, id);
}

static const struct integ *integ_find(uint16_t id)
{
	FIND(integs, id);
}

static const struct encr *encr_find(uint16_t id)
{
	FIND(encrs, id);
}

size_t prf_size(uint16_t prf)
{
	const struct prf *found = prf_find(prf);

	return found ? found->size : 0;
}

size_t integ_size(uint16_t integ)
{
	const struct integ *found = integ_find(integ);

	return found ? found->icv : 0;
}

size_t integ_key_size(uint16_t integ)
{
	const struct integ *found = integ_find(integ);

	return found ? found->key : 0;
}

bool encr_is_aead(uint16_t encr)
{
	return encr_icv_size(encr) > 0;
}

bool encr_known(uint16_t encr, uint16_t key_bits)
{
	const struct encr *found = encr_find(encr);

	if (!found)
		return false;
	if (!found->aes)
		return !key_bits;
	return key_bits == 128 || key_bits == 192 || key_bits == 256;
}

size_t encr_key_size(uint16_t encr, uint16_t key_bits)
{
	const struct encr *found = encr_find(encr);

	if (!encr_known(encr, key_bits))
		return 0;
	return (found->aes ? key_bits / 8u : found->fixed_key) + found->salt;
}

size_t encr_iv_size(uint16_t encr)
{
	const struct encr *found = encr_find(encr);

	return found ? found->iv : 0;
}

size_t encr_icv_size(uint16_t encr)
{
	const struct encr *found = encr_find(encr);

	return found ? found->icv : 0;
}

/* Fetched once, for good; only one thread uses this. */
static EVP_MAC *hmac(void)
{
	static EVP_MAC *mac;

	if (!mac)
		mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	return mac;
}

static EVP_MAC_CTX *hmac_start(const char *digest, struct span key)
{
	EVP_MAC *mac = hmac();
	EVP_MAC_CTX *ctx = mac ? EVP_MAC_CTX_new(mac) : NULL;
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)digest, 0),
		OSSL_PARAM_END,
	};
	static const uint8_t none;

	/* An empty key is a key: a null pointer would mean the one set before. */
	if (ctx && EVP_MAC_init(ctx, key.len ? key.at : &none, key.len, params) > 0)
		return ctx;
	EVP_MAC_CTX_free(ctx);
	return NULL;
}

static bool hmac_add(EVP_MAC_CTX *ctx, const struct span *parts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (parts[i].len && EVP_MAC_update(ctx, parts[i].at, parts[i].len) <= 0)
			return false;
	return true;
}

static bool hmac_end(EVP_MAC_CTX *ctx, uint8_t out[HMAC_MAX])
{
	size_t len;

	return EVP_MAC_final(ctx, out, &len, HMAC_MAX) > 0;
}

int crypt_prf(uint16_t prf, struct span key, const struct span *parts, size_t count, uint8_t *out)
{
	const struct prf *found = prf_find(prf);
	uint8_t full[HMAC_MAX];
	EVP_MAC_CTX *ctx;
	int err = -EIO;

	if (!found)
		return -EOPNOTSUPP;
	if (count > CRYPT_PARTS_MAX)
		return -EINVAL;
	ctx = hmac_start(found->digest, key);
	if (ctx && hmac_add(ctx, parts, count) && hmac_end(ctx, full)) {
		memcpy(out, full, found->size);
		err = 0;
	}
	EVP_MAC_CTX_free(ctx);
	wipe(&full);
	return err;
}

/* T1 = prf(K, S | 1), T2 = prf(K, T1 | S | 2), .. with S = parts. */
int crypt_prf_plus(uint16_t prf, struct span key, const struct span *parts, size_t count, uint8_t *out, size_t len)
{
	struct span all[CRYPT_PARTS_MAX + 2] = {{NULL, 0}};
	const struct prf *found = prf_find(prf);
	uint8_t block[HMAC_MAX], number = 0;
	EVP_MAC_CTX *ctx = NULL;
	size_t done = 0;

	if (!found)
		return -EOPNOTSUPP;
	if (count > CRYPT_PARTS_MAX || len > 255u * found->size)
		return -EINVAL;
	memcpy(all + 1, parts, count * sizeof(*parts));
	all[count + 1] = SPAN(&number);

	while (done < len) {
		size_t take = len - done < found->size ? len - done : found->size;

		number++;
		ctx = hmac_start(found->digest, key);
		if (!ctx || !hmac_add(ctx, all, count + 2) || !hmac_end(ctx, block))
			break;
		EVP_MAC_CTX_free(ctx);
		ctx = NULL;
		memcpy(out + done, block, take);
		done += take;
		all[0] = (struct span){block, found->size};
	}
	EVP_MAC_CTX_free(ctx);
	wipe(&block);
	if (done == len)
		return 0;
	explicit_bzero(out, len);
	return -EIO;
}

int crypt_sha1(const struct span *parts, size_t count, uint8_t out[20])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx && EVP_DigestInit_ex(ctx, EVP_sha1(), NULL) > 0;

	for (size_t i = 0; ok && i < count; i++)
		ok = !parts[i].len || EVP_DigestUpdate(ctx, parts[i].at, parts[i].len) > 0;
	ok = ok && EVP_DigestFinal_ex(ctx, out, NULL) > 0;
	EVP_MD_CTX_free(ctx);
	return ok ? 0 : -EIO;
}

int crypt_integ(const struct sk_cipher *cipher, const struct span *parts, size_t count, uint8_t *icv)
{
	const struct integ *found = integ_find(cipher->integ);
	uint8_t full[HMAC_MAX];
	EVP_MAC_CTX *ctx;
	int err = -EIO;

	if (!found)
		return -EOPNOTSUPP;
	if (cipher->auth_key.len != found->key)
		return -EINVAL;
	ctx = hmac_start(found->digest, cipher->auth_key);
	if (ctx && hmac_add(ctx, parts, count) && hmac_end(ctx, full)) {
		memcpy(icv, full, found->icv);
		err = 0;
	}
	EVP_MAC_CTX_free(ctx);
	wipe(&full);
	return err;
}

static const EVP_CIPHER *evp_gcm(uint16_t key_bits)
{
	if (key_bits == 128)
		return EVP_aes_128_gcm();
	return key_bits == 192 ? EVP_aes_192_gcm() : EVP_aes_256_gcm();
}

static const EVP_CIPHER *evp_cbc(uint16_t key_bits)
{
	if (key_bits == 128)
		return EVP_aes_128_cbc();
	return key_bits == 192 ? EVP_aes_192_cbc() : EVP_aes_256_cbc();
}

/* NULL: not one for SK payloads. */
static const EVP_CIPHER *evp_cipher(const struct sk_cipher *cipher)
{
	if (!encr_known(cipher->encr, cipher->key_bits))
		return NULL;
	switch (cipher->encr) {
	case IKE_ENCR_AES_CBC:
		return evp_cbc(cipher->key_bits);
	case IKE_ENCR_AES_GCM_8:
	case IKE_ENCR_AES_GCM_12:
	case IKE_ENCR_AES_GCM_16:
		return evp_gcm(cipher->key_bits);
	case IKE_ENCR_CHACHA20_POLY1305:
		return EVP_chacha20_poly1305();
	default:
		return NULL;
	}
}

static int check_sizes(const struct sk_cipher *cipher, struct span iv, struct span aad, size_t len)
{
	if (cipher->key.len != encr_key_size(cipher->encr, cipher->key_bits))
		return -EINVAL;
	if (iv.len != encr_iv_size(cipher->encr) || len > INT_MAX || aad.len > INT_MAX)
		return -EINVAL;
	if (cipher->encr == IKE_ENCR_AES_CBC && len % CBC_BLOCK)
		return -EINVAL;
	return 0;
}

enum direction { OPEN = 0, SEAL = 1 };	/* as EVP_CipherInit_ex() has it */

/* A context with key and nonce; NULL: libcrypto failed. */
static EVP_CIPHER_CTX *start(const struct sk_cipher *cipher, struct span iv, enum direction direction)
{
	size_t salt = encr_find(cipher->encr)->salt;
	size_t key_len = cipher->key.len - salt;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t nonce[CBC_BLOCK];
	bool ok;

	/* RFC 5282 section 4, RFC 7634 section 2: the salt, which is the key's end, and then the IV. */
	memcpy(nonce, cipher->key.at + key_len, salt);
	memcpy(nonce + salt, iv.at, iv.len);
	ok = ctx && EVP_CipherInit_ex2(ctx, evp_cipher(cipher), cipher->key.at, nonce, direction, NULL) > 0 &&
	     EVP_CIPHER_CTX_set_padding(ctx, 0) > 0;
	wipe(&nonce);
	if (ok)
		return ctx;
	EVP_CIPHER_CTX_free(ctx);
	return NULL;
}

/* In place; CBC has no use for @aad. */
static bool pass(EVP_CIPHER_CTX *ctx, struct span aad, uint8_t *text, size_t len)
{
	int done;

	if (aad.len && EVP_CipherUpdate(ctx, NULL, &done, aad.at, (int)aad.len) <= 0)
		return false;
	return !len || EVP_CipherUpdate(ctx, text, &done, text, (int)len) > 0;
}

int crypt_seal(const struct sk_cipher *cipher, struct span iv, struct span aad, uint8_t *text, size_t len, uint8_t *icv)
{
	size_t icv_len = encr_icv_size(cipher->encr);
	EVP_CIPHER_CTX *ctx;
	uint8_t none[CBC_BLOCK];
	bool ok;
	int done;

	if (!evp_cipher(cipher))
		return -EOPNOTSUPP;
	if (check_sizes(cipher, iv, aad, len))
		return -EINVAL;
	ctx = start(cipher, iv, SEAL);
	if (!icv_len)
		aad.len = 0;
	ok = ctx && pass(ctx, aad, text, len) && EVP_CipherFinal_ex(ctx, none, &done) > 0;
	if (ok && icv_len)
		ok = EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, (int)icv_len, icv) > 0;
	EVP_CIPHER_CTX_free(ctx);	/* clears its keys */
	return ok ? 0 : -EIO;
}

int crypt_open(const struct sk_cipher *cipher, struct span iv, struct span aad, uint8_t *text, size_t len,
	       struct span icv)
{
	size_t icv_len = encr_icv_size(cipher->encr);
	EVP_CIPHER_CTX *ctx;
	uint8_t none[CBC_BLOCK];
	int done, err = -EIO;

	if (!evp_cipher(cipher))
		return -EOPNOTSUPP;
	if (check_sizes(cipher, iv, aad, len) || icv.len != icv_len)
		return -EINVAL;
	ctx = start(cipher, iv, OPEN);
	if (!icv_len)
		aad.len = 0;
	if (ctx && icv_len && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, (int)icv_len, (void *)icv.at) <= 0)
		goto out;
	if (!ctx || !pass(ctx, aad, text, len))
		goto out;
	/* libcrypto compares the ICV, in constant time. */
	err = EVP_CipherFinal_ex(ctx, none, &done) > 0 ? 0 : -EBADMSG;
out:
	EVP_CIPHER_CTX_free(ctx);
	if (err) {
		explicit_bzero(text, len);	/* nobody sees what is not authentic */
		ERR_clear_error();
	}
	return err;
}
