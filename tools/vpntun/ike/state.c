// SPDX-License-Identifier: GPL-2.0
#include "ike/state.h"

#include <errno.h>

#include "ike/child.h"
#include "ike/mobike.h"
#include "ike/nat.h"
#include "ike/reauth.h"
#include "ike/say.h"
#include "ike/will.h"
#include "ike/window.h"
#include "ike/x_auth.h"
#include "ike/x_child.h"
#include "ike/x_info.h"
#include "ike/x_init.h"
#include "ike/x_rekey.h"

enum {
	REFUSED_MS = 10000,	/* the answer is kept for duplicates */
	GOODBYE_MS = 10000,	/* the peer answers our delete, or not */
	LEAVING_MS = 5000,	/* whoever has us go waits for that */
	REPLACED_MS = 60000,	/* the peer deletes what it has rekeyed, or we do */
	RESOLVE_MS = 60000,	/* an address that was asked for comes, or not */
	SPARE_MS = 60000,	/* an IKE SA without Child SAs, beside one that has some */
	STUCK_MS = 330000,	/* one request without an answer, whatever else is heard */
	TEXT_SIZE = 160,
};

/* On its way up, or there to stay. */
static bool active(const struct ike_sa *sa)
{
	return sa->tun && sa->state <= SA_UP && !sa->stale;
}

static bool any_active(const struct ike_tunnel *tun)
{
	const struct ike_sa *sa;

	for_each_sa_of(tun, sa)
		if (active(sa))
			return true;
	return false;
}

/* ---- states ---- */

/* Nothing is left of a tunnel's last IKE SA: is there to be another one? */
static void ended(struct ike *ike, struct ike_sa *sa, enum sa_state from)
{
	struct ike_tunnel *tun = sa->tun;

	if (!tun || !tun->enabled || from > SA_UP || any_active(tun))
		return;
	if (from != SA_UP) {
		tun->attempts++;
		tun->retry_at = ike->now + ike_pause(ike, tun->attempts);
		/* One on demand is tried when it is demanded again; who has died leaves the rest to the peer. */
		if (tun->pol.start == IKE_START_TRAP ||
		    (tun->lasts && tun->pol.start == IKE_START_ADD && tun->pol.dpd_action != IKE_DPD_RESTART))
			tun->keep = false;
	} else if (sa->lost && tun->pol.dpd_action == IKE_DPD_RESTART) {
		tun->keep = true;
		tun->retry_at = ike->now;
	} else {
		tun->brief_sas = ike_brief(ike, sa->since) ? tun->brief_sas + 1 : 0;
		tun->retry_at = ike->now + ike_pause(ike, tun->brief_sas);
	}
}

/* Others of the same tunnel, when @sa has been authenticated. */
static void judge_others(struct ike *ike, struct ike_sa *sa)
{
	struct ike_sa *other, *oldest = NULL;
	unsigned int count = 0;

	for_each_sa_of(sa->tun, other) {
		if (other == sa)
			continue;
		if (other->state == SA_INIT_SENT) {
			/* The peer was faster, and knows nothing of this one but a first message. */
			state_enter(ike, other, SA_DEAD);
		} else if (sa->initial_contact && (other->state == SA_UP || other->state == SA_REPLACED)) {
			state_enter(ike, other, SA_DEAD);
		} else if (other->state == SA_UP && other->stale) {
			state_enter(ike, other, SA_DELETING);
		} else if (other->state == SA_UP) {
			other->ping = true;
			count++;
			if (!oldest || other->order < oldest->order)
				oldest = other;
		}
	}
	if (count >= SAS_PER_POLICY)
		state_enter(ike, oldest, SA_DELETING);
}

static void entered_up(struct ike *ike, struct ike_sa *sa)
{
	struct ike_tunnel *tun = sa->tun;
	char text[TEXT_SIZE], suite[TEXT_SIZE];

	sa_setup_free(sa);
	sa_begin(ike, sa);
	tun->attempts = 0;
	tun->contacted = true;
	tun->handshakes++;
	tun->keep = tun->pol.start == IKE_START_START;
	say(ike, tun, IKE_LOG_INFO, "IKE SA with %s is up: %s", ident_text(&sa->remote_id, text, sizeof(text)),
	    suite_text(&sa->keys.suite, suite, sizeof(suite)));
	judge_others(ike, sa);
	reauth_up(ike, sa);
	if (child_in_use(sa)) {
		tun->child_attempts = 0;
		tun->last_error[0] = 0;
	} else {
		/* What is refused for the time being may be taken another time. */
		sa->childless = !sa->children && !sa->child_later;
		tun->child_attempts++;
		tun->child_retry_at = ike->now + ike_pause(ike, tun->child_attempts);
	}
}

