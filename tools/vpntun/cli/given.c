// SPDX-License-Identifier: GPL-2.0
#include "cli/given.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/text.h"

static void say(void *ctx, bool fault, const char *line)
{
	(void)ctx;
	fprintf(stderr, "%s%s\n", fault ? "" : "warning: ", line);
}

int given_load(const char *name, struct conf *conf, struct why *why)
{
	struct conf_report report = { .say = say };

	if (!conf_load(name, conf, &report))
		return 0;
	return why_set(why, "%u fault%s", report.faults, report.faults == 1 ? "" : "s");
}

int given_print(struct export_text *text, int err, struct why *why)
{
	if (!err && text->failed)
		err = why_set(why, "out of memory");
	/* Past stdio, whose buffer would keep a copy of the keys. */
	if (!err && text_write(STDOUT_FILENO, text->text, text->used))
		err = why_set(why, "standard output: %s", strerror(errno));
	export_text_exit(text);
	return err;
}
