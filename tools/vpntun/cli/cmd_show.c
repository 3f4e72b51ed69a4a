// SPDX-License-Identifier: GPL-2.0
#include "cli/cmds.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/helper.h"
#include "cli/json.h"
#include "cli/out.h"
#include "cli/show_text.h"
#include "cli/view.h"
#include "conf/conf.h"
#include "nl/snap.h"

/* What was asked for. */
struct asked {
	struct knl knl;
	bool has_module;
	struct why no_module;	/* unless has_module */
	const char *named;	/* connection or interface; NULL: all */
	const char *tunnel;	/* NULL: all */
};

/* One document; on one line if another is to follow it. */
static int print_json(const struct view *view, bool watch, struct why *why)
{
	if (!out_json(json_view(view), !watch)) {
		why_set(why, "out of memory");
		return FAILED;
	}
	/* Its failure is told in the end, by whoever flushes last. */
	return watch && fflush(stdout) ? FAILED : DONE;
}

static int print_text(const struct view *view)
{
	const struct out out = { .to = stdout, .colour = out_wants_colour() };

	show_text(&out, view);
	return DONE;
}

/*
 * One picture of --watch, written at once so that it does not flicker. On a
 * terminal it takes the place of the former one, elsewhere it follows it.
 */
static int print_frame(const struct view *view, struct why *why)
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
	show_text(&out, view);
	if (!isatty(STDOUT_FILENO))
		fputc('\n', out.to);
	fclose(out.to);

	fwrite(text, 1, size, stdout);
	free(text);
	return fflush(stdout) ? FAILED : DONE;
}

static int print(const struct view *view, const struct request *request, struct why *why)
{
	const bool watch = request->options & OPTION_WATCH;

	if (request->options & OPTION_JSON)
		return print_json(view, watch, why);
	return watch ? print_frame(view, why) : print_text(view);
}

/* Asks the helper, if one runs; DONE without a status if none does. @note: why it cannot be asked, or "". */
static int fetch_status(struct status *status, bool *runs, struct why *note, struct why *why)
{
	struct ctl *ctl;
	int result, err;

	*runs = false;
	err = ctl_connect(&ctl, note);
	if (err == -ENOENT || err == -ECONNREFUSED)
		note->text[0] = '\0';
	if (err)
		return DONE;

	note->text[0] = '\0';
	result = helper_status(ctl, status, why);
	ctl_close(ctl);
	*runs = result == DONE;
	return result;
}

/* Is it the helper's, who can show it while the module does not have it? */
static bool is_known(const struct view *view, const struct status_connection *connection)
{
	return connection && (!view->tunnel || status_tunnel(connection, view->tunnel));
}

/* Adds the helper's interfaces that are in other namespaces. */
static void fetch_far(struct asked *asked, const struct view *view, struct snap *snap)
{
	size_t i;

	for (i = 0; view->status && i < view->status->n_connections; i++) {
		const struct status_connection *connection = &view->status->connections[i];
		const struct vgw_where where = { .index = connection->far_index, .netnsid = connection->netnsid };

		/* One that is gone by now is shown as the helper has it. */
		if (connection->far_index && (!view->ifname || !strcmp(view->ifname, connection->ifname)))
			snap_add_far(&asked->knl, &where, snap);
	}
}

/* Reads what the module has of it. */
static int fetch_snap(struct asked *asked, struct view *view, const struct status_connection *connection,
		      struct snap *snap, struct why *why)
{
	if (asked->has_module && connection && connection->far_index) {
		*snap = (struct snap){ 0 };
		fetch_far(asked, view, snap);
		return DONE;
	}
	if (asked->has_module && !snap_fetch(&asked->knl, view->ifname, view->tunnel, snap)) {
		if (!view->ifname)
			fetch_far(asked, view, snap);
		return DONE;
	}

	*why = asked->has_module ? asked->knl.why : asked->no_module;
	if (!is_known(view, connection) && (view->ifname || !view->status || !view->status->n_connections))
		return FAILED;
	if (asked->has_module && view->tunnel && !snap_fetch(&asked->knl, view->ifname, NULL, snap))
		return DONE;
	view->module_note = asked->has_module ? NULL : asked->no_module.text;
	*snap = (struct snap){ 0 };
	return DONE;
}

static int show_with(struct asked *asked, const struct status *status, const struct request *request,
		     const char *helper_note, struct why *why)
{
	const struct status_connection *connection = NULL;
	struct snap snap;
	struct view view = {
		.snap = &snap, .status = status, .tunnel = asked->tunnel, .helper_note = helper_note,
	};
	int result;

	if (asked->named) {
		connection = status_find(status, asked->named);
		view.ifname = connection ? connection->ifname : asked->named;
		if (name_check(view.ifname, IFACE_NAME_SIZE, why))
			return FAILED;
	}

	result = fetch_snap(asked, &view, connection, &snap, why);
	if (result != DONE)
		return result;
	result = print(&view, request, why);
	snap_free(&snap);
	return result;
}

static int show_once(struct asked *asked, const struct request *request, struct why *why)
{
	struct why note = { "" };
	struct status status;
	bool runs;
	int result;

	result = fetch_status(&status, &runs, &note, why);
	if (result != DONE)
		return result;
	result = show_with(asked, runs ? &status : NULL, request, *note.text ? note.text : NULL, why);
	if (runs)
		status_free(&status);
	return result;
}

/* Whether a name is a connection's or an interface's, which are shorter, is seen later. */
static int check(const struct request *request, struct why *why)
{
	char **args = request->args;

	if (args[0] && name_check(args[0], CONF_NAME_SIZE, why))
		return USAGE;
	if (args[0] && args[1] && name_check(args[1], TUNNEL_NAME_SIZE, why))
		return USAGE;
	return DONE;
}

static int run(const struct request *request, struct why *why)
{
	struct asked asked = { .named = request->args[0] };
	int status = check(request, why);

	if (status)
		return status;
	asked.tunnel = asked.named ? request->args[1] : NULL;
	asked.has_module = !vgw_open(&asked.knl);
	asked.no_module = asked.knl.why;

	status = show_once(&asked, request, why);
	while (status == DONE && request->options & OPTION_WATCH) {
		sleep(1);
		status = show_once(&asked, request, why);
	}
	if (asked.has_module)
		knl_close(&asked.knl);
	return status;
}

const struct command cmd_show = {
	.name = "show",
	.syntax = "[NAME|IFACE [TUNNEL]] [--json] [--watch]",
	.summary = "Shows connections and interfaces, their tunnels and SAs.",
	.options = OPTION_JSON | OPTION_WATCH,
	.max_args = 2,
	.run = run,
};
