/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VGW_COMPAT_NET_IP_H
#define _VGW_COMPAT_NET_IP_H

#include_next <net/ip.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
/* Modules may not call them by name: this calls the one that the packet's route names. */
#define ip_output	dst_output
#define ip6_output	dst_output
#endif

#endif /* _VGW_COMPAT_NET_IP_H */
