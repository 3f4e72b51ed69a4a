// SPDX-License-Identifier: GPL-2.0
#include "cli/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/value.h"
#include "util/log.h"
#include "util/nearest.h"
#include "util/num.h"

enum { HELP_COLUMN = 14, PATH_SIZE = 512, OPTION_SIZE = 64 };

/* The value as it was typed. */
static int keep_text(const char *text, void *out, struct why *why)
{
	const char **kept = out;

	if (!*text)
		return why_set(why, "its value is empty");
	*kept = text;
	return 0;
}

/* The same of a list of prefixes that is right. */
static int keep_prefixes(const char *text, void *out, struct why *why)
{
	struct ip_prefixes prefixes = { NULL };

	if (keep_text(text, out, why) || prefixes_parse(text, &prefixes, why))
		return -EINVAL;
	prefixes_free(&prefixes);
	return 0;
}

static int inside_parse(const char *text, void *out, struct why *why)
{
	static const char *const names[] = { [INSIDE_IPV4] = "ipv4", [INSIDE_IPV6] = "ipv6", [INSIDE_BOTH] = "both" };
	enum request_inside *inside = out;
	unsigned int value = 0;

	if (choice_parse(text, names, sizeof(names) / sizeof(*names), &value, why))
		return -EINVAL;
	*inside = value;
	return 0;
}

