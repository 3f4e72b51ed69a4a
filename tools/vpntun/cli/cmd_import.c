// SPDX-License-Identifier: GPL-2.0
#include "cli/cmds.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/draft.h"
#include "cli/host.h"
#include "cli/out.h"
#include "cli/telling.h"
#include "conf/file.h"
#include "conf/folder.h"
#include "conf/report.h"
#include "import/psks.h"
#include "import/recognise.h"
#include "import/save.h"
#include "import/target.h"
#include "import/verify.h"
#include "util/prefix.h"
#include "util/wipe.h"

enum { SPLIT_METRIC = 10 };	/* of the first file's routes; the next has twice that */

/* One command: a connection as AWS has it, and the files that it becomes. It holds keys. */
struct job {
	const struct request *request;
	struct telling telling;
	struct conf_report report;
	struct host host;
	struct import_connection conn;
	enum clash { NO_CLASH, CLASH, CLASH_WITH_ITSELF } clashes[IMPORT_TUNNELS_MAX];	/* of its tunnels' inside blocks */
	struct compose_certificate certificate;
	size_t n_files;
	struct compose files[IMPORT_TUNNELS_MAX];
};

static bool wants(const struct job *job, unsigned int option)
{
	return job->request->options & option;
}

static void note(struct job *job, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void note(struct job *job, const char *fmt, ...)
{
	char line[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	telling_note(&job->telling, line);
}

static int fault(struct job *job, const char *path, const struct why *why)
{
	report_fault(&job->report, path, 0, "%s", why->text);
	return -EINVAL;
}

/* ---- what is read ---- */

/* file_open() names the path itself, as a report does. */
static void fault_of_open(struct job *job, const char *path, const struct why *why)
{
	const size_t len = strlen(path);
	const bool named = !strncmp(why->text, path, len) && !strncmp(why->text + len, ": ", 2);

	report_fault(&job->report, path, 0, "%s", why->text + (named ? len + 2 : 0));
}

/* On the heap; NULL: the fault is told. @secret: nobody else may be able to read it. */
static char *read_file(struct job *job, const char *path, bool secret, size_t *len)
{
	struct why why = { "" };
	uint8_t *text = NULL;
	ssize_t got;
	int fd = file_open(path, secret, &why);

	if (fd < 0) {
		fault_of_open(job, path, &why);
		return NULL;
	}
	got = file_read(fd, IMPORT_FILE_MAX, &text, &why);
	close(fd);
	if (got < 0) {
		fault(job, path, &why);
		return NULL;
	}
	*len = got;
	return (char *)text;
}

static void forget(char *text, size_t len)
{
	explicit_bzero(text, len);
	free(text);
}

static int read_keys(struct job *job)
{
	const char *path = job->request->psk_file;
	char *text;
	size_t len;
	int err;

	if (!path)
		return 0;
	text = read_file(job, path, true, &len);
	if (!text)
		return -EINVAL;
	err = psks_take(path, text, len, &job->conn, &job->report);
	forget(text, len);
	return err;
}

/* The files that sections name, wherever this is typed. */
static int take_path(struct job *job, const char *option, const char *path, char out[CONF_TEXT_MAX])
{
	char *whole = realpath(path, NULL);
	int err = 0;

	if (!whole) {
		report_fault(&job->report, path, 0, "%s", strerror(errno));
		return -EINVAL;
	}
	/* A configuration would take these for something else. */
	if (strpbrk(whole, "#,\" \t\n") || strlen(whole) >= CONF_TEXT_MAX)
		err = -EINVAL;
	if (err)
		report_fault(&job->report, option, 0, "'%.60s': a path of at most %d bytes without blanks, commas, '#' and quotes is needed",
			     whole, CONF_TEXT_MAX - 1);
	else
		memcpy(out, whole, strlen(whole) + 1);
	free(whole);
	return err;
}

static int take_certificate(struct job *job)
{
	const struct request *request = job->request;
	struct compose_certificate *certificate = &job->certificate;
	size_t i;

	if (!request->certificate)
		return 0;
	for (i = 0; i < job->conn.n_tunnels; i++) {
		if (!*job->conn.tunnels[i].psk)
			continue;
		report_fault(&job->report, job->conn.path, job->conn.tunnels[i].line,
			     "the tunnel has a pre-shared key, so AWS takes no certificate for it: leave out --certificate");
		return -EINVAL;
	}
	if (take_path(job, "--certificate", request->certificate, certificate->certificate) ||
	    take_path(job, "--private-key", request->private_key, certificate->private_key))
		return -EINVAL;
	return take_path(job, "--ca", request->ca, certificate->ca);
}

/* Downloads lie about as the user's mask has it. */
static void warn_of_readers(struct job *job, const char *path)
{
	struct stat st;

	if (*job->conn.tunnels[0].psk && !stat(path, &st) && st.st_mode & 0044)
		report_warning(&job->report, path, 0, "others can read this file, and it holds the keys: chmod 600 %s", path);
}

static int read_connection(struct job *job)
{
	const char *path = job->request->args[0];
	size_t len;
	char *text = read_file(job, path, false, &len);
	int err;

	if (!text)
		return -EINVAL;
	err = recognise_read(path, text, len, &job->conn, &job->report);
	forget(text, len);
	if (!err)
		err = verify_connection(&job->conn, &job->report);
	if (err)
		return err;
	warn_of_readers(job, path);
	return read_keys(job) || take_certificate(job) ? -EINVAL : 0;
}

/* ---- what is to become of it ---- */

static int add_tunnel(struct job *job, struct compose *file, const struct import_tunnel *tunnel)
{
	struct compose_tunnel *of = &file->tunnels[file->n_tunnels++];
	char name[ADDR_TEXT_MAX];
	struct why why = { "" };

	of->tunnel = tunnel;
	of->has_local = tunnel->local.len && host_has(&job->host, &tunnel->local);
	if (!upgrade_tunnel(tunnel, wants(job, OPTION_WEAK), &of->upgrade, &why))
		return 0;
	report_fault(&job->report, job->conn.path, tunnel->line, "the tunnel to %s: %s", addr_text(&tunnel->remote, name),
		     why.text);
	return -EINVAL;
}

static struct compose *add_file(struct job *job)
{
	struct compose *file = &job->files[job->n_files++];

	file->conn = &job->conn;
	file->certificate = job->request->certificate ? &job->certificate : NULL;
	file->weak = wants(job, OPTION_WEAK);
	file->merges = wants(job, OPTION_INTO);
	if (wants(job, OPTION_SPLIT))
		file->metric = job->n_files * SPLIT_METRIC;
	return file;
}

/* Which tunnels go into which file: all into one, or each into its own. */
static int arrange(struct job *job)
{
	struct compose *file = NULL;
	int err = 0;
	size_t i;

	for (i = 0; i < job->conn.n_tunnels; i++) {
		if (!file || wants(job, OPTION_SPLIT))
			file = add_file(job);
		err |= add_tunnel(job, file, &job->conn.tunnels[i]);
	}
	return err ? -EINVAL : 0;
}

/* Where AWS restricts its own side to a network, that is the far end's. */
static int take_routes(struct job *job, struct compose *file)
{
	const struct import_connection *conn = &job->conn;
	const struct ip_prefixes given = { .list = (struct ip_prefix *)&conn->remote_ts, .count = 1 };
	struct why why = { "" };

	if (job->request->routes) {
		file->has_routes = true;
		if (prefixes_parse(job->request->routes, &file->routes, &why))
			return fault(job, "--routes", &why);
	} else if (conn->remote_ts.addr.len && conn->remote_ts.length && !file->old_text) {
		file->has_routes = !prefixes_copy(&given, &file->routes);
	}
	return 0;
}

static int compose(struct job *job, size_t number)
{
	const struct target target = {
		.folder = job->request->output ? job->request->output : CONF_FOLDER,
		.name = job->request->into ? job->request->into : job->request->name,
		.must_exist = wants(job, OPTION_INTO),
	};
	const struct compose_notes notes = { .say = telling_note, .ctx = &job->telling };
	struct compose *file = &job->files[number];
	struct why why = { "" };
	char suffix[8] = "";

	if (wants(job, OPTION_SPLIT))
		snprintf(suffix, sizeof(suffix), "-%zu", number + 1);
	if (target_find(&target, suffix, file, &job->report) || take_routes(job, file))
		return -EINVAL;
	return compose_file(file, &notes, &why) ? fault(job, job->conn.path, &why) : 0;
}

/* ---- is it right? ---- */

static void say(void *ctx, bool fault, const char *line)
{
	struct job *job = ctx;

	telling_say(&job->telling, fault, line);
}

static void on_clash(void *ctx, const struct conf_tunnel *tunnel, const struct conf_tunnel *rival)
{
	struct job *job = ctx;
	size_t i;

	/* What is up clashes with this host's addresses, too. */
	for (i = 0; i < job->conn.n_tunnels; i++)
		if (addr_equal(&job->conn.tunnels[i].remote, &tunnel->remote) && job->clashes[i] != CLASH_WITH_ITSELF)
			job->clashes[i] = rival && addr_equal(&rival->remote, &tunnel->remote) ? CLASH_WITH_ITSELF : CLASH;
}

/* AWS has chosen the blocks by chance, and takes others. */
static void tell_way_out(struct job *job)
{
	const struct import_connection *conn = &job->conn;
	char remote[ADDR_TEXT_MAX];
	size_t i;

	for (i = 0; i < conn->n_tunnels; i++) {
		const bool ipv6 = conn->tunnels[i].inside.addr.len == 16;

		addr_text(&conn->tunnels[i].remote, remote);
		if (job->clashes[i] == CLASH_WITH_ITSELF)
			note(job, "that is the same tunnel, to %s: leave out --name, and the file that has it is updated", remote);
		else if (job->clashes[i])
			note(job, "have AWS give this tunnel another inside block, BLOCK: %s that is in use nowhere here, and import what it says then: "
			     AWS_MODIFY_TUNNEL "%s=BLOCK", ipv6 ? "a /126 of fd00::/8" : "a /30 of 169.254.0.0/16",
			     *conn->id ? conn->id : "ID", remote,
			     ipv6 ? "TunnelInsideIpv6Cidr" : "TunnelInsideCidr");
	}
}

/* There is an interface, and nothing that is sent there. */
static void tell_no_routes(struct job *job, const struct compose *file, const struct conf *conf)
{
	const struct ip_prefix *theirs = &job->conn.remote_ts;
	char text[ADDR_TEXT_MAX];

	if (conf->tunnels[0].local_asn)
		note(job, "%s: the networks at the far end are to be learned by BGP (vpntun export frr, or bird); or write Routes, or import again with --routes",
		     file->name);
	else if (theirs->addr.len && theirs->length)
		note(job, "%s: it has no Routes, so nothing is sent to %s, AWS's side: write Routes, or import again with --routes %s",
		     file->name, prefix_text(theirs, text), text);
	else
		note(job, "%s: AWS's file does not tell what networks are at the far end, so nothing is sent there: write Routes, or import again with --routes",
		     file->name);
}

static int check(struct job *job, const struct compose *file)
{
	struct conf conf;

	if (draft_check(file->path, file->text, &job->host, &conf, &job->report))
		return -EINVAL;
	if (!conf.routes.count)
		tell_no_routes(job, file, &conf);
	conf_free(&conf);
	return 0;
}

/* Tunnels that are in one file already do not get one each by being imported again. */
static int check_apart(struct job *job)
{
	size_t i, j;

	for (i = 0; i < job->n_files; i++)
		for (j = 0; j < i; j++)
			if (!strcmp(job->files[i].path, job->files[j].path)) {
				report_fault(&job->report, job->files[i].path, 0,
					     "it has several of the tunnels: leave out --split, or move the file away");
				return -EINVAL;
			}
	return 0;
}

static int prepare(struct job *job)
{
	size_t i;
	int err = arrange(job);

	for (i = 0; !err && i < job->n_files; i++)
		err = compose(job, i);
	if (!err)
		err = check_apart(job);
	for (i = 0; !err && i < job->n_files; i++)
		err = check(job, &job->files[i]);
	if (err)
		tell_way_out(job);
	return err;
}

/* ---- what is told ---- */

static const char *state_of(const struct compose *file)
{
	if (!file->old_text)
		return "new";
	return compose_is_same(file) ? "unchanged" : "changed";
}

static json_t *json_tunnels(const struct compose *file)
{
	json_t *list = json_array();
	char remote[ADDR_TEXT_MAX];
	size_t i;

	for (i = 0; i < file->n_tunnels; i++) {
		const struct compose_tunnel *of = &file->tunnels[i];

		json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:s, s:s, s:b}", "name", of->name,
						      "remote", addr_text(&of->tunnel->remote, remote), "psk_file",
						      out_json_text_or_null(of->psk_file),
						      "ike_proposals", of->upgrade.ike,
						      "esp_proposals", of->upgrade.esp, "weak", of->upgrade.weak));
	}
	return list;
}

