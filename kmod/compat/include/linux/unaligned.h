/* SPDX-License-Identifier: GPL-2.0 */
#include <linux/version.h>

/* Before 6.12 it was elsewhere. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
#include <asm/unaligned.h>
#else
#include_next <linux/unaligned.h>
#endif
