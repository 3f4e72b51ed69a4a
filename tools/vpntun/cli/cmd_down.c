// SPDX-License-Identifier: GPL-2.0
#include "cli/cmds.h"

#include "cli/helper.h"

static int down(struct ctl *ctl, const struct status *status, const struct request *request, struct why *why)
{
	const char *name;
	int result;

	result = helper_resolve(status, request->args[0], &name, why);
	if (result != DONE)
		return result;
	return helper_ask(ctl, json_pack("{s:i, s:s, s:s}", "v", CTL_VERSION, "do", "down", "name", name), NULL, why);
}

static int run(const struct request *request, struct why *why)
{
	return helper_talk(request, down, why);
}

const struct command cmd_down = {
	.name = "down",
	.syntax = "NAME|IFACE|FILE",
	.summary = "Takes a connection down, with its interface and routes.",
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
