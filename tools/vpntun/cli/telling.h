/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CLI_TELLING_H
#define CLI_TELLING_H

#include <jansson.h>
#include <stdbool.h>

/* What is told on the way: printed at once, or collected for JSON. */
struct telling {
	json_t *faults, *warnings, *notes;	/* NULL: text */
};

/* -ENOMEM: nothing is to be ended. */
int telling_init(struct telling *telling, bool json);
void telling_exit(struct telling *telling);

/* For struct conf_report: @ctx is the telling. */
void telling_say(void *ctx, bool fault, const char *line);

/* What is neither a fault nor to be warned of. */
void telling_note(void *ctx, const char *line);

/* Why nothing happens just now: on standard error, whoever reads the rest. @ctx is not used. */
void telling_wait(void *ctx, const char *line);

#endif /* CLI_TELLING_H */
