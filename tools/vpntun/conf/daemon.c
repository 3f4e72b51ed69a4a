// SPDX-License-Identifier: GPL-2.0
#include "conf/daemon.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/keys.h"
#include "conf/lex.h"
#include "conf/load.h"
#include "conf/report.h"
#include "conf/value.h"
#include "util/nearest.h"
#include "util/num.h"

enum {
	HALF_OPEN_LIMIT = 65536,	/* each takes some kilobytes */
	COOKIE_DEFAULT = 32,
	HALF_OPEN_DEFAULT = 512,
};

static const char *const level_names[] = {
	[DAEMON_ERROR] = "error", [DAEMON_WARNING] = "warning", [DAEMON_INFO] = "info", [DAEMON_DEBUG] = "debug"
};
static const char *const format_names[] = { [DAEMON_TEXT] = "text", [DAEMON_JSON] = "json" };
static const char *const to_names[] = {
	[DAEMON_LOG_AUTO] = "auto", [DAEMON_LOG_STDERR] = "stderr", [DAEMON_LOG_JOURNAL] = "journal"
};

#define CHOICE(text, names, out, why) choice_u8_parse(text, names, sizeof(names) / sizeof(*(names)), out, why)

static int level(const char *text, void *out, struct why *why)
{
	return CHOICE(text, level_names, out, why);
}

static int format(const char *text, void *out, struct why *why)
{
	return CHOICE(text, format_names, out, why);
}

static int log_to(const char *text, void *out, struct why *why)
{
	return CHOICE(text, to_names, out, why);
}

static int within(const char *text, uint64_t min, uint32_t *out, struct why *why)
{
	uint64_t value = 0;

	if (num_parse(text, min, HALF_OPEN_LIMIT, &value, why))
		return -EINVAL;
	*out = value;
	return 0;
}

static int threshold(const char *text, void *out, struct why *why)
{
	return within(text, 0, out, why);
}

static int half_open(const char *text, void *out, struct why *why)
{
	return within(text, 1, out, why);
}

static int listen_parse(const char *text, void *out, struct why *why)
{
	char copy[LEX_LINE_MAX + 1], *rest = copy, *element;
	struct daemon_listen listen = { 0 };

	snprintf(copy, sizeof(copy), "%s", text);
	while ((element = lex_element(&rest))) {
		if (listen.count == CONF_LIST_MAX)
			return why_set(why, "more than %d addresses", CONF_LIST_MAX);
		if (value_host(element, &listen.list[listen.count++], why))
			return -EINVAL;
	}
	memcpy(out, &listen, sizeof(listen));
	return 0;
}

#define IN_DAEMON(member) offsetof(struct daemon_conf, member)

static const struct key keys[] = {
	{ "Listen", listen_parse, IN_DAEMON(listen), true },
	{ "LogLevel", level, IN_DAEMON(log_level), false },
	{ "LogFormat", format, IN_DAEMON(log_format), false },
	{ "LogTo", log_to, IN_DAEMON(log_to), false },
	{ "CookieThreshold", threshold, IN_DAEMON(cookie_threshold), false },
	{ "HalfOpenMax", half_open, IN_DAEMON(half_open_max), false },
	{ "HalfOpenPerSource", half_open, IN_DAEMON(source_max), false },
	{ 0 }
};

struct parser {
	const char *path;
	struct daemon_conf *conf;
	struct conf_report *report;
	bool here;		/* in [Daemon] */
	bool began;		/* a section */
	struct lex_line line;
};

#define FAULT(parser, ...) report_fault((parser)->report, (parser)->path, (parser)->line.number, __VA_ARGS__)

static void begin_section(struct parser *parser)
{
	parser->began = true;
	parser->here = !strcmp(parser->line.name, "Daemon");
	if (!parser->here) {
		FAULT(parser, "unknown section '%s'; this file has [Daemon] alone", parser->line.name);
		return;
	}
	if (*parser->line.value)
		FAULT(parser, "[Daemon] has no name behind it");
	if (parser->conf->line)
		FAULT(parser, "[Daemon] is there already, in line %u", parser->conf->line);
	else
		parser->conf->line = parser->line.number;
}