/* All that the SA did comes to an end; what it has in the kernel, too. */
static void stop(struct ike *ike, struct ike_sa *sa)
{
	struct ike_sa *rival = sa->rival_spi ? sa_find(ike, sa->rival_spi) : NULL;
	/* One that would make an IKE SA there is not to arrive after all. */
	bool harmless = sa->out.kind != TASK_REKEY;

	/* Our own rekeying has come to nothing, the peer's has not. */
	if (rival && rival->state == SA_UP)
		sa_move_children(sa, rival);
	sa->rival_spi = 0;
	child_remove_all(ike, sa);
	if (harmless)
		window_give_up(sa);
	else
		window_done(sa);
	sa_setup_free(sa);
}

void state_enter(struct ike *ike, struct ike_sa *sa, enum sa_state to)
{
	enum sa_state from = sa->state;

	if (from == to || from == SA_DEAD)
		return;
	sa_touch(ike, sa);
	sa->state = to;
	sa_half_open_count(ike, sa);
	switch (to) {
	case SA_UP:
		entered_up(ike, sa);
		break;
	case SA_AUTH_SIGNING:
	case SA_AUTH_CHECKING:
		sa->deadline = ike->now + ANSWER_MS;
		break;
	case SA_AUTH_SENT:
		sa->deadline = IKE_NEVER;
		break;
	case SA_REPLACED:
		sa->deadline = ike->now + REPLACED_MS;
		break;
	case SA_LEAVING:
		child_remove_all(ike, sa);
		sa_setup_free(sa);
		sa->deadline = ike->now + LEAVING_MS;
		break;
	case SA_DELETING:
		stop(ike, sa);
		sa->deadline = ike->now + GOODBYE_MS;
		ended(ike, sa, from);
		break;
	case SA_REFUSED:
		stop(ike, sa);
		sa_join(ike, sa, NULL);
		sa->deadline = ike->now + REFUSED_MS;
		break;
	case SA_DEAD:
		stop(ike, sa);
		sa->dead_next = ike->dead;
		ike->dead = sa;
		ended(ike, sa, from);
		break;
	default:
		break;
	}
}

void state_sweep(struct ike *ike)
{
	while (ike->dead) {
		struct ike_sa *sa = ike->dead;

		ike->dead = sa->dead_next;
		will_drop(ike, sa);
		sa_free(ike, sa);
	}
}

/* ---- what is to be done ---- */

struct todo {
	enum task_kind kind;
	struct ike_child *child;
	uint64_t when;
};

static void consider(struct todo *todo, enum task_kind kind, struct ike_child *child, uint64_t when)
{
	if (when < todo->when)
		*todo = (struct todo){kind, child, when};
}

/* A tunnel that is to be up, has an IKE SA, and nothing to send on. */
static bool wants_child(const struct ike *ike, const struct ike_sa *sa)
{
	const struct ike_tunnel *tun = sa->tun;

	if (!tun->enabled || !tun->keep || sa->in.kind != TASK_NONE)
		return false;
	for (const struct ike_child *child = sa->children; child; child = child->next)
		if (child->state == CHILD_UP || child->state == CHILD_REPLACED)
			return false;
	return sa_newest(ike, tun) == sa && !child_any(ike, tun);
}

/* The next exchange of ours, and when. */
static struct todo next_todo(const struct ike *ike, const struct ike_sa *sa)
{
	struct todo todo = {TASK_NONE, NULL, IKE_NEVER};

