// SPDX-License-Identifier: GPL-2.0
#include "pages.h"

#include <linux/cache.h>
#include <linux/gfp.h>
#include <linux/kconfig.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/percpu.h>

enum {
	PAGE_BYTES = 32768,	/* so many at once; two make the largest packet of segmentation offload */
	PAGES_MAX = 16,		/* of one kind, of a CPU */
};

/**
 * struct ring - pages of one kind, of one CPU
 * @pages: each with a reference
 * @count: how many there are: more are taken only while those that are there have packets in them
 * @at: the one that has room
 * @used: bytes of it
 */
struct ring {
	struct page *pages[PAGES_MAX];
	unsigned int count;
	unsigned int at;
	unsigned int used;
};

static DEFINE_PER_CPU(struct ring, rings[VGW_PAGES_KINDS]);

static struct page *alloc_page_large(void)
{
	/* Reserves are for those who free memory; who gets no page copies as of old. */
	return alloc_pages(GFP_ATOMIC | __GFP_COMP | __GFP_NOWARN | __GFP_NORETRY | __GFP_NOMEMALLOC,
			   get_order(PAGE_BYTES));
}

/* Nobody but the ring has it any more. */
static bool is_free(struct page *page)
{
	return page_ref_count(page) == 1;
}

/* Make the next page that of which room is taken. */
static bool turn(struct ring *ring)
{
	unsigned int next = ring->at + 1 < ring->count ? ring->at + 1 : 0;
	struct page *fresh;

	if (!ring->count || !is_free(ring->pages[next])) {
		fresh = alloc_page_large();
		if (!fresh)
			return false;
		if (ring->count < PAGES_MAX) {
			next = ring->count++;
		} else {
			/* Its packets keep it; the last of them frees it. */
			put_page(ring->pages[next]);
		}
		ring->pages[next] = fresh;
	}
	ring->at = next;
	ring->used = 0;
	return true;
}

/**
 * vgw_pages_find() - find memory for a packet
 * @kind: what becomes of it
 * @len: bytes, at least
 * @room: result
 *
 * Bottom halves are off, and stay so until vgw_pages_use(); without that the next call finds the same. Where the bytes
 * must not lie across two of the processor's pages, all of @room does not. Returns false when there is no such memory.
 * On PREEMPT_RT there never is: later kernels let another task run between, whose bottom halves are off, too.
 */
bool vgw_pages_find(enum vgw_pages kind, unsigned int len, struct vgw_room *room)
{
	bool undivided = kind == VGW_PAGES_OUT && len <= PAGE_SIZE;
	struct ring *ring = this_cpu_ptr(&rings[kind]);
	unsigned int end = PAGE_BYTES;

	if (IS_ENABLED(CONFIG_PREEMPT_RT) || unlikely(len > PAGE_BYTES))
		return false;
	if (undivided && offset_in_page(ring->used) + len > PAGE_SIZE)
		ring->used = ALIGN(ring->used, PAGE_SIZE);
	if ((!ring->count || ring->used + len > PAGE_BYTES) && !turn(ring))
		return false;
	if (undivided)
		end = min_t(unsigned int, end, ALIGN(ring->used + 1, PAGE_SIZE));
	room->page = ring->pages[ring->at];
	room->data = page_address(room->page) + ring->used;
	room->len = end - ring->used;
	return true;
}

/**
 * vgw_pages_use() - keep the first bytes of what was found
 * @kind: the same
 * @room: as it was found
 * @len: bytes, no more than there are; the caller has taken a reference to the page for who uses them
 */
void vgw_pages_use(enum vgw_pages kind, const struct vgw_room *room, unsigned int len)
{
	struct ring *ring = this_cpu_ptr(&rings[kind]);

	ring->used = ALIGN(room->data + len - (u8 *)page_address(room->page), SMP_CACHE_BYTES);
}

/* Nobody asks any more. May sleep. */
void vgw_pages_exit(void)
{
	struct ring *ring;
	int cpu, kind;

	for_each_possible_cpu(cpu) {
		for (kind = 0; kind < VGW_PAGES_KINDS; kind++) {
			ring = per_cpu_ptr(&rings[kind], cpu);
			while (ring->count)
				put_page(ring->pages[--ring->count]);
		}
	}
}
