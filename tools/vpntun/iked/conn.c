// SPDX-License-Identifier: GPL-2.0
#include "iked/conn_own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "iked/creds.h"
#include "iked/log.h"
#include "iked/outlet.h"
#include "iked/policy.h"
#include "iked/udp.h"

struct conn *conns_find(const struct conns *conns, const char *name)
{
	struct conn *conn;

	for (conn = conns->first; conn; conn = conn->next)
		if (!strcmp(conn->conf.name, name))
			return conn;
	return NULL;
}

bool conns_locate(const struct conns *conns, uint32_t policy, struct conn_place *place)
{
	struct conn *conn;
	size_t i;

	for (conn = conns->first; conn; conn = conn->next) {
		for (i = 0; i < conn->conf.n_tunnels; i++) {
			if (conn->tunnels[i].policy.id != policy)
				continue;
			*place = (struct conn_place){ conn, i };
			return true;
		}
	}
	return false;
}

/* ---- what their files hold ---- */

/* The first fault is the reason; the log has all of them. */
static void on_report(void *ctx, bool fault, const char *line)
{
	struct why *why = ctx;

	ilog(fault ? IKE_LOG_ERROR : IKE_LOG_WARNING, NULL, "%s", line);
	if (fault && !*why->text)
		why_set(why, "%s", line);
}

void conn_drop_creds(const struct conn *conn, struct creds *creds)
{
	size_t i;

	for (i = 0; creds && i < conn->conf.n_tunnels; i++)
		creds_free(&creds[i]);
	free(creds);
}

struct creds *conn_creds(const struct conn *conn, struct why *why)
{
	struct conf_report report = { .say = on_report, .ctx = why };
	struct creds *creds = calloc(conn->conf.n_tunnels, sizeof(*creds));
	size_t i;

	why->text[0] = '\0';
	if (!creds)
		why_set(why, "out of memory");
	for (i = 0; creds && i < conn->conf.n_tunnels; i++) {
		if (!creds_load(&conn->conf, &conn->conf.tunnels[i], &conn->tunnels[i].policy, &creds[i], &report))
			continue;
		conn_drop_creds(conn, creds);
		creds = NULL;
	}
	return creds;
}

static struct creds *read_creds_again(const struct conn *conn)
{
	struct why why;
	struct creds *creds = conn_creds(conn, &why);

	if (!creds)
		ilog(IKE_LOG_ERROR, conn->conf.name, "keys and certificates cannot be read again: %s", why.text);
	return creds;
}

bool conn_take_creds(struct conn_tunnel *tunnel, const struct creds *creds)
{
	bool changed = memcmp(&tunnel->policy.local_id, &creds->local_id, sizeof(creds->local_id));

	tunnel->policy.local_id = creds->local_id;
	tunnel->not_after = creds->not_after;
	/* Whoever read the file has said so. */
	tunnel->cert_age = creds->not_after ? creds_age(creds->not_after, time(NULL)) : CREDS_FRESH;
	return changed;
}

void conns_age(struct conns *conns)
{
	struct conn *conn;
	size_t i;

	for (conn = conns->first; conn; conn = conn->next) {
		for (i = 0; i < conn->conf.n_tunnels; i++) {
			struct conn_tunnel *tunnel = &conn->tunnels[i];
			enum creds_age age = tunnel->not_after ? creds_age(tunnel->not_after, time(NULL)) : CREDS_FRESH;

			if (age > tunnel->cert_age)
				creds_warn(tunnel->policy.name, tunnel->not_after);
			tunnel->cert_age = age;
		}
	}
}

/* ---- what the other processes have to know ---- */

int conn_source(const struct conn_tunnel *tunnel, const struct ip_addr *remote, struct ip_addr *local)
{
	const struct ike_via *via = &tunnel->policy.via;

	return udp_source(remote, via->mark ? via->mark : SITE_MARK, via->device, local);
}

/* True if the policy has another local address than before. */
static bool choose_local(struct conn_tunnel *tunnel)
{
	struct ip_addr local = { 0 };

	if (!tunnel->local_auto || !tunnel->policy.remote.len || conn_source(tunnel, &tunnel->policy.remote, &local))
		return false;
	if (addr_equal(&local, &tunnel->policy.local))
		return false;
	tunnel->policy.local = local;
	return true;
}

/* True if packets of the tunnel take another way than before. */
static bool choose_via(struct conns *conns, struct site *site, struct conn_tunnel *tunnel, size_t index)
{
	struct ike_via via;
	struct why why;

	site_via(site, index, &via);
	if (!memcmp(&via, &tunnel->policy.via, sizeof(via)))
		return false;
	if (outlets_need(conns->outlets, conns->procs, &via, &why))
		ilog(IKE_LOG_ERROR, tunnel->policy.name, "%s", why.text);
	tunnel->policy.via = via;
	return true;
}

