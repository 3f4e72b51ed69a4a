// SPDX-License-Identifier: GPL-2.0
#include "conf/conf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/defaults.h"
#include "conf/keys.h"
#include "conf/lex.h"
#include "conf/report.h"
#include "conf/value.h"

struct parser {
	struct conf *conf;
	struct conf_report *report;
	/* Where keys belong now; NULL: nowhere, as in a section that is none. */
	const struct key *keys;
	void *object;
	unsigned int *lines;
	bool began;		/* a section */
	struct lex_line line;
};

#define FAULT(parser, ...) \
	report_fault((parser)->report, (parser)->conf->path, (parser)->line.number, __VA_ARGS__)

/* ---- sections ---- */

static void begin_interface(struct parser *parser)
{
	struct conf *conf = parser->conf;

	if (*parser->line.value)
		FAULT(parser, "[Interface] has no name behind it; the key 'Name' names it");
	if (conf->line)
		FAULT(parser, "[Interface] is there already, in line %u", conf->line);
	else
		conf->line = parser->line.number;
	parser->keys = keys_interface;
	parser->object = conf;
	parser->lines = conf->lines;
}

static void name_tunnel(struct parser *parser, struct conf_tunnel *tunnel)
{
	const struct conf *conf = parser->conf;
	const char *name = parser->line.value;
	struct why why = { "" };
	size_t i;

	if (!*name) {
		FAULT(parser, "a tunnel needs a name: [Tunnel NAME]");
		return;
	}
	if (name_check(name, sizeof(tunnel->name), &why)) {
		FAULT(parser, "%s", why.text);
		return;
	}
	for (i = 0; i + 1 < conf->n_tunnels; i++)
		if (!strcmp(conf->tunnels[i].name, name))
			FAULT(parser, "[Tunnel %s] is there already, in line %u", name, conf->tunnels[i].line);
	snprintf(tunnel->name, sizeof(tunnel->name), "%s", name);
}

static void begin_tunnel(struct parser *parser)
{
	struct conf *conf = parser->conf;
	struct conf_tunnel *tunnels, *tunnel;

	if (conf->n_tunnels == CONF_TUNNELS_MAX) {
		FAULT(parser, "more than %d tunnels", CONF_TUNNELS_MAX);
		return;
	}
	tunnels = reallocarray(conf->tunnels, conf->n_tunnels + 1, sizeof(*tunnels));
	if (!tunnels) {
		FAULT(parser, "%s", strerror(ENOMEM));
		return;
	}
	conf->tunnels = tunnels;
	tunnel = &tunnels[conf->n_tunnels++];
	memset(tunnel, 0, sizeof(*tunnel));
	tunnel->line = parser->line.number;
	defaults_tunnel(tunnel);
	name_tunnel(parser, tunnel);
	parser->keys = keys_tunnel;
	parser->object = tunnel;
	parser->lines = tunnel->lines;
}

static void begin_section(struct parser *parser)
{
	const char *name = parser->line.name;
	struct nearest nearest;
	struct why why = { "" };

	parser->began = true;
	parser->keys = NULL;
	if (!strcmp(name, "Interface")) {
		begin_interface(parser);
	} else if (!strcmp(name, "Tunnel")) {
		begin_tunnel(parser);
	} else {
		nearest_init(&nearest, name);
		nearest_offer(&nearest, "Interface");
		nearest_offer(&nearest, "Tunnel");
		nearest_why(&nearest, "section", &why);
		FAULT(parser, "%s", why.text);
	}
}

/* ---- keys ---- */

static void unknown_key(struct parser *parser, struct nearest *nearest)
{
	const char *name = parser->line.name;
	struct why why = { "" };

	if (parser->keys == keys_interface && keys_find(keys_tunnel, name, NULL) >= 0) {
		FAULT(parser, "%s belongs in a [Tunnel NAME] section", name);
	} else if (parser->keys == keys_tunnel && keys_find(keys_interface, name, NULL) >= 0) {
		FAULT(parser, "%s belongs in the [Interface] section", name);
	} else {
		nearest_why(nearest, "key", &why);
		FAULT(parser, "%s", why.text);
	}
}

