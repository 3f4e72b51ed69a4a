/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_SIGN_H
#define IKE_SIGN_H

#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "ike/buf.h"
#include "ike/policy.h"
#include "ike/wire.h"

/* Raw signatures by a scheme (wire.h). The AlgorithmIdentifier of method 14 is not part of them. */

enum { SIGN_MAX = 1024 };	/* bytes of a signature: RSA with 8192 bits */

enum ike_key_kind sign_key_kind(const EVP_PKEY *key);	/* IKE_KEY_NONE: none that we can use (RSA below 2048 bits, say) */

/* Bytes of the signature, or a negative errno: -EINVAL if the key does not go with the scheme. @out has SIGN_MAX. */
int sign_make(EVP_PKEY *key, enum ike_scheme scheme, struct span octets, uint8_t *out);
/* False, too, if the key does not go with the scheme. */
bool sign_good(EVP_PKEY *key, enum ike_scheme scheme, struct span octets, struct span signature);

#endif /* IKE_SIGN_H */
