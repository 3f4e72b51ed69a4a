/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CLI_HELPER_H
#define CLI_HELPER_H

#include <jansson.h>

#include "cli/command.h"
#include "cli/status.h"
#include "iked/ctl.h"
#include "util/why.h"

/*
 * Talking to the IKE helper of this network namespace. All of these return an exit status (cli/command.h), and unless
 * DONE the reason in @why.
 */

/* Connects to it, and starts it first if none runs: systemd does where it can, else it becomes a daemon of its own. */
int helper_start(struct ctl **ctl, struct why *why);

/* Sends @request (NULL: there was no memory for it), and waits; a refusal is a failure. @answer may be NULL. */
int helper_ask(struct ctl *ctl, json_t *request, json_t **answer, struct why *why);

/* What it says of the connection @name, or of all (NULL); status_free() after DONE. */
int helper_status(struct ctl *ctl, const char *name, struct status *status, struct why *why);

/*
 * The same of all, whether a helper runs or not: DONE without a status if none does. @patience: seconds.
 * @note: why it cannot be asked, or "".
 */
int helper_look(struct status *status, unsigned int patience, bool *runs, struct why *note, struct why *why);

/*
 * The name, a part of @status, of the connection that the user means by its name, its interface, or its file. If the
 * helper knows none such, @why tells the nearest.
 */
int helper_resolve(const struct status *status, const char *named, const char **name, struct why *why);

/* The connection's name in "DIR/NAME.conf", or what else the user has written: of so many bytes, without a final zero. */
const char *helper_name_in(const char *file, size_t *length);

/* A whole talk with the helper that runs: it is asked what it has, then @talk goes on. */
typedef int helper_talk_fn(struct ctl *ctl, const struct status *status, const struct request *request, struct why *why);
int helper_talk(const struct request *request, helper_talk_fn *talk, struct why *why);

#endif /* CLI_HELPER_H */