static void take_value(struct parser *parser, const struct key *key)
{
	struct why why = { "" };

	if (keys_take(key, parser->line.value, parser->conf, &why))
		FAULT(parser, "%s", why.text);
}

static void take_key(struct parser *parser)
{
	const char *name = parser->line.name;
	struct nearest nearest;
	struct why why = { "" };
	int number;

	if (!parser->began)
		FAULT(parser, "%s stands in front of the first section", name);
	if (!parser->here)
		return;
	nearest_init(&nearest, name);
	number = keys_find(keys, name, &nearest);
	if (number < 0) {
		nearest_why(&nearest, "key", &why);
		FAULT(parser, "%s", why.text);
	} else if (parser->conf->lines[number]) {
		FAULT(parser, "%s is given already, in line %u", name, parser->conf->lines[number]);
	} else {
		parser->conf->lines[number] = parser->line.number;
		take_value(parser, &keys[number]);
	}
}

/* Of the key, or of HalfOpenMax, without which it would be right. */
static unsigned int line_of(const struct daemon_conf *conf, const char *key)
{
	unsigned int line = keys_line(keys, conf->lines, key);

	return line ? line : keys_line(keys, conf->lines, "HalfOpenMax");
}

/* Keys that do not go together. */
static void check(const struct parser *parser)
{
	const struct daemon_conf *conf = parser->conf;

	if (conf->cookie_threshold > conf->half_open_max)
		report_warning(parser->report, parser->path, line_of(conf, "CookieThreshold"),
			       "CookieThreshold (%u) is beyond HalfOpenMax (%u): cookies are asked for only when all room is taken",
			       conf->cookie_threshold, conf->half_open_max);
	if (conf->source_max > conf->half_open_max)
		report_warning(parser->report, parser->path, line_of(conf, "HalfOpenPerSource"),
			       "HalfOpenPerSource (%u) is beyond HalfOpenMax (%u): one address may have all",
			       conf->source_max, conf->half_open_max);
}

static void set_defaults(struct daemon_conf *conf)
{
	memset(conf, 0, sizeof(*conf));
	conf->log_level = DAEMON_INFO;
	conf->cookie_threshold = COOKIE_DEFAULT;
	conf->half_open_max = HALF_OPEN_DEFAULT;
}

int daemon_parse(const char *path, const char *text, size_t len, struct daemon_conf *out, struct conf_report *report)
{
	struct parser parser = { .path = path, .conf = out, .report = report };
	unsigned int before = report->faults;
	enum lex_kind kind;
	struct lex lex;

	set_defaults(out);
	lex_init(&lex, text, len);
	while ((kind = lex_next(&lex, &parser.line)) != LEX_END && !report_full(report)) {
		if (kind == LEX_SECTION)
			begin_section(&parser);
		else if (kind == LEX_KEY)
			take_key(&parser);
		else
			FAULT(&parser, "%s", parser.line.why.text);
	}
	if (report->faults != before)
		return -EINVAL;
	check(&parser);
	return 0;
}

bool daemon_is_file(const char *name)
{
	const char *slash = strrchr(name, '/');

	return !strcmp(name, "daemon") || !strcmp(slash ? slash + 1 : name, "daemon.conf");
}

int daemon_load(const char *name, struct daemon_conf *out, struct conf_report *report)
{
	const char *path = strcmp(name, "daemon") ? name : DAEMON_FILE;
	char *text;
	size_t len;
	int err;

	set_defaults(out);
	if (!strcmp(path, DAEMON_FILE) && access(path, F_OK) && errno == ENOENT)
		return 0;
	text = load_text(path, &len, report);
	if (!text)
		return -EINVAL;
	err = daemon_parse(path, text, len, out, report);
	free(text);
	return err;
}
