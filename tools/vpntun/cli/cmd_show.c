// SPDX-License-Identifier: GPL-2.0
#include "cli/cmds.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/json.h"
#include "cli/out.h"
#include "cli/show_text.h"
#include "nl/snap.h"

/* One document; on one line if another is to follow it. */
static int print_json(const struct snap *snap, bool watch, struct why *why)
{
	if (!out_json(json_snap(snap), !watch)) {
		why_set(why, "out of memory");
		return FAILED;
	}
	/* Its failure is told in the end, by whoever flushes last. */
	return watch && fflush(stdout) ? FAILED : DONE;
}

static int print_text(const struct snap *snap)
{
	const struct out out = { .to = stdout, .colour = out_wants_colour() };

	show_text(&out, snap);
	return DONE;
}

/*
 * One picture of --watch, written at once so that it does not flicker. On a
 * terminal it takes the place of the former one, elsewhere it follows it.
 */
static int print_frame(const struct snap *snap, struct why *why)
{
	struct out out = { .colour = out_wants_colour() };
	char *text = NULL;
	size_t size;

	out.to = open_memstream(&text, &size);
	if (!out.to) {
		why_set(why, "out of memory");
		return FAILED;
	}
	if (isatty(STDOUT_FILENO))
		fputs("\033[H\033[J", out.to);
	show_text(&out, snap);
	if (!isatty(STDOUT_FILENO))
		fputc('\n', out.to);
	fclose(out.to);

	fwrite(text, 1, size, stdout);
	free(text);
	return fflush(stdout) ? FAILED : DONE;
}

static int show_once(struct knl *knl, const struct request *request,
		     struct why *why)
{
	const bool watch = request->options & OPTION_WATCH;
	char **args = request->args;
	const char *ifname = args[0];
	const char *tunnel = ifname ? args[1] : NULL;
	struct snap snap;
	int status;

	if (snap_fetch(knl, ifname, tunnel, &snap)) {
		*why = knl->why;
		return FAILED;
	}

	if (request->options & OPTION_JSON)
		status = print_json(&snap, watch, why);
	else if (watch)
		status = print_frame(&snap, why);
	else
		status = print_text(&snap);
	snap_free(&snap);
	return status;
}

static int check(const struct request *request, struct why *why)
{
	char **args = request->args;

	if (args[0] && name_check(args[0], IFACE_NAME_SIZE, why))
		return USAGE;
	if (args[0] && args[1] && name_check(args[1], TUNNEL_NAME_SIZE, why))
		return USAGE;
	return DONE;
}

static int run(const struct request *request, struct why *why)
{
	int status = check(request, why);
	struct knl knl;

	if (status)
		return status;
	if (vgw_open(&knl)) {
		*why = knl.why;
		return FAILED;
	}

	status = show_once(&knl, request, why);
	while (status == DONE && request->options & OPTION_WATCH) {
		sleep(1);
		status = show_once(&knl, request, why);
	}
	knl_close(&knl);
	return status;
}

const struct command cmd_show = {
	.name = "show",
	.syntax = "[IFACE [TUNNEL]] [--json] [--watch]",
	.summary = "Shows interfaces, their tunnels and SAs.",
	.options = OPTION_JSON | OPTION_WATCH,
	.max_args = 2,
	.run = run,
};
