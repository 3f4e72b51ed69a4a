/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VGW_COMPAT_LINUX_RANDOM_H
#define _VGW_COMPAT_LINUX_RANDOM_H

#include_next <linux/random.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 18, 0)
struct notifier_block;

/* These kernels are not told that their machine was cloned, and so cannot tell. */
static inline int register_random_vmfork_notifier(struct notifier_block *notifier)
{
	return 0;
}

static inline int unregister_random_vmfork_notifier(struct notifier_block *notifier)
{
	return 0;
}
#endif

#endif /* _VGW_COMPAT_LINUX_RANDOM_H */
