/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VGW_COMPAT_LINUX_RBTREE_H
#define _VGW_COMPAT_LINUX_RBTREE_H

#include_next <linux/rbtree.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 12, 0)
/* Add a node behind those that it is not less than. */
static inline void rb_add_cached(struct rb_node *node, struct rb_root_cached *tree,
				 bool (*less)(struct rb_node *, const struct rb_node *))
{
	struct rb_node **link = &tree->rb_root.rb_node, *parent = NULL;
	bool leftmost = true, left;

	while (*link) {
		parent = *link;
		left = less(node, parent);
		link = left ? &parent->rb_left : &parent->rb_right;
		leftmost = leftmost && left;
	}
	rb_link_node(node, parent, link);
	rb_insert_color_cached(node, tree, leftmost);
}
#endif

#endif /* _VGW_COMPAT_LINUX_RBTREE_H */
