/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Work that several CPUs do at the same time, and whose results go on in the order in which it came: one lane for every
 * SA. As long as one CPU suffices it stays out of the way.
 *
 * DOC: Who has a packet for a lane that is wide makes a job of it and adds it, under the lane's lock where its sequence
 * number is taken. The job is done by another CPU, or by this one when the others have enough to do. Whoever ends the
 * first of the lane's jobs lets it go on, and all behind it that have been done meanwhile. A lane is wide while its work
 * takes more than half of a CPU's time.
 */
#ifndef _VGW_LANE_H
#define _VGW_LANE_H

#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/sched/clock.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct vgw_job;

/**
 * struct vgw_lane - the jobs of one SA
 * @lock: guards @jobs, @count, @ending, and the state of the jobs; taken with bottom halves off
 * @jobs: in order
 * @count: how many
 * @ending: somebody lets jobs go on
 * @wide: more than one CPU is needed; read without a lock, as the next two
 * @since: nanoseconds of local_clock() since when @busy counts
 * @busy: nanoseconds of work
 */
struct vgw_lane {
	spinlock_t lock;
	struct list_head jobs;
	unsigned int count;
	bool ending;
	bool wide;
	u64 since;
	u64 busy;
};

/**
 * struct vgw_job_ops - what a job is
 * @work: do it; on any CPU, bottom halves off
 * @end: let it go on; one after the other, bottom halves off
 */
struct vgw_job_ops {
	void (*work)(struct vgw_job *job);
	void (*end)(struct vgw_job *job);
};

/* How far a job has got. */
enum vgw_job_state {
	VGW_JOB_WAITING,
	VGW_JOB_TAKEN,
	VGW_JOB_DONE,
};

/**
 * struct vgw_job - one job; the first member of a structure of its maker's, which was got by kmalloc
 * @work: has another CPU do it
 * @node: in vgw_lane.jobs
 * @lane: see there
 * @ops: what it is
 * @state: enum vgw_job_state
 * @ref: of the lane, and of who does it
 * @cost: nanoseconds that it took
 */
struct vgw_job {
	struct work_struct work;
	struct list_head node;
	struct vgw_lane *lane;
	const struct vgw_job_ops *ops;
	enum vgw_job_state state;
	refcount_t ref;
	u64 cost;
};

int vgw_lanes_init(void);
void vgw_lanes_exit(void);
void vgw_lane_init(struct vgw_lane *lane);
void vgw_lane_account(struct vgw_lane *lane, u64 cost);
bool vgw_lane_add(struct vgw_lane *lane, struct vgw_job *job, const struct vgw_job_ops *ops);
void vgw_lane_go(struct vgw_job *job);

/* Do packets have to go by the lane? Any context. */
static inline bool vgw_lane_in_use(const struct vgw_lane *lane)
{
	return unlikely(READ_ONCE(lane->wide) || !list_empty_careful(&lane->jobs));
}

#endif /* _VGW_LANE_H */
