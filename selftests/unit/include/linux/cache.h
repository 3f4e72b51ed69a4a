/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _UNIT_LINUX_CACHE_H
#define _UNIT_LINUX_CACHE_H

enum { SMP_CACHE_BYTES = 64 };

#define ALIGN(x, a)	(((x) + (a) - 1) / (a) * (a))

#endif /* _UNIT_LINUX_CACHE_H */
