/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pages that count who has them. They come from the heap.
 */
#ifndef _UNIT_LINUX_MM_H
#define _UNIT_LINUX_MM_H

#include <linux/compiler.h>
#include <linux/gfp.h>
#include <linux/minmax.h>
#include <linux/slab.h>

struct page {
	int references;
	u8 *data;
};

#define offset_in_page(number)	((unsigned long)(number) % PAGE_SIZE)

static inline struct page *alloc_pages(gfp_t gfp, unsigned int order)
{
	struct page *page = kmalloc(sizeof(*page), gfp);

	if (!page)
		return NULL;
	page->references = 1;
	page->data = kmalloc(PAGE_SIZE << order, gfp | __GFP_NOFAIL);
	return page;
}

static inline void *page_address(const struct page *page)
{
	return page->data;
}

static inline int page_ref_count(const struct page *page)
{
	return page->references;
}

static inline void get_page(struct page *page)
{
	page->references++;
}

static inline void put_page(struct page *page)
{
	if (--page->references)
		return;
	kfree(page->data);
	kfree(page);
}

#endif /* _UNIT_LINUX_MM_H */
