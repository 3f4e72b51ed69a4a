/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What happens to the whole machine: it is cloned, restored or put to sleep on disk.
 */
#ifndef _VGW_MACHINE_H
#define _VGW_MACHINE_H

int vgw_machine_init(void);
void vgw_machine_exit(void);

#endif /* _VGW_MACHINE_H */
