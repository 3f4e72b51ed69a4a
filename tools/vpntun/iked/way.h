/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_WAY_H
#define IKED_WAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nl/knl.h"
#include "nl/link.h"
#include "nl/route.h"
#include "util/addr.h"
#include "util/why.h"

/*
 * The way outside: for each Remote a route in a table of its own, copied from the best one that does not lead into a
 * vgw interface, and rules that send marked packets to that table first. See iked/site.h.
 */
struct way {
	struct ip_addr remote;
	uint32_t link;			/* the uplink that was asked for, 0: any */
	unsigned int users;
	bool there;			/* in the kernel's table */
	bool found;			/* @dst, @metric, @lead are of the best route */
	struct ip_prefix dst;
	uint32_t metric;
	uint32_t device;		/* that the best route leads to, 0: several */
	struct nlmsghdr *lead;		/* the best route, on the heap */
	struct nlmsghdr *copied;	/* what is in the table was made of it */
};

struct way_mark {
	uint32_t mark;
	unsigned int users;
};

enum { WAY_MARKS_MAX = 64 };

struct ways {
	struct way *list;		/* on the heap */
	size_t count;
	struct way_mark marks[WAY_MARKS_MAX];
	size_t n_marks;
	unsigned int mended;		/* routes and rules that ways_follow() has put back; the reader resets it */
};

/* These return 0 or a negative errno, and then @why. Each hold and mark has its release and unmark. */
int ways_hold(struct ways *ways, struct knl *rt, const struct ip_addr *remote, uint32_t link, struct why *why);
void ways_release(struct ways *ways, struct knl *rt, const struct ip_addr *remote, uint32_t link);
/* The way held for @held (len 0: none) is from now on the one to @remote; on failure all is as before. */
int ways_move(struct ways *ways, struct knl *rt, struct ip_addr *held, uint32_t link, const struct ip_addr *remote,
	      struct why *why);
int ways_mark(struct ways *ways, struct knl *rt, uint32_t mark, struct why *why);
void ways_unmark(struct ways *ways, struct knl *rt, uint32_t mark);

/* Has the routes and rules follow the host's. */
int ways_follow(struct ways *ways, struct knl *rt, struct why *why);

const struct way *ways_find(const struct ways *ways, const struct ip_addr *remote, uint32_t link);
void ways_free(struct ways *ways);	/* the kernel keeps its part */

/* Does @route lead to the way's remote, outside, and better than what was found? @links knows the vgw devices. */
bool way_better(const struct way *way, const struct route *route, const struct links *links);

#endif /* IKED_WAY_H */