static void parse_value(struct parser *parser, const struct key *key)
{
	struct why why = { "" };

	if (keys_take(key, parser->line.value, parser->object, &why))
		FAULT(parser, "%s", why.text);
}

static void take_key(struct parser *parser)
{
	struct nearest nearest;
	unsigned int *line;
	int number;

	if (!parser->began) {
		FAULT(parser, "%s stands in front of the first section", parser->line.name);
		return;
	}
	if (!parser->keys)
		return;

	nearest_init(&nearest, parser->line.name);
	number = keys_find(parser->keys, parser->line.name, &nearest);
	if (number < 0) {
		unknown_key(parser, &nearest);
		return;
	}
	line = &parser->lines[number];
	if (*line) {
		FAULT(parser, "%s is given already, in line %u", parser->line.name, *line);
		return;
	}
	*line = parser->line.number;
	parse_value(parser, &parser->keys[number]);
}

/* ---- the file ---- */

/* The file's name is that of the connection and, unless it is too long or told otherwise, of the interface. */
static void name_connection(struct parser *parser)
{
	const char *base = strrchr(parser->conf->path, '/'), *end;
	struct conf *conf = parser->conf;
	char name[sizeof(conf->path)];
	struct why why = { "" };

	base = base ? base + 1 : conf->path;
	end = strrchr(base, '.');
	if (!end || strcmp(end, ".conf") || end == base)
		end = base + strlen(base);
	snprintf(name, sizeof(name), "%.*s", (int)(end - base), base);

	if (name_check(name, sizeof(conf->name), &why)) {
		report_fault(parser->report, conf->path, 0, "the file's name is the connection's: %s", why.text);
		return;
	}
	memcpy(conf->name, name, strlen(name) + 1);
	if (!keys_line(keys_interface, conf->lines, "Name") && value_iface(name, conf->ifname, &why))
		report_fault(parser->report, conf->path, conf->line,
			     "'%s' cannot be the interface's name, too: write a Name of at most %zu bytes", name,
			     sizeof(conf->ifname) - 1);
}

static void parse_lines(struct parser *parser, struct lex *lex)
{
	enum lex_kind kind;

	while ((kind = lex_next(lex, &parser->line)) != LEX_END && !report_full(parser->report)) {
		switch (kind) {
		case LEX_SECTION:
			begin_section(parser);
			break;
		case LEX_KEY:
			take_key(parser);
			break;
		default:
			FAULT(parser, "%s", parser->line.why.text);
			break;
		}
	}
}

static void finish(struct parser *parser)
{
	struct conf *conf = parser->conf;

	name_connection(parser);
	if (!conf->n_tunnels)
		report_fault(parser->report, conf->path, 0, "there is no [Tunnel NAME] section");
	if (defaults_finish(conf))
		report_fault(parser->report, conf->path, 0, "%s", strerror(ENOMEM));
}

int conf_parse(const char *path, const char *text, size_t len, struct conf *out, struct conf_report *report)
{
	struct parser parser = { .conf = out, .report = report };
	unsigned int before = report->faults;
	struct lex lex;

	memset(out, 0, sizeof(*out));
	snprintf(out->path, sizeof(out->path), "%s", path);
	defaults_interface(out);
	lex_init(&lex, text, len);
	parse_lines(&parser, &lex);
	finish(&parser);
	if (report->faults == before)
		return 0;
	conf_free(out);
	return -EINVAL;
}

static void free_tunnel(struct conf_tunnel *tunnel)
{
	prefixes_free(&tunnel->local_ts);
	prefixes_free(&tunnel->remote_ts);
	prefixes_free(&tunnel->prefixes);
}

void conf_free(struct conf *conf)
{
	size_t i;

	for (i = 0; i < conf->n_tunnels; i++)
		free_tunnel(&conf->tunnels[i]);
	free(conf->tunnels);
	prefixes_free(&conf->routes);
	memset(conf, 0, sizeof(*conf));
}
