/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/words.h"
#include "util/why.h"

/* Exit statuses; the last two are those of a connection that was to be up. */
enum { DONE = 0, FAILED = 1, USAGE = 2, PARTLY = 3, NOT_UP = 4 };

/* Options that a command may take. */
enum {
	OPTION_JSON = 1 << 0,
	OPTION_WATCH = 1 << 1,
	OPTION_WAIT = 1 << 2,
	OPTION_NO_WAIT = 1 << 3,
	OPTION_DRY_RUN = 1 << 4,
	OPTION_IKE = 1 << 5,
	OPTION_FOLLOW = 1 << 6,
	OPTION_FOREGROUND = 1 << 7,
	OPTION_PROCESS = 1 << 8,
	OPTION_VERIFY = 1 << 9,
	OPTION_NAME = 1 << 10,
	OPTION_INTO = 1 << 11,
	OPTION_ROUTES = 1 << 12,
	OPTION_PSK_FILE = 1 << 13,
	OPTION_OUTPUT = 1 << 14,
	OPTION_WEAK = 1 << 15,
	OPTION_SPLIT = 1 << 16,
	OPTION_LISTEN = 1 << 17,
	OPTION_TEXTFILE = 1 << 18,
	OPTION_INTERVAL = 1 << 19,
};

/* A command line, split up. */
struct request {
	char **args;		/* the command's arguments, then its words; NULL ends them */
	char **words;		/* the words, within @args */
	unsigned int options;
	uint32_t wait;		/* seconds, with OPTION_WAIT */
	/* values of the options of these names, or NULL */
	const char *name, *into, *routes, *psk_file, *output;
	uint32_t interval;	/* seconds, with OPTION_INTERVAL */
	const char *listen;	/* address and port, with OPTION_LISTEN */
	const char *textfile;	/* path, with OPTION_TEXTFILE */
};

/* A command; a group of commands if it has @subs. */
struct command {
	const char *name;
	const char *syntax;	/* what follows the name */
	const char *summary;	/* half a line */
	const char *text;	/* more help, or NULL */
	const struct command *const *subs;	/* NULL ends them */
	const struct word *words;		/* NULL: takes none */
	unsigned int options;			/* those it takes */
	int min_args;
	int max_args;
	/* Returns an exit status, and unless DONE the reason in @why. */
	int (*run)(const struct request *request, struct why *why);
};

/*
 * Finds the command that @argv (NULL ends it) names, starting at @root, runs
 * it, reports its failure as one line, and returns the exit status.
 */
int command_run(const struct command *root, char *argv[]);

/* `help WORD..`: a command, or a keyword of whatever command. */
int command_help(const struct command *root, char *const words[], struct why *why);

#endif /* CLI_COMMAND_H */
