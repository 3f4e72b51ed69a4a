// SPDX-License-Identifier: GPL-2.0
#include "cli/telling.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/out.h"

int telling_init(struct telling *telling, bool json)
{
	memset(telling, 0, sizeof(*telling));
	if (!json)
		return 0;
	telling->faults = json_array();
	telling->warnings = json_array();
	telling->notes = json_array();
	if (telling->faults && telling->warnings && telling->notes)
		return 0;
	telling_exit(telling);
	return -ENOMEM;
}

void telling_exit(struct telling *telling)
{
	json_decref(telling->faults);
	json_decref(telling->warnings);
	json_decref(telling->notes);
	memset(telling, 0, sizeof(*telling));
}

void telling_say(void *ctx, bool fault, const char *line)
{
	struct telling *telling = ctx;

	if (telling->faults)
		json_array_append_new(fault ? telling->faults : telling->warnings, out_json_text(line));
	else
		printf("%s%s\n", fault ? "" : "warning: ", line);
}

void telling_note(void *ctx, const char *line)
{
	struct telling *telling = ctx;

	if (telling->notes)
		json_array_append_new(telling->notes, out_json_text(line));
	else
		printf("%s\n", line);
}

void telling_wait(void *ctx, const char *line)
{
	(void)ctx;
	fprintf(stderr, "vpntun: %s\n", line);
}
