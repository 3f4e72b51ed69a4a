/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_DH_H
#define IKE_DH_H

#include <stddef.h>
#include <stdint.h>

#include "ike/buf.h"
#include "ike/wire.h"

size_t group_size(uint16_t group);		/* bytes of a public value; 0: unknown */

/* One side's half of a Diffie-Hellman exchange. */
struct dh;
struct dh *dh_create(uint16_t group);		/* NULL: unknown group, or libcrypto failed */
void dh_free(struct dh *dh);			/* wipes; NULL is fine */
uint16_t dh_group(const struct dh *dh);
struct span dh_public(const struct dh *dh);	/* as the KE payload has it */
/*
 * The shared secret with the peer's value, which is validated first (RFC 6989; all-zero results refused); @out has room
 * for IKE_KE_MAX bytes. Returns its length, -EINVAL for a value that cannot be, or -EIO.
 */
int dh_shared(const struct dh *dh, struct span peer, uint8_t *out);

#endif /* IKE_DH_H */
