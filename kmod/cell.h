/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where packets wait to be opened: a queue for every interface and CPU.
 *
 * They come one by one, or joined by the kernel, from wherever the network card's own poll has put them. When that
 * ends, they are taken from here together: what belongs to one SA is opened in one go, and delivered from a poll
 * (NAPI) of the interface's own, with all the stack still ahead of it.
 */
#ifndef _VGW_CELL_H
#define _VGW_CELL_H

struct sk_buff;
struct vgw_dev;
struct vgw_sa;

int vgw_cells_init(struct vgw_dev *dev);
void vgw_cells_exit(struct vgw_dev *dev);
void vgw_cell_take(struct sk_buff *skb, struct vgw_sa *sa);

#endif /* _VGW_CELL_H */
