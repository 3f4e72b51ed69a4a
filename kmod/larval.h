/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Larval SAs: SPIs that userspace has reserved for SAs to come, and the packets that were there before those.
 *
 * DOC: The responder of an exchange may send as soon as it has answered, while the initiator has yet to verify the
 * answer and may not make the SA before. What comes meanwhile by the SPI that the initiator had reserved is held, and
 * goes on in its order when the SA is made. Nothing of it is looked at before.
 */
#ifndef _VGW_LARVAL_H
#define _VGW_LARVAL_H

#include <linux/types.h>
#include <linux/vgw.h>

struct net;
struct sk_buff;
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

/* Takes a packet that was held, and a reference to its SA; softirqs are off. */
typedef void (*vgw_larval_taker)(struct sk_buff *skb, struct vgw_sa *sa, enum vgw_encap encap);

int vgw_larval_init(vgw_larval_taker taker);
void vgw_larval_exit(void);
int vgw_larval_net_init(struct vgw_net *vn);
void vgw_larval_net_exit(struct vgw_net *vn);
int vgw_larval_add(struct vgw_net *vn, __be32 spi, const struct vgw_holder *holder);
bool vgw_larval_allows(struct vgw_net *vn, __be32 spi, const struct vgw_holder *holder);
void vgw_larval_del(struct vgw_net *vn, __be32 spi);
int vgw_larval_grow(struct vgw_net *vn, struct vgw_sa *sa);
bool vgw_larval_hold(struct vgw_net *vn, __be32 spi, struct sk_buff *skb, enum vgw_encap encap);

#endif /* _VGW_LARVAL_H */
