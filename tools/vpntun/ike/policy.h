/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_POLICY_H
#define IKE_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "ike/ident.h"
#include "ike/prop.h"
#include "ike/ts.h"
#include "util/addr.h"

enum { IKE_POLICY_NAME_SIZE = 80 };	/* "connection/tunnel", with the final zero */

enum ike_start { IKE_START_ADD, IKE_START_START, IKE_START_TRAP };	/* wait; initiate; initiate on demand */
enum ike_dpd { IKE_DPD_NONE, IKE_DPD_CLEAR, IKE_DPD_RESTART };
enum ike_encap { IKE_ENCAP_AUTO, IKE_ENCAP_UDP, IKE_ENCAP_NONE };

/* How a tunnel is authenticated, by both sides: a pre-shared key, or signatures, and of those which kind we make. */
enum ike_auth_by {
	IKE_BY_PSK,
	IKE_BY_AUTO,			/* whatever our key and the peer's announcements allow */
	IKE_BY_RSA_PSS,
	IKE_BY_RSA_PKCS1,
	IKE_BY_RSA_SHA1,		/* method 1: only when named */
	IKE_BY_ECDSA,
	IKE_BY_ED25519,
};

/* By which way packets leave this host: not the engine's business, but that of whoever sends for it. 0: the usual. */
struct ike_via {
	uint32_t mark;
	uint32_t device;		/* index */
	uint32_t vrf;			/* index of the VRF that the device is, or is in */
};

/*
 * How to deal with one peer: a tunnel of a configuration file. Plain data, sent whole from the parent to the network
 * process; secrets are not in it: the key process has them under the same id.
 */
struct ike_policy {
	uint32_t id;			/* the caller's, never 0 */
	char name[IKE_POLICY_NAME_SIZE];
	struct ip_addr local;		/* len 0: whichever the route has */
	struct ip_addr remote;		/* len 0: any, and then it never initiates; or by name, and not known yet */
	bool by_name;			/* @remote is asked for before every attempt: IKE_ACT_RESOLVE */
	struct ike_ident local_id;	/* IKE_ID_NONE: our address */
	struct ike_ident remote_id;	/* IKE_ID_NONE: the address it comes from */
	struct ike_proposals ike;	/* in the order of preference, numbered from 1 */
	struct ike_proposals esp;	/* with groups for PFS; IKE_AUTH leaves them out */
	struct ike_ts_list local_ts;
	struct ike_ts_list remote_ts;
	uint32_t ike_life;		/* seconds; rekeyed at 75 to 85 % of it */
	uint32_t child_life;
	uint64_t child_life_bytes;	/* 0: no limit; the kernel tells when it is reached */
	uint32_t dpd_interval;		/* seconds without a packet before the peer is asked; 0: never */
	uint32_t dpd_timeout;		/* seconds without an answer before it is dead */
	uint8_t dpd_action;		/* enum ike_dpd */
	uint8_t start;			/* enum ike_start */
	uint8_t encap;			/* enum ike_encap */
	uint8_t auth;			/* enum ike_auth_by */
	bool fragmentation;		/* RFC 7383 */
	bool mobike;			/* RFC 4555 */
	bool initial_contact;		/* set by the parent after a restart */
	struct ike_via via;
};

/* What our private key can sign with. */
enum ike_key_kind { IKE_KEY_NONE, IKE_KEY_RSA, IKE_KEY_P256, IKE_KEY_P384, IKE_KEY_P521, IKE_KEY_ED25519 };

enum { IKE_CHAIN_MAX = 12288, IKE_CERTS_MAX = 8, IKE_CA_HASH = 20, IKE_CAS_MAX = 16 };

/* Certificates, the holder's own first, DER, one behind the other. */
struct ike_chain {
	uint8_t count;
	uint16_t sizes[IKE_CERTS_MAX];
	uint8_t bytes[IKE_CHAIN_MAX];
};

/* What a tunnel that is authenticated by certificates shows: plain data, too. */
struct ike_credentials {
	uint32_t policy;
	uint8_t key;			/* enum ike_key_kind */
	struct ike_chain own;
	uint8_t n_cas;
	uint8_t cas[IKE_CAS_MAX][IKE_CA_HASH];	/* of CAs that are trusted: SHA-1 of their SubjectPublicKeyInfo */
};

#endif /* IKE_POLICY_H */
