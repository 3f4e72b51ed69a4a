/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Allocation that a test can let fail, and counts.
 */
#ifndef _UNIT_LINUX_SLAB_H
#define _UNIT_LINUX_SLAB_H

#include <linux/overflow.h>
#include <linux/types.h>

#include <stdlib.h>

#define GFP_KERNEL	((gfp_t)1)
#define GFP_ATOMIC	((gfp_t)2)
#define __GFP_ZERO	((gfp_t)4)
#define __GFP_NOFAIL	((gfp_t)8)
#define __GFP_NOWARN	((gfp_t)16)

/* How many objects are allocated; how many more may be until each fails, below 0: all. */
__attribute__((weak)) long unit_slab_objects;
__attribute__((weak)) long unit_slab_left = -1;

/* What is not zeroed is garbage. */
static inline void *kmalloc(size_t size, gfp_t gfp)
{
	unsigned char *p;
	size_t i;

	if (!(gfp & __GFP_NOFAIL) && unit_slab_left >= 0) {
		if (!unit_slab_left)
			return NULL;
		unit_slab_left--;
	}
	p = malloc(size);
	if (!p)
		abort();
	for (i = 0; i < size; i++)
		p[i] = gfp & __GFP_ZERO ? 0 : 0xa5;
	unit_slab_objects++;
	return p;
}

static inline void *kzalloc(size_t size, gfp_t gfp)
{
	return kmalloc(size, gfp | __GFP_ZERO);
}

static inline void kfree(const void *p)
{
	if (p)
		unit_slab_objects--;
	free((void *)p);
}

#endif /* _UNIT_LINUX_SLAB_H */
