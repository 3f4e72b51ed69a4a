/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The suites: what a uapi number means in sizes and in names of the crypto API.
 */
#ifndef _VGW_ALG_H
#define _VGW_ALG_H

#include <linux/netlink.h>
#include <linux/types.h>

struct crypto_aead;

/**
 * struct vgw_alg - one suite
 * @driver: name for the crypto API; all suites are AEADs there
 * @key_wanted: what to say to a key of another length
 * @auth_key_wanted: the same of the HMAC key
 * @key_len: bytes of the cipher key, its salt included; 0: none
 * @auth_key_len: bytes of the HMAC key, 0 for AEADs proper
 * @iv_len: bytes of explicit IV on the wire
 * @icv_len: bytes of integrity check value on the wire
 * @block: cipher text is a multiple of so many bytes, at least VGW_ESP_ALIGN
 * @one_pass: opening reads each byte once, to verify and to decrypt it (with the instructions that CPUs have for AES)
 * @random_iv: the IV must be unpredictable (RFC 3602 section 2.1), not a counter
 */
struct vgw_alg {
	const char *driver;
	const char *key_wanted;
	const char *auth_key_wanted;
	u8 key_len;
	u8 auth_key_len;
	u8 iv_len;
	u8 icv_len;
	u8 block;
	bool one_pass;
	bool random_iv;
};

const struct vgw_alg *vgw_alg_lookup(u32 suite);
int vgw_alg_load(const struct vgw_alg *alg, bool esn, struct netlink_ext_ack *extack);
struct crypto_aead *vgw_alg_create(const struct vgw_alg *alg, bool esn, const u8 *key, const u8 *auth_key,
				   struct netlink_ext_ack *extack);
unsigned int vgw_alg_mtu(const struct vgw_alg *alg, unsigned int room);
unsigned int vgw_alg_mtu_worst(unsigned int room);

#endif /* _VGW_ALG_H */