	if (sa->out.kind != TASK_NONE || sa->win.busy)
		return todo;
	if (sa->state == SA_DELETING || (sa->state == SA_REPLACED && sa->rekeyed_here))
		consider(&todo, TASK_DELETE, NULL, 0);
	if (sa->state != SA_UP)
		return todo;
	for (struct ike_child *child = sa->children; child; child = child->next) {
		if (child->state == CHILD_CLOSING)
			consider(&todo, TASK_DELETE_CHILD, child, 0);
		else if (child->state == CHILD_UP && !(sa->in.kind == TASK_CHILD && sa->in.old_spi == child->spi_in))
			consider(&todo, TASK_CHILD, child, child->rekey_at);
	}
	/* Not while the peer makes a Child SA, which would stay behind. */
	if (sa->in.kind == TASK_NONE && !sa->rival_spi)
		consider(&todo, TASK_REKEY, NULL, sa->rekey_at);
	if (wants_child(ike, sa))
		consider(&todo, TASK_CHILD, NULL, sa->tun->child_retry_at);
	if (sa->update)
		consider(&todo, TASK_UPDATE, NULL, 0);
	else if (sa->ping)
		consider(&todo, TASK_PING, NULL, 0);
	else if (sa->tun->pol.dpd_interval && sa->tun->pol.dpd_action != IKE_DPD_NONE)
		consider(&todo, TASK_PING, NULL, mobike_unsure_since(sa) + sa->tun->pol.dpd_interval * (uint64_t)1000);
	return todo;
}

static int start(struct ike *ike, struct ike_sa *sa, const struct todo *todo)
{
	switch (todo->kind) {
	case TASK_CHILD:
		return x_child_start(ike, sa, todo->child);
	case TASK_REKEY:
		return x_rekey_start(ike, sa);
	case TASK_DELETE_CHILD:
		return x_info_delete_child(ike, sa, todo->child);
	case TASK_DELETE:
		return x_info_delete(ike, sa);
	case TASK_UPDATE:
		return x_info_update(ike, sa);
	default:
		return x_info_ping(ike, sa);
	}
}

void state_work(struct ike *ike, struct ike_sa *sa)
{
	struct todo todo = next_todo(ike, sa);

	if (todo.kind == TASK_NONE || todo.when > ike->now)
		return;
	/* No memory, or no randomness: without those nothing is left but to begin anew. */
	if (start(ike, sa, &todo)) {
		say_fault(ike, sa->tun, IKE_FAULT_LOCAL, "cannot go on: no memory, or no randomness");
		state_enter(ike, sa, SA_DEAD);
	}
}

static bool to_begin(const struct ike_tunnel *tun)
{
	return tun->enabled && tun->keep && (tun->pol.remote.len || tun->pol.by_name || will_path(tun));
}

static void failed_to_begin(struct ike *ike, struct ike_tunnel *tun)
{
	tun->attempts++;
	tun->retry_at = ike->now + ike_pause(ike, tun->attempts);
}

/* If nobody answers it is asked again. */
static void ask_address(struct ike *ike, struct ike_tunnel *tun)
{
	struct ike_act *act = acts_add(&ike->acts, IKE_ACT_RESOLVE);

	if (act)
		act->resolve.policy = tun->pol.id;
	tun->asking = true;
	tun->retry_at = ike->now + RESOLVE_MS;
}

void state_begin(struct ike *ike, struct ike_tunnel *tun)
{
	if (!to_begin(tun) || ike->now < tun->retry_at || any_active(tun))
		return;
	if (tun->pol.by_name && !tun->resolved) {
		ask_address(ike, tun);
		return;
	}
	tun->resolved = false;
	if (!x_init_start(ike, tun))
		failed_to_begin(ike, tun);
}

void state_resolved(struct ike *ike, struct ike_tunnel *tun, const struct ike_path *path, const char *why)
{
	bool asking = tun->asking;

	if (path->remote.len) {
		tun->pol.local = path->local;
		tun->pol.remote = path->remote;
	}
	if (!asking)
		return;
	tun->asking = false;
	tun->resolved = path->remote.len;
	if (tun->resolved) {
		tun->retry_at = ike->now;
	} else if (to_begin(tun)) {
		say_fault(ike, tun, IKE_FAULT_NO_ADDRESS, "%s", why);
		failed_to_begin(ike, tun);
	}
}

/* ---- time ---- */

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* From then on an IKE SA whose request is not answered is as good as none: it can neither rekey nor delete. */
static uint64_t stuck_at(const struct ike_sa *sa)
{
	uint64_t patience = 3 * window_patience(sa);
	uint64_t at = sa->win.since + (patience > STUCK_MS ? patience : STUCK_MS);

	for (const struct ike_child *child = sa->children; child; child = child->next)
		if (child->state == CHILD_UP)
			at = sooner(at, ike_late_at(child->since, child->expires_at));
	return at;
}

