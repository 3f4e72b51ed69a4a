/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _UNIT_LINUX_MINMAX_H
#define _UNIT_LINUX_MINMAX_H

/* As strict about types as the oldest kernels: both have to be the same. */
#define __unit_pick(a, b, op) ({							\
	__typeof__(a) __a = (a);							\
	__typeof__(b) __b = (b);							\
	_Static_assert(__builtin_types_compatible_p(__typeof__(a), __typeof__(b)),	\
		       "different types");						\
	__a op __b ? __a : __b;								\
})

#define min(a, b)	__unit_pick(a, b, <)
#define max(a, b)	__unit_pick(a, b, >)
#define min_t(type, a, b)	min((type)(a), (type)(b))

#endif /* _UNIT_LINUX_MINMAX_H */
