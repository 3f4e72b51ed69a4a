/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_MSG_H
#define IKE_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ike/buf.h"
#include "ike/ident.h"
#include "ike/policy.h"
#include "ike/prop.h"
#include "ike/ts.h"
#include "ike/wire.h"
#include "util/why.h"

/* RFC 7296 section 3.1. */
struct ike_hdr {
	uint64_t spi_i;
	uint64_t spi_r;
	uint8_t next;		/* type of the first payload */
	uint8_t version;
	uint8_t exchange;
	uint8_t flags;
	uint32_t id;
	uint32_t length;
};

struct ike_notify_pld {
	uint8_t proto;
	uint16_t type;
	struct span spi;
	struct span data;
};

struct ike_delete_pld {
	uint8_t proto;
	uint8_t spi_size;	/* 0 for IKE, 4 for ESP */
	uint16_t count;
	struct span spis;
};

/*
 * A chain of payloads, taken apart but not judged: rules.h does that. Spans point into the bytes it was made of.
 * @counts holds how many of each type there were, by type.
 */
struct ike_msg {
	uint8_t counts[256];
	struct ike_proposals sa;
	uint16_t ke_group;
	struct span ke;
	struct span nonce;
	struct ike_ident idi, idr;
	struct span idi_body, idr_body;	/* type, three zeroes, data: what AUTH covers */
	uint8_t auth_method;
	struct span auth;
	uint8_t n_certs;	/* X.509; of other encodings there is only the count */
	struct span certs[IKE_CERTS_MAX];
	struct span cas;	/* of the first CERTREQ for X.509: hashes of IKE_CA_HASH bytes */
	struct ike_ts_list tsi, tsr;
	bool ts_cut;		/* there were more selectors than these hold */
	uint8_t n_notifies;	/* that are kept: one of each type, and more where there is room */
	struct ike_notify_pld notifies[IKE_NOTIFIES_MAX];
	uint8_t n_deletes;
	struct ike_delete_pld deletes[IKE_DELETES_MAX];
	uint8_t critical;	/* type of an unknown payload that is critical, or 0 */
	bool sealed;		/* ended with an SK or SKF payload */
	uint8_t sk_next;	/* type of the first payload inside it */
	struct span sk;		/* its body: IV, ciphertext, ICV */
	uint16_t number, total;	/* of SKF: which part of the message, of how many (RFC 7383 section 2.5); 0: SK */
};

/* Reads the header and checks that @datagram is as long as it says. Version and exchange are not judged. */
int msg_header(struct span datagram, struct ike_hdr *out, struct why *why);

/*
 * Takes apart the chain in @payloads, whose first has type @first. Pure; no recursion; bounded by enum ike_limit.
 * Refuses what is malformed, also trailing bytes. Of a type that may stand once only the first is read. 0 or -EINVAL.
 */
int msg_decode(struct ike_msg *out, uint8_t first, struct span payloads, struct why *why);

/*
 * Is it the type of a payload in the RFC? Those that we have no use for are known, too: their critical bit says nothing
 * (section 2.5).
 */
bool msg_known(uint8_t type);

/* The first notify of a type; NULL: there is none. */
const struct ike_notify_pld *msg_notify(const struct ike_msg *msg, uint16_t type);
/* The first error notify; NULL: there is none. */
const struct ike_notify_pld *msg_error(const struct ike_msg *msg);

/*
 * A chain of payloads in the making. What does not fit sets wr.bad; ask chain_done() at the end.
 */
struct chain {
	struct wr wr;
	uint8_t first;		/* type of the first payload */
	size_t next_at;		/* where the last payload's "next" stands; (size_t)-1: none yet */
};

struct chain chain_init(void *buffer, size_t size);
void chain_sa(struct chain *chain, const struct ike_proposals *proposals);
void chain_ke(struct chain *chain, uint16_t group, struct span value);
void chain_nonce(struct chain *chain, struct span nonce);
void chain_ident(struct chain *chain, enum ike_pld_type type, const struct ike_ident *ident);
void chain_auth(struct chain *chain, enum ike_auth_method method, struct span auth);
void chain_cert(struct chain *chain, struct span der);
void chain_certreq(struct chain *chain, const uint8_t (*cas)[IKE_CA_HASH], size_t count);
void chain_ts(struct chain *chain, enum ike_pld_type type, const struct ike_ts_list *list);
void chain_notify(struct chain *chain, uint16_t type, struct span data);	/* no protocol, no SPI */
void chain_notify_spi(struct chain *chain, uint16_t type, uint8_t proto, struct span spi, struct span data);
void chain_delete_ike(struct chain *chain);
void chain_delete_esp(struct chain *chain, const uint32_t *spis, size_t count);	/* host byte order */
bool chain_ok(const struct chain *chain);

/* The bytes of an identification payload's body, as AUTH covers them (section 2.15). */
void msg_ident_body(const struct ike_ident *ident, struct wr *wr);

/* A message without SK: header and chain. hdr->next and hdr->length are filled in here. 0 or -EMSGSIZE. */
int msg_plain(const struct ike_hdr *hdr, const struct chain *chain, struct wr *out);
/* Just a header, with this next payload and length. */
void msg_put_header(const struct ike_hdr *hdr, struct wr *out);

#endif /* IKE_MSG_H */
