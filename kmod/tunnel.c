// SPDX-License-Identifier: GPL-2.0
#include "tunnel.h"

#include <linux/slab.h>
#include <linux/stringhash.h>
#include <net/addrconf.h>

#include "dev.h"
#include "event.h"
#include "remote.h"
#include "spi.h"
#include "ts.h"

static struct vgw_net *outer(const struct vgw_tunnel *tunnel)
{
	return tunnel->dev->outer;
}

/* Caller holds the outer lock. NULL before the tunnel has one. */
struct vgw_endpoint *vgw_tunnel_endpoint(const struct vgw_tunnel *tunnel)
{
	return rcu_dereference_protected(tunnel->endpoint, lockdep_is_held(&outer(tunnel)->lock));
}

static struct vgw_event describe(const struct vgw_tunnel *tunnel)
{
	const struct vgw_endpoint *endpoint = vgw_tunnel_endpoint(tunnel);

	return (struct vgw_event){
		.dev = tunnel->dev,
		.name = tunnel->name,
		.id = tunnel->id,
		.state = tunnel->state,
		.reason = tunnel->reason,
		.encap = endpoint->encap,
		.dport = endpoint->dport,
		.remote = &endpoint->remote,
	};
}

/* Tell that a tunnel is new, has changed its state, has moved or goes. May sleep; caller holds the outer lock. */
void vgw_tunnel_announce(const struct vgw_tunnel *tunnel)
{
	struct vgw_event event = describe(tunnel);

	vgw_event_tunnel(&event);
}

/* ---- endpoint ---- */

/* May sleep. Returns an endpoint like another one, or an empty one; NULL without memory. */
struct vgw_endpoint *vgw_endpoint_create(const struct vgw_endpoint *like)
{
	struct vgw_endpoint *endpoint = kzalloc(sizeof(*endpoint), GFP_KERNEL);

