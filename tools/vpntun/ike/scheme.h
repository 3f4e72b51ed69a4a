/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_SCHEME_H
#define IKE_SCHEME_H

#include <stdbool.h>
#include <stdint.h>

#include "ike/buf.h"
#include "ike/policy.h"
#include "ike/wire.h"
#include "util/why.h"

/* What there is to know of each enum ike_scheme (wire.h), and which one to take. */

enum scheme_form {
	SCHEME_FORM_NONE,
	SCHEME_FORM_MAC,	/* by a pre-shared key */
	SCHEME_FORM_PKCS1,	/* RSASSA-PKCS1-v1_5 */
	SCHEME_FORM_PSS,	/* RSASSA-PSS, salt as long as the hash, MGF1 with the same hash */
	SCHEME_FORM_ECDSA_RAW,	/* r and s, each as long as the group's order */
	SCHEME_FORM_ECDSA,	/* ECDSA-Sig-Value in DER */
	SCHEME_FORM_PURE,	/* Ed25519 */
};

enum scheme_form scheme_form(enum ike_scheme scheme);
enum ike_auth_method scheme_method(enum ike_scheme scheme);	/* of its AUTH payload; 0: no such scheme */
uint8_t scheme_hash(enum ike_scheme scheme);			/* enum ike_hash; 0: none */
struct span scheme_algid(enum ike_scheme scheme);		/* method 14: AlgorithmIdentifier, DER; others: empty */
const char *scheme_name(enum ike_scheme scheme);		/* "RSA-PSS with SHA2-256" */
bool scheme_suits(enum ike_scheme scheme, enum ike_key_kind key);	/* can such a key make it? */

/* The data of an AUTH payload: with method 14 the AlgorithmIdentifier goes in front. */
void scheme_put(enum ike_scheme scheme, struct span raw, struct wr *out);
/* Takes them apart; a span that points into @auth. 0 or -EINVAL: none that we know, or malformed. */
int scheme_parse(uint8_t method, struct span auth, enum ike_scheme *scheme, struct span *raw, struct why *why);

/* May a peer authenticate so? @by: enum ike_auth_by, as configured. */
bool scheme_allowed(uint8_t by, enum ike_scheme scheme);

/* The hashes of SIGNATURE_HASH_ALGORITHMS, RFC 7427 section 4: each one is the bit 1 << enum ike_hash. */
enum { SCHEME_HASHES = 1 << IKE_HASH_SHA2_256 | 1 << IKE_HASH_SHA2_384 | 1 << IKE_HASH_SHA2_512 | 1 << IKE_HASH_IDENTITY };

void scheme_put_hashes(struct wr *out);				/* ours */
uint16_t scheme_read_hashes(struct span data);			/* those that we know, too; malformed: none */

struct scheme_wish {
	uint8_t by;		/* enum ike_auth_by */
	uint8_t key;		/* enum ike_key_kind, ours */
	uint8_t peer;		/* enum ike_scheme that it has signed with; IKE_SCHEME_NONE: not known yet */
	bool announced;		/* it knows RFC 7427 */
	uint16_t hashes;	/* and of those hashes */
};

/*
 * With what to sign. RFC 7427 tells which hashes a peer takes, but not which padding of RSA. IKE_BY_AUTO does as the
 * peer has done, when that is known; else PSS, which RFC 8247 section 3.2 makes mandatory. IKE_SCHEME_NONE: there is no
 * way, and @why has the reason.
 */
enum ike_scheme scheme_choose(const struct scheme_wish *wish, struct why *why);

#endif /* IKE_SCHEME_H */
