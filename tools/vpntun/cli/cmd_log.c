// SPDX-License-Identifier: GPL-2.0
#include "cli/cmds.h"

#include <stdio.h>

#include "cli/helper.h"
#include "cli/out.h"

/* "2026-11-21T01:23:45Z warning office aws-1: sentence"; what is not there is left out. */
static void print_text(const json_t *line)
{
	static const char *const keys[] = { "time", "level", "connection", "tunnel" };
	const char *value = json_string_value(json_object_get(line, "text"));
	char text[STATUS_TEXT_MAX];
	const char *before = "";
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		const char *word = json_string_value(json_object_get(line, keys[i]));

		if (!word)
			continue;
		printf("%s%s", before, status_text(word, text));
		before = " ";
	}
	printf(": %s\n", status_text(value ? value : "", text));
}

static int print_line(json_t *line, bool json)
{
	if (json) {
		out_json(line, false);
	} else {
		print_text(line);
		json_decref(line);
	}
	return fflush(stdout) ? FAILED : DONE;
}

static int print_lines(struct ctl *ctl, const struct request *request, struct why *why)
{
	int result = DONE;
	json_t *line;

	while (result == DONE) {
		why->text[0] = '\0';
		line = ctl_line(ctl, why);
		if (!line)
			break;
		result = print_line(line, request->options & OPTION_JSON);
	}
	if (result != DONE || (!*why->text && !(request->options & OPTION_FOLLOW)))
		return result;
	if (!*why->text)
		why_set(why, "the IKE helper has ended");
	return FAILED;
}

/* NULL: of all connections. What is down now may have lines, so its name is only looked up if it is an interface's. */
static const char *connection_name(const struct status *status, const char *named)
{
	const struct status_connection *found = named ? status_find(status, named) : NULL;

	return found ? found->name : named;
}

static int show_log(struct ctl *ctl, const struct status *status, const struct request *request, struct why *why)
{
	int result;

	result = helper_ask(ctl, json_pack("{s:i, s:s, s:s?, s:b}", "v", CTL_VERSION, "do", "log", "name",
					   connection_name(status, request->args[0]),
					   "follow", !!(request->options & OPTION_FOLLOW)), NULL, why);
	return result == DONE ? print_lines(ctl, request, why) : result;
}

static int run(const struct request *request, struct why *why)
{
	return helper_talk(request, show_log, why);
}

const struct command cmd_log = {
	.name = "log",
	.syntax = "[NAME|IFACE] [-f] [--json]",
	.summary = "Shows what the IKE helper has done, and why not.",
	.options = OPTION_FOLLOW | OPTION_JSON,
	.max_args = 1,
	.run = run,
};