	if (!endpoint)
		return NULL;
	if (like)
		*endpoint = *like;
	if (dst_cache_init(&endpoint->dst_cache, GFP_KERNEL)) {
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
	struct vgw_sa *sa;

	old = rcu_replace_pointer(tunnel->endpoint, endpoint, lockdep_is_held(&outer(tunnel)->lock));
	if (old)
		call_rcu(&old->rcu, free_endpoint_rcu);
	list_for_each_entry(sa, &tunnel->sas, list)
		if (sa->dir == VGW_DIRECTION_OUT)
			vgw_remote_set(outer(tunnel), sa, &endpoint->remote);
}

/*
 * May what was last done at @last be done again, so many milliseconds after it? Else @again becomes no later than the
 * time when it may.
 */
static bool is_due(u64 last, unsigned int pause, u64 *again)
{
	u64 due = last + msecs_to_jiffies(pause);

	if (!last || time_after_eq64(get_jiffies_64(), due))
		return true;
	if (!*again || time_before64(due, *again))
		*again = due;
	return false;
}

/*
 * What was heard of the peer's address is older than what its remote end has just been set to, or than a packet from
 * where it has been all the time. Any context but hard interrupts.
 */
void vgw_tunnel_forget_move(struct vgw_tunnel *tunnel)
{
	spin_lock_bh(&tunnel->move.lock);
	tunnel->move.addr.len = 0;
	spin_unlock_bh(&tunnel->move.lock);
}

static void move_to(struct vgw_tunnel *tunnel, const struct vgw_addr *addr, __be16 port)
{
	const struct vgw_endpoint *old = vgw_tunnel_endpoint(tunnel);
	struct vgw_endpoint *endpoint;

	if (!tunnel->options.roam || addr->len != old->remote.len)
		return;
	/* More packets from there may have come while it was followed there. */
	if (port == old->dport && vgw_addr_equal(addr, &old->remote))
		return;
	endpoint = vgw_endpoint_create(old);
	/* Without memory the next packet brings it here again. */
	if (!endpoint)
		return;
	endpoint->remote = *addr;
	endpoint->dport = port;
	vgw_tunnel_set_endpoint(tunnel, endpoint);
	tunnel->move.last = get_jiffies_64();
	WRITE_ONCE(tunnel->route, VGW_REASON_NONE);
	vgw_tunnel_announce(tunnel);
}

/**
 * vgw_tunnel_follow_move() - go where the peer was heard from, but not more often than every VGW_MOVE_PAUSE_MS
 * @tunnel: the tunnel
 *
 * May sleep; caller holds the outer lock. Returns when to call again (64-bit jiffies) for a move that came too soon
 * after the last one, or 0.
 */
u64 vgw_tunnel_follow_move(struct vgw_tunnel *tunnel)
{
	struct vgw_move *move = &tunnel->move;
	struct vgw_addr addr;
	u64 again = 0;
	__be16 port;

	lockdep_assert_held(&outer(tunnel)->lock);
	if (!READ_ONCE(move->addr.len) || !is_due(move->last, VGW_MOVE_PAUSE_MS, &again))
		return again;
	spin_lock_bh(&move->lock);
	addr = move->addr;
	port = move->port;
	move->addr.len = 0;
	spin_unlock_bh(&move->lock);
	if (addr.len)
		move_to(tunnel, &addr, port);
	return 0;
}

/* ---- packets that wait for an SA ---- */

/* Send them anew by the stack, which still knows their route. */
static void release_waiting(struct vgw_tunnel *tunnel)
{
	struct sk_buff_head list;
	struct sk_buff *skb;

	if (skb_queue_empty_lockless(&tunnel->waiting))
		return;
	__skb_queue_head_init(&list);
	spin_lock_bh(&tunnel->waiting.lock);
	skb_queue_splice_init(&tunnel->waiting, &list);
	spin_unlock_bh(&tunnel->waiting.lock);
	while ((skb = __skb_dequeue(&list)))
		dev_queue_xmit(skb);
}

/* The SA did not come in time, or is not to come any more. */
void vgw_tunnel_drop_waiting(struct vgw_tunnel *tunnel)
{
	struct sk_buff *skb;

	while ((skb = skb_dequeue(&tunnel->waiting))) {
		vgw_drop_count(&tunnel->drops, VGW_DROP_WAITING);
		DEV_STATS_INC(tunnel->dev->netdev, tx_dropped);
		kfree_skb(skb);
	}
}

/**
 * vgw_tunnel_tell_wants() - send the events that the data path asked for, each at most once a second
 * @tunnel: the tunnel
 *
 * May sleep; caller holds the outer lock. Returns when to call again (64-bit jiffies) for what was asked for too soon
 * after the last time, or 0.
 */
u64 vgw_tunnel_tell_wants(struct vgw_tunnel *tunnel)
{
	struct vgw_event event = describe(tunnel);
	u64 again = 0;

	lockdep_assert_held(&outer(tunnel)->lock);
	/* The SA may have come meanwhile. */
	if (!tunnel->demands)
		clear_bit(VGW_WANT_SA, &tunnel->wants);
	if (test_bit(VGW_WANT_SA, &tunnel->wants) && is_due(tunnel->last_acquire, MSEC_PER_SEC, &again)) {
		clear_bit(VGW_WANT_SA, &tunnel->wants);
		tunnel->last_acquire = get_jiffies_64();
		vgw_event_acquire(&event);
	}
	if (test_bit(VGW_WANT_ALARM, &tunnel->wants) && is_due(tunnel->last_auth_fail, MSEC_PER_SEC, &again)) {
		clear_bit(VGW_WANT_ALARM, &tunnel->wants);
		tunnel->last_auth_fail = get_jiffies_64();
		vgw_event_auth_fail(&event, READ_ONCE(tunnel->auth_fail_spi));
	}
	return again;
}

/* ---- life ---- */

static void free_tunnel_rcu(struct rcu_head *rcu)
{
	struct vgw_tunnel *tunnel = container_of(rcu, struct vgw_tunnel, rcu);
	struct vgw_endpoint *endpoint = rcu_dereference_protected(tunnel->endpoint, true);

	/* One may have come while the tunnel was being removed. */
	vgw_tunnel_drop_waiting(tunnel);
	if (endpoint)
		vgw_endpoint_free(endpoint);
	kfree(rcu_dereference_protected(tunnel->ts, true));
	kfree(rcu_dereference_protected(tunnel->probe, true));
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

static void do_work(struct work_struct *work)
{
	struct vgw_tunnel *tunnel = container_of(work, struct vgw_tunnel, work);

	mutex_lock(&outer(tunnel)->lock);
	if (!tunnel->dead) {
		if (vgw_tunnel_follow_move(tunnel))
			vgw_tunnel_watch(tunnel);
		vgw_tunnel_update(tunnel);
	}
	mutex_unlock(&outer(tunnel)->lock);
	vgw_tunnel_put(tunnel);
}

/**
 * vgw_tunnel_create() - make a tunnel that nobody can find yet
 * @dev: the interface
 * @name: shorter than VGW_TUNNEL_NAME_LEN
 * @watch: what vgw_tunnel_watch() calls, with a reference that it puts
 *
 * May sleep. Returns NULL without memory. The caller owns the reference until the tunnel has its place.
 */
struct vgw_tunnel *vgw_tunnel_create(struct vgw_dev *dev, const char *name, work_func_t watch)
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
	RB_CLEAR_NODE(&tunnel->by_mtu);
	spin_lock_init(&tunnel->move.lock);
	skb_queue_head_init(&tunnel->waiting);
	vgw_lane_init(&tunnel->lane_out);
	vgw_lane_init(&tunnel->lane_in);
	INIT_WORK(&tunnel->work, do_work);
	INIT_DELAYED_WORK(&tunnel->watch, watch);
	tunnel->admin_up = true;
	tunnel->reason = VGW_REASON_NO_SA;
	tunnel->changed = get_jiffies_64();
	return tunnel;
}

/* Caller holds the outer lock, under which the tunnel stays. NULL when there is none. */
struct vgw_tunnel *vgw_tunnel_find(struct vgw_dev *dev, const char *name)
{
	struct vgw_tunnel *tunnel;