/*
 * The peer is there, as section 2.4 counts: it is heard, by ESP or by requests of its own. So what it leaves unanswered
 * is asked again, as long as there is a Child SA to lose; when that has gone on for too long another IKE SA is begun
 * beside this one. Returns false where that cannot be.
 */
static bool wait_on(struct ike *ike, struct ike_sa *sa)
{
	uint64_t until = sa->heard + sa->tun->pol.dpd_timeout * (uint64_t)1000, stuck = stuck_at(sa);
	const struct ike_sa *newest = sa_newest(ike, sa->tun);
	char text[ADDR_TEXT_MAX];

	if (sa->state != SA_UP || until <= ike->now || !child_any(ike, sa->tun))
		return false;
	if (ike->now < stuck) {
		window_wait_on(ike, sa, sooner(until, stuck));
		return true;
	}
	if (!sa->tun->pol.remote.len || (newest != sa && child_in_use(newest)))
		return false;
	if (!sa->tun->anew)
		say_fault(ike, sa->tun, IKE_FAULT_NO_ANSWER,
			  "%s is heard, but has not answered a request for %u seconds: another IKE SA is begun",
			  addr_text(&sa->path.remote, text), (unsigned int)((ike->now - sa->win.since) / 1000));
	reauth_want(ike, sa->tun);
	window_wait_on(ike, sa, until);
	return true;
}

/* Nobody answers our request. */
static void timed_out(struct ike *ike, struct ike_sa *sa)
{
	char text[ADDR_TEXT_MAX];

	if (wait_on(ike, sa))
		return;
	if (sa->state == SA_UP && sa != sa_newest(ike, sa->tun)) {
		say(ike, sa->tun, IKE_LOG_INFO, "the peer has forgotten an older IKE SA");
	} else if (sa->state == SA_UP) {
		say_fault(ike, sa->tun, IKE_FAULT_DEAD_PEER, "the peer %s does not answer any more",
			  addr_text(&sa->path.remote, text));
		sa->lost = true;
	} else if (sa->state < SA_UP) {
		say_fault(ike, sa->tun, IKE_FAULT_NO_ANSWER, "no answer from %s to %s", addr_text(&sa->path.remote, text),
			  sa->state == SA_INIT_SENT ? "IKE_SA_INIT" : "IKE_AUTH");
	}
	state_enter(ike, sa, SA_DEAD);
}

/* When the kernel has had its time; in IKE_AUTH the SA has a deadline of its own. */
static uint64_t install_due(const struct ike_task *task)
{
	return task->wait == WAIT_INSTALL && task->kind == TASK_CHILD ? task->answer_by : IKE_NEVER;
}

/* Without this one lost answer would keep the SA from all other exchanges for the rest of its life. */
static void tick_install(struct ike *ike, struct ike_sa *sa, struct ike_task *task)
{
	if (ike->now < install_due(task))
		return;
	task->wait = WAIT_NONE;
	task->job = 0;
	state_enter(ike, sa, x_child_installed(ike, sa, task, -ETIMEDOUT));
}

static void tick_children(struct ike *ike, struct ike_sa *sa)
{
	for (struct ike_child *child = sa->children; child; child = child->next) {
		if (child->state == CHILD_UP && ike->now >= child->expires_at) {
			say_fault(ike, sa->tun, IKE_FAULT_EXPIRED, "the lifetime of the tunnel's SA is over and it was not rekeyed");
			child_uninstall(ike, sa, child);
			child->state = CHILD_CLOSING;
		} else if (child->state == CHILD_REPLACED && ike->now >= child->since + REPLACED_MS) {
			child->state = CHILD_CLOSING;
		}
	}
}

/*
 * When both sides have begun at once there are two IKE SAs. One without Child SAs goes after a while; of two that have
 * some, one goes instead of being rekeyed: by the SPIs, so that both sides mean the same one.
 */
static uint64_t spare_at(const struct ike *ike, const struct ike_sa *sa)
{
	const struct ike_sa *other;

	if (sa->state != SA_UP || sa->out.kind != TASK_NONE || sa->in.kind != TASK_NONE || sa_rival_of(ike, sa))
		return IKE_NEVER;
	for_each_sa_of(sa->tun, other) {
		if (other == sa || other->state != SA_UP || !child_in_use(other))
			continue;
		if (!sa->children)
			return sa->since + SPARE_MS;
		if (other->spi_i > sa->spi_i)
			return sa->rekey_at;
	}
	return IKE_NEVER;
}

