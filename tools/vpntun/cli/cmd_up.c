// SPDX-License-Identifier: GPL-2.0
#include "cli/cmds.h"

#include "cli/bring.h"

static int run(const struct request *request, struct why *why)
{
	return bring_up(request, false, why);
}

const struct command cmd_up = {
	.name = "up",
	.syntax = "NAME|FILE [--wait S | --no-wait] [--verify] [--dry-run] [--json]",
	.summary = "Brings a connection up, and says why a tunnel is not.",
	.text = "NAME is that of a file /etc/vpntun/NAME.conf. Starts the IKE helper if none runs here, then\n"
		"waits until all tunnels are up that start by themselves. Ctrl-C ends the waiting, no more.\n"
		"Exit status: 0 up, 3 partly up, 4 not up.\n",
	.options = BRING_OPTIONS,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
