// SPDX-License-Identifier: GPL-2.0
#include "cli/cmds.h"

#include "iked/iked.h"

static int run(const struct request *request, struct why *why)
{
	if (request->options & OPTION_PROCESS && request->args[0])
		return iked_process(request->args[0], why);
	if (request->options & OPTION_PROCESS || request->args[0]) {
		why_set(why, "unexpected '%s'", request->args[0] ? request->args[0] : "--process");
		return USAGE;
	}
	return iked_run(request->options & OPTION_FOREGROUND, why);
}

const struct command cmd_ike = {
	.name = "ike",
	.syntax = "",
	.summary = "Runs the IKE helper, which negotiates the keys of connections.",
	.text = "One runs in a network namespace; 'vpntun up' starts it if none does. It goes into the background,\n"
		"and logs to syslog. When it ends, its connections go down.\n",
	.options = OPTION_FOREGROUND | OPTION_PROCESS,
	.max_args = 1,
	.run = run,
};
