/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VGW_COMPAT_LINUX_SKBUFF_H
#define _VGW_COMPAT_LINUX_SKBUFF_H

#include_next <linux/skbuff.h>
#include <linux/netdev_features.h>
#include <linux/version.h>

#ifndef NETIF_F_GSO_ACCECN
/* No packet is of this type. */
#define SKB_GSO_TCP_ACCECN	0
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 12, 0)
/* It kept no cache of its own. */
#define napi_build_skb	build_skb
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 18, 0)
/* Whose clock it is was not told: the device knew. */
#define skb_set_delivery_time(skb, time, type)	((void)((skb)->tstamp = (time)))
#elif LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
/* One bit, whether it is the monotonic clock. */
#define tstamp_type	mono_delivery_time
#endif

#endif /* _VGW_COMPAT_LINUX_SKBUFF_H */
