// SPDX-License-Identifier: GPL-2.0
#include "cli/verify.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/helper.h"
#include "util/clock.h"

enum { PATIENCE_MS = 20000, POLL_MS = 100, NAME_SIZE = 64 };

/* One rekeying. */
struct trial {
	const char *connection;
	char tunnel[NAME_SIZE];
	bool ike_sa;
	uint64_t rekeys;			/* before */
	char error[STATUS_TEXT_MAX];		/* the last one, before; then the one of now */
};

static const char *what(const struct trial *trial)
{
	return trial->ike_sa ? "IKE SA" : "Child SA";
}

static uint64_t rekeys(const struct trial *trial, const struct status_tunnel *tunnel)
{
	return status_ike_number(tunnel, trial->ike_sa ? "rekeys" : "child_rekeys");
}

static void error_of(const struct status_tunnel *tunnel, char text[STATUS_TEXT_MAX])
{
	status_text(tunnel->last_error ? tunnel->last_error : "", text);
}

enum outcome { PENDING, SUCCEEDED, REFUSED };

/* The tunnel as it is now; *outcome only counts with DONE. */
static int look(struct ctl *ctl, struct trial *trial, enum outcome *outcome, struct why *why)
{
	const struct status_tunnel *tunnel;
	char error[STATUS_TEXT_MAX];
	struct status status;
	int result;

	result = helper_status(ctl, &status, why);
	if (result != DONE)
		return result;
	*outcome = PENDING;
	tunnel = status_tunnel(status_find(&status, trial->connection), trial->tunnel);
	if (!tunnel) {
		why_set(why, "tunnel %s: the IKE helper has dropped it", trial->tunnel);
		result = FAILED;
	} else if (rekeys(trial, tunnel) > trial->rekeys) {
		*outcome = SUCCEEDED;
	} else {
		error_of(tunnel, error);
		if (*error && strcmp(error, trial->error))
			*outcome = REFUSED;
		memcpy(trial->error, error, sizeof(error));
	}
	status_free(&status);
	return result;
}

static int wait_for(struct ctl *ctl, struct trial *trial, struct why *why)
{
	const uint64_t end = clock_ms(CLOCK_BOOTTIME) + PATIENCE_MS;
	const struct timespec pause = { .tv_nsec = POLL_MS * 1000000L };
	enum outcome outcome;
	int result;

	do {
		nanosleep(&pause, NULL);
		result = look(ctl, trial, &outcome, why);
		if (result != DONE || outcome == SUCCEEDED)
			return result;
	} while (outcome == PENDING && clock_ms(CLOCK_BOOTTIME) < end);
	why_set(why, "tunnel %s: its %s cannot be rekeyed, and ends with its lifetime: %s", trial->tunnel, what(trial),
		*trial->error ? trial->error : "the peer does not answer that");
	return FAILED;
}

static int try(struct ctl *ctl, struct trial *trial, struct why *why)
{
	json_t *request = json_pack("{s:i, s:s, s:s, s:s, s:b}", "v", CTL_VERSION, "do", "rekey", "name",
				    trial->connection, "tunnel", trial->tunnel, "ike", trial->ike_sa);
	int result = helper_ask(ctl, request, NULL, why);

	return result == DONE ? wait_for(ctl, trial, why) : result;
}

/* The tunnel of that number, if it is up; false: there is none of that number. */
static bool choose(const struct status_connection *connection, size_t i, struct trial *trial, bool *is_up)
{
	const struct status_tunnel *tunnel;

	if (!connection || i >= connection->n_tunnels)
		return false;
	tunnel = &connection->tunnels[i];
	*is_up = tunnel->state == STATUS_UP;
	snprintf(trial->tunnel, sizeof(trial->tunnel), "%s", tunnel->name);
	trial->rekeys = rekeys(trial, tunnel);
	error_of(tunnel, trial->error);
	return true;
}

int verify_rekeys(struct ctl *ctl, const char *name, struct why *why)
{
	struct trial trial = { .connection = name };
	bool there = true, is_up;
	struct status status;
	int result = DONE;
	size_t i;

	/* Two rekeyings a tunnel. */
	for (i = 0; there && result == DONE; i++) {
		trial.ike_sa = i % 2;
		result = helper_status(ctl, &status, why);
		if (result != DONE)
			return result;
		there = choose(status_find(&status, name), i / 2, &trial, &is_up);
		status_free(&status);
		if (there && is_up)
			result = try(ctl, &trial, why);
	}
	return result;
}
