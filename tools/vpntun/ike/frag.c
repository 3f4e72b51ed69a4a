// SPDX-License-Identifier: GPL-2.0
#include "ike/frag.h"

#include <stdlib.h>
#include <string.h>

#include "util/wipe.h"

struct part {
	uint8_t *at;		/* NULL: missing */
	size_t len;
};

struct frag {
	uint32_t id;
	uint8_t exchange;
	uint8_t first;
	uint16_t total;		/* never above IKE_FRAGMENTS_MAX */
	uint16_t have;
	size_t bytes;		/* of all that are there; never above IKE_DATAGRAM_MAX */
	struct part parts[IKE_FRAGMENTS_MAX];
};

/* ---- ours ---- */

struct frag_cut frag_cut(size_t chain, size_t room)
{
	size_t least = (chain + IKE_FRAGMENTS_MAX - 1) / IKE_FRAGMENTS_MAX;
	struct frag_cut cut = {.total = 1, .size = room > least ? room : least};

	if (chain)
		cut.total = (uint16_t)((chain + cut.size - 1) / cut.size);
	return cut;
}

struct span frag_part(const struct frag_cut *cut, struct span chain, uint16_t number)
{
	size_t from = (number - 1) * cut->size;
	size_t left = chain.len - from;

	return (struct span){chain.at + from, left < cut->size ? left : cut->size};
}

/* ---- the peer's ---- */

void frag_free(struct frag **frag)
{
	struct frag *gone = *frag;

	*frag = NULL;
	if (!gone)
		return;
	for (unsigned int i = 0; i < gone->total; i++) {
		if (!gone->parts[i].at)
			continue;
		explicit_bzero(gone->parts[i].at, gone->parts[i].len);
		free(gone->parts[i].at);
	}
	wipe(gone);
	free(gone);
}

static bool same_message(const struct frag *frag, const struct frag_piece *piece)
{
	return frag->id == piece->id && frag->exchange == piece->exchange;
}

/* What @piece is a part of; NULL: no memory. */
static struct frag *begin(struct frag **frag, const struct frag_piece *piece)
{
	if (*frag && same_message(*frag, piece) && (*frag)->total == piece->total)
		return *frag;
	frag_free(frag);
	*frag = calloc(1, sizeof(**frag));
	if (!*frag)
		return NULL;
	(*frag)->id = piece->id;
	(*frag)->exchange = piece->exchange;
	(*frag)->total = piece->total;
	return *frag;
}

static enum frag_result keep(struct frag *frag, const struct frag_piece *piece)
{
	struct part *part = &frag->parts[piece->number - 1];

	if (part->at)
		return FRAG_PASSED;
	if (piece->bytes.len > IKE_DATAGRAM_MAX - frag->bytes)
		return FRAG_TOO_LARGE;
	part->at = malloc(piece->bytes.len + 1);
	if (!part->at)
		return FRAG_TOO_LARGE;
	if (piece->bytes.len)
		memcpy(part->at, piece->bytes.at, piece->bytes.len);
	part->len = piece->bytes.len;
	frag->bytes += part->len;
	if (piece->number == 1)
		frag->first = piece->first;
	return ++frag->have == frag->total ? FRAG_WHOLE : FRAG_TAKEN;
}

enum frag_result frag_add(struct frag **frag, const struct frag_piece *piece)
{
	struct frag *into;

	if (!piece->number || piece->number > piece->total)
		return FRAG_PASSED;
	if (piece->total > IKE_FRAGMENTS_MAX)
		return FRAG_TOO_LARGE;
	if (*frag && same_message(*frag, piece) && piece->total < (*frag)->total)
		return FRAG_PASSED;
	into = begin(frag, piece);
	return into ? keep(into, piece) : FRAG_TOO_LARGE;
}

uint8_t frag_join(const struct frag *frag, struct wr *out)
{
	for (unsigned int i = 0; i < frag->total; i++)
		wr_span(out, (struct span){frag->parts[i].at, frag->parts[i].len});
	return frag->first;
}
