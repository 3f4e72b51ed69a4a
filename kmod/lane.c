// SPDX-License-Identifier: GPL-2.0
#include "lane.h"

#include <linux/bottom_half.h>
#include <linux/cpumask.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

enum {
	JOBS_MAX = 256,			/* of a lane */
	HELPERS_PER_CPU = 2,		/* jobs that are given to others at a time: one that is done, one that waits */
	ENDS_MAX = 64,			/* jobs that go on at a stretch: then others may have their CPU */
	WINDOW_NS = 4 * NSEC_PER_MSEC,	/* after so long it is decided anew whether a lane is wide */
	WIDE_SHARE = 3,			/* from a third of a CPU's time on it is: the stack needs the rest */
	NARROW_SHARE = 6,		/* and until it is less than a sixth */
	HOME_NS = 10 * NSEC_PER_MSEC,	/* a lane that is empty keeps its home so long: its last packets may be there */
};

/* When several CPUs work for one SA. */
enum {
	PARALLEL_NEVER,
	PARALLEL_AUTO,
	PARALLEL_ALWAYS,
};

static unsigned int parallel = PARALLEL_AUTO;
module_param(parallel, uint, 0644);
MODULE_PARM_DESC(parallel, "several CPUs seal and open for one SA: 0 never, 1 when one does not suffice (default), 2 always");

/* Not bound to CPUs: the scheduler knows which ones are idle, and the administrator which ones may be used. */
static struct workqueue_struct *helpers;

/* Bound to them. */
static struct workqueue_struct *calls;

/* How many jobs were given to others. One line that all write, once a job of many packets. */
static atomic_t given;

static void put(struct vgw_job *job)
{
	if (refcount_dec_and_test(&job->ref))
		job->ops->free(job);
}

/* Does one CPU not suffice, when of the time @passed the work took @busy? */
static bool needs_others(const struct vgw_lane *lane, u64 busy, u64 passed)
{
	switch (READ_ONCE(parallel)) {
	case PARALLEL_NEVER:
		return false;
	case PARALLEL_AUTO:
		return num_online_cpus() > 1 && busy * (READ_ONCE(lane->wide) ? NARROW_SHARE : WIDE_SHARE) > passed;
	default:
		return true;
	}
}

/**
 * vgw_lane_account() - some work was done by the lane's own CPU, or has gone on
 * @lane: the lane
 * @cost: nanoseconds that it took
 * @now: nanoseconds of local_clock()
 *
 * Bottom halves are off. Several CPUs may do this at once, and lose a little of each other's.
 */
void vgw_lane_account(struct vgw_lane *lane, u64 cost, u64 now)
{
	u64 busy = READ_ONCE(lane->busy) + cost, passed = now - READ_ONCE(lane->since);
	bool wide;

	if (likely(passed < WINDOW_NS)) {
		WRITE_ONCE(lane->busy, busy);
		return;
	}
	wide = needs_others(lane, busy, passed);
	if (READ_ONCE(lane->wide) != wide)
		WRITE_ONCE(lane->wide, wide);
	WRITE_ONCE(lane->since, now);
	WRITE_ONCE(lane->busy, 0);
}

/* Have the home look for jobs that are done. Caller holds the lane's lock, and a reference to the job, any of it. */
static void call_home(struct vgw_lane *lane, struct vgw_job *job)
{
	if (lane->called)
		return;
	lane->called = true;
	refcount_inc(&job->ref);
	queue_work_on(lane->home, calls, &job->call);
}

/* The first jobs that are done go on. Caller holds the lane's lock, which is let go of meanwhile. */
static void end_done(struct vgw_lane *lane)
{
	unsigned int ends = 0;
	struct vgw_job *job;

	if (lane->ending)
		return;
	lane->ending = true;
	while ((job = list_first_entry_or_null(&lane->jobs, struct vgw_job, node)) && job->state == VGW_JOB_DONE) {
		if (ends++ == ENDS_MAX) {
			call_home(lane, job);
			break;
		}
		spin_unlock(&lane->lock);
		vgw_lane_account(lane, job->cost, local_clock());
		job->ops->end(job);
		spin_lock(&lane->lock);
		/* Only now, as nobody must come before it. */
		list_del(&job->node);
		lane->count--;
		put(job);
	}
	lane->ended = local_clock();
	lane->ending = false;
}

