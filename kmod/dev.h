/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The two anchors that everything hangs on: an interface, and a namespace that has the outer ends of some.
 *
 * Locks, in the order they are taken: rtnl, then vgw_net.lock, then an SA's own lock. The data path takes none of the
 * first two: it reads under RCU.
 */
#ifndef _VGW_DEV_H
#define _VGW_DEV_H

#include <linux/hashtable.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/rbtree.h>
#include <linux/rhashtable.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "prefix.h"
#include "stats.h"

struct vgw_cell;

enum { VGW_NAME_HASH_BITS = 8 };

/**
 * struct vgw_net - what the outer ends of one network namespace share
 * @net: the namespace; lives as long as it
 * @lock: serialises every change to interfaces, tunnels, SAs, prefixes and sockets whose outer end is here
 * @devs: interfaces created here, wherever they are now; rtnl
 * @socks: UDP sockets that the module holds; @lock
 * @natt_port: the UDP port opened last, most often the only one, for the shortcut; 0: none; read without a lock
 * @spis: SPI -> inbound SA; changed under @lock, read under RCU
 * @remotes: the peer's address and SPI -> outbound SAs; changed under @lock, read under RCU
 * @larvals: SPIs that are reserved; belongs to larval.c, as the next two
 * @reserved: how many of them there are
 * @held: packets that wait for their SAs
 * @drops: packets that belong to no interface
 */
struct vgw_net {
	struct net *net;
	struct mutex lock;
	struct list_head devs;
	struct list_head socks;
	__be16 natt_port;
	struct rhashtable spis;
	struct rhltable remotes;
	struct rhashtable larvals;
	u32 reserved;
	atomic_t held;
	struct vgw_drops drops;
};

extern unsigned int vgw_net_id;

static inline struct vgw_net *vgw_net(const struct net *net)
{
	return net_generic(net, vgw_net_id);
}

/**
 * struct vgw_dev - private part of a vgw network device
 * @netdev: the device
 * @outer: namespace of its outer ends, where it was created; it is deleted before that goes
 * @list: in vgw_net.devs
 * @cells: where packets wait to be opened, per CPU
 * @prefixes: inner address -> tunnels; changed under the outer lock, read under RCU
 * @tunnels: by id, in the order of creation; outer lock, RCU
 * @by_name: the same by name; outer lock
 * @mtus: the same by what they can carry; outer lock
 * @multicast: those that carry multicast; changed under the outer lock, read under RCU
 * @tunnel_count: how many there are; outer lock
 * @up_count: tunnels that are up; outer lock
 * @demand_count: tunnels that are down but start on demand; outer lock
 * @carrier_policy: when the carrier is on; outer lock
 * @mss_clamp: as in VGW_A_IFACE_MSS_CLAMP; read without a lock
 * @fwmark: mark of outer packets of tunnels that have none of their own; read without a lock
 * @linkdown_eased: IPv6 routes count although the device is dormant; outer lock
 * @mtu_auto: the module chooses the MTU; rtnl
 * @setting_mtu: it is doing so right now; rtnl
 * @drops: packets that reached no tunnel
 */
struct vgw_dev {
	struct net_device *netdev;
	struct vgw_net *outer;
	struct list_head list;
	struct vgw_cell __percpu *cells;
	struct vgw_prefixes prefixes;
	struct xarray tunnels;
	DECLARE_HASHTABLE(by_name, VGW_NAME_HASH_BITS);
	struct rb_root_cached mtus;
	struct hlist_head multicast;
	u32 tunnel_count;
	u32 up_count;
	u32 demand_count;
	enum vgw_carrier_policy carrier_policy;
	u32 mss_clamp;
	u32 fwmark;
	bool linkdown_eased;
	bool mtu_auto;
	bool setting_mtu;
	struct vgw_drops drops;
};

#endif /* _VGW_DEV_H */
