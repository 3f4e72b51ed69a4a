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

	result = helper_status(ctl, trial->connection, &status, why);
	if (result != DONE)
		return result;
	*outcome = PENDING;
	tunnel = status_tunnel(status_find(&status, trial->connection), trial->tunnel);
	if (!tunnel) {
		why_set(why, "the IKE helper has dropped it");
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
	why_set(why, "its %s cannot be rekeyed, and ends with its lifetime: %s", what(trial),
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

static void begin(struct trial *trial, const struct status_tunnel *tunnel)
{
	snprintf(trial->tunnel, sizeof(trial->tunnel), "%s", tunnel->name);
	trial->rekeys = rekeys(trial, tunnel);
	error_of(tunnel, trial->error);
}

/* The tunnel of that number, if it is up; false: there is none of that number. */
static bool choose(const struct status_connection *connection, size_t i, struct trial *trial, bool *is_up)
{
	if (!connection || i >= connection->n_tunnels)
		return false;
	begin(trial, &connection->tunnels[i]);
	*is_up = connection->tunnels[i].state == STATUS_UP;
	return true;
}

static int name_tunnel(const struct trial *trial, struct why *why)
{
	char subject[NAME_SIZE + 16];

	snprintf(subject, sizeof(subject), "tunnel %s", trial->tunnel);
	why_prepend(why, subject);
	return FAILED;
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
		result = helper_status(ctl, name, &status, why);
		if (result != DONE)
			return result;
		there = choose(status_find(&status, name), i / 2, &trial, &is_up);
		status_free(&status);
		if (there && is_up && try(ctl, &trial, why) != DONE)
			result = name_tunnel(&trial, why);
	}
	return result;
}

int verify_child(struct ctl *ctl, const char *name, const char *tunnel, struct why *why)
{
	struct trial trial = { .connection = name };
	const struct status_tunnel *now;
	struct status status;
	int result;

	result = helper_status(ctl, name, &status, why);
	if (result != DONE)
		return result;
	now = status_tunnel(status_find(&status, name), tunnel);
	if (now && now->state == STATUS_UP)
		begin(&trial, now);
	else
		result = NOT_UP;
	status_free(&status);
	return result == DONE ? try(ctl, &trial, why) : result;
}
