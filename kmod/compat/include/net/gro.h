/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VGW_COMPAT_NET_GRO_H
#define _VGW_COMPAT_NET_GRO_H

#include <linux/version.h>

/* Until 5.17 it was a part of linux/netdevice.h. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 17, 0)
#include_next <net/gro.h>
#else
#include <linux/netdevice.h>
#endif

#endif /* _VGW_COMPAT_NET_GRO_H */
