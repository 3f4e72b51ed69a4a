/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Takes ESP in UDP before the stack looks for a socket, packets of many datagrams whole.
 */
#ifndef _VGW_SHORTCUT_H
#define _VGW_SHORTCUT_H

struct vgw_net;

int vgw_shortcut_start(struct vgw_net *vn);
void vgw_shortcut_stop(struct vgw_net *vn);

#endif /* _VGW_SHORTCUT_H */
