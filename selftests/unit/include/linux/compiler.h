/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _UNIT_LINUX_COMPILER_H
#define _UNIT_LINUX_COMPILER_H

#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)

/* What the kernel only warns of ends a test. */
#define WARN_ON_ONCE(x)	((x) ? abort(), 1 : 0)

#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))

#endif /* _UNIT_LINUX_COMPILER_H */
