/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters: traffic per CPU, drops as plain atomics (they are rare).
 */
#ifndef _VGW_STATS_H
#define _VGW_STATS_H

#include <linux/atomic.h>
#include <linux/netdevice.h>
#include <linux/vgw.h>

/* There is no cause to drop it. */
#define VGW_DROP_NOT	((enum vgw_drop)0)

/* One counter for every cause (enum vgw_drop). */
struct vgw_drops {
	atomic_long_t count[VGW_DROP_MAX + 1];
};

static inline void vgw_drop_count(struct vgw_drops *drops, enum vgw_drop cause)
{
	atomic_long_inc(&drops->count[cause]);
}

static inline void vgw_drop_count_many(struct vgw_drops *drops, enum vgw_drop cause, unsigned int packets)
{
	atomic_long_add(packets, &drops->count[cause]);
}

/* Any context. */
static inline void vgw_stats_rx(struct pcpu_sw_netstats __percpu *stats, unsigned int packets, unsigned int bytes)
{
	struct pcpu_sw_netstats *mine = get_cpu_ptr(stats);

	u64_stats_update_begin(&mine->syncp);
	u64_stats_add(&mine->rx_packets, packets);
	u64_stats_add(&mine->rx_bytes, bytes);
	u64_stats_update_end(&mine->syncp);
	put_cpu_ptr(stats);
}

static inline void vgw_stats_tx(struct pcpu_sw_netstats __percpu *stats, unsigned int packets, unsigned int bytes)
{
	struct pcpu_sw_netstats *mine = get_cpu_ptr(stats);

	u64_stats_update_begin(&mine->syncp);
	u64_stats_add(&mine->tx_packets, packets);
	u64_stats_add(&mine->tx_bytes, bytes);
	u64_stats_update_end(&mine->syncp);
	put_cpu_ptr(stats);
}

#endif /* _VGW_STATS_H */
