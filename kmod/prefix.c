// SPDX-License-Identifier: GPL-2.0
#include "prefix.h"

#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/slab.h>

#include "limits.h"

/*
 * A path-compressed binary trie. A node without a prefix is a fork and has two children. Key and length of a node never
 * change, and nodes go after a grace period, so that a reader that stands on a removed node still finds its way down.
 */
struct prefix_node {
	struct rcu_head rcu;
	struct prefix_node __rcu *child[2];
	struct vgw_prefix __rcu *prefix;
	u8 bits;
	u8 key[VGW_ADDR6_LEN];
};

static unsigned int bit_at(const u8 *key, unsigned int bit)
{
	return key[bit / 8] >> (7 - bit % 8) & 1;
}

/* How many leading bits are equal, at most @limit. */
static unsigned int common_bits(const u8 *a, const u8 *b, unsigned int limit)
{
	unsigned int bit = 0;

	while (bit < limit) {
		u8 diff = a[bit / 8] ^ b[bit / 8];

		if (diff)
			return min(bit + 8 - (unsigned int)fls(diff), limit);
		bit += 8;
	}
	return limit;
}

static bool covers(const struct prefix_node *node, const u8 *addr)
{
	return common_bits(node->key, addr, node->bits) == node->bits;
}

/* The outer lock is held, but the userspace tests have no lockdep to say so with. */
#define locked(p)	rcu_dereference_protected(p, 1)

static struct prefix_node __rcu **root_of(struct vgw_prefixes *table, u8 len)
{
	return len == VGW_ADDR4_LEN ? &table->root4 : &table->root6;
}

/* Does an address have bits set outside its prefix? */
bool vgw_prefix_host_bits(const struct vgw_cidr *cidr)
{
	unsigned int bit;

	for (bit = cidr->bits; bit < cidr->addr.len * 8; bit++)
		if (bit_at(cidr->addr.bytes, bit))
			return true;
	return false;
}

static struct prefix_node *create_node(const struct vgw_addr *addr, u8 bits, gfp_t gfp)
{
	struct prefix_node *node = kzalloc(sizeof(*node), gfp);

	if (node) {
		memcpy(node->key, addr->bytes, addr->len);
		node->bits = bits;
	}
	return node;
}

/* The slot that holds the node of exactly this prefix, or the one where it has to go. */
static struct prefix_node __rcu **find_slot(struct vgw_prefixes *table, const struct vgw_cidr *cidr)
{
	struct prefix_node __rcu **slot = root_of(table, cidr->addr.len);
	const u8 *addr = cidr->addr.bytes;
	struct prefix_node *node;

	while ((node = locked(*slot)) && node->bits < cidr->bits && covers(node, addr))
		slot = &node->child[bit_at(addr, node->bits)];
	return slot;
}

/* The node in that slot, if it is the prefix's own. */
static struct prefix_node *node_in(struct prefix_node __rcu **slot, const struct vgw_cidr *cidr)
{
	struct prefix_node *node = locked(*slot);

	return node && node->bits == cidr->bits && covers(node, cidr->addr.bytes) ? node : NULL;
}

/* Put a node for the prefix into its slot, with a fork above when two ways part there. */
static struct prefix_node *insert_node(struct prefix_node __rcu **slot, const struct vgw_cidr *cidr, gfp_t gfp)
{
	struct prefix_node *node, *fork, *below = locked(*slot);
	const struct vgw_addr *addr = &cidr->addr;
	u8 common;

	node = create_node(addr, cidr->bits, gfp);
	if (!node || !below) {
		rcu_assign_pointer(*slot, node ?: below);
		return node;
	}
	common = common_bits(below->key, addr->bytes, min(below->bits, cidr->bits));
	if (common == cidr->bits) {
		RCU_INIT_POINTER(node->child[bit_at(below->key, common)], below);
		rcu_assign_pointer(*slot, node);
		return node;
	}
	fork = create_node(addr, common, gfp);
	if (!fork) {
		kfree(node);
		return NULL;
	}
	RCU_INIT_POINTER(fork->child[bit_at(below->key, common)], below);
	RCU_INIT_POINTER(fork->child[bit_at(addr->bytes, common)], node);
	rcu_assign_pointer(*slot, fork);
	return node;
}

/* Take out the deepest node on the way to a prefix that is needless: it leads nowhere and no two ways part there. */
static bool prune_one(struct vgw_prefixes *table, const struct vgw_cidr *cidr)
{
	struct prefix_node __rcu **slot = root_of(table, cidr->addr.len), **needless = NULL;
	const u8 *addr = cidr->addr.bytes;
	struct prefix_node *node;

	while ((node = locked(*slot)) && node->bits <= cidr->bits && covers(node, addr)) {
		if (!locked(node->prefix) && !(locked(node->child[0]) && locked(node->child[1])))
			needless = slot;
		if (node->bits == cidr->bits)
			break;
		slot = &node->child[bit_at(addr, node->bits)];
	}
	if (!needless)
		return false;
	node = locked(*needless);
	rcu_assign_pointer(*needless, locked(node->child[0]) ?: locked(node->child[1]));
	kfree_rcu(node, rcu);
	return true;
}