static const struct option {
	const char *name;
	const char *brief;	/* NULL: none */
	const char *syntax;	/* of its value; NULL: it takes none */
	const char *help;	/* NULL: not for people */
	uint64_t bit;
	/* Stores the value at @offset of struct request, see util/addr.h. */
	int (*parse)(const char *text, void *out, struct why *why);
	size_t offset;
} options[] = {
	{ .name = "--json", .help = "print JSON", .bit = OPTION_JSON },
	{ .name = "--watch", .help = "show again every second until interrupted", .bit = OPTION_WATCH },
	{ .name = "--wait", .syntax = "S", .help = "wait so many seconds at most, 30 unless given",
	  .bit = OPTION_WAIT, .parse = wait_parse, .offset = offsetof(struct request, wait) },
	{ .name = "--no-wait", .help = "do not wait", .bit = OPTION_NO_WAIT },
	{ .name = "--dry-run", .help = "check it and tell what would be done, no more", .bit = OPTION_DRY_RUN },
	{ .name = "--verify", .help = "rekey once, to see that both sides agree on that, too",
	  .bit = OPTION_VERIFY },
	{ .name = "--rekey", .help = "rekey each tunnel's Child SA, to see that both sides agree on that",
	  .bit = OPTION_REKEY },
	{ .name = "--ike", .help = "the IKE SA, not the Child SAs", .bit = OPTION_IKE },
	{ .name = "--follow", .brief = "-f", .help = "go on, with new lines as they come",
	  .bit = OPTION_FOLLOW },
	{ .name = "--foreground", .help = "stay in the foreground, and log to standard error",
	  .bit = OPTION_FOREGROUND },
	{ .name = "--name", .syntax = "NAME", .help = "of the connection, instead of AWS's id",
	  .bit = OPTION_NAME, .parse = keep_text, .offset = offsetof(struct request, name) },
	{ .name = "--into", .syntax = "NAME", .help = "add the tunnels to that connection",
	  .bit = OPTION_INTO, .parse = keep_text, .offset = offsetof(struct request, into) },
	{ .name = "--routes", .syntax = "P,..", .help = "the networks at the far end",
	  .bit = OPTION_ROUTES, .parse = keep_prefixes, .offset = offsetof(struct request, routes) },
	{ .name = "--psk-file", .syntax = "FILE", .help = "pre-shared keys that are not in AWS's file",
	  .bit = OPTION_PSK_FILE, .parse = keep_text, .offset = offsetof(struct request, psk_file) },
	{ .name = "--certificate", .syntax = "FILE", .help = "ours, where AWS authenticates by certificates",
	  .bit = OPTION_CERTIFICATE, .parse = keep_text, .offset = offsetof(struct request, certificate) },
	{ .name = "--private-key", .syntax = "FILE", .help = "of our certificate",
	  .bit = OPTION_PRIVATE_KEY, .parse = keep_text, .offset = offsetof(struct request, private_key) },
	{ .name = "--ca", .syntax = "FILE", .help = "the authority's certificate, which vouches for AWS's",
	  .bit = OPTION_CA, .parse = keep_text, .offset = offsetof(struct request, ca) },
	{ .name = "--output", .syntax = "DIR", .help = "write there instead of /etc/vpntun",
	  .bit = OPTION_OUTPUT, .parse = keep_text, .offset = offsetof(struct request, output) },
	{ .name = "--weak", .help = "the proposals of the file itself, which are the weakest there are",
	  .bit = OPTION_WEAK },
	{ .name = "--split", .help = "a connection with an interface of its own for each tunnel",
	  .bit = OPTION_SPLIT },
	{ .name = "--listen", .syntax = "ADDR:PORT", .help = "answer HTTP there",
	  .bit = OPTION_LISTEN, .parse = keep_text, .offset = offsetof(struct request, listen) },
	{ .name = "--textfile", .syntax = "FILE", .help = "write a file for node_exporter instead",
	  .bit = OPTION_TEXTFILE, .parse = keep_text, .offset = offsetof(struct request, textfile) },
	{ .name = "--interval", .syntax = "S", .help = "write it again so often, until interrupted",
	  .bit = OPTION_INTERVAL, .parse = life_time_parse, .offset = offsetof(struct request, interval) },
	{ .name = "--secrets", .help = "tell pre-shared keys, too", .bit = OPTION_SECRETS },
	{ .name = "--outside", .syntax = "A,..", .help = "addresses of this host, as the far end sees them",
	  .bit = OPTION_OUTSIDE, .parse = keep_text, .offset = offsetof(struct request, outside) },
	{ .name = "--routes", .syntax = "P,..", .help = "the networks at this end that the far end is to reach",
	  .bit = OPTION_OUR_ROUTES, .parse = keep_prefixes, .offset = offsetof(struct request, routes) },
	{ .name = "--customer-gateway", .syntax = "ADDR", .help = "where the customer is, or 'any'",
	  .bit = OPTION_CUSTOMER, .parse = keep_text, .offset = offsetof(struct request, customer) },
	{ .name = "--static", .syntax = "P,..", .help = "the customer's networks",
	  .bit = OPTION_STATIC, .parse = keep_prefixes, .offset = offsetof(struct request, statics) },
	{ .name = "--bgp", .syntax = "ASN", .help = "the customer's number: networks are learned",
	  .bit = OPTION_BGP, .parse = value_asn, .offset = offsetof(struct request, bgp) },
	{ .name = "--asn", .syntax = "ASN", .help = "ours, 64512 unless given",
	  .bit = OPTION_ASN, .parse = value_asn, .offset = offsetof(struct request, asn) },
	{ .name = "--inside", .syntax = "WHAT", .help = "ipv4, ipv6 or both, ipv4 unless given",
	  .bit = OPTION_INSIDE, .parse = inside_parse, .offset = offsetof(struct request, inside) },
	{ .name = "--ikev2", .help = "the only version there is", .bit = OPTION_IKEV2 },
	{ .name = "--announce", .syntax = "P,..", .help = "networks that this side has",
	  .bit = OPTION_ANNOUNCE, .parse = keep_prefixes, .offset = offsetof(struct request, announce) },
	{ .name = "--accept", .syntax = "P,..", .help = "networks that neighbors may have",
	  .bit = OPTION_ACCEPT, .parse = keep_prefixes, .offset = offsetof(struct request, accept) },
	{ .name = "--primary", .syntax = "TUNNEL", .help = "prefer that tunnel, both ways",
	  .bit = OPTION_PRIMARY, .parse = keep_text, .offset = offsetof(struct request, primary) },
	{ .name = "--ecmp", .help = "tunnels that are equal share the flows", .bit = OPTION_ECMP },
	{ .name = "--bfd", .help = "detect a dead neighbor in seconds, by BFD at both ends", .bit = OPTION_BFD },
	{ .name = "--transit", .help = "pass the routes of each neighbor on to the others", .bit = OPTION_TRANSIT },
	{ .name = "--process", .bit = OPTION_PROCESS },
};

enum { N_OPTIONS = sizeof(options) / sizeof(*options) };

static bool is_help(const char *arg)
{
	return !strcmp(arg, "-h") || !strcmp(arg, "--help");
}

/* A lone dash is standard input, and -5 is a number for its parser to refuse. */
static bool is_option(const char *arg)
{
	return arg[0] == '-' && arg[1] && !strchr("0123456789", arg[1]);
}

