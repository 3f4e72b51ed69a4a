/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SPI -> inbound SA, one table an outer namespace; and the SPIs that userspace has reserved for SAs to come.
 */
#ifndef _VGW_SPI_H
#define _VGW_SPI_H

#include <linux/types.h>

struct net;
struct vgw_net;
struct vgw_sa;

/**
 * struct vgw_holder - the netlink socket that reserved an SPI
 * @net: the namespace of the socket
 * @port: its address there
 */
struct vgw_holder {
	const struct net *net;
	u32 port;
};

int vgw_spi_init(void);
void vgw_spi_exit(void);
int vgw_spi_net_init(struct vgw_net *vn);
void vgw_spi_net_exit(struct vgw_net *vn);
int vgw_spi_add(struct vgw_net *vn, struct vgw_sa *sa);
void vgw_spi_del(struct vgw_net *vn, struct vgw_sa *sa);
struct vgw_sa *vgw_spi_lookup(struct vgw_net *vn, __be32 spi);
int vgw_spi_reserve(struct vgw_net *vn, __be32 spi, const struct vgw_holder *holder);
bool vgw_spi_may_use(struct vgw_net *vn, __be32 spi, const struct vgw_holder *holder);
void vgw_spi_release(struct vgw_net *vn, __be32 spi);

#endif /* _VGW_SPI_H */
