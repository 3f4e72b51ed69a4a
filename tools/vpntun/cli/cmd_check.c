// SPDX-License-Identifier: GPL-2.0
#include "cli/cmds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/out.h"
#include "cli/telling.h"
#include "conf/daemon.h"
#include "conf/keys.h"
#include "conf/report.h"
#include "iked/creds.h"
#include "iked/policy.h"
#include "util/wipe.h"

enum {
	PSK_MAX = 512,		/* bytes; more than any peer takes */
	PSK_SHORT = 20,		/* fewer can be guessed from one recorded handshake */
};

/* "LocalID: ..": the line of that key. */
static unsigned int line_of(const struct conf_tunnel *tunnel, const char *sentence)
{
	char key[32];
	unsigned int line;

	snprintf(key, sizeof(key), "%.*s", (int)strcspn(sentence, ":"), sentence);
	line = keys_line(keys_tunnel, tunnel->lines, key);
	return line ? line : tunnel->line;
}

static void check_psk(const struct conf *conf, const struct conf_tunnel *tunnel, struct conf_report *report)
{
	unsigned int line = line_of(tunnel, "PSKFile");
	uint8_t psk[PSK_MAX];
	struct why why = { "" };
	int len;

	len = conf_psk(conf, tunnel, psk, sizeof(psk), &why);
	if (len < 0)
		report_fault(report, conf->path, line, "PSKFile: %s", why.text);
	else if (len < PSK_SHORT)
		report_warning(report, conf->path, line,
			       "PSKFile: a key of %d bytes is short; 'vpntun genpsk' makes a strong one", len);
	if (len > 0 && (psk[len - 1] == ' ' || psk[len - 1] == '\t'))
		report_warning(report, conf->path, line, "PSKFile: the key ends in a blank; is that meant?");
	wipe(&psk);
}

static void check_certificate(const struct conf *conf, const struct conf_tunnel *tunnel,
			      const struct ike_policy *policy, struct conf_report *report)
{
	struct creds *creds = malloc(sizeof(*creds));

	if (!creds)
		report_fault(report, conf->path, tunnel->line, "out of memory");
	else if (!creds_load(conf, tunnel, policy, creds, report))
		creds_free(creds);
	free(creds);
}

static void check_tunnel(const struct conf *conf, const struct conf_tunnel *tunnel, struct conf_report *report)
{
	struct ike_policy policy;
	struct why why = { "" };
	bool made = !policy_make(conf, tunnel, &policy, &why);

	if (!made)
		report_fault(report, conf->path, line_of(tunnel, why.text), "%s", why.text);
	else if (policy_doubtful(&policy, &why))
		report_warning(report, conf->path, line_of(tunnel, why.text), "%s", why.text);
	if (*tunnel->psk_file)
		check_psk(conf, tunnel, report);
	else if (made)
		check_certificate(conf, tunnel, &policy, report);
}

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

	json_object_set_new(root, "connection", right ? json_string(conf->name) : json_null());
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
	size_t i;

	if (!conf_load(name, &conf, report)) {
		for (i = 0; i < conf.n_tunnels; i++)
			check_tunnel(&conf, &conf.tunnels[i], report);
		conf_others(&conf, report);
	}
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
