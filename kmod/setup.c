// SPDX-License-Identifier: GPL-2.0
#include "setup.h"

#include <linux/rbtree.h>
#include <linux/slab.h>
#include <linux/stringhash.h>

#include "dev.h"
#include "limits.h"
#include "prefix.h"
#include "ts.h"
#include "tunnel.h"

static struct vgw_net *outer(const struct vgw_tunnel *tunnel)
{
	return tunnel->dev->outer;
}

/* ---- by MTU ---- */

static bool less_mtu(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct vgw_tunnel, by_mtu)->mtu_worst < rb_entry(b, struct vgw_tunnel, by_mtu)->mtu_worst;
}

static void forget_mtu(struct vgw_tunnel *tunnel)
{
	if (RB_EMPTY_NODE(&tunnel->by_mtu))
		return;
	rb_erase_cached(&tunnel->by_mtu, &tunnel->dev->mtus);
	RB_CLEAR_NODE(&tunnel->by_mtu);
}

/* Note what a tunnel can carry whatever suite it negotiates. Caller holds the outer lock; the tunnel has its place. */
void vgw_setup_mtu(struct vgw_tunnel *tunnel, u32 mtu)
{
	lockdep_assert_held(&outer(tunnel)->lock);
	forget_mtu(tunnel);
	tunnel->mtu_worst = mtu;
	rb_add_cached(&tunnel->by_mtu, &tunnel->dev->mtus, less_mtu);
}

/* The least of all tunnels, U32_MAX without one. Caller holds the outer lock. */
u32 vgw_setup_least_mtu(const struct vgw_dev *dev)
{
	const struct rb_node *first = rb_first_cached(&dev->mtus);

	lockdep_assert_held(&dev->outer->lock);
	return first ? rb_entry(first, struct vgw_tunnel, by_mtu)->mtu_worst : U32_MAX;
}

/* ---- options ---- */

static void set_multicast(struct vgw_tunnel *tunnel, bool on)
{
	if (on == !hlist_unhashed(&tunnel->by_multicast))
		return;
	if (on)
		hlist_add_head_rcu(&tunnel->by_multicast, &tunnel->dev->multicast);
	else
		hlist_del_init_rcu(&tunnel->by_multicast);
}

/* Caller holds the outer lock and updates the tunnel afterwards; the tunnel has its place. */
void vgw_setup_options(struct vgw_tunnel *tunnel, const struct vgw_options *options)
{
	lockdep_assert_held(&outer(tunnel)->lock);
	/* One by one: packets look at them meanwhile. */
	WRITE_ONCE(tunnel->options.rx_mark, options->rx_mark);
	WRITE_ONCE(tunnel->options.keepalive, options->keepalive);
	WRITE_ONCE(tunnel->options.clear_df, options->clear_df);
	WRITE_ONCE(tunnel->options.multicast, options->multicast);
	WRITE_ONCE(tunnel->options.roam, options->roam);
	WRITE_ONCE(tunnel->options.demand, options->demand);
	set_multicast(tunnel, options->multicast);
}

/* Caller holds the outer lock. The tunnel takes the selectors over; NULL: any. */
void vgw_setup_ts(struct vgw_tunnel *tunnel, struct vgw_ts *ts)
{
	struct vgw_ts *old = rcu_replace_pointer(tunnel->ts, ts, lockdep_is_held(&outer(tunnel)->lock));

	if (old)
		kfree_rcu(old, rcu);
}

/* Caller holds the outer lock. The tunnel takes the probe over; NULL: none. */
void vgw_setup_probe(struct vgw_tunnel *tunnel, struct vgw_probe *probe)
{
	struct vgw_probe *old = rcu_replace_pointer(tunnel->probe, probe, lockdep_is_held(&outer(tunnel)->lock));

	if (old)
		kfree_rcu(old, rcu);
}

/* Mark outer packets of tunnels that have no mark of their own: other routes, maybe. Caller holds the outer lock. */
void vgw_setup_fwmark(struct vgw_dev *dev, u32 mark)
{
	struct vgw_endpoint *endpoint;
	struct vgw_tunnel *tunnel;
	unsigned long id;

	lockdep_assert_held(&dev->outer->lock);
	WRITE_ONCE(dev->fwmark, mark);
	xa_for_each(&dev->tunnels, id, tunnel) {
		endpoint = vgw_tunnel_endpoint(tunnel);
		dst_cache_reset(&endpoint->dst_cache);
		vgw_tunnel_watch(tunnel);
	}
}

/* ---- prefixes ---- */

static void del_prefixes(struct vgw_tunnel *tunnel)
{
	struct vgw_prefixes *table = &tunnel->dev->prefixes;
	u32 i;

	for (i = 0; i < tunnel->cidr_count; i++)
		vgw_prefix_del(table, &tunnel->cidrs[i], tunnel);
}

