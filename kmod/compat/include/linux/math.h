/* SPDX-License-Identifier: GPL-2.0 */
/* Before 5.11 it was a part of linux/kernel.h. */
#if __has_include_next(<linux/math.h>)
#include_next <linux/math.h>
#else
#include <linux/kernel.h>
#endif
