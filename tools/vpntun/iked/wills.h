/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_WILLS_H
#define IKED_WILLS_H

#include <stddef.h>

#include "ike/act.h"

/* The wills of a tunnel's IKE SAs (IKE_ACT_WILL), the newest first, on the heap. */
struct will {
	struct will *next;
	struct ike_act_will act;
};

enum { WILLS_MAX = 4 };		/* the oldest goes beyond those */

/* Keeps it in place of the one before it; with len 0 there is none any more. Without memory it is not kept. */
void wills_take(struct will **first, const struct ike_act_will *act);
void wills_free(struct will **first);

#endif /* IKED_WILLS_H */
