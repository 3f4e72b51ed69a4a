// SPDX-License-Identifier: GPL-2.0
#include "iked/reload.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/diff.h"
#include "iked/conn_own.h"
#include "iked/log.h"

enum { LINE_SIZE = 160, EXIT_FAILED = 1 };

struct reload {
	const char *file;
	bool dry;		/* only tell */
	/* Hears of each change and what it takes: "tunnel a: IKEProposals: new IKE SA"; the log does anyway. May be NULL. */
	void (*say)(void *ctx, const char *line);
	void *ctx;
};

/* ---- what is not the same ---- */

static const char *class_text(enum diff_class class)
{
	static const char *const texts[] = {
		[DIFF_LIVE] = "live", [DIFF_CHILD] = "new Child SA", [DIFF_IKE] = "new IKE SA",
		[DIFF_RESTART] = "restart needed",
	};

	return texts[class];
}

struct telling {
	const struct reload *reload;
	const char *name;	/* of the connection */
};

static void say_change(void *ctx, const struct diff_change *change)
{
	const struct telling *telling = ctx;
	const struct reload *reload = telling->reload;
	char line[LINE_SIZE], who[TUNNEL_NAME_SIZE + 8] = "interface";

	if (change->tunnel)
		snprintf(who, sizeof(who), "tunnel %s", change->tunnel);
	if (change->kind == DIFF_KEY)
		snprintf(line, sizeof(line), "%s: %s: %s", who, change->key, class_text(change->class));
	else
		snprintf(line, sizeof(line), "%s: %s", who, change->kind == DIFF_ADDED ? "added" : "removed");
	if (reload->say)
		reload->say(reload->ctx, line);
	if (!reload->dry)
		ilog(IKE_LOG_INFO, telling->name, "reloaded: %s", line);
}

/* Keeps the first key that cannot be changed. */
static void find_restart(void *ctx, const struct diff_change *change)
{
	const char **key = ctx;

	if (change->kind == DIFF_KEY && change->class == DIFF_RESTART && !*key)
		*key = change->key;
}

/* The highest class of one tunnel's keys. */
struct highest {
	const char *tunnel;
	bool any;
	enum diff_class class;
};

static void find_highest(void *ctx, const struct diff_change *change)
{
	struct highest *highest = ctx;

	if (change->kind != DIFF_KEY || !change->tunnel || strcmp(change->tunnel, highest->tunnel))
		return;
	highest->any = true;
	if (change->class > highest->class)
		highest->class = change->class;
}

/* ---- the parent's own ---- */

static struct conn_tunnel *find(const struct conn *conn, const char *name, size_t *index)
{
	size_t i;

	for (i = 0; i < conn->conf.n_tunnels; i++) {
		if (strcmp(conn->conf.tunnels[i].name, name))
			continue;
		*index = i;
		return &conn->tunnels[i];
	}
	return NULL;
}

/* Under its id a tunnel is the same as before for all processes. */
static void keep_ids(const struct conn *conn, struct conn *next)
{
	const struct conn_tunnel *old;
	size_t i, was;

	for (i = 0; i < next->conf.n_tunnels; i++) {
		struct ike_policy *policy = &next->tunnels[i].policy;
		const struct conf_tunnel *conf = &next->conf.tunnels[i];

		old = find(conn, conf->name, &was);
		if (!old)
			continue;
		policy->id = old->policy.id;
		policy->initial_contact = old->policy.initial_contact;
		policy->via = old->policy.via;
		/* What its name was found to be. */
		if (*conf->remote_name && !strcmp(conf->remote_name, conn->conf.tunnels[was].remote_name))
			policy->remote = old->policy.remote;
		if (next->tunnels[i].local_auto && old->local_auto)
			policy->local = old->policy.local;
	}
}

/* What has been made of a tunnel goes on. */
static void take_states(struct conn *conn, struct conn *next)
{
	struct conn_tunnel *old, *now;
	size_t i, was;

	for (i = 0; i < next->conf.n_tunnels; i++) {
		now = &next->tunnels[i];
		old = find(conn, next->conf.tunnels[i].name, &was);
		if (!old)
			continue;
		now->old_dropped = old->old_dropped;
		now->work_until = old->work_until;
		now->busy_said = old->busy_said;
		now->n_pairs = old->n_pairs;
		memcpy(now->pairs, old->pairs, sizeof(now->pairs));
		now->wills = old->wills;
		old->wills = NULL;
	}
}

/* ---- the network process ---- */

static void tell_new(struct conns *conns, struct conn_tunnel *tunnel, const struct creds *creds)
{
	const struct imsg_policy body = { .policy = tunnel->policy.id };

	tunnel->policy.initial_contact = true;
	procs_send(conns->procs, PROC_NETWORK, IMSG_POLICY, &tunnel->policy, -1);
	creds_tell(creds, conns->procs, PROC_NETWORK);
	procs_send(conns->procs, PROC_NETWORK, IMSG_UP, &body, -1);
}

/* A ticket of nobody: whatever becomes of it is told by the log. */
static void tell_changed(struct conns *conns, struct conn_tunnel *tunnel, enum diff_class class)
{
	const struct imsg_policy body = { .policy = tunnel->policy.id };
	const struct imsg_ask rekey = { .policy = tunnel->policy.id };

	if (class == DIFF_IKE)
		procs_send(conns->procs, PROC_NETWORK, IMSG_REAUTH, &body, -1);
	if (class == DIFF_CHILD)
		procs_send(conns->procs, PROC_NETWORK, IMSG_REKEY, &rekey, -1);
	/* It may be one that begins by itself now. */
	procs_send(conns->procs, PROC_NETWORK, IMSG_UP, &body, -1);
}