static bool print_json(struct job *job)
{
	json_t *root = json_object(), *files = json_array();
	size_t i;

	for (i = 0; i < job->n_files; i++) {
		const struct compose *file = &job->files[i];

		if (file->text)
			json_array_append_new(files, json_pack("{s:o, s:o, s:s, s:o}", "connection",
							       out_json_text(file->name), "path", out_json_text(file->path),
							       "state", state_of(file), "tunnels", json_tunnels(file)));
	}
	json_object_set_new(root, "files", files);
	json_object_set(root, "notes", job->telling.notes);
	json_object_set(root, "warnings", job->telling.warnings);
	json_object_set(root, "faults", job->telling.faults);
	return out_json(root, true);
}

static void print_file(const struct compose *file, bool dry)
{
	char remote[ADDR_TEXT_MAX];
	size_t i;

	printf("%s: %s%s\n", file->path, state_of(file), dry ? ", if this were no --dry-run" : "");
	for (i = 0; i < file->n_tunnels; i++)
		printf("  tunnel %s to %s%s%s\n", file->tunnels[i].name, addr_text(&file->tunnels[i].tunnel->remote, remote),
		       *file->tunnels[i].psk_file ? ", key in " : "", file->tunnels[i].psk_file);
	if (dry)
		printf("\n%s\n", file->text);
}