/* Undo the first @count additions of a new selection; what the tunnel had before cannot be refused. */
static void restore_prefixes(struct vgw_tunnel *tunnel, const struct vgw_cidr *cidrs, u32 count)
{
	struct vgw_member member = { tunnel, tunnel->priority, tunnel->group };
	struct vgw_prefixes *table = &tunnel->dev->prefixes;
	u32 i;

	for (i = 0; i < count; i++)
		if (vgw_cidr_among(tunnel->cidrs, tunnel->cidr_count, &cidrs[i]))
			vgw_prefix_add(table, &cidrs[i], &member, GFP_KERNEL | __GFP_NOFAIL);
		else
			vgw_prefix_del(table, &cidrs[i], tunnel);
}

/**
 * vgw_setup_select() - replace group, priority, prefixes and the pinned address
 * @tunnel: the tunnel
 * @selection: what it is to have; @selection->cidrs has the pinned address among them and is taken over on success
 * @extack: says why not
 *
 * May sleep; caller holds the outer lock. On failure everything is as before.
 */
int vgw_setup_select(struct vgw_tunnel *tunnel, const struct vgw_selection *selection,
		     struct netlink_ext_ack *extack)
{
	struct vgw_member member = { tunnel, selection->priority, selection->group };
	struct vgw_prefixes *table = &tunnel->dev->prefixes;
	u32 i;
	int err;

	lockdep_assert_held(&outer(tunnel)->lock);
	for (i = 0; i < selection->cidr_count; i++) {
		err = vgw_prefix_add(table, &selection->cidrs[i], &member, GFP_KERNEL);
		if (err)
			goto err_restore;
	}
	for (i = 0; i < tunnel->cidr_count; i++)
		if (!vgw_cidr_among(selection->cidrs, selection->cidr_count, &tunnel->cidrs[i]))
			vgw_prefix_del(table, &tunnel->cidrs[i], tunnel);
	kvfree(tunnel->cidrs);
	tunnel->cidrs = selection->cidrs;
	tunnel->cidr_count = selection->cidr_count;
	/* Packets that come in look at it meanwhile. */
	WRITE_ONCE(tunnel->group, selection->group);
	tunnel->priority = selection->priority;
	tunnel->peer = selection->peer;
	return 0;

err_restore:
	if (err == -EEXIST)
		NL_SET_ERR_MSG_MOD(extack, "a tunnel of another group has this prefix");
	else if (err == -E2BIG)
		NL_SET_ERR_MSG_MOD(extack, "too many tunnels share this prefix");
	restore_prefixes(tunnel, selection->cidrs, i);
	return err;
}

/* ---- place ---- */

/**
 * vgw_setup_add() - give a tunnel its place in the interface
 * @tunnel: with its endpoint; the interface takes the caller's reference over
 * @selection: as for vgw_setup_select()
 * @extack: says why not
 *
 * May sleep; caller holds the outer lock and has seen that the name is free. On failure nobody knows the tunnel.
 */
int vgw_setup_add(struct vgw_tunnel *tunnel, const struct vgw_selection *selection, struct netlink_ext_ack *extack)
{
	struct vgw_dev *dev = tunnel->dev;
	int err;

	lockdep_assert_held(&dev->outer->lock);
	err = xa_alloc(&dev->tunnels, &tunnel->id, tunnel, XA_LIMIT(1, VGW_TUNNELS_MAX), GFP_KERNEL);
	if (err) {
		if (err == -EBUSY)
			NL_SET_ERR_MSG_MOD(extack, "the interface can take no more tunnels");
		return err;
	}
	err = vgw_setup_select(tunnel, selection, extack);
	if (err) {
		xa_erase(&dev->tunnels, tunnel->id);
		return err;
	}
	hash_add(dev->by_name, &tunnel->by_name, full_name_hash(NULL, tunnel->name, strlen(tunnel->name)));
	dev->tunnel_count++;
	vgw_tunnel_announce(tunnel);
	vgw_tunnel_update(tunnel);
	return 0;
}

/**
 * vgw_setup_remove() - take a tunnel and its SAs out of everything and give up the interface's reference
 * @tunnel: added before
 *
 * May sleep; caller holds the outer lock.
 */
void vgw_setup_remove(struct vgw_tunnel *tunnel)
{
	struct vgw_dev *dev = tunnel->dev;
	struct vgw_sa *sa, *next;

	lockdep_assert_held(&dev->outer->lock);
	tunnel->dead = true;
	del_prefixes(tunnel);
	set_multicast(tunnel, false);
	forget_mtu(tunnel);
	hash_del(&tunnel->by_name);
	xa_erase(&dev->tunnels, tunnel->id);
	dev->tunnel_count--;
	list_for_each_entry_safe(sa, next, &tunnel->sas, list)
		vgw_tunnel_forget_sa(tunnel, sa);
	vgw_tunnel_update(tunnel);
	if (cancel_delayed_work(&tunnel->watch))
		vgw_tunnel_put(tunnel);
	vgw_tunnel_put(tunnel);
}
