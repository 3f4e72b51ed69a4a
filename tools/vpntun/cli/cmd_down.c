// SPDX-License-Identifier: GPL-2.0
#include "cli/cmds.h"

#include "cli/helper.h"

static int down(struct ctl *ctl, const char *named, struct why *why)
{
	struct status status;
	const char *name;
	int result;

	result = helper_status(ctl, &status, why);
	if (result != DONE)
		return result;
	result = helper_resolve(&status, named, &name, why);
	if (result == DONE)
		result = helper_ask(ctl, json_pack("{s:i, s:s, s:s}", "v", CTL_VERSION, "do", "down", "name", name),
				    NULL, why);
	status_free(&status);
	return result;
}

static int run(const struct request *request, struct why *why)
{
	struct ctl *ctl;
	int result;

	result = helper_connect(&ctl, why);
	if (result != DONE)
		return result;
	result = down(ctl, request->args[0], why);
	ctl_close(ctl);
	return result;
}

const struct command cmd_down = {
	.name = "down",
	.syntax = "NAME|IFACE|FILE",
	.summary = "Takes a connection down, with its interface and routes.",
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
