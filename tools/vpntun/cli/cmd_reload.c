// SPDX-License-Identifier: GPL-2.0
#include "cli/cmds.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/helper.h"
#include "cli/out.h"
#include "conf/conf.h"
#include "conf/report.h"
#include "iked/policy.h"

/* Each fault is printed; with JSON there is no place but for the first. */
struct faults {
	bool json;
	struct why first;
};

static void tell_fault(void *ctx, bool fault, const char *line)
{
	struct faults *faults = ctx;

	if (!fault)
		return;
	if (!faults->json)
		printf("%s\n", line);
	if (!*faults->first.text)
		why_set(&faults->first, "%s", faults->json ? line : "nothing was changed");
}

/* Its absolute path, and the connection's name; FAILED: it has faults, and those are told. */
static int check_file(const struct request *request, char file[PATH_MAX], char name[CONF_NAME_SIZE], struct why *why)
{
	struct faults faults = { .json = request->options & OPTION_JSON };
	struct conf_report report = { .say = tell_fault, .ctx = &faults };
	struct conf conf;

	if (!conf_load(request->args[0], &conf, &report)) {
		policy_report(&conf, &report);
		if (!report.faults && !realpath(conf.path, file))
			report_fault(&report, conf.path, 0, "%s", strerror(errno));
		snprintf(name, CONF_NAME_SIZE, "%s", conf.name);
		conf_free(&conf);
	}
	if (!report.faults)
		return DONE;
	*why = faults.first;
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

static int reload(struct ctl *ctl, const struct request *request, const char *file, const char *name, struct why *why)
{
	const bool dry = request->options & OPTION_DRY_RUN;
	json_t *answer, *changes;
	int result;

	result = helper_ask(ctl, json_pack("{s:i, s:s, s:s, s:b}", "v", CTL_VERSION, "do", "reload", "file", file, "dry",
					   dry), &answer, why);
	if (result != DONE)
		return result;
	changes = json_object_get(answer, "changes");
	if (!(request->options & OPTION_JSON)) {
		print_changes(name, changes, dry);
	} else if (!out_json(json_pack("{s:s, s:O?}", "connection", name, "changes", changes), true)) {
		why_set(why, "out of memory");
		result = FAILED;
	}
	json_decref(answer);
	return result;
}

static int run(const struct request *request, struct why *why)
{
	char file[PATH_MAX], name[CONF_NAME_SIZE];
	struct ctl *ctl;
	int result;

	result = check_file(request, file, name, why);
	if (result != DONE)
		return result;
	if (ctl_connect(&ctl, CTL_PATIENCE, why))
		return FAILED;
	result = reload(ctl, request, file, name, why);
	ctl_close(ctl);
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
