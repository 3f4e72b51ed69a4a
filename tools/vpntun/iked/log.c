// SPDX-License-Identifier: GPL-2.0
#include "iked/log.h"

#include <ctype.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "ike/names.h"

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
	bool json;
	enum ike_log_level level;	/* and all before it */
	struct ilog_line kept[ILOG_KEPT];	/* a ring */
	size_t count;			/* lines ever kept */
	ilog_fn *follower;
	void *follower_ctx;
} journal = { .level = IKE_LOG_INFO };

const char *ilog_level_name(enum ike_log_level level)
{
	return levels[level].name;
}

/* systemd.exec(5): the variable has device and inode of the journal's stream. It outlives another place to write to. */
static bool to_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char mine[2 * sizeof("18446744073709551615")];
	struct stat st;

	if (!stream || fstat(STDERR_FILENO, &st))
		return false;
	snprintf(mine, sizeof(mine), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return !strcmp(stream, mine);
}

void ilog_open(bool foreground)
{
	/* systemd's journal reads levels in front of the lines. */
	journal.where = !foreground ? TO_SYSLOG : to_journal() ? TO_JOURNAL : TO_STDERR;
	if (journal.where == TO_SYSLOG)
		openlog("vpntun", LOG_PID, LOG_DAEMON);
}

void ilog_set(const struct daemon_conf *conf)
{
	static const enum ike_log_level of[] = {
		[DAEMON_ERROR] = IKE_LOG_ERROR, [DAEMON_WARNING] = IKE_LOG_WARNING, [DAEMON_INFO] = IKE_LOG_INFO,
		[DAEMON_DEBUG] = IKE_LOG_DEBUG,
	};

	journal.level = of[conf->log_level];
	journal.json = conf->log_format == DAEMON_JSON;
	/* In the background there is no standard error. */
	if (journal.where != TO_SYSLOG && conf->log_to != DAEMON_LOG_AUTO)
		journal.where = conf->log_to == DAEMON_LOG_JOURNAL ? TO_JOURNAL : TO_STDERR;
}

const char *ilog_time(const struct ilog_line *line, char text[ILOG_TIME_SIZE])
{
	char whole[32];
	struct tm tm;

	gmtime_r(&line->time.tv_sec, &tm);
	strftime(whole, sizeof(whole), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text, ILOG_TIME_SIZE, "%s.%03ldZ", whole, line->time.tv_nsec / 1000000);
	return text;
}

/* What AWS's activity log of a tunnel has, by its keys, so that one query serves both ends. */
static void add_activity(json_t *object, const struct ilog_line *line)
{
	char when[ILOG_TIME_SIZE];

	ilog_time(line, when);
	when[strcspn(when, "T")] = ' ';
	json_object_set_new(object, "event_timestamp", json_integer(line->time.tv_sec));
	json_object_set_new(object, "timestamp", json_string(when));
	json_object_set_new(object, "dpd_enabled", json_boolean(line->dpd));
	json_object_set_new(object, "nat_t_detected", json_boolean(line->natted));
	json_object_set_new(object, "ike_phase1_state", json_string(name_phase(line->phase1)));
	json_object_set_new(object, "ike_phase2_state", json_string(name_phase(line->phase2)));
	json_object_set_new(object, "details", json_string(line->text));
}

/* On the heap; NULL: no memory, or the text is not UTF-8. */
static char *json_of(const struct ilog_line *line)
{
	const char *slash = strchr(line->name, '/');
	int len = slash ? slash - line->name : (int)strlen(line->name);
	char time[ILOG_TIME_SIZE], *text;
	json_t *object;

	object = json_pack("{ss ss so? ss? ss}", "time", ilog_time(line, time), "level", levels[line->level].name,
			   "connection", len ? json_stringn(line->name, len) : NULL,
			   "tunnel", slash ? slash + 1 : NULL, "message", line->text);
	if (object && line->fault)
		json_object_set_new(object, "reason", json_string(line->text));
	if (object && line->of_tunnel)
		add_activity(object, line);
	text = object ? json_dumps(object, JSON_COMPACT) : NULL;
	json_decref(object);
	return text;
}

static void only_ascii(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

/* The parent's own lines name files, in whatever encoding, and are cut somewhere: JSON they are all the same. */
static char *json_of_any(const struct ilog_line *line)
{
	struct ilog_line plain = *line;
	char *json = json_of(line);

	if (json)
		return json;
	only_ascii(plain.text);
	return json_of(&plain);
}

static void write_text(enum ike_log_level level, const char *text)
{
	switch (journal.where) {
	case TO_SYSLOG:
		syslog(levels[level].priority, "%s", text);
		break;
	case TO_JOURNAL:
		fprintf(stderr, "<%d>%s\n", levels[level].priority, text);
		break;
	case TO_STDERR:
		fprintf(stderr, "%s\n", text);
		break;
	}
}

static void write_line(const struct ilog_line *line)
{
	const char *colon = *line->name ? ": " : "";
	char text[sizeof(line->name) + sizeof(line->text) + 32];
	char *json = journal.json ? json_of_any(line) : NULL;

	if (json) {
		write_text(line->level, json);
		free(json);
		return;
	}
	if (journal.where == TO_STDERR)
		snprintf(text, sizeof(text), "vpntun: %s: %s%s%s", levels[line->level].name, line->name, colon, line->text);
	else
		snprintf(text, sizeof(text), "%s%s%s", line->name, colon, line->text);
	write_text(line->level, text);
}

/* One line stays one line. */
static void take(struct ilog_line *line, const char *name)
{
	char *c;

	clock_gettime(CLOCK_REALTIME, &line->time);
	snprintf(line->name, sizeof(line->name), "%s", name ? name : "");
	for (c = line->text; *c; c++)
		if (iscntrl((unsigned char)*c))
			*c = '?';

	if (line->level <= journal.level || line->level <= IKE_LOG_INFO)
		journal.kept[journal.count++ % ILOG_KEPT] = *line;
	if (line->level <= journal.level)
		write_line(line);
	if (journal.follower)
		journal.follower(journal.follower_ctx, line);
}

void ilog(enum ike_log_level level, const char *name, const char *fmt, ...)
{
	struct ilog_line line = { .level = level };
	va_list args;

	va_start(args, fmt);
	vsnprintf(line.text, sizeof(line.text), fmt, args);
	va_end(args);
	take(&line, name);
}

void ilog_event(const char *name, const struct ike_act_log *event)
{
	struct ilog_line line = {
		.level = event->level, .fault = event->fault, .of_tunnel = event->policy, .dpd = event->dpd,
		.natted = event->natted, .phase1 = event->phase1, .phase2 = event->phase2,
	};

	memcpy(line.text, event->text, sizeof(line.text));
	/* It is escaped already, if the process is still our own: no terminal obeys it, and it is UTF-8. */
	only_ascii(line.text);
	take(&line, name);
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