static void print_text(const struct job *job)
{
	const bool dry = wants(job, OPTION_DRY_RUN);
	size_t i;

	for (i = 0; i < job->n_files; i++)
		print_file(&job->files[i], dry);
	for (i = 0; !dry && i < job->n_files; i++)
		printf("%s: vpntun %s %s\n", job->files[i].old_text ? "if it is up" : "next",
		       job->files[i].old_text ? "reload" : "up",
		       job->request->output ? job->files[i].path : job->files[i].name);
}

/* ---- the command ---- */

static int check_options(const struct request *request, struct why *why)
{
	if (request->options & OPTION_INTO && request->options & OPTION_NAME)
		why_set(why, "--into and --name exclude each other");
	else if (request->options & OPTION_INTO && request->options & OPTION_SPLIT)
		why_set(why, "--into and --split exclude each other");
	else if (!request->certificate != !request->private_key || !request->certificate != !request->ca)
		why_set(why, "--certificate, --private-key and --ca go together");
	else if (request->certificate && request->psk_file)
		why_set(why, "--certificate and --psk-file exclude each other");
	else
		return 0;
	return -EINVAL;
}

/* Nothing was written then, and so JSON shows no files, but why. */
static void forget_files(struct job *job)
{
	size_t i;

	for (i = 0; i < job->n_files; i++)
		compose_exit(&job->files[i]);
	job->n_files = 0;
}

