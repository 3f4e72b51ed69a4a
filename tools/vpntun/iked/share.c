// SPDX-License-Identifier: GPL-2.0
#include "iked/share.h"

#include "iked/conn.h"
#include "iked/log.h"
#include "util/clock.h"

enum {
	BURST = 100,		/* pieces of work at once, */
	EACH = 50,		/* and one more in so many ms */
	SAID_EACH = 60000,	/* ms, in which there are */
	LINES = 10,		/* of the log at most */
};

bool share_take(struct conn_tunnel *tunnel)
{
	uint64_t now = clock_ms(CLOCK_MONOTONIC);
	uint64_t full = now > BURST * EACH ? now - BURST * EACH : 0;

	if (tunnel->work_until < full)
		tunnel->work_until = full;
	if (tunnel->work_until + EACH > now)
		return false;
	tunnel->work_until += EACH;
	return true;
}

void share_tell(struct conn_tunnel *tunnel, const char *what)
{
	uint64_t now = clock_ms(CLOCK_MONOTONIC);

	if (!tunnel->busy_said || now - tunnel->busy_said > SAID_EACH)
		ilog(IKE_LOG_WARNING, tunnel->policy.name, "more %s are asked for than %d each second: refused", what,
		     1000 / EACH);
	tunnel->busy_said = now;
}

bool share_line(struct share_lines *log, unsigned int most, unsigned int ms, const char *name, const char *about)
{
	uint64_t now = clock_ms(CLOCK_MONOTONIC);

	if (!log->since || now - log->since > ms) {
		if (log->lines > most)
			ilog(IKE_LOG_WARNING, name, "%u lines %s were left out", log->lines - most, about);
		log->since = now;
		log->lines = 0;
	}
	return ++log->lines <= most;
}

bool share_log(struct conn_tunnel *tunnel)
{
	return share_line(&tunnel->log, LINES, SAID_EACH, tunnel->policy.name, "about its SAs and addresses");
}
