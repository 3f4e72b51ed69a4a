/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VGW_COMPAT_LINUX_NETDEVICE_H
#define _VGW_COMPAT_LINUX_NETDEVICE_H

#include_next <linux/netdevice.h>
#include <linux/version.h>

/* Have a device's ndo_start_xmit called without a lock. Until 6.12 that was a feature, since then it is a bit. */
static inline void netdev_set_lltx(struct net_device *netdev)
{
#ifdef NETIF_F_LLTX
	netdev->features |= NETIF_F_LLTX;
#else
	netdev->lltx = true;
#endif
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#define netif_napi_add(netdev, napi, poll)	netif_napi_add(netdev, napi, poll, NAPI_POLL_WEIGHT)
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 0, 0)
/* Counters were plain numbers. */
#define u64_stats_add(counter, value)	((void)(*(counter) += (value)))

/* References were not told apart. */
typedef struct { } netdevice_tracker;

static inline void netdev_hold(struct net_device *netdev, netdevice_tracker *tracker, gfp_t gfp)
{
	dev_hold(netdev);
}

static inline void netdev_put(struct net_device *netdev, netdevice_tracker *tracker)
{
	dev_put(netdev);
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 12, 0)
/* UDP was joined only for sockets that ask for it. */
#define NETIF_F_GRO_UDP_FWD	0

static inline void dev_sw_netstats_tx_add(struct net_device *netdev, unsigned int packets, unsigned int bytes)
{
	struct pcpu_sw_netstats *stats = this_cpu_ptr(netdev->tstats);

	u64_stats_update_begin(&stats->syncp);
	stats->tx_packets += packets;
	stats->tx_bytes += bytes;
	u64_stats_update_end(&stats->syncp);
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
static inline void dev_get_tstats64(struct net_device *netdev, struct rtnl_link_stats64 *stats)
{
	netdev_stats_to_stats64(stats, &netdev->stats);
	dev_fetch_sw_netstats(stats, netdev->tstats);
}
#endif

#endif /* _VGW_COMPAT_LINUX_NETDEVICE_H */
