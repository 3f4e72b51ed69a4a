// SPDX-License-Identifier: GPL-2.0
#include "ike/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { HINTS_MAX = 20, HINT_MS = 250 };

static struct ike_act *say_text(struct ike *ike, const struct ike_tunnel *tun, enum ike_log_level level,
				const char *text)
{
	struct ike_act *act = acts_add(&ike->acts, IKE_ACT_LOG);

	if (!act)
		return NULL;
	act->log.policy = tun ? tun->pol.id : 0;
	act->log.level = level;
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

void say_fault(struct ike *ike, struct ike_tunnel *tun, const char *fmt, ...)
{
	char text[IKE_LOG_SIZE];
	struct ike_act *act;
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (tun)
		snprintf(tun->last_error, sizeof(tun->last_error), "%s", text);
	act = say_text(ike, tun, IKE_LOG_WARNING, text);
	if (act)
		act->log.fault = true;
}

bool hint_allowed(struct ike *ike)
{
	uint64_t more = (ike->now - ike->hints_at) / HINT_MS;

	if (more) {
		ike->hints = more + ike->hints > HINTS_MAX ? HINTS_MAX : ike->hints + more;
		ike->hints_at += more * HINT_MS;
	}
	if (!ike->hints)
		return false;
	ike->hints--;
	return true;
}