bool conn_route(struct conns *conns, struct site *site, struct conn_tunnel *tunnel, size_t index)
{
	bool other = choose_via(conns, site, tunnel, index);

	return choose_local(tunnel) || other;
}

/* @creds may be NULL: then nobody can authenticate until they are there. */
static void tell_network(struct conns *conns, struct conn *conn, const struct creds *creds)
{
	const struct will *will;
	size_t i;

	for (i = 0; i < conn->conf.n_tunnels; i++) {
		struct conn_tunnel *tunnel = &conn->tunnels[i];
		const struct imsg_policy body = { .policy = tunnel->policy.id };

		conn_route(conns, conn->site, tunnel, i);
		/*
		 * The far end may have SAs with a process that is no more: by its will it keeps them until the new ones
		 * are in use. Without, as after a reboot, it is to forget them.
		 */
		tunnel->policy.initial_contact = !tunnel->wills;
		if (creds)
			conn_take_creds(tunnel, &creds[i]);
		procs_send(conns->procs, PROC_NETWORK, IMSG_POLICY, &tunnel->policy, -1);
		tunnel->policy_due = false;
		if (creds)
			creds_tell(&creds[i], conns->procs, PROC_NETWORK);
		for (will = tunnel->wills; will; will = will->next)
			procs_send(conns->procs, PROC_NETWORK, IMSG_INHERIT, &will->act, -1);
		procs_send(conns->procs, PROC_NETWORK, IMSG_UP, &body, -1);
	}
}

void conn_tell_key(struct conns *conns, const struct conn *conn, const struct creds *creds)
{
	size_t i;

	for (i = 0; creds && i < conn->conf.n_tunnels; i++)
		creds_tell(&creds[i], conns->procs, PROC_KEY);
}

bool conns_room(const struct conns *conns)
{
	return procs_room(conns->procs, PROC_KEY) && procs_room(conns->procs, PROC_NETWORK);
}

/* Those that do not know it yet. */
static void tell(struct conns *conns, struct conn *conn, const struct creds *creds)
{
	if (!conn->told[PROC_KEY])
		conn_tell_key(conns, conn, creds);
	if (!conn->told[PROC_NETWORK])
		tell_network(conns, conn, creds);
	conn->told[PROC_KEY] = true;
	conn->told[PROC_NETWORK] = true;
}

static void tell_late(struct conns *conns, struct conn *conn)
{
	struct creds *creds = read_creds_again(conn);

	tell(conns, conn, creds);
	conn_drop_creds(conn, creds);
}

static void send_policies(struct conns *conns, struct conn *conn)
{
	size_t i;

	for (i = 0; i < conn->conf.n_tunnels; i++) {
		struct conn_tunnel *tunnel = &conn->tunnels[i];

		if (tunnel->policy_due)
			procs_send(conns->procs, PROC_NETWORK, IMSG_POLICY, &tunnel->policy, -1);
		tunnel->policy_due = false;
	}
}

/* A connection is told at once and whole: what is said of it later is not overtaken. */
void conns_feed(struct conns *conns)
{
	struct conn *conn;

	for (conn = conns->first; conn && conns_room(conns); conn = conn->next) {
		if (conn->ending)
			continue;
		if (!conn->told[PROC_KEY] || !conn->told[PROC_NETWORK])
			tell_late(conns, conn);
		send_policies(conns, conn);
	}
}

void conns_tell(struct conns *conns, enum proc_kind kind)
{
	struct conn *conn;

	if (kind == PROC_NETWORK)
		conns->generation++;
	for (conn = conns->first; conn; conn = conn->next)
		conn->told[kind] = false;
	conns_feed(conns);
}

static void forget_in(struct conns *conns, enum proc_kind kind, uint32_t policy)
{
	const struct imsg_policy body = { .policy = policy };

	procs_send(conns->procs, kind, IMSG_FORGET, &body, -1);
}

static void forget(struct conns *conns, uint32_t policy)
{
	forget_in(conns, PROC_NETWORK, policy);
	forget_in(conns, PROC_KEY, policy);
}

/* ---- up ---- */

void conn_empty(struct conn *conn)
{
	size_t i;

	for (i = 0; conn->tunnels && i < conn->conf.n_tunnels; i++)
		wills_free(&conn->tunnels[i].wills);
	conf_free(&conn->conf);
	free(conn->tunnels);
}

static void conn_free(struct conn *conn)
{
	conn_empty(conn);
	free(conn);
}

