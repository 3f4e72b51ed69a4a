// SPDX-License-Identifier: GPL-2.0
#include "alg.h"

#include <crypto/aead.h>
#include <crypto/authenc.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vgw.h>

#include "esp.h"

/* The sentences are whole because kernels before 6.2 take no numbers in what they tell netlink. */
#define AEAD(name, crypto, bytes, icv, once) {					\
	.driver = crypto, .key_len = bytes,					\
	.key_wanted = "vgw: " #name " takes a key of " #bytes " bytes, the last 4 of them salt", \
	.auth_key_wanted = "vgw: " #name " takes no authentication key",		\
	.iv_len = 8, .icv_len = icv, .block = VGW_ESP_ALIGN, .one_pass = once,	\
}

#define GCM(bits, bytes, icv)	AEAD(aes##bits##gcm##icv, "rfc4106(gcm(aes))", bytes, icv, true)
#define GMAC(bits, bytes)	AEAD(aes##bits##gmac, "rfc4543(gcm(aes))", bytes, 16, false)

#define CBC(bits, bytes, hash, hash_bytes, icv) {				\
	.driver = "(hmac(" #hash "),cbc(aes))", .key_len = bytes, .auth_key_len = hash_bytes, \
	.key_wanted = "vgw: aes" #bits "-" #hash " takes a key of " #bytes " bytes", \
	.auth_key_wanted = "vgw: aes" #bits "-" #hash " takes an authentication key of " #hash_bytes " bytes", \
	.iv_len = 16, .icv_len = icv, .block = 16, .random_iv = true,		\
}

#define NO_CIPHER(hash, hash_bytes, icv) {					\
	.driver = "(hmac(" #hash "),ecb(cipher_null))", .auth_key_len = hash_bytes, \
	.key_wanted = "vgw: null-" #hash " takes no key, only an authentication key", \
	.auth_key_wanted = "vgw: null-" #hash " takes an authentication key of " #hash_bytes " bytes", \
	.icv_len = icv, .block = VGW_ESP_ALIGN,					\
}

static const struct vgw_alg algs[VGW_SUITE_MAX + 1] = {
	[VGW_SUITE_AES128GCM16] = GCM(128, 20, 16),
	[VGW_SUITE_AES192GCM16] = GCM(192, 28, 16),
	[VGW_SUITE_AES256GCM16] = GCM(256, 36, 16),
	[VGW_SUITE_AES128_SHA256] = CBC(128, 16, sha256, 32, 16),
	[VGW_SUITE_AES192_SHA256] = CBC(192, 24, sha256, 32, 16),
	[VGW_SUITE_AES256_SHA256] = CBC(256, 32, sha256, 32, 16),
	[VGW_SUITE_CHACHA20POLY1305] = AEAD(chacha20poly1305, "rfc7539esp(chacha20,poly1305)", 36, 16, false),
	[VGW_SUITE_AES128GCM8] = GCM(128, 20, 8),
	[VGW_SUITE_AES192GCM8] = GCM(192, 28, 8),
	[VGW_SUITE_AES256GCM8] = GCM(256, 36, 8),
	[VGW_SUITE_AES128GCM12] = GCM(128, 20, 12),
	[VGW_SUITE_AES192GCM12] = GCM(192, 28, 12),
	[VGW_SUITE_AES256GCM12] = GCM(256, 36, 12),
	[VGW_SUITE_AES128_SHA1] = CBC(128, 16, sha1, 20, 12),
	[VGW_SUITE_AES192_SHA1] = CBC(192, 24, sha1, 20, 12),
	[VGW_SUITE_AES256_SHA1] = CBC(256, 32, sha1, 20, 12),
	[VGW_SUITE_AES128_SHA384] = CBC(128, 16, sha384, 48, 24),
	[VGW_SUITE_AES192_SHA384] = CBC(192, 24, sha384, 48, 24),
	[VGW_SUITE_AES256_SHA384] = CBC(256, 32, sha384, 48, 24),
	[VGW_SUITE_AES128_SHA512] = CBC(128, 16, sha512, 64, 32),
	[VGW_SUITE_AES192_SHA512] = CBC(192, 24, sha512, 64, 32),
	[VGW_SUITE_AES256_SHA512] = CBC(256, 32, sha512, 64, 32),
	[VGW_SUITE_AES128GMAC] = GMAC(128, 20),
	[VGW_SUITE_AES192GMAC] = GMAC(192, 28),
	[VGW_SUITE_AES256GMAC] = GMAC(256, 36),
	[VGW_SUITE_NULL_SHA256] = NO_CIPHER(sha256, 32, 16),
	[VGW_SUITE_NULL_SHA384] = NO_CIPHER(sha384, 48, 24),
	[VGW_SUITE_NULL_SHA512] = NO_CIPHER(sha512, 64, 32),
};

/**
 * vgw_alg_lookup() - the suite of a uapi number
 * @suite: enum vgw_suite
 *
 * Returns NULL when there is none.
 */
const struct vgw_alg *vgw_alg_lookup(u32 suite)
{
	if (suite > VGW_SUITE_MAX || !algs[suite].driver)
		return NULL;
	return &algs[suite];
}

