// SPDX-License-Identifier: GPL-2.0
#include "ike/prop.h"

#include <errno.h>
#include <string.h>

#include "util/text.h"

static const uint8_t types[] = { IKE_T_ENCR, IKE_T_PRF, IKE_T_INTEG, IKE_T_GROUP, IKE_T_ESN };

enum { TYPES = sizeof(types) / sizeof(types[0]) };

static bool transform_equal(const struct ike_transform *a, const struct ike_transform *b)
{
	return a->type == b->type && a->id == b->id && a->key_bits == b->key_bits;
}

static bool holds(const struct ike_proposal *proposal, const struct ike_transform *transform)
{
	unsigned int i;

	for (i = 0; i < proposal->count; i++)
		if (transform_equal(&proposal->transforms[i], transform))
			return true;
	return false;
}

static bool has_type(const struct ike_proposal *proposal, uint8_t type)
{
	unsigned int i;

	for (i = 0; i < proposal->count; i++)
		if (proposal->transforms[i].type == type)
			return true;
	return false;
}

/* May a type be left out? It then stands for "none", which has the number 0 wherever it exists (section 3.3.2). */
static bool may_lack(const struct ike_proposal *proposal, uint8_t type)
{
	const struct ike_transform none = { .type = type };

	if (type == IKE_T_ENCR || type == IKE_T_PRF)
		return !has_type(proposal, type);
	return !has_type(proposal, type) || holds(proposal, &none);
}

/* A proposal with a type that we do not know cannot be taken (section 3.3.6); nor is there any AH here. */
static bool understood(const struct ike_proposal *proposal)
{
	unsigned int i;

	for (i = 0; i < proposal->count; i++)
		if (proposal->transforms[i].type < IKE_T_ENCR || proposal->transforms[i].type > IKE_T_ESN)
			return false;
	return proposal->proto == IKE_PROTO_IKE || proposal->proto == IKE_PROTO_ESP;
}

/* What both have of a type: the first of @ours, or the group @ke_group. NULL: nothing. */
static const struct ike_transform *common(const struct ike_proposal *ours, const struct ike_proposal *theirs,
					  uint8_t type, uint16_t ke_group)
{
	const struct ike_transform *at, *found = NULL;
	unsigned int i;

	for (i = 0; i < ours->count; i++) {
		at = &ours->transforms[i];
		if (at->type != type || !holds(theirs, at))
			continue;
		if (type == IKE_T_GROUP && ke_group && at->id == ke_group)
			return at;
		if (!found)
			found = at;
	}
	return found;
}

/* @chosen gets one transform for every type that @theirs has, as section 3.3 wants it in an answer. */
static bool match(const struct ike_proposal *ours, const struct ike_proposal *theirs, uint16_t ke_group,
		  struct ike_proposal *chosen)
{
	const struct ike_transform *found;
	unsigned int i;

	if (ours->proto != theirs->proto || !understood(theirs))
		return false;

	*chosen = *theirs;
	chosen->count = 0;
	for (i = 0; i < TYPES; i++) {
		found = common(ours, theirs, types[i], ke_group);
		if (found)
			chosen->transforms[chosen->count++] = *found;
		else if (!may_lack(ours, types[i]) || !may_lack(theirs, types[i]))
			return false;
		else if (has_type(theirs, types[i]))
			chosen->transforms[chosen->count++] = (struct ike_transform){ .type = types[i] };
	}
	return true;
}

static void suite_of(const struct ike_proposal *chosen, struct ike_suite *suite)
{
	const struct ike_transform *at;
	unsigned int i;

	*suite = (struct ike_suite){ .proto = chosen->proto };
	for (i = 0; i < chosen->count; i++) {
		at = &chosen->transforms[i];
		switch (at->type) {
		case IKE_T_ENCR:
			suite->encr = at->id;
			suite->key_bits = at->key_bits;
			break;
		case IKE_T_PRF:
			suite->prf = at->id;
			break;
		case IKE_T_INTEG:
			suite->integ = at->id;
			break;
		case IKE_T_GROUP:
			suite->group = at->id;
			break;
		case IKE_T_ESN:
			suite->esn = at->id == 1;
			break;
		}
	}
}

/* The different transforms of a type in all proposals of a protocol, in words. */
static void type_text(const struct ike_proposals *list, uint8_t proto, uint8_t type, char *text, size_t size)
{
	struct ike_proposal seen = { 0 };
	const struct ike_transform *at;
	unsigned int i, k;
	char word[40];

	text[0] = '\0';
	for (i = 0; i < list->count; i++) {
		for (k = 0; list->list[i].proto == proto && k < list->list[i].count; k++) {
			at = &list->list[i].transforms[k];
			if (at->type != type || holds(&seen, at) || seen.count == IKE_TRANSFORMS_MAX)
				continue;
			seen.transforms[seen.count++] = *at;
			text_add(text, size, "%s%s", *text ? ", " : "", transform_text(at, word, sizeof(word)));
		}
	}
	if (!*text)
		text_add(text, size, "none");
}

/* Could any two proposals agree on this type? */
static bool any_common(const struct ike_proposals *a, const struct ike_proposals *b, uint8_t type)
{
	const struct ike_proposal *x, *y;
	unsigned int i, k;

	for (i = 0; i < a->count; i++) {
		for (k = 0; k < b->count; k++) {
			x = &a->list[i];
			y = &b->list[k];
			if (x->proto == y->proto &&
			    (common(x, y, type, 0) || (may_lack(x, type) && may_lack(y, type))))
				return true;
		}
	}
	return false;
}

