/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_TIMER_H
#define IKE_TIMER_H

#include <stdint.h>

/*
 * Which of very many things is due first? A pairing heap: the links are in the timers themselves, so setting one needs
 * no memory, and costs the same however many there are.
 */
struct timer {
	uint64_t due;
	struct timer *child;		/* the first of those that are due no sooner */
	struct timer *next;		/* beside this one */
	struct timer **at;		/* what points to this one; NULL: it is not set */
};

struct timers {
	struct timer *first;		/* the one that is due first; NULL: none is set */
};

void timer_set(struct timers *timers, struct timer *timer, uint64_t due);
void timer_stop(struct timers *timers, struct timer *timer);	/* one that is not set is fine */

#endif /* IKE_TIMER_H */
