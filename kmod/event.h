/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Notifications to userspace, into the outer namespace and the one the device is in. Knows no handler of requests.
 */
#ifndef _VGW_EVENT_H
#define _VGW_EVENT_H

#include <linux/vgw.h>

struct genl_family;
struct vgw_sa;
struct vgw_tunnel;

void vgw_event_bind(const struct genl_family *family);
void vgw_event_tunnel(const struct vgw_tunnel *tunnel, enum vgw_state state, enum vgw_reason reason);
void vgw_event_sa_expire(const struct vgw_sa *sa, enum vgw_expiry expiry);

#endif /* _VGW_EVENT_H */
