// SPDX-License-Identifier: GPL-2.0
#include "cli/bring.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/helper.h"
#include "cli/judge.h"
#include "cli/out.h"
#include "cli/plan.h"
#include "cli/verify.h"
#include "conf/conf.h"
#include "conf/file.h"
#include "conf/report.h"
#include "iked/creds.h"
#include "iked/policy.h"
#include "util/clock.h"
#include "util/log.h"

enum { WAIT_DEFAULT = 30, POLL_MS = 100 };

/* Ctrl-C ends the waiting; a second one ends us, as usual. */
static volatile sig_atomic_t interrupted;

static void on_interrupt(int sig)
{
	(void)sig;
	interrupted = 1;
}

static void catch_interrupts(void)
{
	const struct sigaction action = { .sa_handler = on_interrupt, .sa_flags = SA_RESETHAND };

	sigaction(SIGINT, &action, NULL);
}

static void pause_a_little(void)
{
	const struct timespec pause = { .tv_nsec = POLL_MS * 1000000L };

	nanosleep(&pause, NULL);
}

/* Keeps the first fault for the one line that there is for it. */
static void keep_fault(void *ctx, bool fault, const char *line)
{
	struct why *why = ctx;

	if (fault && !*why->text)
		why_set(why, "%s", line);
}

/* A certificate that is about to end is worth a word to whoever brings it up. */
static void tell_warning(void *ctx, bool fault, const char *line)
{
	if (fault)
		keep_fault(ctx, fault, line);
	else
		log_error("warning: %s", line);
}

/* Pre-shared keys need not be readable for whoever asks the helper. */
static int check_certificate(const struct conf *conf, const struct conf_tunnel *tunnel, const struct ike_policy *policy,
			     struct why *why)
{
	struct conf_report report = { .say = tell_warning, .ctx = why };
	struct creds *creds;
	int err;

	if (policy->auth == IKE_BY_PSK || file_helper_only(tunnel))
		return 0;
	why->text[0] = '\0';
	creds = malloc(sizeof(*creds));
	if (!creds)
		return why_set(why, "out of memory");
	err = creds_load(conf, tunnel, policy, creds, &report);
	if (!err)
		creds_free(creds);
	free(creds);
	return err;
}

/* So is what is allowed, but weak. */
static void tell_doubt(const struct conf *conf, const struct conf_tunnel *tunnel, const struct ike_policy *policy)
{
	struct conf_report report = { .say = tell_warning };
	struct why doubt;

	if (policy_doubtful(policy, &doubt))
		report_warning(&report, conf->path, tunnel->line, "tunnel %s: %s", tunnel->name, doubt.text);
}

/* What the helper would refuse is refused before it is started. */
static int check_policies(const struct conf *conf, struct why *why)
{
	char place[sizeof(conf->path) + TUNNEL_NAME_SIZE + 32];
	struct ike_policy policy;
	size_t i;

	for (i = 0; i < conf->n_tunnels; i++) {
		const struct conf_tunnel *tunnel = &conf->tunnels[i];

		if (policy_make(conf, tunnel, &policy, why)) {
			snprintf(place, sizeof(place), "%s:%u: tunnel %s", conf->path, tunnel->line, tunnel->name);
			return why_prepend(why, place);
		}
		if (check_certificate(conf, tunnel, &policy, why))
			return -EINVAL;
		tell_doubt(conf, tunnel, &policy);
	}
	return 0;
}

static int load(const char *named, struct conf *conf, struct why *why)
{
	struct why first = { "" };
	struct conf_report report = { .say = keep_fault, .ctx = &first };

	if (!conf_load(named, conf, &report)) {
		if (!check_policies(conf, why))
			return DONE;
		conf_free(conf);
		return FAILED;
	}
	if (!*first.text)
		why_set(why, "its configuration cannot be read");
	else if (report.faults > 1)
		why_set(why, "%s (and %u more: vpntun check %s)", first.text, report.faults - 1, named);
	else
		*why = first;
	return FAILED;
}

/* The connection of this name after some moments more; FAILED if the helper has lost it, or is lost. */
static int look(struct ctl *ctl, const char *name, struct status *status, const struct status_connection **connection,
		struct why *why)
{
	int result = helper_status(ctl, name, status, why);

	if (result != DONE)
		return result;
	*connection = status_find(status, name);
	if (*connection && !strcmp((*connection)->name, name))
		return DONE;
	status_free(status);
	why_set(why, "the IKE helper has dropped it: vpntun log %s", name);
	return FAILED;
}

/* Leaves the last state seen in @status; only a helper that fails makes it fail. */
static int wait_up(struct ctl *ctl, const char *name, uint32_t wait, struct status *status,
		   const struct status_connection **connection, struct why *why)
{
	const uint64_t end = clock_ms(CLOCK_BOOTTIME) + wait * UINT64_C(1000);
	struct verdict verdict;
	int result;

	catch_interrupts();
	result = look(ctl, name, status, connection, why);
	while (result == DONE) {
		verdict = judge(*connection);
		if (judge_done(&verdict) || interrupted || clock_ms(CLOCK_BOOTTIME) >= end)
			break;
		pause_a_little();
		status_free(status);
		result = look(ctl, name, status, connection, why);
	}
	if (result != DONE && interrupted)
		why_set(why, "interrupted while the IKE helper was asked how far it is");
	return result;
}

