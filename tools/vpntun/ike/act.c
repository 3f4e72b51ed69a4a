// SPDX-License-Identifier: GPL-2.0
#include "ike/act.h"

#include <stdlib.h>

#include "util/wipe.h"

void acts_init(struct ike_acts *acts)
{
	acts->first = NULL;
	acts->last = &acts->first;
	acts->failed = false;
}

struct ike_act *acts_add(struct ike_acts *acts, enum ike_act_kind kind)
{
	struct ike_act *act = calloc(1, sizeof(*act));

	if (!act) {
		acts->failed = true;
		return NULL;
	}
	act->kind = kind;
	*acts->last = act;
	acts->last = &act->next;
	return act;
}

struct ike_act *acts_take(struct ike_acts *acts)
{
	struct ike_act *act = acts->first;

	if (!act)
		return NULL;
	acts->first = act->next;
	if (!acts->first)
		acts->last = &acts->first;
	act->next = NULL;
	return act;
}

void act_free(struct ike_act *act)
{
	if (!act)
		return;
	wipe(act);
	free(act);
}
