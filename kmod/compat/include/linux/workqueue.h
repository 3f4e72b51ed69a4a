/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VGW_COMPAT_LINUX_WORKQUEUE_H
#define _VGW_COMPAT_LINUX_WORKQUEUE_H

#include_next <linux/workqueue.h>
#include <linux/version.h>

/* Until 6.18 a queue was that unless it was WQ_UNBOUND; now one that says neither is complained about. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 18, 0)
#define WQ_PERCPU 0
#endif

#endif /* _VGW_COMPAT_LINUX_WORKQUEUE_H */
