/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VGW_COMPAT_LINUX_NET_H
#define _VGW_COMPAT_LINUX_NET_H

#include_next <linux/net.h>

/* An address of any size had the type of a small one once. */
#define kernel_bind(to_bind, address, len)						\
	kernel_bind(to_bind, _Generic(&(kernel_bind),					\
		int (*)(struct socket *, struct sockaddr *, int): (struct sockaddr *)(address), \
		default: (address)), len)

#endif /* _VGW_COMPAT_LINUX_NET_H */
