// SPDX-License-Identifier: GPL-2.0
#include "export/words.h"

#include <errno.h>

static const char *word_of(const struct ike_transform *transform, const struct export_word *words)
{
	for (; words->text; words++)
		if (words->type == transform->type && words->id == transform->id && words->key_bits == transform->key_bits)
			return words->text;
	return NULL;
}

unsigned int words_add(struct export_text *out, const struct ike_proposal *proposal, uint8_t type,
		       const struct export_word *words, const char *before, const char *between)
{
	unsigned int i, count = 0;

	for (i = 0; i < proposal->count; i++) {
		const struct ike_transform *transform = &proposal->transforms[i];
		const char *word = transform->type == type ? word_of(transform, words) : NULL;

		if (word)
			export_add(out, "%s%s%s", count++ ? between : "", before, word);
	}
	return count;
}

bool words_know(const struct ike_proposal *proposal, uint8_t type, const struct export_word *words)
{
	unsigned int i;

	for (i = 0; i < proposal->count; i++)
		if (proposal->transforms[i].type == type && word_of(&proposal->transforms[i], words))
			return true;
	return false;
}

int words_add_proposals(struct export_text *out, const struct conf_words *list, enum ike_proto proto,
			words_proposal_fn *add, void *ctx, const char *between, struct why *why)
{
	struct ike_proposal proposal;
	struct export_text one = { .text = NULL };
	unsigned int i, count = 0;

	for (i = 0; i < list->count; i++) {
		if (prop_parse(list->list[i], proto, false, &proposal, why))
			return -EINVAL;
		if (!add(&one, &proposal, ctx))
			continue;
		export_add(out, "%s%s", count++ ? between : "", one.text);
		out->failed |= one.failed;
		export_text_exit(&one);
	}
	if (count)
		return 0;
	return why_set(why, "none of the proposals for %s can be said there", proto == IKE_PROTO_IKE ? "IKE" : "ESP");
}