int conn_load(struct conn *conn, const char *file, struct why *why)
{
	struct conf_report report = { .say = on_report, .ctx = why };
	int err;

	why->text[0] = '\0';
	err = conf_load(file, &conn->conf, &report);
	if (!err && report.faults)
		err = -EINVAL;
	if (err && !*why->text)
		why_set(why, "%s: %s", file, strerror(-err));
	return err;
}

static int check_others(const struct conns *conns, const struct conn *conn, struct why *why)
{
	const struct conn *other = conns_find(conns, conn->conf.name);

	if (other && !other->ending && !strcmp(other->conf.path, conn->conf.path))
		return -EALREADY;
	if (other)
		return why_set(why, "%s is %s", other->conf.name, other->ending ? "going down" : "up already, by another file");
	for (other = conns->first; other; other = other->next)
		if (!strcmp(other->conf.ifname, conn->conf.ifname) && !strcmp(other->conf.netns, conn->conf.netns))
			return why_set(why, "%s has the interface %s already", other->conf.name, conn->conf.ifname);
	return 0;
}

int conn_policies(struct conns *conns, struct conn *conn, struct why *why)
{
	size_t i;

	conn->tunnels = calloc(conn->conf.n_tunnels, sizeof(*conn->tunnels));
	if (!conn->tunnels)
		return why_set(why, "out of memory");
	for (i = 0; i < conn->conf.n_tunnels; i++) {
		const struct conf_tunnel *from = &conn->conf.tunnels[i];
		struct conn_tunnel *tunnel = &conn->tunnels[i];

		if (policy_make(&conn->conf, from, &tunnel->policy, why))
			return why_prepend(why, from->name);
		tunnel->policy.id = ++conns->last_id;
		tunnel->local_auto = !tunnel->policy.local.len;
	}
	return 0;
}

int conns_up(struct conns *conns, const char *file, struct why *why)
{
	struct conn *conn = calloc(1, sizeof(*conn));
	struct creds *creds = NULL;
	int err;

	if (!conn)
		return why_set(why, "out of memory");
	err = conn_load(conn, file, why);
	if (err) {
		free(conn);
		return err;
	}
	err = check_others(conns, conn, why);
	if (!err)
		err = conn_policies(conns, conn, why);
	if (!err) {
		creds = conn_creds(conn, why);
		err = creds ? 0 : -EINVAL;
	}
	if (err)
		goto err_free;
	conn->site = site_up(conns->sites, &conn->conf, why);
	if (!conn->site) {
		err = -EIO;
		goto err_creds;
	}

	conn->next = conns->first;
	conns->first = conn;
	if (conns_room(conns))
		tell(conns, conn, creds);
	conn_drop_creds(conn, creds);
	return 0;

err_creds:
	conn_drop_creds(conn, creds);
err_free:
	conn_free(conn);
	return err;
}

/* ---- down ---- */

void conns_down(struct conns *conns, struct conn *conn)
{
	size_t i;

	conn->ending = true;
	for (i = 0; i < conn->conf.n_tunnels; i++) {
		const struct imsg_policy body = { .policy = conn->tunnels[i].policy.id };

		procs_send(conns->procs, PROC_NETWORK, IMSG_DOWN, &body, -1);
	}
}

struct conn *conns_ended(struct conns *conns, uint32_t policy)
{
	struct conn_place place;
	size_t i;

	if (!conns_locate(conns, policy, &place)) {
		/* Of a tunnel that its file has no more, if it is true: the key process has forgotten it at once. */
		forget_in(conns, PROC_NETWORK, policy);
		return NULL;
	}
	if (!place.conn->ending)
		return NULL;
	place.conn->tunnels[place.tunnel].ended = true;
	for (i = 0; i < place.conn->conf.n_tunnels; i++)
		if (!place.conn->tunnels[i].ended)
			return NULL;
	return place.conn;
}

void conns_remove(struct conns *conns, struct conn *conn)
{
	struct conn **at = &conns->first;
	size_t i;

	while (*at != conn)
		at = &(*at)->next;
	*at = conn->next;
	for (i = 0; i < conn->conf.n_tunnels; i++)
		forget(conns, conn->tunnels[i].policy.id);
	site_down(conn->site);
	conn_free(conn);
}

void conns_will(struct conns *conns, const struct ike_act_will *will)
{
	struct conn_place place;

	if (conns_locate(conns, will->policy, &place))
		wills_take(&place.conn->tunnels[place.tunnel].wills, will);
}

void conns_follow(struct conns *conns)
{
	struct conn *conn;
	size_t i;

	sites_follow(conns->sites);
	for (conn = conns->first; conn; conn = conn->next)
		for (i = 0; !conn->ending && i < conn->conf.n_tunnels; i++)
			conn->tunnels[i].policy_due |= conn_route(conns, conn->site, &conn->tunnels[i], i);
	conns_feed(conns);
}
