/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The generic netlink family; its handlers are declared in nl_gen.h.
 */
#ifndef _VGW_NL_SET_H
#define _VGW_NL_SET_H

int vgw_nl_init(void);
void vgw_nl_exit(void);

#endif /* _VGW_NL_SET_H */
