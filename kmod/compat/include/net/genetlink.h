/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VGW_COMPAT_NET_GENETLINK_H
#define _VGW_COMPAT_NET_GENETLINK_H

#include_next <net/genetlink.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
/* Of another type, which has the attributes too. */
#define genl_info_dump(cb)	genl_dumpit_info(cb)
#endif

#endif /* _VGW_COMPAT_NET_GENETLINK_H */
