// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "cli/cmds.h"

static int run_help(const struct request *request, struct why *why);

static const struct command cmd_help = {
	.name = "help",
	.syntax = "[COMMAND..|WORD]",
	.summary = "Explains a command, or a word of any command.",
	.max_args = 2,
	.run = run_help,
};

static const struct command *const commands[] = {
	&cmd_show,
	&cmd_check,
	&cmd_up,
	&cmd_down,
	&cmd_restart,
	&cmd_reload,
	&cmd_rekey,
	&cmd_log,
	&cmd_import,
	&cmd_set,
	&cmd_tunnel,
	&cmd_sa,
	&cmd_ike,
	&cmd_monitor,
	&cmd_doctor,
	&cmd_exporter,
	&cmd_genpsk,
	&cmd_help,
	NULL
};

static const struct command vpntun = {
	.name = "vpntun",
	.syntax = "[COMMAND]",
	.summary = "Sets up and shows IPsec tunnels of the vgw kernel module.",
	.text = "Without a command: vpntun show. Exit status: 0 done, 1 failed, 2 usage; of up and restart also\n"
		"3 partly up, 4 not up; of doctor 3 warnings, 4 errors.\n",
	.subs = commands,
};

static int run_help(const struct request *request, struct why *why)
{
	return command_help(&vpntun, request->args, why);
}

/* `vpntun` and `vpntun --json` mean show, with its options. */
static int means_show(const char *first)
{
	return !first || (!strncmp(first, "--", 2) && strcmp(first, "--help"));
}

int main(int argc, char *argv[])
{
	if (argc < 1)
		return USAGE;
	if (argc == 2 && !strcmp(argv[1], "--version")) {
		puts("vpntun " VPNTUN_VERSION);
		return DONE;
	}

	if (means_show(argv[1])) {
		char *with_show[argc + 2];

		with_show[0] = "show";
		memcpy(with_show + 1, argv + 1, argc * sizeof(*argv));
		return command_run(&vpntun, with_show);
	}
	return command_run(&vpntun, argv + 1);
}
