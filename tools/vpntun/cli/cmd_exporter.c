// SPDX-License-Identifier: GPL-2.0
#include "cli/cmds.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/export.h"
#include "cli/helper.h"
#include "cli/serve.h"
#include "conf/folder.h"
#include "util/log.h"

#define LISTEN "127.0.0.1:9957"

/* ---- the text ---- */

static char *write_out(const struct export *from, bool open_metrics, size_t *size)
{
	struct metrics metrics = { .open_metrics = open_metrics };
	char *text = NULL;

	metrics.to = open_memstream(&text, size);
	if (!metrics.to)
		return NULL;
	export_all(&metrics, from);
	if (!fclose(metrics.to))
		return text;
	free(text);
	return NULL;
}

/* From what has been read. */
static char *compose(const struct view *view, bool open_metrics, size_t *size)
{
	struct roster_files files;
	struct roster roster;
	char *text = NULL;

	roster_read(CONF_FOLDER, &files);
	if (!roster_make(&roster, &files, view)) {
		const struct export from = { &files, &roster, view, VPNTUN_VERSION };

		text = write_out(&from, open_metrics, size);
		roster_free(&roster);
	}
	roster_files_free(&files);
	return text;
}

/* The module may come and go; a socket of its family is for one of its lives. */
static char *collect(void *ctx, bool open_metrics, size_t *size)
{
	struct snap snap = { 0 };
	struct view view = { .snap = &snap };
	struct why note = { "" }, why = { "" };
	struct status status;
	struct knl knl;
	bool runs, has_module;
	char *text;

	(void)ctx;
	/* A helper that gives no answer is one that does not run, as far as these figures go. */
	if (helper_look(&status, CTL_PATIENCE_SHORT, &runs, &note, &why) == DONE && runs)
		view.status = &status;
	has_module = !vgw_open(&knl);
	if (!has_module)
		view.module_note = knl.why.text;
	else if (!snap_fetch(&knl, NULL, NULL, &snap))
		view_add_far(&view, &knl, &snap);

	text = compose(&view, open_metrics, size);
	snap_free(&snap);
	if (has_module)
		knl_close(&knl);
	if (view.status)
		status_free(&status);
	return text;
}

/* ---- a file ---- */

static int write_file(FILE *to, const char *text, size_t size)
{
	return fwrite(text, 1, size, to) != size || fflush(to) || fchmod(fileno(to), 0644) || fsync(fileno(to));
}

/* Whoever reads it finds the former one or this, never half of it. */
static int replace_file(const char *path, const char *text, size_t size, struct why *why)
{
	char *beside = NULL;
	FILE *to;
	int fd;

	if (asprintf(&beside, "%s.XXXXXX", path) < 0)
		return why_set(why, "out of memory");
	fd = mkostemp(beside, O_CLOEXEC);
	to = fd < 0 ? NULL : fdopen(fd, "w");
	if (!to) {
		why_set(why, "%s: %s", path, strerror(errno));
		free(beside);
		return -EINVAL;
	}
	if (write_file(to, text, size) || rename(beside, path)) {
		why_set(why, "%s: %s", path, strerror(errno));
		unlink(beside);
		fclose(to);
		free(beside);
		return -EINVAL;
	}
	fclose(to);
	free(beside);
	return 0;
}

static int write_textfile(const char *path, struct why *why)
{
	size_t size;
	char *text = collect(NULL, false, &size);
	int err;

	if (!text) {
		why_set(why, "out of memory");
		return FAILED;
	}
	err = replace_file(path, text, size, why);
	free(text);
	return err ? FAILED : DONE;
}

/* ---- the command ---- */

/* What reading takes, and no more: SAs are read with CAP_NET_ADMIN; files and sockets are our user's. */
static int drop_rights(struct why *why)
{
	static const cap_value_t kept[] = { CAP_NET_ADMIN };
	cap_t caps = cap_init();
	cap_value_t cap;
	int err = !caps;

	for (cap = 0; !err && cap < cap_max_bits(); cap++)
		if (cap != CAP_NET_ADMIN && cap_get_bound(cap) > 0 && cap_drop_bound(cap) && errno != EPERM)
			err = 1;
	err = err || cap_set_flag(caps, CAP_PERMITTED, 1, kept, CAP_SET) ||
	      cap_set_flag(caps, CAP_EFFECTIVE, 1, kept, CAP_SET) || cap_set_proc(caps);
	if (caps)
		cap_free(caps);
	return err ? why_set(why, "capabilities: %s", strerror(errno)) : 0;
}

static int run_http(const char *at, struct why *why)
{
	int listener;

	if (geteuid()) {
		why_set(why, "not permitted: it begins as root, to give its rights away");
		return FAILED;
	}
	listener = serve_listen(at, why);
	if (listener < 0)
		return listener == -EINVAL ? USAGE : FAILED;
	serve_run(listener, collect, NULL, drop_rights, why);
	return FAILED;
}

/* The first writing must succeed. A later one may fail, as it may for a full disk: that is told once, and mends itself. */
static int run_textfile(const struct request *request, struct why *why)
{
	int before = write_textfile(request->textfile, why);

	if (before != DONE || !(request->options & OPTION_INTERVAL))
		return before;
	while (true) {
		int status;

		sleep(request->interval);
		status = write_textfile(request->textfile, why);
		if (status != DONE && before == DONE)
			log_error("%s; it is tried again every %u seconds", why->text, request->interval);
		before = status;
	}
}

static int run(const struct request *request, struct why *why)
{
	const unsigned int options = request->options;

	if (options & OPTION_TEXTFILE && options & OPTION_LISTEN)
		why_set(why, "--listen and --textfile do not go together");
	else if (options & OPTION_INTERVAL && !(options & OPTION_TEXTFILE))
		why_set(why, "--interval goes with --textfile only");
	else if (options & OPTION_TEXTFILE)
		return run_textfile(request, why);
	else
		return run_http(options & OPTION_LISTEN ? request->listen : LISTEN, why);
	return USAGE;
}

const struct command cmd_exporter = {
	.name = "exporter",
	.syntax = "[--listen ADDR:PORT | --textfile FILE [--interval S]]",
	.summary = "Shows figures of all tunnels to Prometheus and its like.",
	.text = "Answers GET /metrics by HTTP at " LISTEN ", as OpenMetrics or in Prometheus' own format.\n"
		"Tunnels that have a file in " CONF_FOLDER " are told of whether they are up or not.\n",
	.options = OPTION_LISTEN | OPTION_TEXTFILE | OPTION_INTERVAL,
	.run = run,
};
