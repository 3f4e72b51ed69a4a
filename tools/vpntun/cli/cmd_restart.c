// SPDX-License-Identifier: GPL-2.0
#include "cli/cmds.h"

#include "cli/bring.h"

static int run(const struct request *request, struct why *why)
{
	return bring_up(request, true, why);
}

const struct command cmd_restart = {
	.name = "restart",
	.syntax = "NAME|FILE [--wait S | --no-wait] [--verify] [--dry-run] [--json]",
	.summary = "Takes a connection down, if it is up, then up.",
	.text = "Nothing is taken down if the file is wrong. For the rest, see up.\n",
	.options = BRING_OPTIONS,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
