// SPDX-License-Identifier: GPL-2.0
#include "ike/timer.h"

#include <stddef.h>

/* Two heaps become one: that with the later root hangs below the other. */
static struct timer *meld(struct timer *a, struct timer *b)
{
	struct timer *later;

	if (!a || !b)
		return a ? a : b;
	later = b->due < a->due ? a : b;
	a = later == a ? b : a;
	later->next = a->child;
	if (later->next)
		later->next->at = &later->next;
	later->at = &a->child;
	a->child = later;
	return a;
}

/* What hung below a root becomes a heap again: in pairs first, which is what keeps it flat. */
static struct timer *gather(struct timer *first)
{
	struct timer *pairs = NULL, *root = NULL, *a, *b;

	while (first) {
		a = first;
		b = a->next;
		first = b ? b->next : NULL;
		a->next = NULL;
		if (b)
			b->next = NULL;
		a = meld(a, b);
		a->next = pairs;
		pairs = a;
	}
	while (pairs) {
		a = pairs;
		pairs = a->next;
		a->next = NULL;
		root = meld(root, a);
	}
	return root;
}

static void put(struct timers *timers, struct timer *heap)
{
	timers->first = meld(timers->first, heap);
	if (timers->first)
		timers->first->at = &timers->first;
}

void timer_stop(struct timers *timers, struct timer *timer)
{
	if (!timer->at)
		return;
	*timer->at = timer->next;
	if (timer->next)
		timer->next->at = timer->at;
	put(timers, gather(timer->child));
	timer->child = timer->next = NULL;
	timer->at = NULL;
}

void timer_set(struct timers *timers, struct timer *timer, uint64_t due)
{
	timer_stop(timers, timer);
	timer->due = due;
	put(timers, timer);
}
