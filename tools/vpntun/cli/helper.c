// SPDX-License-Identifier: GPL-2.0
#include "cli/helper.h"

#include <errno.h>
#include <string.h>

#include "cli/launch.h"
#include "util/nearest.h"

static int connect_running(struct ctl **ctl, struct why *why)
{
	why_set(why, "the IKE helper cannot be reached");
	return ctl_connect(ctl, CTL_PATIENCE, why) ? FAILED : DONE;
}

/* Reaches the helper for launch_helper(), which has begun one. */
static bool try_connect(void *ctx)
{
	struct ctl **ctl = ctx;
	struct why why = { "" };

	return !ctl_connect(ctl, CTL_PATIENCE, &why);
}

int helper_start(struct ctl **ctl, struct why *why)
{
	int err = ctl_connect(ctl, CTL_PATIENCE, why);

	if (!err)
		return DONE;
	if (err != -ENOENT && err != -ECONNREFUSED)
		return FAILED;
	return launch_helper(try_connect, ctl, why) ? FAILED : DONE;
}

/* A refusal's exit status is the helper's choice, within reason. */
static int refused(const json_t *answer, struct why *why)
{
	const char *sentence = json_string_value(json_object_get(answer, "why"));
	const json_int_t code = json_integer_value(json_object_get(answer, "code"));
	char text[STATUS_TEXT_MAX];

	why_set(why, "%s", sentence && *sentence ? status_text(sentence, text) :
		"the IKE helper refuses, and gives no reason");
	return code >= FAILED && code <= NOT_UP ? code : FAILED;
}

int helper_ask(struct ctl *ctl, json_t *request, json_t **answer, struct why *why)
{
	json_t *got;
	int status;

	if (!request) {
		why_set(why, "the request to the IKE helper cannot be made: a name in it is no UTF-8, or no memory is left");
		return FAILED;
	}
	why_set(why, "the IKE helper gave no answer");
	got = ctl_ask(ctl, request, why);
	if (!got)
		return FAILED;
	if (json_integer_value(json_object_get(got, "v")) != CTL_VERSION) {
		why_set(why, "the IKE helper that runs is of another version, or not one: restart it");
		status = FAILED;
	} else if (!json_is_true(json_object_get(got, "ok"))) {
		status = refused(got, why);
	} else {
		status = DONE;
	}

	if (status == DONE && answer)
		*answer = got;
	else
		json_decref(got);
	return status;
}

int helper_status(struct ctl *ctl, const char *name, struct status *status, struct why *why)
{
	json_t *answer;
	int result;

	result = helper_ask(ctl, json_pack("{s:i, s:s, s:s?}", "v", CTL_VERSION, "do", "status", "name", name), &answer,
			    why);
	if (result != DONE)
		return result;
	if (!status_read(status, answer, why))
		return DONE;
	status_free(status);
	return FAILED;
}

int helper_look(struct status *status, unsigned int patience, bool *runs, struct why *note, struct why *why)
{
	struct ctl *ctl;
	int result, err;

	*runs = false;
	err = ctl_connect(&ctl, patience, note);
	if (err == -ENOENT || err == -ECONNREFUSED)
		note->text[0] = '\0';
	if (err)
		return DONE;

	note->text[0] = '\0';
	result = helper_status(ctl, NULL, status, why);
	ctl_close(ctl);
	*runs = result == DONE;
	return result;
}

const char *helper_name_in(const char *file, size_t *length)
{
	const char *base = strrchr(file, '/');

	base = base ? base + 1 : file;
	*length = strlen(base);
	if (*length > 5 && !strcmp(base + *length - 5, ".conf"))
		*length -= 5;
	return base;
}

/* As a file may be gone, it need not be there. */
static const struct status_connection *find_file(const struct status *status, const char *file)
{
	size_t length, i;
	const char *base = helper_name_in(file, &length);

	for (i = 0; i < status->n_connections; i++) {
		const char *name = status->connections[i].name;

		if (strlen(name) == length && !strncmp(name, base, length))
			return &status->connections[i];
	}
	return NULL;
}

int helper_resolve(const struct status *status, const char *named, const char **name, struct why *why)
{
	const struct status_connection *found = status_find(status, named);
	struct nearest nearest;
	size_t i;

	if (!found)
		found = find_file(status, named);
	if (found) {
		*name = found->name;
		return DONE;
	}

	nearest_init(&nearest, named);
	for (i = 0; i < status->n_connections; i++)
		nearest_offer(&nearest, status->connections[i].name);
	if (nearest.best)
		why_set(why, "no such connection is up; did you mean '%s'?", nearest.best);
	else
		why_set(why, "no such connection is up");
	return FAILED;
}

int helper_talk(const struct request *request, helper_talk_fn *talk, struct why *why)
{
	struct status status;
	struct ctl *ctl;
	int result;

	result = connect_running(&ctl, why);
	if (result != DONE)
		return result;
	result = helper_status(ctl, NULL, &status, why);
	if (result == DONE) {
		result = talk(ctl, &status, request, why);
		status_free(&status);
	}
	ctl_close(ctl);
	return result;
}