static int import(struct job *job, struct why *why)
{
	const struct compose_notes waiting = { .say = telling_wait };
	int err;

	err = host_see(&job->host, why);
	if (err)
		return FAILED;
	err = read_connection(job);
	if (!err)
		err = prepare(job);
	if (!err && !wants(job, OPTION_DRY_RUN) && save_files(job->files, job->n_files, &waiting, why)) {
		err = -EIO;
		if (job->telling.faults)
			telling_say(&job->telling, true, why->text);
	}
	if (err)
		forget_files(job);
	else if (!job->telling.notes)
		print_text(job);
	if (job->telling.notes && !print_json(job)) {
		why_set(why, "out of memory");
		return FAILED;
	}
	if (err == -EINVAL)
		why_set(why, "%u fault%s; nothing was written", job->report.faults, job->report.faults == 1 ? "" : "s");
	return err ? FAILED : DONE;
}

static void end(struct job *job)
{
	forget_files(job);
	host_exit(&job->host);
	telling_exit(&job->telling);
	wipe(job);
	free(job);
}

static int run(const struct request *request, struct why *why)
{
	struct job *job;
	int status;

	if (check_options(request, why))
		return USAGE;
	job = calloc(1, sizeof(*job));
	if (!job || telling_init(&job->telling, request->options & OPTION_JSON)) {
		free(job);
		why_set(why, "out of memory");
		return FAILED;
	}
	job->request = request;
	job->report = (struct conf_report){ .say = say, .clash = on_clash, .ctx = job };
	status = import(job, why);
	end(job);
	return status;
}

static const struct command import_aws = {
	.name = "aws",
	.syntax = "FILE [--name NAME] [--routes P,..] [--psk-file FILE | --certificate FILE --private-key FILE --ca FILE] [--output DIR] [--weak] [--split] [--into NAME] [--dry-run] [--json]",
	.summary = "Makes a connection of what AWS says about a Site-to-Site VPN.",
	.text = "FILE is the answer of 'aws ec2 describe-vpn-connections', which tells most, the XML in it, or the\n"
		"download for the vendor 'Generic' or 'Strongswan'; what it is shows in it. The connection's file and\n"
		"its keys (0600) are written to /etc/vpntun; a file there that has the tunnels already is updated. Leave\n"
		"out --name then: without --split, that of another file ends in faults, and nothing is written.\n",
	.options = OPTION_NAME | OPTION_INTO | OPTION_ROUTES | OPTION_PSK_FILE | OPTION_CERTIFICATE | OPTION_PRIVATE_KEY |
		   OPTION_CA | OPTION_OUTPUT | OPTION_WEAK | OPTION_SPLIT | OPTION_DRY_RUN | OPTION_JSON,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};

static const struct command *const kinds[] = { &import_aws, NULL };

const struct command cmd_import = {
	.name = "import",
	.syntax = "COMMAND",
	.summary = "Makes a connection of a provider's file.",
	.subs = kinds,
};
