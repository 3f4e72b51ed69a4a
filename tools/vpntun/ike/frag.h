/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_FRAG_H
#define IKE_FRAG_H

#include <stdbool.h>
#include <stdint.h>

#include "ike/buf.h"
#include "ike/wire.h"

/*
 * Messages in parts, RFC 7383: how a chain of payloads is cut, and a peer's message in the making. Each part is sealed
 * by itself (sk.h), so none is kept that is not authentic.
 */

/* How a chain is cut: all parts but the last have @size bytes. */
struct frag_cut {
	uint16_t total;
	size_t size;
};

/* For parts that hold @room bytes; larger ones, if there were too many else. */
struct frag_cut frag_cut(size_t chain, size_t room);
/* Part @number, from 1. */
struct span frag_part(const struct frag_cut *cut, struct span chain, uint16_t number);

struct frag;	/* a peer's message in the making; NULL: there is none */

struct frag_piece {
	uint32_t id;		/* of the message */
	uint8_t exchange;
	uint8_t first;		/* type of the message's first payload, if it is number 1 */
	uint16_t number, total;
	struct span bytes;
};

enum frag_result {
	FRAG_PASSED,		/* a duplicate, or it does not fit: nothing has changed */
	FRAG_TAKEN,		/* others are missing */
	FRAG_WHOLE,		/* it was the last one missing */
	FRAG_TOO_LARGE,		/* of too many parts, or bytes, or no memory: passed over */
};

/*
 * Keeps a copy of an authentic piece. One of another message, or of the same in more parts (section 2.5.2: the peer
 * has made them smaller), takes the place of what is there; one of the same in fewer is passed over.
 */
enum frag_result frag_add(struct frag **frag, const struct frag_piece *piece);
/* The whole, once it is; the type of its first payload. */
uint8_t frag_join(const struct frag *frag, struct wr *out);
void frag_free(struct frag **frag);	/* wipes; there need not be one */

#endif /* IKE_FRAG_H */
