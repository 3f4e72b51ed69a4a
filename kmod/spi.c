// SPDX-License-Identifier: GPL-2.0
#include "spi.h"

#include "dev.h"
#include "sa.h"

/* Without it memcmp() is called for four bytes. */
static int differs(struct rhashtable_compare_arg *arg, const void *object)
{
	const struct vgw_sa *sa = object;

	return sa->spi != *(const __be32 *)arg->key;
}

static const struct rhashtable_params params = {
	.key_len = sizeof_field(struct vgw_sa, spi),
	.key_offset = offsetof(struct vgw_sa, spi),
	.head_offset = offsetof(struct vgw_sa, spi_node),
	.obj_cmpfn = differs,
	.automatic_shrinking = true,
};

/* Caller holds the outer lock. -EEXIST when the SPI is taken. Does not sleep. */
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

/* Any context, within an RCU read section. Returns the SA with a reference for vgw_sa_put(), or NULL. */
struct vgw_sa *vgw_spi_lookup_rcu(struct vgw_net *vn, __be32 spi)
{
	struct vgw_sa *sa = rhashtable_lookup(&vn->spis, &spi, params);

	return sa && vgw_sa_get(sa) ? sa : NULL;
}

/* Caller holds the outer lock. */
bool vgw_spi_taken(struct vgw_net *vn, __be32 spi)
{
	lockdep_assert_held(&vn->lock);
	return rhashtable_lookup_fast(&vn->spis, &spi, params);
}

int vgw_spi_net_init(struct vgw_net *vn)
{
	return rhashtable_init(&vn->spis, &params);
}

void vgw_spi_net_exit(struct vgw_net *vn)
{
	rhashtable_destroy(&vn->spis);
}