	lockdep_assert_held(&dev->outer->lock);
	hash_for_each_possible(dev->by_name, tunnel, by_name, full_name_hash(NULL, name, strlen(name)))
		if (!strcmp(tunnel->name, name))
			return tunnel;
	return NULL;
}

/* ---- SAs ---- */

/* Has the inbound SA that an outbound one waits for heard something? */
static bool is_awaited(const struct vgw_tunnel *tunnel, const struct vgw_sa *pending)
{
	const struct vgw_sa *sa;

	list_for_each_entry(sa, &tunnel->sas, list)
		if (sa->dir == VGW_DIRECTION_IN && sa->spi == pending->pending_on)
			return READ_ONCE(sa->heard);
	return false;
}

/* The newest outbound SA that may carry packets. */
static struct vgw_sa *find_newest(const struct vgw_tunnel *tunnel)
{
	struct vgw_sa *sa;

	list_for_each_entry(sa, &tunnel->sas, list)
		if (sa->dir == VGW_DIRECTION_OUT && vgw_sa_usable(sa) && (!sa->pending || is_awaited(tunnel, sa)))
			return sa;
	return NULL;
}

/*
 * Take an SA out of everything and end it; before it gives no references any more, another one takes its place. Caller
 * holds the outer lock, and updates the tunnel afterwards.
 */
void vgw_tunnel_forget_sa(struct vgw_tunnel *tunnel, struct vgw_sa *sa)
{
	lockdep_assert_held(&outer(tunnel)->lock);
	list_del(&sa->list);
	tunnel->sa_count--;
	if (sa->dir == VGW_DIRECTION_IN)
		vgw_spi_del(outer(tunnel), sa);
	else
		vgw_remote_del(outer(tunnel), sa);
	if (rcu_access_pointer(tunnel->out) == sa)
		rcu_assign_pointer(tunnel->out, find_newest(tunnel));
	vgw_sa_remove(sa);
}

/* Announce what the SAs have come to, and take out those that lingered long enough. */
static void tell_expiry(struct vgw_tunnel *tunnel)
{
	struct vgw_event event = describe(tunnel);
	struct vgw_sa *sa, *next;

	list_for_each_entry_safe(sa, next, &tunnel->sas, list) {
		u32 expiry = READ_ONCE(sa->expiry);

		if (sa->lingers) {
			if (expiry == VGW_EXPIRY_HARD)
				vgw_tunnel_forget_sa(tunnel, sa);
		} else if (sa->expiry_told != expiry) {
			sa->expiry_told = expiry;
			vgw_event_sa_expire(&event, sa, expiry);
		}
	}
}

/* Keep a usable SA current: one that waited and need not any more, else the newest, if the current one is spent. */
static struct vgw_sa *follow_sas(struct vgw_tunnel *tunnel)
{
	struct vgw_sa *newest = find_newest(tunnel), *out;

