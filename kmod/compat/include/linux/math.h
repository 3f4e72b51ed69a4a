/* SPDX-License-Identifier: GPL-2.0 */
#include <linux/version.h>

/* Before 5.11 it was a part of another header. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
#include <linux/kernel.h>
#else
#include_next <linux/math.h>
#endif