static void tell_network(struct conns *conns, const struct conn *conn, struct conn *next, const struct creds *creds)
{
	size_t i, was;

	/* One that it does not know yet it is told of as it is then. */
	for (i = 0; conn->told[PROC_NETWORK] && i < next->conf.n_tunnels; i++) {
		struct highest highest = { .tunnel = next->conf.tunnels[i].name };
		struct conn_tunnel *tunnel = &next->tunnels[i];

		conn_route(conns, conn->site, tunnel, i);
		conn_take_creds(tunnel, &creds[i]);
		conf_diff(&conn->conf, &next->conf, find_highest, &highest);
		if (!find(conn, highest.tunnel, &was)) {
			tell_new(conns, tunnel, &creds[i]);
			continue;
		}
		/* Its identity may be what its certificate says. */
		procs_send(conns->procs, PROC_NETWORK, IMSG_POLICY, &tunnel->policy, -1);
		creds_tell(&creds[i], conns->procs, PROC_NETWORK);
		if (highest.any)
			tell_changed(conns, tunnel, highest.class);
	}
	for (i = 0; i < conn->conf.n_tunnels; i++) {
		const struct imsg_policy body = { .policy = conn->tunnels[i].policy.id };

		if (find(next, conn->conf.tunnels[i].name, &was))
			continue;
		/* Its deletes go first, then it is forgotten. They need no key. */
		procs_send(conns->procs, PROC_NETWORK, IMSG_DOWN, &body, -1);
		procs_send(conns->procs, PROC_KEY, IMSG_FORGET, &body, -1);
	}
}

/* ---- all of it ---- */

static int check(struct conns *conns, const struct conn *next, struct conn **conn, struct why *why)
{
	const char *key = NULL;

	*conn = conns_find(conns, next->conf.name);
	if (!*conn || (*conn)->ending)
		return why_set(why, "%s is %s", next->conf.name, *conn ? "going down" : "not up");
	if (strcmp((*conn)->conf.path, next->conf.path))
		return why_set(why, "%s is up by another file, %s", next->conf.name, (*conn)->conf.path);
	conf_diff(&(*conn)->conf, &next->conf, find_restart, &key);
	if (key)
		return why_set(why, "%s cannot be changed while %s is up: vpntun restart %s", key, next->conf.name,
			       next->conf.name);
	return 0;
}

static int apply(struct conns *conns, struct conn *conn, struct conn *next, struct why *why)
{
	struct creds *creds;
	struct site *site;

	keep_ids(conn, next);
	creds = conn_creds(next, why);
	if (!creds)
		return -EINVAL;
	site = site_again(conn->site, &next->conf, why);
	if (site) {
		conn->site = site;
		conn_tell_key(conns, next, creds);
		tell_network(conns, conn, next, creds);
		take_states(conn, next);
	}
	conn_drop_creds(next, creds);
	return site ? 0 : -EIO;
}

/* @next is the file's state and goes to @conn; what that had is left in it, for conn_empty(). */
static void exchange(struct conn *conn, struct conn *next)
{
	struct conn_tunnel *tunnels = conn->tunnels;
	struct conf conf = conn->conf;

	conn->conf = next->conf;
	conn->tunnels = next->tunnels;
	next->conf = conf;
	next->tunnels = tunnels;
}

/* 0 or a negative errno with @why, and then nothing has changed. */
static int reload_file(struct conns *conns, const struct reload *reload, struct why *why)
{
	struct telling telling = { .reload = reload };
	struct conn next = { 0 }, *conn;
	struct creds *creds = NULL;
	int err;

	err = conn_load(&next, reload->file, why);
	if (err)
		return err;
	err = check(conns, &next, &conn, why);
	if (!err)
		err = conn_policies(conns, &next, why);
	if (!err && reload->dry) {
		creds = conn_creds(&next, why);
		err = creds ? 0 : -EINVAL;
		conn_drop_creds(&next, creds);
	} else if (!err) {
		err = apply(conns, conn, &next, why);
	}
	telling.name = next.conf.name;
	if (!err)
		conf_diff(&conn->conf, &next.conf, say_change, &telling);
	if (!err && !reload->dry)
		exchange(conn, &next);
	conn_empty(&next);
	return err;
}

/* ---- who asks for it ---- */

static void add_change(void *ctx, const char *line)
{
	json_array_append_new(ctx, json_string(line));
}

void reload_serve(struct conns *conns, struct ctl_server *server, uint64_t client, const struct ctl_request *request)
{
	json_t *changes = json_array();
	const struct reload reload = {
		.file = request->file, .dry = request->dry, .say = add_change, .ctx = changes,
	};
	struct why why = { "" };

	if (reload_file(conns, &reload, &why))
		ctl_server_refuse(server, client, EXIT_FAILED, why.text);
	else
		ctl_server_answer(server, client, json_pack("{sb sO}", "ok", 1, "changes", changes));
	json_decref(changes);
}

static void reload_one(struct conns *conns, const struct conn *conn)
{
	const struct reload reload = { .file = conn->conf.path };
	struct why why = { "" };

	if (reload_file(conns, &reload, &why))
		ilog(IKE_LOG_ERROR, conn->conf.name, "not reloaded: %s", why.text);
	else
		ilog(IKE_LOG_INFO, conn->conf.name, "is what its file says");
}

void reload_all(struct conns *conns)
{
	struct conn *conn;

	for (conn = conns->first; conn; conn = conn->next)
		conn->reload_due = true;
}

bool reload_more(struct conns *conns)
{
	struct conn *conn;

	for (conn = conns->first; conn; conn = conn->next) {
		if (!conn->reload_due || conn->ending)
			continue;
		if (!conns_room(conns))
			return false;
		conn->reload_due = false;
		reload_one(conns, conn);
	}
	return true;
}
