/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VGW_COMPAT_NET_NET_NAMESPACE_H
#define _VGW_COMPAT_NET_NET_NAMESPACE_H

#include_next <net/net_namespace.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#include <linux/idr.h>

/* There is one, but in early ones modules may not call it. Returns a reference, or NULL. */
static inline struct net *compat_get_net_ns_by_id(const struct net *net, int id)
{
	struct net *peer;

	if (id < 0)
		return NULL;
	rcu_read_lock();
	peer = idr_find(&net->netns_ids, id);
	if (peer)
		peer = maybe_get_net(peer);
	rcu_read_unlock();
	return peer;
}

#define get_net_ns_by_id	compat_get_net_ns_by_id
#endif

#endif /* _VGW_COMPAT_NET_NET_NAMESPACE_H */
