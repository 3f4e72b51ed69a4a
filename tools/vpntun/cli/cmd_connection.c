// SPDX-License-Identifier: GPL-2.0
#include "cli/cmds.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/draft.h"
#include "cli/out.h"
#include "cli/telling.h"
#include "conf/daemon.h"
#include "conf/folder.h"
#include "conf/report.h"
#include "conf/value.h"
#include "export/blocks.h"
#include "export/connection.h"
#include "export/offer.h"
#include "iked/inside.h"
#include "iked/udp.h"
#include "import/save.h"
#include "util/prefix.h"
#include "util/psk.h"
#include "util/wipe.h"

enum { OUR_ASN = 64512 };	/* unless another is asked for; AWS's default, too */

/* One command: what is offered, and the files that it becomes. It holds keys. */
struct job {
	const struct request *request;
	struct telling telling;
	struct conf_report report;
	struct host host;
	struct offer offer;
	struct ip_prefixes used;	/* inside blocks that are not free */
	struct import_tunnel keys[OFFER_TUNNELS];
	struct compose file;
};

static bool wants(const struct job *job, unsigned int option)
{
	return job->request->options & option;
}

static const char *folder_of(const struct job *job)
{
	return job->request->output ? job->request->output : CONF_FOLDER;
}

/* ---- what the command line says ---- */

static int take_name(struct job *job, struct why *why)
{
	const char *name = job->request->args[0];
	struct compose *file = &job->file;
	struct stat st;

	if (name_check(name, sizeof(file->name), why))
		return -EINVAL;
	if (daemon_is_file(name))
		return why_set(why, "'%s' is the name of the helper's own file", name);
	job->offer.name = name;
	memcpy(file->name, name, strlen(name) + 1);
	if ((size_t)snprintf(file->path, sizeof(file->path), "%s/%s.conf", folder_of(job), name) >= sizeof(file->path))
		return why_set(why, "%s: %s", folder_of(job), strerror(ENAMETOOLONG));
	if (!lstat(file->path, &st))
		return why_set(why, "%s is there already: choose another name", file->path);
	return 0;
}

static int take_customer(struct job *job, struct why *why)
{
	const char *text = job->request->customer;

	if (!text)
		return why_set(why, "--customer-gateway says where the customer is: an address, or 'any'");
	if (strcmp(text, "any") && value_host(text, &job->offer.customer, why))
		return why_prepend(why, "--customer-gateway");
	return 0;
}

static bool has_family(const struct job *job, uint8_t addr_len)
{
	const enum request_inside inside = job->request->inside;

	return inside == INSIDE_BOTH || (inside == INSIDE_IPV6) == (addr_len == 16);
}

static int take_routing(struct job *job, struct why *why)
{
	const struct request *request = job->request;
	const uint32_t asn = request->asn ? request->asn : OUR_ASN;
	struct offer *offer = &job->offer;
	size_t i;

	if (request->statics && request->bgp)
		return why_set(why, "--static and --bgp exclude each other");
	if (request->asn && !request->bgp)
		return why_set(why, "--asn is our number for BGP: --bgp has to say the customer's");
	if (request->bgp && request->bgp == asn)
		return why_set(why, "--bgp: %u is our own number: the two networks need one each, and --asn gives ours another",
			       asn);
	if (request->statics && prefixes_parse(request->statics, &offer->routes, why))
		return why_prepend(why, "--static");
	for (i = 0; i < offer->routes.count; i++)
		if (!has_family(job, offer->routes.list[i].addr.len))
			return why_set(why, "--static has prefixes of a family that the tunnels have not: --inside both");
	offer->customer_asn = request->bgp;
	offer->asn = request->bgp ? asn : 0;
	return 0;
}

