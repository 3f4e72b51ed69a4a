// SPDX-License-Identifier: GPL-2.0
#include "cli/cmds.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli/helper.h"
#include "cli/json.h"
#include "cli/out.h"
#include "cli/show_text.h"
#include "cli/view.h"
#include "cli/watch.h"
#include "conf/conf.h"
#include "conf/folder.h"
#include "nl/snap.h"

/* What was asked for. */
struct asked {
	struct knl knl;
	bool has_module;
	struct why no_module;	/* unless has_module */
	const char *named;	/* connection or interface; NULL: all */
	const char *tunnel;	/* NULL: all */
	struct watch *watch;	/* NULL: no picture is to follow another one */
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

/* One picture of --watch. Tunnels that are configured only are told of unless something was asked for by name. */
static int print_watch(struct watch *watch, const struct view *view, struct why *why)
{
	struct roster_files files = { 0 };
	struct roster roster;
	int err;

	if (!view->ifname)
		roster_read(CONF_FOLDER, &files);
	err = roster_make(&roster, &files, view);
	if (!err) {
		err = watch_show(watch, view, &roster);
		roster_free(&roster);
	}
	roster_files_free(&files);
	if (!err)
		return fflush(stdout) ? FAILED : DONE;
	why_set(why, "out of memory");
	return FAILED;
}

static int print(const struct asked *asked, const struct view *view, const struct request *request, struct why *why)
{
	if (request->options & OPTION_JSON)
		return print_json(view, request->options & OPTION_WATCH, why);
	return asked->watch ? print_watch(asked->watch, view, why) : print_text(view);
}

/* Is it the helper's, who can show it while the module does not have it? */
static bool is_known(const struct view *view, const struct status_connection *connection)
{
	return connection && (!view->tunnel || status_tunnel(connection, view->tunnel));
}

/* Is there something to show without the module, when nothing was asked for by name? Who watches waits for it. */
static bool shows_without(const struct asked *asked, const struct view *view)
{
	return !view->ifname && (asked->watch || (view->status && view->status->n_connections));
}

/* Reads what the module has of it. */
static int fetch_snap(struct asked *asked, struct view *view, const struct status_connection *connection,
		      struct snap *snap, struct why *why)
{
	if (asked->has_module && connection && connection->far_index) {
		*snap = (struct snap){ 0 };
		view_add_far(view, &asked->knl, snap);
		return DONE;
	}
	if (asked->has_module && !snap_fetch(&asked->knl, view->ifname, view->tunnel, snap)) {
		if (!view->ifname)
			view_add_far(view, &asked->knl, snap);
		return DONE;
	}

	*why = asked->has_module ? asked->knl.why : asked->no_module;
	if (!is_known(view, connection) && !shows_without(asked, view))
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
	result = print(asked, &view, request, why);
	snap_free(&snap);
	return result;
}

static int show_once(struct asked *asked, const struct request *request, struct why *why)
{
	struct why note = { "" };
	struct status status;
	bool runs;
	int result;

	result = helper_look(&status, CTL_PATIENCE, &runs, &note, why);
	if (result != DONE)
		return result;
	result = show_with(asked, runs ? &status : NULL, request, *note.text ? note.text : NULL, why);
	if (runs)
		status_free(&status);
	return result;
}

/* The module may come and go meanwhile. */
static void look_for_module(struct asked *asked)
{
	if (asked->has_module && vgw_is_there(&asked->knl))
		return;
	if (asked->has_module)
		knl_close(&asked->knl);
	asked->has_module = !vgw_open(&asked->knl);
	asked->no_module = asked->knl.why;
}

static int show_again(struct asked *asked, const struct request *request, struct why *why)
{
	const bool json = request->options & OPTION_JSON;
	struct watch *watch = watch_begin(!json);
	int status;

	if (!watch) {
		why_set(why, "out of memory");
		return FAILED;
	}
	asked->watch = json ? NULL : watch;
	do {
		look_for_module(asked);
		status = show_once(asked, request, why);
	} while (status == DONE && watch_wait(watch));
	watch_end(watch);
	return status;
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

	status = request->options & OPTION_WATCH ? show_again(&asked, request, why) : show_once(&asked, request, why);
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
