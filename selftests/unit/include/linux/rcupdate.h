/* SPDX-License-Identifier: GPL-2.0 */
/*
 * RCU of one thread: a grace period ends with the outermost read section, or at once outside of any. A test can do
 * a writer's work in the middle of a reader's, with unit_rcu_hook.
 */
#ifndef _UNIT_LINUX_RCUPDATE_H
#define _UNIT_LINUX_RCUPDATE_H

#include <linux/slab.h>
#include <linux/types.h>

struct rcu_head {
	struct rcu_head *next;
	void *object;
};

__attribute__((weak)) unsigned int unit_rcu_depth;
__attribute__((weak)) struct rcu_head *unit_rcu_waiting;
/* Called before each rcu_dereference(). */
__attribute__((weak)) void (*unit_rcu_hook)(void);

static inline void rcu_read_lock(void)
{
	unit_rcu_depth++;
}

static inline void rcu_read_unlock(void)
{
	struct rcu_head *head;

	if (--unit_rcu_depth)
		return;
	while ((head = unit_rcu_waiting)) {
		unit_rcu_waiting = head->next;
		kfree(head->object);
	}
}

static inline void unit_rcu_free(struct rcu_head *head, void *object)
{
	if (!unit_rcu_depth) {
		kfree(object);
		return;
	}
	head->object = object;
	head->next = unit_rcu_waiting;
	unit_rcu_waiting = head;
}

#define kfree_rcu(p, field)	unit_rcu_free(&(p)->field, p)

#define rcu_dereference(p) ({					\
	if (unit_rcu_hook)					\
		unit_rcu_hook();				\
	__atomic_load_n(&(p), __ATOMIC_CONSUME);		\
})

#define rcu_dereference_protected(p, condition)	({		\
	if (!(condition))					\
		abort();					\
	(p);							\
})

#define rcu_assign_pointer(p, v)	__atomic_store_n(&(p), v, __ATOMIC_RELEASE)
#define RCU_INIT_POINTER(p, v)		((void)((p) = (v)))

#endif /* _UNIT_LINUX_RCUPDATE_H */
