// SPDX-License-Identifier: GPL-2.0
#include "remote.h"

#include <linux/compiler.h>
#include <linux/rhashtable.h>
#include <net/ipv6.h>

#include "dev.h"
#include "limits.h"
#include "sa.h"

static const struct rhashtable_params params = {
	.key_len = sizeof_field(struct vgw_sa, remote.key),
	.key_offset = offsetof(struct vgw_sa, remote.key),
	.head_offset = offsetof(struct vgw_sa, remote.node),
	.automatic_shrinking = true,
};

int vgw_remote_net_init(struct vgw_net *vn)
{
	return rhltable_init(&vn->remotes, &params);
}

void vgw_remote_net_exit(struct vgw_net *vn)
{
	rhltable_destroy(&vn->remotes);
}

static struct vgw_sa_remote_key make_key(const struct vgw_addr *remote, __be32 spi)
{
	struct vgw_sa_remote_key key = { .spi = spi };

	if (remote->len == VGW_ADDR4_LEN)
		ipv6_addr_set_v4mapped(remote->ip4, &key.addr);
	else
		key.addr = remote->ip6;
	return key;
}

/* Caller holds the outer lock. */
void vgw_remote_del(struct vgw_net *vn, struct vgw_sa *sa)
{
	lockdep_assert_held(&vn->lock);
	if (sa->remote.listed)
		rhltable_remove(&vn->remotes, &sa->remote.node, params);
	sa->remote.listed = false;
}

/**
 * vgw_remote_set() - have an outbound SA found by where its packets go to
 * @vn: the outer namespace
 * @sa: the SA; it may be known by another address
 * @remote: the peer's outer address
 *
 * Caller holds the outer lock. Without memory the SA is not found: it only misses path-MTU messages.
 */
void vgw_remote_set(struct vgw_net *vn, struct vgw_sa *sa, const struct vgw_addr *remote)
{
	vgw_remote_del(vn, sa);
	if (!remote->len)
		return;
	/*
	 * A reader on the way along the list where it was may go on along the one where it is now: it then finds
	 * nothing, or an SA that it has to compare anyhow.
	 */
	data_race(sa->remote.key = make_key(remote, sa->spi));
	sa->remote.listed = !rhltable_insert(&vn->remotes, &sa->remote.node, params);
}

/**
 * vgw_remote_find_rcu() - the outbound SA that an ICMP error is about
 * @vn: the outer namespace
 * @remote: where its packet was sent to
 * @spi: that the packet had
 * @fits: is it this one?
 * @what: for @fits
 *
 * Caller is in an RCU read section, in which the SA stays. NULL when there is none.
 */
struct vgw_sa *vgw_remote_find_rcu(struct vgw_net *vn, const struct vgw_addr *remote, __be32 spi,
				   vgw_remote_fits_t *fits, const void *what)
{
	struct vgw_sa_remote_key key = make_key(remote, spi);
	struct rhlist_head *list, *pos;
	unsigned int tries = 0;
	struct vgw_sa *sa;

	list = rhltable_lookup(&vn->remotes, &key, params);
	rhl_for_each_entry_rcu(sa, pos, list, remote.node) {
		if (sa->spi == spi && fits(sa, what))
			return sa;
		if (++tries == VGW_REMOTE_TRIES)
			break;
	}
	return NULL;
}