static int add_outside(struct job *job, const char *text, struct why *why)
{
	struct offer *offer = &job->offer;
	struct ip_addr *addr = &offer->outside[offer->n_outside];

	if (offer->n_outside == OFFER_TUNNELS)
		return why_set(why, "--outside: there are %d tunnels, so that is the most", OFFER_TUNNELS);
	if (value_host(text, addr, why))
		return why_prepend(why, "--outside");
	if (offer->customer.len && addr->len != offer->customer.len)
		return why_set(why, "--outside: %s is not of the customer's family (IPv4, IPv6)", text);
	if (offer->n_outside++ && addr_equal(addr, &offer->outside[0]))
		return why_set(why, "--outside: %s is given twice; one is enough where the tunnels share it", text);
	return 0;
}

static int take_outside(struct job *job, struct why *why)
{
	char copy[2 * ADDR_TEXT_MAX + 2], *rest = copy, *one;
	const char *text = job->request->outside;

	if (!text)
		return 0;
	if (strlen(text) >= sizeof(copy))
		return why_set(why, "--outside: '%.60s..' is too long", text);
	strcpy(copy, text);
	while ((one = strsep(&rest, ",")))
		if (add_outside(job, one, why))
			return -EINVAL;
	return 0;
}

/* What is wrong whatever this host is like. */
static int take_options(struct job *job, struct why *why)
{
	return take_customer(job, why) || take_routing(job, why) || take_outside(job, why) ? -EINVAL : 0;
}

/* ---- where this host is found ---- */

/* Nobody says it: then from where the customer is reached. */
static int find_outside(struct job *job, struct why *why)
{
	struct offer *offer = &job->offer;
	int err;

	if (!offer->customer.len)
		return 0;
	err = udp_source(&offer->customer, 0, 0, &offer->outside[0]);
	if (err)
		return why_set(why, "there is no way to %s (%s): give --outside", job->request->customer, strerror(-err));
	offer->n_outside = 1;
	return 0;
}

static int place_outside(struct job *job, struct why *why)
{
	struct offer *offer = &job->offer;
	size_t i;

	if (!job->request->outside)
		return find_outside(job, why);
	for (i = 0; i < offer->n_outside; i++)
		offer->behind_nat |= !host_has(&job->host, &offer->outside[i]);
	/* Which of ours leads from which of theirs nobody knows. */
	if (offer->behind_nat && offer->n_outside > 1)
		return why_set(why, "--outside: this host has not both of %s: give those it has, or if a NAT leads to it, one that does",
			       job->request->outside);
	return 0;
}

/* ---- inside blocks ---- */

/* A file that is not right is somebody's all the same, but nothing is known of it. */
static void use_file(void *ctx, const char *path, const char *file)
{
	struct conf_report silent = { 0 };
	struct job *job = ctx;
	struct conf conf;
	size_t i, j;

	(void)file;
	if (conf_load(path, &conf, &silent)) {
		report_warning(&job->report, path, 0, "it is not right, so its inside blocks are not known");
		return;
	}
	for (i = 0; i < conf.n_tunnels; i++) {
		for (j = 0; j < conf.tunnels[i].inside.count; j++) {
			const struct conf_inside *inside = &conf.tunnels[i].inside.list[j];
			const struct ip_prefix block = prefix_of(&inside->addr, inside->length);

			prefixes_add(&job->used, &block);
		}
	}
	conf_free(&conf);
}

static int use_host(struct job *job, struct why *why)
{
	size_t i;

	for (i = 0; i < job->host.addrs.count; i++) {
		struct ip_prefix block;

		if (inside_claim(&job->host.addrs.list[i], &block) && prefixes_add(&job->used, &block))
			return why_set(why, "out of memory");
	}
	return 0;
}

static int see_used(struct job *job, struct why *why)
{
	int err;

	if (use_host(job, why))
		return -ENOMEM;
	err = folder_each(folder_of(job), use_file, job);
	if (err)
		return why_set(why, "%s: %s", folder_of(job), strerror(-err));
	/* What is written elsewhere may be for here. */
	if (strcmp(folder_of(job), CONF_FOLDER))
		folder_each(CONF_FOLDER, use_file, job);
	return 0;
}

