/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory that packets are built in: large pages that each CPU uses again and again.
 *
 * Fresh memory is cleared by the kernel (init_on_alloc), which costs a twelfth of what a TCP segment of a tunnel does;
 * a page that all its packets have left needs none of that.
 */
#ifndef _VGW_PAGES_H
#define _VGW_PAGES_H

#include <linux/types.h>

struct page;

/*
 * Packets that leave give their pages back soon, those that sockets read do not: they are kept apart. What leaves and
 * fits into one of the pages that the crypto API goes through memory by does not lie across two of them, as every third
 * packet of 1436 bytes would by chance; to seal and open such a one costs 700 instructions more.
 */
enum vgw_pages {
	VGW_PAGES_OUT,
	VGW_PAGES_IN,
	VGW_PAGES_KINDS,
};

/**
 * struct vgw_room - free bytes of a page
 * @page: has no reference for the caller yet
 * @data: the first of them, at the start of a cache line
 * @len: how many
 */
struct vgw_room {
	struct page *page;
	u8 *data;
	unsigned int len;
};

bool vgw_pages_find(enum vgw_pages kind, unsigned int len, struct vgw_room *room);
void vgw_pages_use(enum vgw_pages kind, const struct vgw_room *room, unsigned int len);
void vgw_pages_exit(void);

#endif /* _VGW_PAGES_H */
