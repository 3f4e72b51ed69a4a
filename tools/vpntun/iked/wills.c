// SPDX-License-Identifier: GPL-2.0
#include "iked/wills.h"

#include <stdlib.h>

static struct will **find(struct will **at, uint64_t spi)
{
	while (*at && (*at)->act.spi != spi)
		at = &(*at)->next;
	return at;
}

static void drop(struct will **at)
{
	struct will *will = *at;

	*at = will->next;
	free(will);
}

void wills_take(struct will **first, const struct ike_act_will *act)
{
	struct will **at = find(first, act->spi), *will;
	unsigned int count = 0;

	if (*at && act->len) {
		(*at)->act = *act;
		return;
	}
	if (*at)
		drop(at);
	if (!act->len)
		return;
	will = malloc(sizeof(*will));
	if (!will)
		return;
	will->act = *act;
	will->next = *first;
	*first = will;
	for (at = first; *at; at = &(*at)->next)
		if (++count > WILLS_MAX)
			break;
	if (*at)
		drop(at);
}

void wills_free(struct will **first)
{
	while (*first)
		drop(first);
}