static int print_json(const struct status_connection *connection, struct why *why)
{
	const struct verdict verdict = judge(connection);
	json_t *list = json_array();
	size_t i;

	for (i = 0; list && i < connection->n_tunnels; i++) {
		const struct status_tunnel *tunnel = &connection->tunnels[i];
		json_t *one = json_pack("{s:s, s:s, s:s, s:I, s:s?, s:O?}", "name", tunnel->name,
					"start", tunnel->start, "state", status_word(tunnel->state),
					"attempts", (json_int_t)tunnel->attempts,
					"last_error", tunnel->last_error, "ike", tunnel->ike);

		if (json_array_append_new(list, one) < 0) {
			json_decref(list);
			list = NULL;
		}
	}
	if (out_json(list ? json_pack("{s:s, s:s, s:s, s:o}", "connection", connection->name, "interface",
				      connection->ifname, "state", judge_word(&verdict), "tunnels", list) : NULL,
		     true))
		return DONE;
	why_set(why, "out of memory");
	return FAILED;
}

static void print_text(const struct status_connection *connection)
{
	char text[JUDGE_TEXT_MAX];
	size_t i;

	for (i = 0; i < connection->n_tunnels; i++)
		printf("%s %s: %s\n", connection->name, connection->tunnels[i].name,
		       judge_sentence(&connection->tunnels[i], text));
}

static int report(const struct request *request, const struct status_connection *connection, struct why *why)
{
	const struct verdict verdict = judge(connection);

	if (request->options & OPTION_JSON && print_json(connection, why) != DONE)
		return FAILED;
	if (!(request->options & OPTION_JSON))
		print_text(connection);
	return request->options & OPTION_NO_WAIT ? DONE : judge_status(&verdict, why);
}

/* Down first, but only what is up. */
static int bring_down(struct ctl *ctl, const char *name, struct why *why)
{
	const struct status_connection *connection;
	struct status status;
	bool is_up;
	int result;

	result = helper_status(ctl, name, &status, why);
	if (result != DONE)
		return result;
	connection = status_find(&status, name);
	is_up = connection && !strcmp(connection->name, name);
	status_free(&status);
	if (!is_up)
		return DONE;
	return helper_ask(ctl, json_pack("{s:i, s:s, s:s}", "v", CTL_VERSION, "do", "down", "name", name), NULL, why);
}

static int ask_up(struct ctl *ctl, const struct request *request, const struct conf *conf, const char *file,
		  struct why *why)
{
	json_t *answer;
	int result;

	result = helper_ask(ctl, json_pack("{s:i, s:s, s:s}", "v", CTL_VERSION, "do", "up", "file", file), &answer, why);
	if (result != DONE)
		return result;
	if (json_is_true(json_object_get(answer, "already")) && !(request->options & OPTION_JSON))
		printf("%s is up already; a changed file counts after: vpntun reload %s\n", conf->name, conf->name);
	json_decref(answer);
	return DONE;
}

static int talk(struct ctl *ctl, const struct request *request, const struct conf *conf, bool again, struct why *why)
{
	const uint32_t wait = request->options & OPTION_WAIT ? request->wait :
			      request->options & OPTION_NO_WAIT ? 0 : WAIT_DEFAULT;
	const struct status_connection *connection = NULL;
	char file[PATH_MAX];
	struct status status;
	int result;

	if (!realpath(conf->path, file)) {
		why_set(why, "%s: %s", conf->path, strerror(errno));
		return FAILED;
	}
	result = again ? bring_down(ctl, conf->name, why) : DONE;
	if (result == DONE)
		result = ask_up(ctl, request, conf, file, why);
	if (result == DONE)
		result = wait_up(ctl, conf->name, wait, &status, &connection, why);
	if (result != DONE)
		return result;
	result = report(request, connection, why);
	status_free(&status);
	if (result != DONE || !(request->options & OPTION_VERIFY))
		return result;
	result = verify_rekeys(ctl, conf->name, why);
	if (result == DONE && !(request->options & OPTION_JSON))
		printf("%s: rekeyed, so both sides agree on that, too\n", conf->name);
	return result;
}

int bring_up(const struct request *request, bool again, struct why *why)
{
	struct ctl *ctl = NULL;
	struct conf conf;
	int result;

	if (request->options & OPTION_WAIT && request->options & OPTION_NO_WAIT) {
		why_set(why, "--wait and --no-wait exclude each other");
		return USAGE;
	}
	if (request->options & OPTION_VERIFY && request->options & OPTION_NO_WAIT) {
		why_set(why, "--verify and --no-wait exclude each other");
		return USAGE;
	}
	result = load(request->args[0], &conf, why);
	if (result != DONE)
		return result;

	if (request->options & OPTION_DRY_RUN) {
		result = plan_print(&conf, request->options & OPTION_JSON, why);
	} else {
		result = helper_start(&ctl, why);
		if (result == DONE)
			result = talk(ctl, request, &conf, again, why);
		if (ctl)
			ctl_close(ctl);
	}
	conf_free(&conf);
	return result;
}
