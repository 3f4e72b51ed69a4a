/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _UNIT_LINUX_LOG2_H
#define _UNIT_LINUX_LOG2_H

#include <linux/bitops.h>

/* Of 0 the result is undefined, as in the kernel. */
static inline unsigned long roundup_pow_of_two(unsigned long n)
{
	return 1UL << fls64(n - 1);
}

#endif /* _UNIT_LINUX_LOG2_H */
