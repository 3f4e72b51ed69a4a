// SPDX-License-Identifier: GPL-2.0
#include "tunnel.h"

#include <linux/slab.h>
#include <linux/stringhash.h>

#include "dev.h"
#include "event.h"
#include "spi.h"

static struct vgw_net *outer(const struct vgw_tunnel *tunnel)
{
	return tunnel->dev->outer;
}

static struct vgw_event describe(const struct vgw_tunnel *tunnel)
{
	return (struct vgw_event){
		.dev = tunnel->dev,
		.name = tunnel->name,
		.id = tunnel->id,
		.state = tunnel->state,
		.reason = tunnel->reason,
	};
}

static void announce(const struct vgw_tunnel *tunnel)
{
	struct vgw_event event = describe(tunnel);

	vgw_event_tunnel(&event);
}

/* ---- endpoint ---- */

/* May sleep. Returns an empty endpoint, or NULL without memory. */
struct vgw_endpoint *vgw_endpoint_create(void)
{
	struct vgw_endpoint *endpoint = kzalloc(sizeof(*endpoint), GFP_KERNEL);

	if (endpoint && dst_cache_init(&endpoint->dst_cache, GFP_KERNEL)) {
		kfree(endpoint);
		return NULL;
	}
	return endpoint;
}

/* Free an endpoint that no tunnel has. */
void vgw_endpoint_free(struct vgw_endpoint *endpoint)
{
	dst_cache_destroy(&endpoint->dst_cache);
	kfree(endpoint);
}

static void free_endpoint_rcu(struct rcu_head *rcu)
{
	vgw_endpoint_free(container_of(rcu, struct vgw_endpoint, rcu));
}

/* Caller holds the outer lock. The tunnel takes the endpoint over. */
void vgw_tunnel_set_endpoint(struct vgw_tunnel *tunnel, struct vgw_endpoint *endpoint)
{
	struct vgw_endpoint *old;

	old = rcu_replace_pointer(tunnel->endpoint, endpoint, lockdep_is_held(&outer(tunnel)->lock));
	if (old)
		call_rcu(&old->rcu, free_endpoint_rcu);
}

/* ---- life ---- */

static void free_tunnel_rcu(struct rcu_head *rcu)
{
	struct vgw_tunnel *tunnel = container_of(rcu, struct vgw_tunnel, rcu);
	struct vgw_endpoint *endpoint = rcu_dereference_protected(tunnel->endpoint, true);

	if (endpoint)
		vgw_endpoint_free(endpoint);
	free_percpu(tunnel->stats);
	kvfree(tunnel->cidrs);
	netdev_put(tunnel->dev->netdev, &tunnel->dev_tracker);
	kfree(tunnel);
}

static void release_tunnel(struct kref *ref)
{
	struct vgw_tunnel *tunnel = container_of(ref, struct vgw_tunnel, ref);

	call_rcu(&tunnel->rcu, free_tunnel_rcu);
}

/* Any context. */
void vgw_tunnel_put(struct vgw_tunnel *tunnel)
{
	kref_put(&tunnel->ref, release_tunnel);
}

static void work_update(struct work_struct *work)
{
	struct vgw_tunnel *tunnel = container_of(work, struct vgw_tunnel, work);

	mutex_lock(&outer(tunnel)->lock);
	if (!tunnel->dead)
		vgw_tunnel_update(tunnel);
	mutex_unlock(&outer(tunnel)->lock);
	vgw_tunnel_put(tunnel);
}

/**
 * vgw_tunnel_create() - make a tunnel that nobody can find yet
 * @dev: the interface
 * @name: shorter than VGW_TUNNEL_NAME_LEN
 *
 * May sleep. Returns NULL without memory. The caller owns the reference until vgw_tunnel_add().
 */
struct vgw_tunnel *vgw_tunnel_create(struct vgw_dev *dev, const char *name)
{
	struct vgw_tunnel *tunnel = kzalloc(sizeof(*tunnel), GFP_KERNEL);

	if (!tunnel)
		return NULL;
	tunnel->stats = netdev_alloc_pcpu_stats(struct pcpu_sw_netstats);
	if (!tunnel->stats) {
		kfree(tunnel);
		return NULL;
	}
	kref_init(&tunnel->ref);
	tunnel->dev = dev;
	netdev_hold(dev->netdev, &tunnel->dev_tracker, GFP_KERNEL);
	strscpy(tunnel->name, name, sizeof(tunnel->name));
	INIT_LIST_HEAD(&tunnel->sas);
	INIT_WORK(&tunnel->work, work_update);
	tunnel->admin_up = true;
	tunnel->reason = VGW_REASON_NO_SA;
	tunnel->changed = get_jiffies_64();
	return tunnel;
}

static u32 hash_name(const char *name)
{
	return full_name_hash(NULL, name, strlen(name));
}

/* Caller holds the outer lock, under which the tunnel stays. NULL when there is none. */
struct vgw_tunnel *vgw_tunnel_find(struct vgw_dev *dev, const char *name)
{
	struct vgw_tunnel *tunnel;