/* authenc takes both keys in one blob, behind a netlink attribute that tells their lengths apart. */
static int set_authenc_key(struct crypto_aead *tfm, const struct vgw_alg *alg, const u8 *key, const u8 *auth_key)
{
	struct crypto_authenc_key_param *param;
	struct rtattr *rta;
	unsigned int len;
	u8 *blob;
	int err;

	len = RTA_SPACE(sizeof(*param)) + alg->auth_key_len + alg->key_len;
	blob = kmalloc(len, GFP_KERNEL);
	if (!blob)
		return -ENOMEM;
	rta = (struct rtattr *)blob;
	rta->rta_type = CRYPTO_AUTHENC_KEYA_PARAM;
	rta->rta_len = RTA_LENGTH(sizeof(*param));
	param = RTA_DATA(rta);
	param->enckeylen = cpu_to_be32(alg->key_len);
	memcpy(blob + RTA_SPACE(sizeof(*param)), auth_key, alg->auth_key_len);
	memcpy(blob + RTA_SPACE(sizeof(*param)) + alg->auth_key_len, key, alg->key_len);
	err = crypto_aead_setkey(tfm, blob, len);
	kfree_sensitive(blob);
	return err;
}

static void name_driver(const struct vgw_alg *alg, bool esn, char driver[CRYPTO_MAX_ALG_NAME])
{
	snprintf(driver, CRYPTO_MAX_ALG_NAME, "%s%s", !alg->auth_key_len ? "" : esn ? "authencesn" : "authenc",
		 alg->driver);
}

static struct crypto_aead *alloc(const struct vgw_alg *alg, bool esn, struct netlink_ext_ack *extack)
{
	char driver[CRYPTO_MAX_ALG_NAME];
	struct crypto_aead *tfm;

	name_driver(alg, esn, driver);
	tfm = crypto_alloc_aead(driver, 0, 0);
	if (PTR_ERR_OR_ZERO(tfm) == -ENOENT)
		NL_SET_ERR_MSG_MOD(extack, "the kernel's crypto API does not offer this suite");
	else if (IS_ERR(tfm))
		NL_SET_ERR_MSG_MOD(extack, "the kernel's crypto API cannot make this suite now");
	return tfm;
}

/**
 * vgw_alg_load() - have the modules loaded that vgw_alg_create() needs
 * @alg: the suite
 * @esn: as there
 * @extack: says why not
 *
 * May sleep for as long as modprobe takes, so call it without locks. Returns 0, or why vgw_alg_create() would fail:
 * there the modules that are missing would be asked for again.
 */
int vgw_alg_load(const struct vgw_alg *alg, bool esn, struct netlink_ext_ack *extack)
{
	struct crypto_aead *tfm = alloc(alg, esn, extack);

	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	crypto_free_aead(tfm);
	return 0;
}

/**
 * vgw_alg_create() - a keyed transform of the crypto API
 * @alg: the suite
 * @esn: extended sequence numbers; the HMAC suites authenticate the upper half behind the packet
 * @key: @alg->key_len bytes
 * @auth_key: @alg->auth_key_len bytes
 * @extack: says why not
 *
 * May sleep, and load modules if vgw_alg_load() has not. Returns a transform for crypto_free_aead(), or an ERR_PTR.
 */
struct crypto_aead *vgw_alg_create(const struct vgw_alg *alg, bool esn, const u8 *key, const u8 *auth_key,
				   struct netlink_ext_ack *extack)
{
	struct crypto_aead *tfm = alloc(alg, esn, extack);
	int err;

	if (IS_ERR(tfm))
		return tfm;
	err = crypto_aead_setauthsize(tfm, alg->icv_len);
	if (!err)
		err = alg->auth_key_len ? set_authenc_key(tfm, alg, key, auth_key) :
					  crypto_aead_setkey(tfm, key, alg->key_len);
	if (err) {
		NL_SET_ERR_MSG_MOD(extack, "the kernel's crypto API refused the key");
		crypto_free_aead(tfm);
		return ERR_PTR(err);
	}
	return tfm;
}

/**
 * vgw_alg_mtu() - the largest inner packet that fits
 * @alg: the suite
 * @room: bytes of the path MTU left to ESP, that is without outer IP and UDP headers
 */
unsigned int vgw_alg_mtu(const struct vgw_alg *alg, unsigned int room)
{
	unsigned int fixed = VGW_ESP_HDR_LEN + alg->iv_len + alg->icv_len;

	if (room < fixed + alg->block)
		return 0;
	return rounddown(room - fixed, alg->block) - VGW_ESP_TRAILER_LEN;
}

/**
 * vgw_alg_mtu_worst() - the largest inner packet that fits whatever suite is negotiated
 * @room: as for vgw_alg_mtu()
 */
unsigned int vgw_alg_mtu_worst(unsigned int room)
{
	unsigned int mtu = U32_MAX;
	u32 suite;

	for (suite = 1; suite <= VGW_SUITE_MAX; suite++)
		if (vgw_alg_lookup(suite))
			mtu = min(mtu, vgw_alg_mtu(&algs[suite], room));
	return mtu;
}