/* A copy of a prefix, with room for one more member. Members of @without are left out. */
static struct vgw_prefix *copy_prefix(const struct vgw_prefix *old, const struct vgw_tunnel *without, gfp_t gfp)
{
	struct vgw_prefix *prefix;
	u32 i;

	prefix = kmalloc(struct_size(prefix, members, old->count + 1), gfp);
	if (!prefix)
		return NULL;
	prefix->bits = old->bits;
	prefix->count = 0;
	for (i = 0; i < old->count; i++)
		if (old->members[i].tunnel != without)
			prefix->members[prefix->count++] = old->members[i];
	return prefix;
}

static void insert_member(struct vgw_prefix *prefix, const struct vgw_member *member)
{
	u32 i = prefix->count++;

	for (; i > 0 && prefix->members[i - 1].priority > member->priority; i--)
		prefix->members[i] = prefix->members[i - 1];
	prefix->members[i] = *member;
}

/**
 * vgw_prefix_add() - let a prefix lead to a tunnel, or change what it says of that tunnel
 * @table: the table
 * @cidr: the prefix
 * @member: the tunnel, its priority and group
 * @gfp: how to allocate
 *
 * Caller holds the outer lock. Returns 0, -ENOMEM, -EEXIST when a tunnel of another group has the prefix, or -E2BIG
 * when too many tunnels share it; then nothing has changed.
 */
int vgw_prefix_add(struct vgw_prefixes *table, const struct vgw_cidr *cidr, const struct vgw_member *member,
		   gfp_t gfp)
{
	static const struct vgw_prefix none;
	struct prefix_node __rcu **slot = find_slot(table, cidr);
	struct prefix_node *node = node_in(slot, cidr);
	struct vgw_prefix *prefix, *old;
	int err = 0;

	old = node ? locked(node->prefix) : NULL;
	prefix = copy_prefix(old ?: &none, member->tunnel, gfp);
	if (!prefix)
		return -ENOMEM;
	if (prefix->count && prefix->members[0].group != member->group)
		err = -EEXIST;
	else if (prefix->count == VGW_MEMBERS_MAX)
		err = -E2BIG;
	if (err)
		goto err_prefix;
	prefix->bits = cidr->bits;
	insert_member(prefix, member);
	if (!node)
		node = insert_node(slot, cidr, gfp);
	if (!node) {
		err = -ENOMEM;
		goto err_prefix;
	}
	rcu_assign_pointer(node->prefix, prefix);
	if (old)
		kfree_rcu(old, rcu);
	return 0;

err_prefix:
	kfree(prefix);
	return err;
}

/**
 * vgw_prefix_del() - let a prefix lead to a tunnel no more
 * @table: the table
 * @cidr: the prefix
 * @tunnel: the tunnel; nothing happens when the prefix does not lead there
 *
 * May sleep; caller holds the outer lock. Cannot fail, as the tunnel is about to go.
 */
void vgw_prefix_del(struct vgw_prefixes *table, const struct vgw_cidr *cidr, const struct vgw_tunnel *tunnel)
{
	struct prefix_node *node = node_in(find_slot(table, cidr), cidr);
	struct vgw_prefix *prefix, *old = node ? locked(node->prefix) : NULL;

	if (!old)
		return;
	prefix = copy_prefix(old, tunnel, GFP_KERNEL | __GFP_NOFAIL);
	if (!prefix->count) {
		kfree(prefix);
		prefix = NULL;
	}
	rcu_assign_pointer(node->prefix, prefix);
	kfree_rcu(old, rcu);
	while (prune_one(table, cidr))
		;
}

static const struct vgw_prefix *lookup_rcu(const struct vgw_prefixes *table, const u8 *addr, u8 len, const u32 *group)
{
	const struct vgw_prefix *prefix, *best = NULL;
	const struct prefix_node *node;

	node = len == VGW_ADDR4_LEN ? rcu_dereference(table->root4) : rcu_dereference(table->root6);
	while (node) {
		prefix = rcu_dereference(node->prefix);
		/* Only here, as forks are many and say nothing: what they would refuse, prefixes further down do. */
		if (prefix && !covers(node, addr))
			break;
		if (prefix && (!group || prefix->members[0].group == *group))
			best = prefix;
		if (node->bits == len * 8)
			break;
		node = rcu_dereference(node->child[bit_at(addr, node->bits)]);
	}
	return best;
}

/**
 * vgw_prefix_lookup_rcu() - longest match
 * @table: the table
 * @addr: address in network byte order
 * @len: VGW_ADDR4_LEN or VGW_ADDR6_LEN
 *
 * Any context; the result is valid in the caller's RCU read section. NULL when no prefix holds the address.
 */
const struct vgw_prefix *vgw_prefix_lookup_rcu(const struct vgw_prefixes *table, const u8 *addr, u8 len)
{
	return lookup_rcu(table, addr, len, NULL);
}

/* The same among the prefixes of one group. */
const struct vgw_prefix *vgw_prefix_lookup_group_rcu(const struct vgw_prefixes *table, const u8 *addr, u8 len,
						     u32 group)
{
	return lookup_rcu(table, addr, len, &group);
}