	lockdep_assert_held(&dev->outer->lock);
	hash_for_each_possible(dev->by_name, tunnel, by_name, hash_name(name))
		if (!strcmp(tunnel->name, name))
			return tunnel;
	return NULL;
}

static void set_state(struct vgw_tunnel *tunnel, enum vgw_state state, enum vgw_reason reason)
{
	struct vgw_dev *dev = tunnel->dev;

	if (state != tunnel->state) {
		WRITE_ONCE(tunnel->state, state);
		tunnel->changed = get_jiffies_64();
		dev->up_count += state == VGW_STATE_UP ? 1 : -1;
	}
	tunnel->reason = reason;
	if (dev->up_count)
		netif_carrier_on(dev->netdev);
	else
		netif_carrier_off(dev->netdev);
}

static void del_prefixes(struct vgw_tunnel *tunnel)
{
	struct vgw_prefixes *table = &tunnel->dev->prefixes;
	u32 i;

	for (i = 0; i < tunnel->cidr_count; i++)
		vgw_prefix_del(table, &tunnel->cidrs[i], tunnel);
}

/**
 * vgw_tunnel_remove() - take a tunnel and its SAs out of everything and give up the interface's reference
 * @tunnel: added before
 *
 * May sleep; caller holds the outer lock.
 */
void vgw_tunnel_remove(struct vgw_tunnel *tunnel)
{
	struct vgw_dev *dev = tunnel->dev;
	struct vgw_sa *sa, *next;

	lockdep_assert_held(&dev->outer->lock);
	tunnel->dead = true;
	del_prefixes(tunnel);
	hash_del(&tunnel->by_name);
	xa_erase(&dev->tunnels, tunnel->id);
	dev->tunnel_count--;
	RCU_INIT_POINTER(tunnel->out, NULL);
	list_for_each_entry_safe(sa, next, &tunnel->sas, list) {
		if (sa->dir == VGW_DIRECTION_IN)
			vgw_spi_del(dev->outer, sa);
		list_del(&sa->list);
		vgw_sa_remove(sa);
	}
	set_state(tunnel, VGW_STATE_DOWN, VGW_REASON_REMOVED);
	announce(tunnel);
	vgw_tunnel_put(tunnel);
}

/* ---- prefixes ---- */

static bool has_cidr(const struct vgw_cidr *cidrs, u32 count, const struct vgw_cidr *cidr)
{
	u32 i;

	for (i = 0; i < count; i++)
		if (vgw_cidr_equal(&cidrs[i], cidr))
			return true;
	return false;
}

/* Undo the first @count additions of a new selection; what the tunnel had before cannot be refused. */
static void restore_prefixes(struct vgw_tunnel *tunnel, const struct vgw_cidr *cidrs, u32 count)
{
	struct vgw_member member = { tunnel, tunnel->priority, tunnel->group };
	struct vgw_prefixes *table = &tunnel->dev->prefixes;
	u32 i;

	for (i = 0; i < count; i++)
		if (has_cidr(tunnel->cidrs, tunnel->cidr_count, &cidrs[i]))
			vgw_prefix_add(table, &cidrs[i], &member, GFP_KERNEL | __GFP_NOFAIL);
		else
			vgw_prefix_del(table, &cidrs[i], tunnel);
}

/**
 * vgw_tunnel_select() - replace group, priority, prefixes and the pinned address
 * @tunnel: the tunnel
 * @selection: what it is to have; @selection->cidrs has the pinned address among them and is taken over on success
 * @extack: says why not
 *
 * May sleep; caller holds the outer lock. On failure everything is as before.
 */
int vgw_tunnel_select(struct vgw_tunnel *tunnel, const struct vgw_selection *selection,
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
		if (!has_cidr(selection->cidrs, selection->cidr_count, &tunnel->cidrs[i]))
			vgw_prefix_del(table, &tunnel->cidrs[i], tunnel);
	kvfree(tunnel->cidrs);
	tunnel->cidrs = selection->cidrs;
	tunnel->cidr_count = selection->cidr_count;
	tunnel->group = selection->group;
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

/**
 * vgw_tunnel_add() - give a tunnel its place in the interface
 * @tunnel: with its endpoint; the interface takes the caller's reference over
 * @selection: as for vgw_tunnel_select()
 * @extack: says why not
 *
 * May sleep; caller holds the outer lock and has seen that the name is free. On failure nobody knows the tunnel.
 */
int vgw_tunnel_add(struct vgw_tunnel *tunnel, const struct vgw_selection *selection, struct netlink_ext_ack *extack)
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
	err = vgw_tunnel_select(tunnel, selection, extack);
	if (err) {
		xa_erase(&dev->tunnels, tunnel->id);
		return err;
	}
	hash_add(dev->by_name, &tunnel->by_name, hash_name(tunnel->name));
	dev->tunnel_count++;
	announce(tunnel);
	vgw_tunnel_update(tunnel);
	return 0;
}

/* ---- SAs ---- */

/* Caller holds the outer lock. NULL when there is none. */
struct vgw_sa *vgw_tunnel_find_sa(struct vgw_tunnel *tunnel, enum vgw_direction dir, __be32 spi)
{
	struct vgw_sa *sa;

