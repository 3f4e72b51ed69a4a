/* SPDX-License-Identifier: GPL-2.0 */
/* Before 6.12 it was asm/unaligned.h. */
#if __has_include_next(<linux/unaligned.h>)
#include_next <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif
