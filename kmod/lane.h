/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Work that several CPUs do at the same time, and whose results go on in the order in which it came: one lane for
 * every tunnel and direction, so that a new SA's packets do not overtake those of the old one. As long as one CPU
 * suffices it stays out of the way.
 *
 * DOC: Who has a packet for a lane that is wide makes a job of it and adds it, under the lane's lock where its sequence
 * number is taken. The job is done by another CPU, or by this one when the others have enough to do. When the first of
 * the lane's jobs is done it goes on, and all behind it that have been done meanwhile: always on one CPU, the lane's
 * home, as what several CPUs hand to the stack or to a device one after the other may not stay in that order. A lane is
 * wide while its work takes so much of a CPU's time that one does not suffice.
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
 * struct vgw_lane - the jobs of a tunnel, in one direction
 * @lock: guards all but the last three, and the state of the jobs; taken with bottom halves off
 * @jobs: in order
 * @count: how many
 * @home: the CPU that lets them go on: where the first of them was added after a pause
 * @ended: nanoseconds of local_clock() when that was done last
 * @ending: it is doing so
 * @called: it was called to do so
 * @wide: more than one CPU is needed; read without a lock, as the next two
 * @since: nanoseconds of local_clock() since when @busy counts
 * @busy: nanoseconds of work
 */
struct vgw_lane {
	spinlock_t lock;
	struct list_head jobs;
	unsigned int count;
	int home;
	u64 ended;
	bool ending;
	bool called;
	bool wide;
	u64 since;
	u64 busy;
};

/**
 * struct vgw_job_ops - what a job is
 * @work: do it; on any CPU, bottom halves off
 * @end: let it go on; one after the other, bottom halves off
 * @free: last of all; until then the lane has to stay
 */
struct vgw_job_ops {
	void (*work)(struct vgw_job *job);
	void (*end)(struct vgw_job *job);
	void (*free)(struct vgw_job *job);
};

/* How far a job has got. */
enum vgw_job_state {
	VGW_JOB_UNDONE,
	VGW_JOB_DONE,
};

/**
 * struct vgw_job - one job, part of a structure of its maker's
 * @work: has another CPU do it
 * @call: calls the lane's home
 * @node: in vgw_lane.jobs
 * @lane: see there
 * @ops: what it is
 * @state: enum vgw_job_state
 * @ref: of the lane, of who does it, of @call
 * @cost: nanoseconds that it took
 */
struct vgw_job {
	struct work_struct work;
	struct work_struct call;
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
void vgw_lane_account(struct vgw_lane *lane, u64 cost, u64 now);
bool vgw_lane_add(struct vgw_lane *lane, struct vgw_job *job, const struct vgw_job_ops *ops);
void vgw_lane_go(struct vgw_job *job);

/* Do packets have to go by the lane? Any context. */
static inline bool vgw_lane_in_use(const struct vgw_lane *lane)
{
	return unlikely(READ_ONCE(lane->wide) || !list_empty_careful(&lane->jobs));
}

#endif /* _VGW_LANE_H */
