// SPDX-License-Identifier: GPL-2.0
#include "spi.h"

#include <linux/jiffies.h>
#include <linux/netlink.h>
#include <linux/slab.h>

#include "dev.h"
#include "limits.h"
#include "sa.h"

static const struct rhashtable_params params = {
	.key_len = sizeof_field(struct vgw_sa, spi),
	.key_offset = offsetof(struct vgw_sa, spi),
	.head_offset = offsetof(struct vgw_sa, spi_node),
	.automatic_shrinking = true,
};

/* ---- SAs ---- */

/* Caller holds the outer lock. -EEXIST when the SPI is taken. */
int vgw_spi_add(struct vgw_net *vn, struct vgw_sa *sa)
{
	lockdep_assert_held(&vn->lock);
	return rhashtable_lookup_insert_fast(&vn->spis, &sa->spi_node, params);
}

/* Caller holds the outer lock. */
void vgw_spi_del(struct vgw_net *vn, struct vgw_sa *sa)
{
	lockdep_assert_held(&vn->lock);
	rhashtable_remove_fast(&vn->spis, &sa->spi_node, params);
}

/* Any context. Returns the SA with a reference for vgw_sa_put(), or NULL. */
struct vgw_sa *vgw_spi_lookup(struct vgw_net *vn, __be32 spi)
{
	struct vgw_sa *sa;

	rcu_read_lock();
	sa = rhashtable_lookup(&vn->spis, &spi, params);
	if (sa && !vgw_sa_get(sa))
		sa = NULL;
	rcu_read_unlock();
	return sa;
}

/* ---- reservations ---- */

/* One SPI that is kept for its holder, in @vn, until @expires. */
struct reservation {
	struct list_head list;
	struct vgw_net *vn;
	__be32 spi;
	struct vgw_holder holder;
	u64 expires;
};

/* Of all namespaces: a netlink socket that closes does not say where it had reserved something. */
static LIST_HEAD(reservations);
static DEFINE_MUTEX(reservations_lock);

static void drop(struct reservation *reservation)
{
	list_del(&reservation->list);
	reservation->vn->reserved--;
	kfree(reservation);
}

static bool is_holder(const struct reservation *reservation, const struct vgw_holder *holder)
{
	return reservation->holder.net == holder->net && reservation->holder.port == holder->port;
}

/* Drops on the way what has expired. */
static struct reservation *find(const struct vgw_net *vn, __be32 spi)
{
	struct reservation *reservation, *next, *found = NULL;

	list_for_each_entry_safe(reservation, next, &reservations, list) {
		if (time_after_eq64(get_jiffies_64(), reservation->expires))
			drop(reservation);
		else if (reservation->vn == vn && reservation->spi == spi)
			found = reservation;
	}
	return found;
}

/**
 * vgw_spi_reserve() - keep an SPI for an SA to come
 * @vn: the outer namespace
 * @spi: at least VGW_SPI_MIN
 * @holder: for whom
 *
 * May sleep; caller holds the outer lock. Returns 0, -EEXIST when it is taken, -ENOSPC when too many are reserved, or
 * -ENOMEM.
 */
int vgw_spi_reserve(struct vgw_net *vn, __be32 spi, const struct vgw_holder *holder)
{
	struct reservation *reservation;
	int err = 0;

	lockdep_assert_held(&vn->lock);
	if (rhashtable_lookup_fast(&vn->spis, &spi, params))
		return -EEXIST;
	reservation = kzalloc(sizeof(*reservation), GFP_KERNEL);
	if (!reservation)
		return -ENOMEM;
	reservation->vn = vn;
	reservation->spi = spi;
	reservation->holder = *holder;
	reservation->expires = get_jiffies_64() + VGW_SPI_RESERVED_S * HZ;
	mutex_lock(&reservations_lock);
	if (find(vn, spi))
		err = -EEXIST;
	else if (vn->reserved >= VGW_SPIS_RESERVED_MAX)
		err = -ENOSPC;
	if (!err) {
		list_add(&reservation->list, &reservations);
		vn->reserved++;
	}
	mutex_unlock(&reservations_lock);
	if (err)
		kfree(reservation);
	return err;
}

/* May this holder make an SA of this SPI? May sleep; caller holds the outer lock. */
bool vgw_spi_may_use(struct vgw_net *vn, __be32 spi, const struct vgw_holder *holder)
{
	struct reservation *reservation;
	bool may;

	mutex_lock(&reservations_lock);
	reservation = find(vn, spi);
	may = !reservation || is_holder(reservation, holder);
	mutex_unlock(&reservations_lock);
	return may;
}

/* End a reservation, if there is one. May sleep; caller holds the outer lock. */
void vgw_spi_release(struct vgw_net *vn, __be32 spi)
{
	struct reservation *reservation;

	mutex_lock(&reservations_lock);
	reservation = find(vn, spi);
	if (reservation)
		drop(reservation);
	mutex_unlock(&reservations_lock);
}

/* What a netlink socket reserved goes with it. */
static int notice_release(struct notifier_block *nb, unsigned long event, void *ptr)
{
	const struct netlink_notify *notify = ptr;
	const struct vgw_holder holder = { notify->net, notify->portid };
	struct reservation *reservation, *next;

	if (event != NETLINK_URELEASE || notify->protocol != NETLINK_GENERIC)
		return NOTIFY_DONE;
	mutex_lock(&reservations_lock);
	list_for_each_entry_safe(reservation, next, &reservations, list)
		if (is_holder(reservation, &holder))
			drop(reservation);
	mutex_unlock(&reservations_lock);
	return NOTIFY_DONE;
}

static struct notifier_block release_notifier = {
	.notifier_call = notice_release,
};

/* ---- life ---- */

int vgw_spi_net_init(struct vgw_net *vn)
{
	return rhashtable_init(&vn->spis, &params);
}

void vgw_spi_net_exit(struct vgw_net *vn)
{
	struct reservation *reservation, *next;

	mutex_lock(&reservations_lock);
	list_for_each_entry_safe(reservation, next, &reservations, list)
		if (reservation->vn == vn)
			drop(reservation);
	mutex_unlock(&reservations_lock);
	rhashtable_destroy(&vn->spis);
}

int vgw_spi_init(void)
{
	return netlink_register_notifier(&release_notifier);
}

void vgw_spi_exit(void)
{
	netlink_unregister_notifier(&release_notifier);
}
