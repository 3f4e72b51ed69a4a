/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_AUTH_H
#define IKE_AUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "ike/buf.h"
#include "ike/keymat.h"

enum { AUTH_OCTETS_MAX = IKE_DATAGRAM_MAX + IKE_NONCE_MAX + IKE_KEY_MAX };

/*
 * What an AUTH payload covers (section 2.15): the first message that its sender sent (whole, as on the wire), the nonce
 * of the other side, and prf(SK_px, its identity's body). 0 or a negative errno.
 */
struct auth_parts {
	struct span message;
	struct span nonce;
	struct span ident_body;
	const struct ike_key *key;	/* SK_pi or SK_pr: of the sender */
	uint16_t prf;
};
int auth_octets(const struct auth_parts *parts, struct wr *out);

/* prf(prf(PSK, "Key Pad for IKEv2"), octets); @out has prf_size() bytes. */
int auth_psk(uint16_t prf, struct span psk, struct span octets, uint8_t *out);

#endif /* IKE_AUTH_H */
