// SPDX-License-Identifier: GPL-2.0
#include "ike/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ike/wire.h"

/* So many at once, and then one in so many milliseconds: for all, and for one network. */
enum { HINTS_MAX = 40, HINT_MS = 100, OWN_MAX = 10, OWN_MS = 500 };

/* How far the tunnel's IKE SAs have come; the best of them counts. */
static enum ike_phase phase1_of(const struct ike_tunnel *tun)
{
	enum ike_phase best = IKE_PHASE_DOWN;
	const struct ike_sa *sa;

	for_each_sa_of(tun, sa) {
		enum ike_phase phase = IKE_PHASE_NEGOTIATING;

		if (sa->state > SA_UP)
			continue;
		if (sa->state == SA_UP)
			phase = sa->out.kind == TASK_REKEY ? IKE_PHASE_REKEYING : IKE_PHASE_ESTABLISHED;
		best = phase > best ? phase : best;
	}
	return best;
}

/* The same of its Child SAs. */
static enum ike_phase phase2_of(const struct ike_tunnel *tun)
{
	enum ike_phase best = IKE_PHASE_DOWN;
	const struct ike_child *child;
	const struct ike_sa *sa;

	for_each_sa_of(tun, sa) {
		if (sa->state > SA_UP)
			continue;
		best = best ? best : IKE_PHASE_NEGOTIATING;
		for (child = sa->children; child; child = child->next) {
			if (child->state != CHILD_UP)
				continue;
			if (sa->out.kind == TASK_CHILD && sa->out.old_spi)
				return IKE_PHASE_REKEYING;
			best = IKE_PHASE_ESTABLISHED;
		}
	}
	return best;
}

static void tell_phases(const struct ike_tunnel *tun, struct ike_act_log *log)
{
	const struct ike_sa *sa;

	log->dpd = tun->pol.dpd_interval;
	log->phase1 = phase1_of(tun);
	log->phase2 = phase2_of(tun);
	for_each_sa_of(tun, sa)
		log->natted |= sa->state <= SA_UP && (sa->natted || sa->peer_natted);
}

static struct ike_act *say_text(struct ike *ike, const struct ike_tunnel *tun, enum ike_log_level level,
				const char *text)
{
	struct ike_act *act = acts_add(&ike->acts, IKE_ACT_LOG);

	if (!act)
		return NULL;
	act->log.policy = tun ? tun->pol.id : 0;
	act->log.level = level;
	if (tun)
		tell_phases(tun, &act->log);
	snprintf(act->log.text, sizeof(act->log.text), "%s", text);
	return act;
}

void say(struct ike *ike, const struct ike_tunnel *tun, enum ike_log_level level, const char *fmt, ...)
{
	char text[IKE_LOG_SIZE];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	say_text(ike, tun, level, text);
}

void say_fault(struct ike *ike, struct ike_tunnel *tun, enum ike_fault kind, const char *fmt, ...)
{
	char text[IKE_LOG_SIZE];
	struct ike_act *act;
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (tun)
		snprintf(tun->last_error, sizeof(tun->last_error), "%s", text);
	if (tun && kind != IKE_FAULT_NONE) {
		tun->fault = kind;
		tun->faults[kind]++;
	}
	act = say_text(ike, tun, IKE_LOG_WARNING, text);
	if (act)
		act->log.fault = true;
}

enum ike_fault fault_of(uint16_t notify)
{
	switch (notify) {
	case IKE_N_NO_PROPOSAL_CHOSEN:
	case IKE_N_INVALID_KE_PAYLOAD:
		return IKE_FAULT_NO_PROPOSAL;
	case IKE_N_AUTHENTICATION_FAILED:
		return IKE_FAULT_AUTHENTICATION;
	case IKE_N_TS_UNACCEPTABLE:
		return IKE_FAULT_SELECTORS;
	default:
		return IKE_FAULT_REFUSED;
	}
}

/* What has been spent comes back, one at a time. */
static bool hints_left(const struct ike *ike, struct ike_hints *hints, unsigned int most, uint64_t each_ms)
{
	uint64_t back = (ike->now - hints->at) / each_ms;

	hints->spent = back > hints->spent ? 0 : hints->spent - back;
	hints->at += back * each_ms;
	return hints->spent < most;
}

/* Of its network: whoever has an address there may have many. */
static struct ike_hints *hints_of(struct ike *ike, const struct ip_addr *from)
{
	size_t len = from->len == 4 ? 3 : 6;
	uint64_t sum;

	if (!ike->hints_seed)
		ike_random(ike, &ike->hints_seed, sizeof(ike->hints_seed));
	sum = ike->hints_seed;
	for (size_t i = 0; i < len; i++) {
		sum = (sum ^ from->bytes[i]) * 0x9e3779b97f4a7c15;
		sum ^= sum >> 29;
	}
	return &ike->hints_from[sum % HINT_BUCKETS];
}

bool hint_allowed(struct ike *ike)
{
	struct ike_hints *own = hints_of(ike, &ike->from);

	if (!hints_left(ike, own, OWN_MAX, OWN_MS) || !hints_left(ike, &ike->hints, HINTS_MAX, HINT_MS))
		return false;
	own->spent++;
	ike->hints.spent++;
	return true;
}