static int choose_block(struct job *job, bool ipv6, struct ip_prefix *out, struct why *why)
{
	if (blocks_choose(&job->used, ipv6, getentropy, out, why))
		return -EINVAL;
	return prefixes_add(&job->used, out) ? why_set(why, "out of memory") : 0;
}

static int choose_blocks(struct job *job, struct why *why)
{
	struct offer *offer = &job->offer;
	size_t i;

	if (see_used(job, why))
		return -EINVAL;
	for (i = 0; i < OFFER_TUNNELS; i++) {
		offer->n_blocks = 0;
		/* BGP speaks by the first: only between IPv6 addresses there are routes of both families. */
		if (has_family(job, 16) && choose_block(job, true, &offer->blocks[i][offer->n_blocks++], why))
			return -EINVAL;
		if (has_family(job, 4) && choose_block(job, false, &offer->blocks[i][offer->n_blocks++], why))
			return -EINVAL;
	}
	return 0;
}

/* ---- the files ---- */

static int make_keys(struct job *job, struct why *why)
{
	struct psk psk;
	size_t i;

	for (i = 0; i < OFFER_TUNNELS; i++) {
		if (psk_make(&psk, getentropy))
			return why_set(why, "no random numbers: %s", strerror(errno));
		memcpy(job->keys[i].psk, psk.text, sizeof(psk.text));
	}
	wipe(&psk);
	return 0;
}

static int compose(struct job *job, struct why *why)
{
	struct export_text text = { .text = NULL };
	struct compose *file = &job->file;
	struct conf conf;
	size_t i;

	if (offer_conf(&job->offer, &conf))
		return why_set(why, "out of memory");
	connection_write(&conf, "made by vpntun connection new; the other end: vpntun export", &text);
	for (i = 0; i < conf.n_tunnels; i++) {
		struct compose_tunnel *of = &file->tunnels[file->n_tunnels++];

		of->tunnel = &job->keys[i];
		memcpy(of->name, conf.tunnels[i].name, sizeof(of->name));
		memcpy(of->psk_file, conf.tunnels[i].psk_file, sizeof(of->psk_file));
	}
	conf_free(&conf);
	if (!text.failed)
		file->text = strdup(text.text);
	export_text_exit(&text);
	return file->text ? 0 : why_set(why, "out of memory");
}

static int check(struct job *job, struct why *why)
{
	struct conf conf;

	if (draft_check(job->file.path, job->file.text, &job->host, &conf, &job->report))
		return why_set(why, "%u fault%s; nothing was written", job->report.faults,
			       job->report.faults == 1 ? "" : "s");
	conf_free(&conf);
	if (!job->offer.routes.count && !job->offer.asn)
		report_warning(&job->report, job->file.path, 0,
			       "no network leads to the customer: write Routes, or make it with --static or --bgp");
	return 0;
}

static int make(struct job *job, struct why *why)
{
	const struct compose_notes waiting = { .say = telling_wait };

	if (host_see(&job->host, why) || take_name(job, why) || place_outside(job, why) || choose_blocks(job, why) ||
	    make_keys(job, why) || compose(job, why) || check(job, why))
		return -EINVAL;
	return wants(job, OPTION_DRY_RUN) ? 0 : save_files(&job->file, 1, &waiting, why);
}

/* ---- what is told ---- */

static bool is_hidden(const struct job *job)
{
	return job->offer.behind_nat || !job->offer.n_outside;
}

static json_t *json_tunnel(const struct job *job, size_t at)
{
	const struct offer *offer = &job->offer;
	json_t *blocks = json_array();
	char text[ADDR_TEXT_MAX];
	size_t i;

	for (i = 0; i < offer->n_blocks; i++)
		json_array_append_new(blocks, json_string(prefix_text(&offer->blocks[at][i], text)));
	return json_pack("{s:s, s:o, s:o}", "name", job->file.tunnels[at].name, "psk_file",
			 out_json_text(job->file.tunnels[at].psk_file), "inside", blocks);
}

