// SPDX-License-Identifier: GPL-2.0
#include "iked/log.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

static const struct {
	const char *name;
	int priority;		/* of syslog */
} levels[] = {
	[IKE_LOG_ERROR] = { "error", LOG_ERR },
	[IKE_LOG_WARNING] = { "warning", LOG_WARNING },
	[IKE_LOG_INFO] = { "info", LOG_INFO },
	[IKE_LOG_DEBUG] = { "debug", LOG_DEBUG },
};

static struct {
	enum { TO_STDERR, TO_JOURNAL, TO_SYSLOG } where;
	struct ilog_line kept[ILOG_KEPT];	/* a ring */
	size_t count;			/* lines ever kept */
	ilog_fn *follower;
	void *follower_ctx;
} journal;

const char *ilog_level_name(enum ike_log_level level)
{
	return levels[level].name;
}

void ilog_open(bool foreground)
{
	/* systemd's journal reads levels in front of the lines. */
	journal.where = !foreground ? TO_SYSLOG : getenv("JOURNAL_STREAM") ? TO_JOURNAL : TO_STDERR;
	if (journal.where == TO_SYSLOG)
		openlog("vpntun", LOG_PID, LOG_DAEMON);
}

static void write_line(const struct ilog_line *line)
{
	const char *colon = *line->name ? ": " : "";

	switch (journal.where) {
	case TO_SYSLOG:
		syslog(levels[line->level].priority, "%s%s%s", line->name, colon, line->text);
		break;
	case TO_JOURNAL:
		fprintf(stderr, "<%d>%s%s%s\n", levels[line->level].priority, line->name, colon, line->text);
		break;
	case TO_STDERR:
		fprintf(stderr, "vpntun: %s: %s%s%s\n", levels[line->level].name, line->name, colon, line->text);
		break;
	}
}

void ilog(enum ike_log_level level, const char *name, const char *fmt, ...)
{
	struct ilog_line line = { .level = level };
	va_list args;
	char *c;

	clock_gettime(CLOCK_REALTIME, &line.time);
	snprintf(line.name, sizeof(line.name), "%s", name ? name : "");
	va_start(args, fmt);
	vsnprintf(line.text, sizeof(line.text), fmt, args);
	va_end(args);
	/* The network process made some of it: one line stays one line, and no terminal obeys it. */
	for (c = line.text; *c; c++)
		if (iscntrl((unsigned char)*c))
			*c = '?';

	if (level != IKE_LOG_DEBUG) {
		journal.kept[journal.count++ % ILOG_KEPT] = line;
		write_line(&line);
	}
	if (journal.follower)
		journal.follower(journal.follower_ctx, &line);
}

void ilog_each(ilog_fn *fn, void *ctx)
{
	size_t i = journal.count > ILOG_KEPT ? journal.count - ILOG_KEPT : 0;

	for (; i < journal.count; i++)
		fn(ctx, &journal.kept[i % ILOG_KEPT]);
}

void ilog_follow(ilog_fn *fn, void *ctx)
{
	journal.follower = fn;
	journal.follower_ctx = ctx;
}
