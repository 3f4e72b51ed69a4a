/* SPDX-License-Identifier: GPL-2.0 */
/* Before 6.5 it was a part of linux/netdevice.h and linux/skbuff.h. */
#if __has_include_next(<net/gso.h>)
#include_next <net/gso.h>
#else
#include <linux/netdevice.h>
#endif
