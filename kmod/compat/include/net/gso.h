/* SPDX-License-Identifier: GPL-2.0 */
#include <linux/version.h>

/* Before 6.5 it was a part of another header. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
#include <linux/netdevice.h>
#else
#include_next <net/gso.h>
#endif