/* @made: else it shows no tunnels, but why. */
static bool print_json(struct job *job, bool made)
{
	json_t *root = json_pack("{s:o, s:o}", "connection", out_json_text(job->file.name), "path",
				 out_json_text(job->file.path));
	json_t *tunnels = json_array();
	size_t i;

	for (i = 0; made && i < job->file.n_tunnels; i++)
		json_array_append_new(tunnels, json_tunnel(job, i));
	json_object_set_new(root, "tunnels", tunnels);
	json_object_set(root, "faults", job->telling.faults);
	json_object_set(root, "warnings", job->telling.warnings);
	return out_json(root, true);
}

static void print_text(const struct job *job)
{
	const char *name = job->request->output ? job->file.path : job->file.name;
	char text[ADDR_TEXT_MAX];
	size_t i, j;

	if (wants(job, OPTION_DRY_RUN)) {
		printf("%s: new, if this were no --dry-run\n\n%s\n", job->file.path, job->file.text);
		return;
	}
	printf("%s: new\n", job->file.path);
	for (i = 0; i < job->file.n_tunnels; i++) {
		printf("  %s, inside", job->file.tunnels[i].name);
		for (j = 0; j < job->offer.n_blocks; j++)
			printf(" %s", prefix_text(&job->offer.blocks[i][j], text));
		printf(", key in %s\n", job->file.tunnels[i].psk_file);
	}
	printf("next: vpntun up %s\nfor the customer: vpntun export VENDOR %s --secrets%s\n", name, name,
	       is_hidden(job) ? " --outside ADDRESS, at which the customer finds this host" : "");
}

static int run_job(struct job *job, struct why *why)
{
	int err = make(job, why);

	if (!err && !job->telling.faults)
		print_text(job);
	else if (err && job->telling.faults && !job->report.faults)
		telling_say(&job->telling, true, why->text);
	if (job->telling.faults && !print_json(job, !err))
		err = why_set(why, "out of memory");
	return err ? FAILED : DONE;
}

static void end(struct job *job)
{
	prefixes_free(&job->offer.routes);
	prefixes_free(&job->used);
	compose_exit(&job->file);
	host_exit(&job->host);
	telling_exit(&job->telling);
	wipe(job);
	free(job);
}

static int run(const struct request *request, struct why *why)
{
	struct job *job = calloc(1, sizeof(*job));
	int status;

	if (!job || telling_init(&job->telling, request->options & OPTION_JSON)) {
		free(job);
		why_set(why, "out of memory");
		return FAILED;
	}
	job->request = request;
	job->report = (struct conf_report){ .say = telling_say, .ctx = &job->telling };
	status = take_options(job, why) ? USAGE : run_job(job, why);
	end(job);
	return status;
}

static const struct command connection_new = {
	.name = "new",
	.syntax = "NAME --customer-gateway ADDR|any [--static P,..|--bgp ASN [--asn ASN]] [--outside A[,B]] [--inside ipv4|ipv6|both] [--ikev2] [--output DIR] [--dry-run] [--json]",
	.summary = "Makes the hub's side of a new customer's connection.",
	.text = "Two tunnels with a new pre-shared key and an inside block each, as AWS makes them. They wait for the\n"
		"customer. With two addresses of this host as --outside each tunnel has one; with one, or none, the\n"
		"tunnels are told apart by identities. What the customer needs is printed by 'vpntun export'.\n",
	.options = OPTION_CUSTOMER | OPTION_STATIC | OPTION_BGP | OPTION_ASN | OPTION_OUTSIDE | OPTION_INSIDE |
		   OPTION_IKEV2 | OPTION_OUTPUT | OPTION_DRY_RUN | OPTION_JSON,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};

static const struct command *const kinds[] = { &connection_new, NULL };

const struct command cmd_connection = {
	.name = "connection",
	.syntax = "COMMAND",
	.summary = "Makes a connection for a customer of this hub.",
	.subs = kinds,
};
