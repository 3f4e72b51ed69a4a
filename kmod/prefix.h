/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Prefix table of an interface: inner address -> the tunnels of a group that lead there. Knows no packets, and of a
 * tunnel only its address: also built in userspace by the unit tests.
 */
#ifndef _VGW_PREFIX_H
#define _VGW_PREFIX_H

#include <linux/rcupdate.h>
#include <linux/types.h>

#include "addr.h"

struct vgw_tunnel;
struct prefix_node;

/* One trie a family. Readers are in an RCU read section, writers hold the outer lock. */
struct vgw_prefixes {
	struct prefix_node __rcu *root4;
	struct prefix_node __rcu *root6;
};

/**
 * struct vgw_member - one tunnel of a prefix
 * @tunnel: valid in the RCU read section that found it
 * @priority: the lowest number wins
 * @group: of the tunnel
 */
struct vgw_member {
	struct vgw_tunnel *tunnel;
	u32 priority;
	u32 group;
};

/**
 * struct vgw_prefix - what a prefix leads to; never changed, only replaced
 * @rcu: frees it
 * @bits: how long it is
 * @count: of @members, at least 1
 * @members: of one group, sorted by priority
 */
struct vgw_prefix {
	struct rcu_head rcu;
	u32 bits;
	u32 count;
	struct vgw_member members[];
};

int vgw_prefix_add(struct vgw_prefixes *table, const struct vgw_cidr *cidr, const struct vgw_member *member,
		   gfp_t gfp);
void vgw_prefix_del(struct vgw_prefixes *table, const struct vgw_cidr *cidr, const struct vgw_tunnel *tunnel);
const struct vgw_prefix *vgw_prefix_lookup_rcu(const struct vgw_prefixes *table, const u8 *addr, u8 len);
const struct vgw_prefix *vgw_prefix_lookup_group_rcu(const struct vgw_prefixes *table, const u8 *addr, u8 len,
						     u32 group);
bool vgw_prefix_host_bits(const struct vgw_cidr *cidr);

#endif /* _VGW_PREFIX_H */
