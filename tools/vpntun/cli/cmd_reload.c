// SPDX-License-Identifier: GPL-2.0
#include "cli/cmds.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/helper.h"
#include "cli/out.h"
#include "cli/telling.h"
#include "conf/conf.h"
#include "conf/report.h"
#include "iked/policy.h"

/* Warnings were told when it came up. */
static void tell_fault(void *ctx, bool fault, const char *line)
{
	if (fault)
		telling_say(ctx, true, line);
}

/*
 * Its absolute path, and the connection's name, which stays empty if faults hide it; FAILED: it has some, and those are
 * told.
 */
static int check_file(const char *of, char file[PATH_MAX], char name[CONF_NAME_SIZE], struct telling *telling,
		      struct why *why)
{
	struct conf_report report = { .say = tell_fault, .ctx = telling };
	struct conf conf;

	if (!conf_load(of, &conf, &report)) {
		policy_report(&conf, &report);
		if (!report.faults && !realpath(conf.path, file))
			report_fault(&report, conf.path, 0, "%s", strerror(errno));
		snprintf(name, CONF_NAME_SIZE, "%s", conf.name);
		conf_free(&conf);
	}
	if (!report.faults)
		return DONE;
	why_set(why, "nothing was changed");
	return FAILED;
}

static void print_changes(const char *name, json_t *changes, bool dry)
{
	json_t *change;
	size_t i;

	if (!json_array_size(changes))
		printf("%s: its file says what it said before; keys %s read again\n", name, dry ? "would be" : "were");
	json_array_foreach(changes, i, change)
		if (json_is_string(change))
			printf("%s\n", json_string_value(change));
}

/* @changes, a list: the caller is to drop it. */
static int ask(const char *file, bool dry, json_t **changes, struct why *why)
{
	json_t *answer = NULL;
	struct ctl *ctl;
	int result;

	if (ctl_connect(&ctl, CTL_PATIENCE, why))
		return FAILED;
	result = helper_ask(ctl, json_pack("{s:i, s:s, s:s, s:b}", "v", CTL_VERSION, "do", "reload", "file", file, "dry",
					   dry), &answer, why);
	ctl_close(ctl);
	if (result == DONE)
		*changes = json_incref(json_object_get(answer, "changes"));
	json_decref(answer);
	return result;
}

/* What the helper refuses is told as it is by any command: that is no fault of a line of the file. */
static int reload(const struct request *request, struct telling *telling, struct why *why)
{
	const bool dry = request->options & OPTION_DRY_RUN;
	char file[PATH_MAX], name[CONF_NAME_SIZE] = "";
	json_t *changes = json_array();
	int result;

	result = check_file(request->args[0], file, name, telling, why);
	if (result == DONE) {
		json_decref(changes);
		changes = NULL;
		result = ask(file, dry, &changes, why);
	}
	if (!telling->faults && result == DONE) {
		print_changes(name, changes, dry);
	} else if (telling->faults && changes && !out_json(json_pack("{s:o, s:O, s:O}", "connection",
								     out_json_text_or_null(name), "changes", changes,
								     "faults", telling->faults), true)) {
		why_set(why, "out of memory");
		result = FAILED;
	}
	json_decref(changes);
	return result;
}

static int run(const struct request *request, struct why *why)
{
	struct telling telling;
	int result;

	if (telling_init(&telling, request->options & OPTION_JSON)) {
		why_set(why, "out of memory");
		return FAILED;
	}
	result = reload(request, &telling, why);
	telling_exit(&telling);
	return result;
}

const struct command cmd_reload = {
	.name = "reload",
	.syntax = "NAME|FILE [--dry-run] [--json]",
	.summary = "Makes a connection that is up what its file says now.",
	.text = "Touches only what has changed, and tells what that takes for each key: live, a new Child SA, a new\n"
		"IKE SA beside the one there is; vpntun(8) has the table. Key files are read again, and count from\n"
		"the next authentication. A file with faults changes nothing, nor does a key that needs a restart.\n",
	.options = OPTION_DRY_RUN | OPTION_JSON,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
