// SPDX-License-Identifier: GPL-2.0
#include "keying.h"

#include "dev.h"
#include "larval.h"
#include "limits.h"
#include "remote.h"
#include "sa.h"
#include "tunnel.h"

static const struct vgw_sa_ops sa_ops = {
	.changed = vgw_tunnel_kick,
	.gone = vgw_tunnel_put,
};

/* Caller holds the outer lock. NULL when there is none. */
struct vgw_sa *vgw_keying_find(struct vgw_tunnel *tunnel, enum vgw_direction dir, __be32 spi)
{
	struct vgw_sa *sa;

	lockdep_assert_held(&tunnel->dev->outer->lock);
	list_for_each_entry(sa, &tunnel->sas, list)
		if (sa->dir == dir && sa->spi == spi)
			return sa;
	return NULL;
}

/* No outbound SA may be made: the machine's memory is about to be copied. */
static bool hold_out;

static int check_place(struct vgw_tunnel *tunnel, const struct vgw_sa_config *config, struct netlink_ext_ack *extack)
{
	if (config->dir == VGW_DIRECTION_OUT && READ_ONCE(hold_out)) {
		NL_SET_ERR_MSG_MOD(extack, "this machine is being hibernated, and may come back to this SA twice: try again after it");
		return -EAGAIN;
	}
	if (tunnel->sa_count >= VGW_SAS_MAX) {
		NL_SET_ERR_MSG_MOD(extack, "the tunnel can take no more SAs");
		return -ENOSPC;
	}
	if (vgw_keying_find(tunnel, config->dir, config->spi)) {
		NL_SET_ERR_MSG_MOD(extack, "the tunnel has an SA of this direction and SPI");
		return -EEXIST;
	}
	if (config->pending_on && !vgw_keying_find(tunnel, VGW_DIRECTION_IN, config->pending_on)) {
		NL_SET_ERR_MSG_MOD(extack, "the tunnel has no inbound SA of the SPI in pending-on");
		return -ENOENT;
	}
	return 0;
}

/**
 * vgw_keying_add() - make an SA of a tunnel; an outbound one that is not pending is used from now on
 * @tunnel: the tunnel
 * @config: what it is to be
 * @extack: says why not
 *
 * May sleep; caller holds the outer lock.
 */
int vgw_keying_add(struct vgw_tunnel *tunnel, const struct vgw_sa_config *config, struct netlink_ext_ack *extack)
{
	const struct vgw_endpoint *endpoint;
	struct vgw_sa *sa;
	int err;

	err = check_place(tunnel, config, extack);
	if (err)
		return err;
	vgw_tunnel_get(tunnel);
	sa = vgw_sa_create(config, tunnel, &sa_ops, extack);
	if (IS_ERR(sa)) {
		vgw_tunnel_put(tunnel);
		return PTR_ERR(sa);
	}
	if (config->dir == VGW_DIRECTION_IN) {
		err = vgw_larval_grow(tunnel->dev->outer, sa);
		if (err) {
			if (err == -EEXIST)
				NL_SET_ERR_MSG_MOD(extack, "another tunnel of this host has an inbound SA with this SPI");
			vgw_sa_remove(sa);
			return err;
		}
	}
	if (config->dir == VGW_DIRECTION_OUT) {
		endpoint = vgw_tunnel_endpoint(tunnel);
		vgw_remote_set(tunnel->dev->outer, sa, &endpoint->remote);
	}
	sa->serial = ++tunnel->sas_made;
	list_add(&sa->list, &tunnel->sas);
	tunnel->sa_count++;
	if (config->dir == VGW_DIRECTION_OUT && !config->pending_on)
		rcu_assign_pointer(tunnel->out, sa);
	vgw_tunnel_update(tunnel);
	return 0;
}

/* Use an outbound SA from now on. Caller holds the outer lock; may sleep. */
void vgw_keying_use(struct vgw_tunnel *tunnel, struct vgw_sa *sa)
{
	lockdep_assert_held(&tunnel->dev->outer->lock);
	sa->pending = false;
	rcu_assign_pointer(tunnel->out, sa);
	vgw_tunnel_update(tunnel);
}

/**
 * vgw_keying_del() - remove an SA
 * @tunnel: its tunnel
 * @sa: the SA
 * @linger: seconds for which an inbound one still accepts packets
 *
 * May sleep; caller holds the outer lock.
 */
void vgw_keying_del(struct vgw_tunnel *tunnel, struct vgw_sa *sa, unsigned int linger)
{
	if (linger)
		vgw_sa_linger(sa, linger);
	else
		vgw_tunnel_forget_sa(tunnel, sa);
	vgw_tunnel_update(tunnel);
}

/*
 * From now on no outbound SA is made, or they are again. What was made before, by whoever has the outer lock meanwhile,
 * is ended by vgw_keying_end_out() behind it.
 */
void vgw_keying_hold_out(bool hold)
{
	WRITE_ONCE(hold_out, hold);
}

/*
 * Whoever has a copy of this machine's memory would send the same sequence numbers under the same keys: end all
 * outbound SAs, and tell. May sleep; caller holds the outer lock.
 */
void vgw_keying_end_out(struct vgw_tunnel *tunnel)
{
	struct vgw_sa *sa, *next;

	lockdep_assert_held(&tunnel->dev->outer->lock);
	list_for_each_entry(sa, &tunnel->sas, list)
		if (sa->dir == VGW_DIRECTION_OUT)
			vgw_sa_end(sa);
	vgw_tunnel_update(tunnel);
	list_for_each_entry_safe(sa, next, &tunnel->sas, list)
		if (sa->dir == VGW_DIRECTION_OUT)
			vgw_tunnel_forget_sa(tunnel, sa);
	vgw_tunnel_update(tunnel);
}
