/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_KEYMAT_H
#define IKE_KEYMAT_H

#include <stddef.h>
#include <stdint.h>

#include "ike/buf.h"
#include "ike/prop.h"
#include "ike/wire.h"

/* A key. Wipe what holds it. */
struct ike_key {
	uint8_t len;
	uint8_t bytes[IKE_KEY_MAX];
};

static inline struct span key_span(const struct ike_key *key)
{
	return (struct span){key->bytes, key->len};
}

/* RFC 7296 section 2.14. i: of what the original initiator sends. */
struct ike_keys {
	struct ike_suite suite;
	struct ike_key d;
	struct ike_key ai, ar;	/* integrity, empty with AEADs */
	struct ike_key ei, er;	/* encryption, with the salt of AEADs (RFC 5282) */
	struct ike_key pi, pr;
};

struct ike_nonces {
	struct span i, r;	/* of the exchange's initiator and responder */
};

/* Section 2.14: SKEYSEED = prf(Ni | Nr, g^ir). 0 or a negative errno. */
int keymat_ike(const struct ike_suite *suite, struct span shared, const struct ike_nonces *nonces,
	       uint64_t spi_i, uint64_t spi_r, struct ike_keys *out);
/* Section 2.18: SKEYSEED = prf(SK_d (old), g^ir (new) | Ni | Nr) by the old SA's PRF. */
int keymat_rekey(const struct ike_keys *old, const struct ike_suite *suite, struct span shared,
		 const struct ike_nonces *nonces, uint64_t spi_i, uint64_t spi_r, struct ike_keys *out);

/* One direction's keys of a Child SA; with AEADs @encr has the salt appended and @integ is empty. */
struct child_keys {
	struct ike_key encr;
	struct ike_key integ;
};

/* Section 2.17; @shared is empty without a Diffie-Hellman exchange. @i: of what the exchange's initiator sends. */
int keymat_child(const struct ike_keys *ike, const struct ike_suite *esp, struct span shared,
		 const struct ike_nonces *nonces, struct child_keys *i, struct child_keys *r);

#endif /* IKE_KEYMAT_H */