/* On the lane's home. The job is any of it, with a reference. */
static void answer(struct work_struct *call)
{
	struct vgw_job *job = container_of(call, struct vgw_job, call);
	struct vgw_lane *lane = job->lane;

	local_bh_disable();
	spin_lock(&lane->lock);
	lane->called = false;
	end_done(lane);
	spin_unlock(&lane->lock);
	local_bh_enable();
	put(job);
}

/* A job is done. Caller holds the lane's lock, and a reference to the job. */
static void tell_home(struct vgw_lane *lane, struct vgw_job *job)
{
	struct vgw_job *first = list_first_entry(&lane->jobs, struct vgw_job, node);

	job->state = VGW_JOB_DONE;
	if (lane->home == smp_processor_id())
		end_done(lane);
	else if (first->state == VGW_JOB_DONE && !lane->ending)
		call_home(lane, job);
}

/* Do a job. Bottom halves are off. The caller has a reference. */
static void run(struct vgw_job *job)
{
	struct vgw_lane *lane = job->lane;
	u64 begin = local_clock();

	job->ops->work(job);
	job->cost = local_clock() - begin;
	spin_lock(&lane->lock);
	tell_home(lane, job);
	spin_unlock(&lane->lock);
}

static void help(struct work_struct *work)
{
	struct vgw_job *job = container_of(work, struct vgw_job, work);

	local_bh_disable();
	run(job);
	atomic_dec(&given);
	local_bh_enable();
	put(job);
}

/**
 * vgw_lane_add() - add a job at the end
 * @lane: the lane, whose lock the caller holds
 * @job: the job
 * @ops: what it is
 *
 * Returns false when there are too many already. Otherwise the lane owns the job, and vgw_lane_go() has to follow when
 * the lock is released.
 */
bool vgw_lane_add(struct vgw_lane *lane, struct vgw_job *job, const struct vgw_job_ops *ops)
{
	lockdep_assert_held(&lane->lock);
	if (lane->count >= JOBS_MAX)
		return false;
	if (!lane->count && local_clock() - lane->ended > HOME_NS)
		lane->home = smp_processor_id();
	INIT_WORK(&job->work, help);
	INIT_WORK(&job->call, answer);
	job->lane = lane;
	job->ops = ops;
	job->state = VGW_JOB_UNDONE;
	/* Of the lane, and of vgw_lane_go(). */
	refcount_set(&job->ref, 2);
	list_add_tail(&job->node, &lane->jobs);
	lane->count++;
	return true;
}

/* See that a job that was added is done, by another CPU or by this one. Bottom halves are off. */
void vgw_lane_go(struct vgw_job *job)
{
	int most = (num_online_cpus() - 1) * HELPERS_PER_CPU;

	if (atomic_inc_return(&given) <= most) {
		queue_work(helpers, &job->work);
		return;
	}
	atomic_dec(&given);
	run(job);
	put(job);
}

void vgw_lane_init(struct vgw_lane *lane)
{
	spin_lock_init(&lane->lock);
	INIT_LIST_HEAD(&lane->jobs);
	lane->wide = READ_ONCE(parallel) == PARALLEL_ALWAYS;
	lane->since = local_clock();
}

int vgw_lanes_init(void)
{
	helpers = alloc_workqueue("vgw_helpers", WQ_UNBOUND | WQ_HIGHPRI | WQ_MEM_RECLAIM, 0);
	if (!helpers)
		return -ENOMEM;
	calls = alloc_workqueue("vgw_calls", WQ_PERCPU | WQ_HIGHPRI | WQ_MEM_RECLAIM, 0);
	if (calls)
		return 0;
	destroy_workqueue(helpers);
	return -ENOMEM;
}

/* No job is left. May sleep. */
void vgw_lanes_exit(void)
{
	destroy_workqueue(helpers);
	destroy_workqueue(calls);
}
