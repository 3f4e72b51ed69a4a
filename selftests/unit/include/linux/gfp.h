/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _UNIT_LINUX_GFP_H
#define _UNIT_LINUX_GFP_H

#include <linux/slab.h>

enum { PAGE_SIZE = 4096 };

#define __GFP_COMP		((gfp_t)32)
#define __GFP_NORETRY		((gfp_t)64)
#define __GFP_NOMEMALLOC	((gfp_t)128)

static inline unsigned int get_order(unsigned long size)
{
	unsigned int order = 0;

	while ((unsigned long)PAGE_SIZE << order < size)
		order++;
	return order;
}

#endif /* _UNIT_LINUX_GFP_H */
