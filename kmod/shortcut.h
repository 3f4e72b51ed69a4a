/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Takes UDP packets of many ESP datagrams whole, before the stack would cut them for the socket.
 */
#ifndef _VGW_SHORTCUT_H
#define _VGW_SHORTCUT_H

struct vgw_net;

int vgw_shortcut_start(struct vgw_net *vn);
void vgw_shortcut_stop(struct vgw_net *vn);

#endif /* _VGW_SHORTCUT_H */