static void path_add(char path[PATH_SIZE], const char *word)
{
	size_t used = strlen(path);

	snprintf(path + used, PATH_SIZE - used, "%s%s", used ? " " : "", word);
}

static void print_subs(const struct command *cmd)
{
	const struct command *const *sub;

	for (sub = cmd->subs; *sub; sub++)
		printf("  %-*s%s\n", HELP_COLUMN, (*sub)->name, (*sub)->summary);
}

/* As it is typed; returns its length. */
static int option_text(const struct option *option, char text[OPTION_SIZE])
{
	return snprintf(text, OPTION_SIZE, "%s%s%s%s%s", option->brief ? option->brief : "",
			option->brief ? ", " : "", option->name, option->syntax ? " " : "",
			option->syntax ? option->syntax : "");
}

static bool is_shown(const struct command *cmd, const struct option *option)
{
	return cmd->options & option->bit && option->help;
}

static void print_options(const struct command *cmd)
{
	int i, length, width = HELP_COLUMN - 1;
	char text[OPTION_SIZE];

	for (i = 0; i < N_OPTIONS; i++) {
		length = is_shown(cmd, &options[i]) ? option_text(&options[i], text) : 0;
		width = length > width ? length : width;
	}
	for (i = 0; i < N_OPTIONS; i++) {
		if (!is_shown(cmd, &options[i]))
			continue;
		option_text(&options[i], text);
		printf("  %-*s %s\n", width, text, options[i].help);
	}
	printf("  %-*s %s\n", width, "-h, --help", "print this");
}

static void print_help(const struct command *cmd, const char *path)
{
	printf("usage: vpntun%s%s%s%s\n%s\n", *path ? " " : "", path,
	       *cmd->syntax ? " " : "", cmd->syntax, cmd->summary);
	if (cmd->text)
		printf("\n%s", cmd->text);
	if (cmd->subs) {
		printf("\nCommands:\n");
		print_subs(cmd);
	}
	if (cmd->words) {
		printf("\nWords:\n");
		words_help(cmd->words, stdout);
	}
	printf("\nOptions:\n");
	print_options(cmd);
}

/* A full disk must not look like success. */
static int flush_output(int status, struct why *why)
{
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	why_set(why, "standard output: %s", strerror(errno));
	return FAILED;
}

static int help(const struct command *cmd, const char *path)
{
	struct why why = { "" };

	print_help(cmd, path);
	if (!flush_output(DONE, &why))
		return DONE;
	log_error("%s", why.text);
	return FAILED;
}

/* NULL if @name is no command of @group; then @why tells. */
static const struct command *find_sub(const struct command *group,
				      const char *name, struct why *why)
{
	const struct command *const *sub;
	struct nearest nearest;

	nearest_init(&nearest, name);
	for (sub = group->subs; *sub; sub++) {
		if (!strcmp((*sub)->name, name))
			return *sub;
		nearest_offer(&nearest, (*sub)->name);
	}
	nearest_why(&nearest, is_option(name) ? "option" : "command", why);
	return NULL;
}

/* "--wait", "--wait=5": the name's length is all that may differ. */
static bool is_named(const struct option *option, const char *arg, size_t length)
{
	if (option->brief && !strcmp(option->brief, arg))
		return true;
	if (!option->syntax)
		length = strlen(arg);
	return strlen(option->name) == length && !strncmp(option->name, arg, length);
}

/* NULL if @cmd takes no such option; then @why tells. */
static const struct option *find_option(const struct command *cmd, const char *arg,
					struct why *why)
{
	const size_t length = strcspn(arg, "=");
	struct nearest nearest;
	int i;

	nearest_init(&nearest, arg);
	for (i = 0; i < N_OPTIONS; i++) {
		if (!(cmd->options & options[i].bit))
			continue;
		if (is_named(&options[i], arg, length))
			return &options[i];
		if (options[i].help)
			nearest_offer(&nearest, options[i].name);
	}
	nearest_offer(&nearest, "--help");
	nearest_why(&nearest, "option", why);
	return NULL;
}