	out = rcu_dereference_protected(tunnel->out, lockdep_is_held(&outer(tunnel)->lock));
	if (newest && (newest->pending || !out || !vgw_sa_usable(out))) {
		newest->pending = false;
		rcu_assign_pointer(tunnel->out, newest);
		out = newest;
	}
	return out;
}

/* ---- state ---- */

/* Has the liveness probe found the peer dead, and does that mean @action? */
static bool is_dead(const struct vgw_tunnel *tunnel, enum vgw_probe_action action)
{
	const struct vgw_probe *probe;

	probe = rcu_dereference_protected(tunnel->probe, lockdep_is_held(&outer(tunnel)->lock));
	return probe && probe->state == VGW_PROBE_STATE_DEAD && probe->action == action;
}

/*
 * IPv6 takes a dormant link for one that is down, and its routes with it; but the packets that ask for an SA have to
 * get here. So while the device is dormant its IPv6 routes count all the same.
 */
static void ease_linkdown(struct vgw_dev *dev, bool dormant)
{
	struct inet6_dev *in6_dev;

	rcu_read_lock();
	in6_dev = __in6_dev_get(dev->netdev);
	if (in6_dev && dormant && in6_dev->cnf.ignore_routes_with_linkdown) {
		WRITE_ONCE(in6_dev->cnf.ignore_routes_with_linkdown, 0);
		dev->linkdown_eased = true;
	} else if (in6_dev && !dormant && dev->linkdown_eased) {
		WRITE_ONCE(in6_dev->cnf.ignore_routes_with_linkdown, 1);
		dev->linkdown_eased = false;
	}
	rcu_read_unlock();
}

/* Carrier and dormancy follow the tunnels, unless the carrier is to be on always. Caller holds the outer lock. */
void vgw_tunnel_follow_carrier(struct vgw_dev *dev)
{
	bool always = dev->carrier_policy == VGW_CARRIER_POLICY_ON;
	bool dormant = dev->demand_count && !dev->up_count && !always;

	lockdep_assert_held(&dev->outer->lock);
	ease_linkdown(dev, dormant);
	if (dormant)
		netif_dormant_on(dev->netdev);
	else
		netif_dormant_off(dev->netdev);
	if (dev->up_count || dev->demand_count || always)
		netif_carrier_on(dev->netdev);
	else
		netif_carrier_off(dev->netdev);
}

static void set_state(struct vgw_tunnel *tunnel, enum vgw_state state, enum vgw_reason reason)
{
	bool no_sa = reason == VGW_REASON_NO_SA || reason == VGW_REASON_SA_EXPIRED;
	bool demands = tunnel->options.demand && no_sa;
	struct vgw_dev *dev = tunnel->dev;

	if (state != tunnel->state) {
		WRITE_ONCE(tunnel->state, state);
		tunnel->changed = get_jiffies_64();
		dev->up_count += state == VGW_STATE_UP ? 1 : -1;
	}
	if (demands != tunnel->demands) {
		WRITE_ONCE(tunnel->demands, demands);
		dev->demand_count += demands ? 1 : -1;
	}
	tunnel->reason = reason;
	vgw_tunnel_follow_carrier(dev);
}

static enum vgw_reason find_reason(const struct vgw_tunnel *tunnel, const struct vgw_sa *out)
{
	if (tunnel->dead)
		return VGW_REASON_REMOVED;
	if (!tunnel->admin_up)
		return VGW_REASON_ADMIN;
	if (!out)
		return VGW_REASON_NO_SA;
	if (!vgw_sa_usable(out))
		return VGW_REASON_SA_EXPIRED;
	if (READ_ONCE(tunnel->route) != VGW_REASON_NONE)
		return READ_ONCE(tunnel->route);
	return is_dead(tunnel, VGW_PROBE_ACTION_DOWN) ? VGW_REASON_PROBE : VGW_REASON_NONE;
}

/* Have everything that has its time looked after now. Any context; as for vgw_tunnel_kick(). */
void vgw_tunnel_watch(struct vgw_tunnel *tunnel)
{
	if (!kref_get_unless_zero(&tunnel->ref))
		return;
	if (mod_delayed_work(vgw_wq, &tunnel->watch, 0))
		vgw_tunnel_put(tunnel);
}

/**
 * vgw_tunnel_update() - derive the state from what it depends on, and tell whom it concerns
 * @tunnel: the tunnel
 *
 * May sleep; caller holds the outer lock.
 */
void vgw_tunnel_update(struct vgw_tunnel *tunnel)
{
	enum vgw_reason reason;
	enum vgw_state state;
	bool changed;

	lockdep_assert_held(&outer(tunnel)->lock);
	tell_expiry(tunnel);
	reason = find_reason(tunnel, follow_sas(tunnel));
	state = reason == VGW_REASON_NONE ? VGW_STATE_UP : VGW_STATE_DOWN;
	WRITE_ONCE(tunnel->demoted, is_dead(tunnel, VGW_PROBE_ACTION_PREFER));
	changed = state != tunnel->state || reason != tunnel->reason;
	set_state(tunnel, state, reason);
	if (changed) {
		vgw_tunnel_announce(tunnel);
		/* What is to be done from time to time depends on it. */
		if (!tunnel->dead)
			vgw_tunnel_watch(tunnel);
	}
	if (state == VGW_STATE_UP)
		release_waiting(tunnel);
	else if (!tunnel->demands)
		vgw_tunnel_drop_waiting(tunnel);
}

/**
 * vgw_tunnel_kick() - have the state looked at soon
 * @tunnel: the tunnel, of which the caller holds an SA, or which it found in this RCU read section
 *
 * Any context.
 */
void vgw_tunnel_kick(struct vgw_tunnel *tunnel)
{
	if (!kref_get_unless_zero(&tunnel->ref))
		return;
	if (!queue_work(vgw_wq, &tunnel->work))
		vgw_tunnel_put(tunnel);
}
