/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_CRYPT_H
#define IKE_CRYPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ike/buf.h"
#include "ike/dh.h"
#include "ike/wire.h"

/*
 * Primitives by their IANA numbers, all done by libcrypto. Results are 0 or a negative errno (-EOPNOTSUPP: not known
 * here, -EINVAL: bad input, -EIO: libcrypto failed).
 */

size_t prf_size(uint16_t prf);			/* bytes of output and of preferred key; 0: unknown */
size_t integ_size(uint16_t integ);		/* bytes of the ICV; 0: none or unknown */
size_t integ_key_size(uint16_t integ);
bool encr_is_aead(uint16_t encr);
bool encr_known(uint16_t encr, uint16_t key_bits);	/* with a key length that it takes */
size_t encr_key_size(uint16_t encr, uint16_t key_bits);	/* bytes of KEYMAT, salt included */
size_t encr_iv_size(uint16_t encr);		/* on the wire */
size_t encr_icv_size(uint16_t encr);		/* of an AEAD; else 0 */

enum { CRYPT_PARTS_MAX = 8 };

/* prf(key, part | part | ..); @out has prf_size() bytes. Neither takes more than CRYPT_PARTS_MAX parts. */
int crypt_prf(uint16_t prf, struct span key, const struct span *parts, size_t count, uint8_t *out);
/* prf+(key, part | part | ..), section 2.13; @len up to 255 times the output's size. */
int crypt_prf_plus(uint16_t prf, struct span key, const struct span *parts, size_t count, uint8_t *out, size_t len);
/* SHA-1, for NAT detection (section 2.23). */
int crypt_sha1(const struct span *parts, size_t count, uint8_t out[20]);

/* A cipher of SK payloads with its keys. */
struct sk_cipher {
	uint16_t encr;
	uint16_t key_bits;
	uint16_t integ;		/* 0 with an AEAD */
	struct span key;	/* with salt */
	struct span auth_key;
};

/*
 * AEAD: seals @text in place, with @aad; @iv has encr_iv_size() bytes, @icv encr_icv_size(). Open: 0 or -EBADMSG.
 * CBC: only en- or decrypts, whole blocks; crypt_integ() makes the ICV apart.
 */
int crypt_seal(const struct sk_cipher *cipher, struct span iv, struct span aad, uint8_t *text, size_t len, uint8_t *icv);
int crypt_open(const struct sk_cipher *cipher, struct span iv, struct span aad, uint8_t *text, size_t len,
	       struct span icv);
int crypt_integ(const struct sk_cipher *cipher, const struct span *parts, size_t count, uint8_t *icv);

#endif /* IKE_CRYPT_H */
