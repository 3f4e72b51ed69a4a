/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Notifications to userspace, into the outer namespace and the one the device is in. Knows no handler of requests.
 */
#ifndef _VGW_EVENT_H
#define _VGW_EVENT_H

#include <linux/types.h>
#include <linux/vgw.h>

#include "addr.h"

struct genl_family;
struct sk_buff;
struct vgw_dev;
struct vgw_sa;

/**
 * struct vgw_event - the tunnel that something happened to
 * @dev: its interface
 * @name: of the tunnel
 * @id: of the tunnel
 * @state: of now
 * @reason: why it is down
 * @encap: how its packets travel
 * @dport: the peer's UDP port
 * @remote: the peer's outer address
 */
struct vgw_event {
	const struct vgw_dev *dev;
	const char *name;
	u32 id;
	u8 state;
	u8 reason;
	u8 encap;
	__be16 dport;
	const struct vgw_addr *remote;
};

int vgw_event_put_dev(struct sk_buff *msg, const struct vgw_dev *dev);
void vgw_event_bind(const struct genl_family *family);
void vgw_event_tunnel(const struct vgw_event *event);
void vgw_event_acquire(const struct vgw_event *event);
void vgw_event_auth_fail(const struct vgw_event *event, __be32 spi);
void vgw_event_sa_expire(const struct vgw_event *event, const struct vgw_sa *sa, enum vgw_expiry expiry);

#endif /* _VGW_EVENT_H */