	lockdep_assert_held(&outer(tunnel)->lock);
	list_for_each_entry(sa, &tunnel->sas, list)
		if (sa->dir == dir && sa->spi == spi)
			return sa;
	return NULL;
}

/**
 * vgw_tunnel_add_sa() - make an SA of a tunnel; an outbound one is used from now on
 * @tunnel: the tunnel
 * @config: what it is to be
 * @extack: says why not
 *
 * May sleep; caller holds the outer lock.
 */
int vgw_tunnel_add_sa(struct vgw_tunnel *tunnel, const struct vgw_sa_config *config, struct netlink_ext_ack *extack)
{
	struct vgw_sa *sa;
	int err;

	lockdep_assert_held(&outer(tunnel)->lock);
	if (tunnel->sa_count >= VGW_SAS_MAX) {
		NL_SET_ERR_MSG_MOD(extack, "the tunnel can take no more SAs");
		return -ENOSPC;
	}
	if (vgw_tunnel_find_sa(tunnel, config->dir, config->spi)) {
		NL_SET_ERR_MSG_MOD(extack, "the tunnel has an SA of this direction and SPI");
		return -EEXIST;
	}
	vgw_tunnel_get(tunnel);
	sa = vgw_sa_create(config, tunnel, vgw_tunnel_put, extack);
	if (IS_ERR(sa)) {
		vgw_tunnel_put(tunnel);
		return PTR_ERR(sa);
	}
	if (config->dir == VGW_DIRECTION_IN) {
		err = vgw_spi_add(outer(tunnel), sa);
		if (err) {
			if (err == -EEXIST)
				NL_SET_ERR_MSG_MOD(extack, "another tunnel of this host has an inbound SA with this SPI");
			vgw_sa_remove(sa);
			return err;
		}
	}
	list_add(&sa->list, &tunnel->sas);
	tunnel->sa_count++;
	if (config->dir == VGW_DIRECTION_OUT)
		rcu_assign_pointer(tunnel->out, sa);
	vgw_tunnel_update(tunnel);
	return 0;
}

/* Caller holds the outer lock; may sleep. */
void vgw_tunnel_del_sa(struct vgw_tunnel *tunnel, struct vgw_sa *sa)
{
	lockdep_assert_held(&outer(tunnel)->lock);
	if (sa->dir == VGW_DIRECTION_IN)
		vgw_spi_del(outer(tunnel), sa);
	else if (rcu_access_pointer(tunnel->out) == sa)
		RCU_INIT_POINTER(tunnel->out, NULL);
	list_del(&sa->list);
	tunnel->sa_count--;
	vgw_tunnel_update(tunnel);
	vgw_sa_remove(sa);
}

/* ---- state ---- */

/* Announce what the SAs have come to, and keep a usable one current: the newest, if the current one is spent. */
static struct vgw_sa *follow_sas(struct vgw_tunnel *tunnel)
{
	struct vgw_event event = describe(tunnel);
	struct vgw_sa *sa, *newest = NULL, *out;

	list_for_each_entry(sa, &tunnel->sas, list) {
		u8 expiry = READ_ONCE(sa->expiry);

		if (sa->expiry_told != expiry) {
			sa->expiry_told = expiry;
			vgw_event_sa_expire(&event, sa, expiry);
		}
		if (!newest && sa->dir == VGW_DIRECTION_OUT && vgw_sa_usable(sa))
			newest = sa;
	}
	out = rcu_dereference_protected(tunnel->out, lockdep_is_held(&outer(tunnel)->lock));
	if (newest && (!out || !vgw_sa_usable(out))) {
		rcu_assign_pointer(tunnel->out, newest);
		out = newest;
	}
	return out;
}

/**
 * vgw_tunnel_update() - derive the state from what it depends on, and tell whom it concerns
 * @tunnel: the tunnel
 *
 * May sleep; caller holds the outer lock.
 */
void vgw_tunnel_update(struct vgw_tunnel *tunnel)
{
	struct vgw_sa *out = follow_sas(tunnel);
	enum vgw_reason reason;
	enum vgw_state state;

	lockdep_assert_held(&outer(tunnel)->lock);
	if (!tunnel->admin_up)
		reason = VGW_REASON_ADMIN;
	else if (!out)
		reason = VGW_REASON_NO_SA;
	else if (!vgw_sa_usable(out))
		reason = VGW_REASON_SA_EXPIRED;
	else
		reason = VGW_REASON_NONE;
	state = reason == VGW_REASON_NONE ? VGW_STATE_UP : VGW_STATE_DOWN;
	if (state == tunnel->state && reason == tunnel->reason)
		return;
	set_state(tunnel, state, reason);
	announce(tunnel);
}

/**
 * vgw_tunnel_kick() - have the state looked at soon
 * @tunnel: the tunnel, of which the caller holds an SA
 *
 * Any context.
 */
void vgw_tunnel_kick(struct vgw_tunnel *tunnel)
{
	vgw_tunnel_get(tunnel);
	if (!queue_work(vgw_wq, &tunnel->work))
		vgw_tunnel_put(tunnel);
}