/* Its Child SAs may still get packets that were sent before the peer heard of it. */
static void give_way(struct ike *ike, struct ike_sa *sa)
{
	say(ike, sa->tun, IKE_LOG_INFO, "ending an older IKE SA, the new one is up");
	for (struct ike_child *child = sa->children; child; child = child->next)
		child->linger = true;
	state_enter(ike, sa, SA_DELETING);
}

static void tick_sa(struct ike *ike, struct ike_sa *sa)
{
	if (!window_tick(ike, sa))
		timed_out(ike, sa);
	if (sa->state == SA_DEAD)
		return;
	if (ike->now >= sa->deadline) {
		if (sa->state == SA_UP)
			say_fault(ike, sa->tun, IKE_FAULT_EXPIRED, "the lifetime of the IKE SA is over and it was not rekeyed");
		else if (sa->state == SA_AUTH_SIGNING || (sa->state == SA_AUTH_CHECKING && sa->tun))
			say_fault(ike, sa->tun, IKE_FAULT_LOCAL, "the key process or the kernel did not answer");
		state_enter(ike, sa, sa->state == SA_UP ? SA_DELETING : SA_DEAD);
	}
	tick_install(ike, sa, &sa->out);
	tick_install(ike, sa, &sa->in);
	tick_children(ike, sa);
	reauth_tick(ike, sa);
	if (reauth_over(ike, sa))
		give_way(ike, sa);
	if (ike->now >= spare_at(ike, sa)) {
		say(ike, sa->tun, IKE_LOG_INFO, "ending an IKE SA, there is another one");
		state_enter(ike, sa, SA_DELETING);
	}
	state_work(ike, sa);
}

static uint64_t sa_due(const struct ike *ike, const struct ike_sa *sa)
{
	uint64_t due = sooner(sooner(sa->deadline, next_todo(ike, sa).when), spare_at(ike, sa));

	if (sa->state == SA_DEAD)
		return IKE_NEVER;
	if (sa->state == SA_UP)
		due = sooner(due, sa->reauth_at);
	due = sooner(due, sooner(install_due(&sa->out), install_due(&sa->in)));
	if (sa->win.busy)
		due = sooner(due, sooner(sa->win.due, sa->win.give_up));
	for (const struct ike_child *child = sa->children; child; child = child->next) {
		if (child->state == CHILD_UP)
			due = sooner(due, child->expires_at);
		else if (child->state == CHILD_REPLACED)
			due = sooner(due, child->since + REPLACED_MS);
	}
	return due;
}

/* Does what is to be done with a tunnel; returns when there will be more. */
static uint64_t tick_tunnel(struct ike *ike, struct ike_tunnel *tun)
{
	uint64_t due = IKE_NEVER;
	struct ike_sa *sa;

	for_each_sa_of(tun, sa)
		if (sa->state != SA_DEAD)
			tick_sa(ike, sa);
	state_begin(ike, tun);
	if (reauth_now(ike, tun)) {
		reauth_begun(ike, tun);
		x_init_start(ike, tun);
	}
	nat_follow(ike, tun);
	will_tick(ike, tun);
	due = sooner(will_due(tun), reauth_due(ike, tun));
	for_each_sa_of(tun, sa) {
		will_update(ike, sa);
		due = sooner(due, sa_due(ike, sa));
	}
	return to_begin(tun) && !any_active(tun) ? sooner(due, tun->retry_at) : due;
}

/* The same with an IKE SA that has none. */
static uint64_t tick_single(struct ike *ike, struct ike_sa *sa)
{
	if (sa->state != SA_DEAD)
		tick_sa(ike, sa);
	return sa_due(ike, sa);
}

void state_tick(struct ike *ike)
{
	struct ike_unit *unit;
	uint64_t due;

	while (ike->timers.first && ike->timers.first->due <= ike->now)
		unit_touch(ike, unit_of(ike->timers.first));
	while ((unit = ike->touched)) {
		ike->touched = unit->touched_next;
		due = unit->is_tunnel ? tick_tunnel(ike, (struct ike_tunnel *)unit) : tick_single(ike, (struct ike_sa *)unit);
		unit->touched = false;
		timer_set(&ike->timers, &unit->timer, due);
	}
}

uint64_t state_due(const struct ike *ike)
{
	/* Touched by a command that leaves the rest to the next event. */
	if (ike->touched)
		return ike->now;
	return ike->timers.first ? ike->timers.first->due : IKE_NEVER;
}
