/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CLI_BRING_H
#define CLI_BRING_H

#include <stdbool.h>

#include "cli/command.h"
#include "util/why.h"

/* The options that bring_up() knows. */
enum { BRING_OPTIONS = OPTION_WAIT | OPTION_NO_WAIT | OPTION_DRY_RUN | OPTION_VERIFY | OPTION_JSON };

/*
 * Brings up the connection that the request's first argument names, or its file, and tells how that went. @again: down
 * first, if it is up, and only once its file has been found to be right. Returns an exit status.
 */
int bring_up(const struct request *request, bool again, struct why *why);

#endif /* CLI_BRING_H */
