/* SPDX-License-Identifier: GPL-2.0 */
#ifndef EXPORT_WORDS_H
#define EXPORT_WORDS_H

#include "conf/conf.h"
#include "export/text.h"
#include "ike/prop.h"

/* What another program calls a transform. A row without a text ends the table. */
struct export_word {
	uint8_t type;		/* enum ike_transform_type */
	uint16_t id, key_bits;
	const char *text;
};

/* Adds what it calls those of a type, each behind @before, with @between between them; how many it knows. */
unsigned int words_add(struct export_text *out, const struct ike_proposal *proposal, uint8_t type,
		       const struct export_word *words, const char *before, const char *between);

/* Adds a proposal as a program writes it; false: it cannot say it, and nothing was added. @ctx is the caller's own. */
typedef bool words_proposal_fn(struct export_text *out, const struct ike_proposal *proposal, void *ctx);

/* Adds all proposals of a list that @add can say, with @between between them. -EINVAL with @why: there is none. */
int words_add_proposals(struct export_text *out, const struct conf_words *list, enum ike_proto proto,
			words_proposal_fn *add, void *ctx, const char *between, struct why *why);

/* Has the proposal a transform of that type that @words knows? */
bool words_know(const struct ike_proposal *proposal, uint8_t type, const struct export_word *words);

#endif /* EXPORT_WORDS_H */
