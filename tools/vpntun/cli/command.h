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
	OPTION_SECRETS = 1 << 20,
	OPTION_OUTSIDE = 1 << 21,
	OPTION_CUSTOMER = 1 << 22,
	OPTION_STATIC = 1 << 23,
	OPTION_BGP = 1 << 24,
	OPTION_ASN = 1 << 25,
	OPTION_INSIDE = 1 << 26,
	OPTION_IKEV2 = 1 << 27,
	OPTION_ANNOUNCE = 1 << 28,
	OPTION_ACCEPT = 1 << 29,
	OPTION_PRIMARY = 1 << 30,
	OPTION_ECMP = 1LL << 31,
	OPTION_BFD = 1LL << 32,
	OPTION_TRANSIT = 1LL << 33,
	OPTION_REKEY = 1LL << 34,
	OPTION_CERTIFICATE = 1LL << 35,
	OPTION_PRIVATE_KEY = 1LL << 36,
	OPTION_CA = 1LL << 37,
	OPTION_OUR_ROUTES = 1LL << 38,
};

/* Families inside a tunnel, with OPTION_INSIDE. */
enum request_inside { INSIDE_IPV4, INSIDE_IPV6, INSIDE_BOTH };

/* A command line, split up. */
struct request {
	char **args;		/* the command's arguments, then its words; NULL ends them */
	char **words;		/* the words, within @args */
	uint64_t options;
	uint32_t wait;		/* seconds, with OPTION_WAIT */
	/* values of the options of these names, or NULL */
	const char *name, *into, *routes, *psk_file, *output, *certificate, *private_key, *ca;
	uint32_t interval;	/* seconds, with OPTION_INTERVAL */
	const char *listen;	/* address and port, with OPTION_LISTEN */
	const char *textfile;	/* path, with OPTION_TEXTFILE */
	const char *outside;	/* addresses, with OPTION_OUTSIDE */
	const char *customer;	/* address or "any", with OPTION_CUSTOMER */
	const char *statics;	/* prefixes, with OPTION_STATIC */
	uint32_t bgp, asn;	/* numbers, with OPTION_BGP and OPTION_ASN, else 0 */
	enum request_inside inside;
	const char *announce, *accept;	/* prefixes, with the options of these names */
	const char *primary;	/* a tunnel, with OPTION_PRIMARY */
	const void *of;		/* the command's */
};

/* A command; a group of commands if it has @subs. */
struct command {
	const char *name;
	const char *syntax;	/* what follows the name */
	const char *summary;	/* half a line */
	const char *text;	/* more help, or NULL */
	const struct command *const *subs;	/* NULL ends them */
	const struct word *words;		/* NULL: takes none */
	uint64_t options;			/* those it takes */
	const void *of;				/* what @run is told, where several share it */
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