/* Says what keeps them apart: the first type in which no proposal of one is like any of the other. */
static int nothing_common(const struct ike_proposals *offered, const struct ike_proposals *configured, struct why *why)
{
	static const char *const names[] = { "encryption", "PRF", "integrity", "group", "ESN" };
	uint8_t proto = configured->count ? configured->list[0].proto : IKE_PROTO_NONE;
	char theirs[128], ours[128];
	unsigned int i;

	for (i = 0; i < TYPES; i++) {
		if (any_common(offered, configured, types[i]))
			continue;
		type_text(offered, proto, types[i], theirs, sizeof(theirs));
		type_text(configured, proto, types[i], ours, sizeof(ours));
		return why_set(why, "no common %s: offered %s; configured %s", names[i], theirs, ours);
	}
	prop_list_text(offered, theirs, sizeof(theirs));
	prop_list_text(configured, ours, sizeof(ours));
	return why_set(why, "no common proposal: offered %s; configured %s", theirs, ours);
}

int prop_choose(const struct ike_proposals *offered, const struct ike_proposals *configured, uint16_t ke_group,
		struct ike_suite *suite, struct ike_proposal *answer, struct why *why)
{
	unsigned int i, k;

	for (i = 0; i < configured->count; i++) {
		for (k = 0; k < offered->count; k++) {
			if (!match(&configured->list[i], &offered->list[k], ke_group, answer))
				continue;
			suite_of(answer, suite);
			return 0;
		}
	}
	return why ? nothing_common(offered, configured, why) : -EINVAL;
}

/* "None", said in so many words where the offer left it unsaid. */
static bool says_none(const struct ike_proposal *offer, const struct ike_transform *transform)
{
	return transform->type >= IKE_T_INTEG && !transform->id && !transform->key_bits &&
	       may_lack(offer, transform->type);
}

/* Does @answer hold exactly one transform of each type that @offer has, and none besides? */
static bool chosen_from(const struct ike_proposal *answer, const struct ike_proposal *offer)
{
	unsigned int i, seen[IKE_T_ESN + 1] = { 0 };
	const struct ike_transform *at;

	if (answer->proto != offer->proto || answer->number != offer->number || !understood(answer))
		return false;
	for (i = 0; i < answer->count; i++) {
		at = &answer->transforms[i];
		if ((!holds(offer, at) && !says_none(offer, at)) || seen[at->type]++)
			return false;
	}
	for (i = 0; i < TYPES; i++)
		if (!seen[types[i]] && !may_lack(offer, types[i]))
			return false;
	return true;
}

int prop_accept(const struct ike_proposals *offered, const struct ike_proposals *answer, struct ike_suite *suite,
		struct why *why)
{
	const struct ike_proposal *chosen = &answer->list[0];
	char theirs[128], ours[160];
	unsigned int i;

	if (answer->count != 1)
		return why_set(why, "the answer has %u proposals instead of one", answer->count);

	for (i = 0; i < offered->count; i++) {
		if (!chosen_from(chosen, &offered->list[i]))
			continue;
		suite_of(chosen, suite);
		return 0;
	}
	prop_text(chosen, theirs, sizeof(theirs));
	prop_list_text(offered, ours, sizeof(ours));
	return why_set(why, "the answer %s (number %u) was not offered: %s", theirs, chosen->number, ours);
}

bool prop_same(const struct ike_proposals *a, const struct ike_proposals *b)
{
	const struct ike_proposal *x = a->list, *y = b->list;
	unsigned int i;

	if (a->count != b->count)
		return false;
	for (; x < a->list + a->count; x++, y++) {
		if (x->proto != y->proto || x->count != y->count)
			return false;
		for (i = 0; i < x->count; i++)
			if (!transform_equal(&x->transforms[i], &y->transforms[i]))
				return false;
	}
	return true;
}

void prop_without_groups(const struct ike_proposals *from, struct ike_proposals *to)
{
	struct ike_proposal *out;
	unsigned int i, k;

	*to = *from;
	for (i = 0; i < to->count; i++) {
		out = &to->list[i];
		out->count = 0;
		for (k = 0; k < from->list[i].count; k++)
			if (from->list[i].transforms[k].type != IKE_T_GROUP)
				out->transforms[out->count++] = from->list[i].transforms[k];
	}
}

bool prop_has_group(const struct ike_proposals *list, uint16_t group)
{
	const struct ike_transform transform = { .type = IKE_T_GROUP, .id = group };
	unsigned int i;

	for (i = 0; i < list->count; i++)
		if (holds(&list->list[i], &transform))
			return true;
	return false;
}

uint16_t prop_first_group(const struct ike_proposals *list)
{
	const struct ike_transform *at;
	unsigned int i, k;

	for (i = 0; i < list->count; i++) {
		for (k = 0; k < list->list[i].count; k++) {
			at = &list->list[i].transforms[k];
			if (at->type == IKE_T_GROUP && at->id != IKE_GROUP_NONE)
				return at->id;
		}
	}
	return IKE_GROUP_NONE;
}