/* Takes the option at @in, and its value; NULL: @why, else where the last of it was. */
static char **take_option(const struct command *cmd, struct request *request,
			  char **in, struct why *why)
{
	const struct option *option = find_option(cmd, *in, why);
	const char *value;

	if (!option)
		return NULL;
	if (option->syntax && request->options & option->bit) {
		why_set(why, "option '%s' is given twice", option->name);
		return NULL;
	}
	request->options |= option->bit;
	if (!option->syntax)
		return in;

	value = strchr(*in, '=');
	value = value ? value + 1 : *++in;
	if (!value) {
		why_set(why, "option '%s' needs a value: %s", option->name, option->syntax);
		return NULL;
	}
	if (!option->parse(value, (char *)request + option->offset, why))
		return in;
	why_prepend(why, option->name);
	return NULL;
}

/* Takes the options out of @argv and counts the arguments in front of words. */
static int split(const struct command *cmd, char *argv[], struct request *request,
		 struct why *why)
{
	char **in, **out = argv;
	int count;

	for (in = argv; *in; in++) {
		if (!is_option(*in)) {
			*out++ = *in;
			continue;
		}
		in = take_option(cmd, request, in, why);
		if (!in)
			return -EINVAL;
	}
	*out = NULL;

	count = out - argv;
	if (count < cmd->min_args)
		return why_set(why, "it takes %s", cmd->syntax);
	if (count > cmd->max_args && !cmd->words)
		return why_set(why, "unexpected '%s'", argv[cmd->max_args]);
	if (count > cmd->max_args)
		count = cmd->max_args;
	request->args = argv;
	request->words = argv + count;
	return 0;
}

/* "tunnel add vgw0 aws-1: ...": what was to be done, and to what. */
static void report(const struct command *cmd, char path[PATH_SIZE], char *argv[],
		   const struct why *why)
{
	int i;

	for (i = 0; i < cmd->max_args && argv[i] && !is_option(argv[i]); i++)
		path_add(path, argv[i]);
	if (*path)
		log_error("%s: %s", path, why->text);
	else
		log_error("%s", why->text);
}

static int run_leaf(const struct command *cmd, char path[PATH_SIZE], char *argv[])
{
	struct request request = { .of = cmd->of };
	struct why why = { "" };
	int status = USAGE;
	char **arg;

	for (arg = argv; *arg; arg++)
		if (is_help(*arg))
			return help(cmd, path);

	if (!split(cmd, argv, &request, &why))
		status = flush_output(cmd->run(&request, &why), &why);
	if (status != DONE)
		report(cmd, path, argv, &why);
	return status;
}

int command_run(const struct command *root, char *argv[])
{
	const struct command *cmd = root, *sub = NULL;
	char path[PATH_SIZE] = "";
	struct why why = { "" };

	for (; cmd->subs; cmd = sub, argv++) {
		if (*argv && is_help(*argv))
			return help(cmd, path);
		why_set(&why, "which command? 'vpntun %s -h' lists them", path);
		sub = *argv ? find_sub(cmd, *argv, &why) : NULL;
		if (!sub) {
			report(cmd, path, argv, &why);
			return USAGE;
		}
		path_add(path, sub->name);
	}
	return run_leaf(cmd, path, argv);
}

/* Prints what every command says on a keyword; tells how many do. */
static int help_word(const struct command *cmd, const char *path,
		     const char *name)
{
	const struct command *const *sub;
	const struct word *word;
	char deeper[PATH_SIZE];
	int found = 0;

	for (sub = cmd->subs; sub && *sub; sub++) {
		snprintf(deeper, sizeof(deeper), "%s", path);
		path_add(deeper, (*sub)->name);
		found += help_word(*sub, deeper, name);
	}

	word = cmd->words ? words_find(cmd->words, name, NULL) : NULL;
	if (word) {
		const struct word only[] = { *word, { 0 } };

		printf("vpntun %s:\n", path);
		words_help(only, stdout);
		found++;
	}
	return found;
}

int command_help(const struct command *root, char *const words[], struct why *why)
{
	const struct command *cmd = root;
	char path[PATH_SIZE] = "";

	if (words[0] && !words[1] && help_word(root, "", words[0]))
		return DONE;

	for (; *words; words++) {
		if (!cmd->subs) {
			why_set(why, "'%s' has no commands of its own", path);
			return USAGE;
		}
		cmd = find_sub(cmd, *words, why);
		if (!cmd)
			return USAGE;
		path_add(path, cmd->name);
	}
	print_help(cmd, path);
	return DONE;
}
