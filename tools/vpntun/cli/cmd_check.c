// SPDX-License-Identifier: GPL-2.0
#include "cli/cmds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/inspect.h"
#include "cli/out.h"
#include "cli/telling.h"
#include "conf/daemon.h"

static void print_good(const struct conf *conf, const struct conf_report *report)
{
	printf("%s: ", conf->name);
	if (conf->n_tunnels)
		printf("%zu tunnel%s, ", conf->n_tunnels, conf->n_tunnels == 1 ? "" : "s");
	printf("right");
	if (report->warnings)
		printf(" (%u warning%s)", report->warnings, report->warnings == 1 ? "" : "s");
	putchar('\n');
}

static bool print_json(const struct conf *conf, const struct telling *telling, bool right)
{
	json_t *root = json_object();

	json_object_set_new(root, "connection", right ? out_json_text(conf->name) : json_null());
	json_object_set_new(root, "right", json_boolean(right));
	json_object_set_new(root, "tunnels", json_integer(conf->n_tunnels));
	json_object_set(root, "faults", telling->faults);
	json_object_set(root, "warnings", telling->warnings);
	return out_json(root, true);
}

/* The helper's own file: it has no tunnels. */
static bool check_daemon(const char *name, const struct telling *telling, struct conf_report *report)
{
	struct daemon_conf daemon;
	struct conf none = { .name = "daemon" };

	if (!daemon_load(name, &daemon, report) && !telling->faults)
		print_good(&none, report);
	return !telling->faults || print_json(&none, telling, !report->faults);
}

static bool check_connection(const char *name, const struct telling *telling, struct conf_report *report)
{
	struct conf conf;
	bool printed = true;

	if (!conf_load(name, &conf, report))
		inspect(&conf, report);
	if (telling->faults)
		printed = print_json(&conf, telling, !report->faults);
	else if (!report->faults)
		print_good(&conf, report);
	conf_free(&conf);
	return printed;
}

static int run_on(const char *name, struct telling *telling, struct why *why)
{
	struct conf_report report = { .say = telling_say, .ctx = telling };
	bool printed;

	printed = daemon_is_file(name) ? check_daemon(name, telling, &report) : check_connection(name, telling, &report);
	if (!printed)
		why_set(why, "out of memory");
	else if (report.faults)
		why_set(why, "%u fault%s", report.faults, report.faults == 1 ? "" : "s");
	return printed && !report.faults ? DONE : FAILED;
}

static int run(const struct request *request, struct why *why)
{
	struct telling telling;
	int status;

	if (telling_init(&telling, request->options & OPTION_JSON)) {
		why_set(why, "out of memory");
		return FAILED;
	}
	status = run_on(request->args[0], &telling, why);
	telling_exit(&telling);
	return status;
}

const struct command cmd_check = {
	.name = "check",
	.syntax = "NAME|FILE",
	.summary = "Is a connection's configuration right?",
	.text = "NAME is that of a file in /etc/vpntun, without '.conf'; 'daemon' is the helper's own.\n"
		"Every fault is printed as FILE:LINE: SENTENCE, and warnings likewise; nothing of the system is changed.\n",
	.options = OPTION_JSON,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
