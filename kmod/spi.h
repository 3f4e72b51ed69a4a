/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SPI -> inbound SA, one table an outer namespace.
 */
#ifndef _VGW_SPI_H
#define _VGW_SPI_H

#include <linux/types.h>

struct vgw_net;
struct vgw_sa;

int vgw_spi_net_init(struct vgw_net *vn);
void vgw_spi_net_exit(struct vgw_net *vn);
int vgw_spi_add(struct vgw_net *vn, struct vgw_sa *sa);
void vgw_spi_del(struct vgw_net *vn, struct vgw_sa *sa);
bool vgw_spi_taken(struct vgw_net *vn, __be32 spi);
struct vgw_sa *vgw_spi_lookup_rcu(struct vgw_net *vn, __be32 spi);

#endif /* _VGW_SPI_H */
