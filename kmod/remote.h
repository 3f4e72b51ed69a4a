/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The peer's outer address and SPI -> outbound SA, one table an outer namespace.
 */
#ifndef _VGW_REMOTE_H
#define _VGW_REMOTE_H

#include <linux/types.h>

struct vgw_addr;
struct vgw_net;
struct vgw_sa;

/* Is it this one, of those that have the same peer and SPI? */
typedef bool vgw_remote_fits_t(const struct vgw_sa *sa, const void *what);

int vgw_remote_net_init(struct vgw_net *vn);
void vgw_remote_net_exit(struct vgw_net *vn);
void vgw_remote_set(struct vgw_net *vn, struct vgw_sa *sa, const struct vgw_addr *remote);
void vgw_remote_del(struct vgw_net *vn, struct vgw_sa *sa);
struct vgw_sa *vgw_remote_find_rcu(struct vgw_net *vn, const struct vgw_addr *remote, __be32 spi,
				   vgw_remote_fits_t *fits, const void *what);

#endif /* _VGW_REMOTE_H */
