// SPDX-License-Identifier: GPL-2.0
#include "iked/ask.h"

#include <errno.h>
#include <event2/event.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "iked/ctl.h"
#include "iked/status.h"

enum { EXIT_FAILED = 1 };

/* Seconds. A status may be told without what comes late; a rekey that is not answered has failed, so a busy host gets time. */
enum { PATIENCE_STATUS = 2, PATIENCE_REKEY = 15 };

/* One client's request. */
struct ask {
	struct ask *next;
	struct asks *asks;
	struct ctl_server *server;
	uint64_t client;
	uint32_t ticket;
	unsigned int pending;	/* answers to come */
	json_t *connections;	/* status: what will be answered */
	int done;		/* rekey: tunnels that are rekeyed */
	struct why why;		/* rekey: why one is not */
	struct event *patience;
};

struct asks {
	struct event_base *base;
	struct conns *conns;
	struct ask *first;
	uint32_t last_ticket;
};

static void ask_free(struct ask *ask)
{
	struct ask **at = &ask->asks->first;

	while (*at != ask)
		at = &(*at)->next;
	*at = ask->next;
	json_decref(ask->connections);
	event_free(ask->patience);
	free(ask);
}

static void finish(struct ask *ask)
{
	json_t *answer;

	if (ask->connections)
		answer = json_pack("{sb sO}", "ok", 1, "connections", ask->connections);
	else if (!*ask->why.text && ask->done)
		answer = json_pack("{sb}", "ok", 1);
	else
		answer = json_pack("{sb ss si}", "ok", 0, "why",
				   *ask->why.text ? ask->why.text : "the network process does not answer",
				   "code", EXIT_FAILED);
	ctl_server_answer(ask->server, ask->client, answer);
	ask_free(ask);
}

static void on_patience(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	finish(arg);
}

static struct ask *ask_add(struct asks *asks, struct ctl_server *server, uint64_t client, time_t seconds)
{
	const struct timeval patience = { .tv_sec = seconds };
	struct ask *ask = calloc(1, sizeof(*ask));

	if (ask)
		ask->patience = evtimer_new(asks->base, on_patience, ask);
	if (!ask || !ask->patience) {
		free(ask);
		ctl_server_refuse(server, client, EXIT_FAILED, "out of memory");
		return NULL;
	}
	event_add(ask->patience, &patience);
	ask->asks = asks;
	ask->server = server;
	ask->client = client;
	ask->ticket = ++asks->last_ticket;
	ask->next = asks->first;
	asks->first = ask;
	return ask;
}

static struct ask *find(struct asks *asks, uint32_t ticket)
{
	struct ask *ask;

	for (ask = asks->first; ask; ask = ask->next)
		if (ask->ticket == ticket)
			return ask;
	return NULL;
}

static void send_question(struct ask *ask, enum imsg_type type, uint32_t policy, bool ike_sa)
{
	const struct imsg_ask body = { .ticket = ask->ticket, .policy = policy, .ike_sa = ike_sa };

	ask->pending++;
	procs_send(ask->asks->conns->procs, PROC_NETWORK, type, &body, -1);
}

static void answered(struct ask *ask)
{
	if (!--ask->pending)
		finish(ask);
}

/* ---- status ---- */

static json_t *tunnel_json(const struct conf_tunnel *tunnel)
{
	static const char *const starts[] = {
		[CONF_START_ADD] = "add", [CONF_START_START] = "start", [CONF_START_TRAP] = "trap",
	};

	return json_pack("{ss ss ss sn si ss}", "name", tunnel->name, "start", starts[tunnel->start_action],
			 "state", "down", "ike", "attempts", 0, "last_error", "");
}

static void add_connection(struct ask *ask, const struct conn *conn)
{
	json_t *tunnels = json_array(), *connection;
	uint32_t index;
	int32_t netnsid;
	size_t i;

	for (i = 0; i < conn->conf.n_tunnels; i++) {
		json_array_append_new(tunnels, tunnel_json(&conn->conf.tunnels[i]));
		send_question(ask, IMSG_ASK_STATUS, conn->tunnels[i].policy.id, false);
	}
	connection = json_pack("{ss ss ss so}", "name", conn->conf.name, "interface", conn->conf.ifname,
			       "file", conn->conf.path, "tunnels", tunnels);
	if (site_far(conn->site, &index, &netnsid)) {
		json_object_set_new(connection, "ifindex", json_integer(index));
		json_object_set_new(connection, "netnsid", json_integer(netnsid));
	}
	json_array_append_new(ask->connections, connection);
}

void asks_status(struct asks *asks, struct ctl_server *server, uint64_t client, const struct ctl_request *request)
{
	struct ask *ask = ask_add(asks, server, client, PATIENCE_STATUS);
	const struct conn *conn;

	if (!ask)
		return;
	ask->connections = json_array();
	for (conn = asks->conns->first; conn; conn = conn->next)
		if (!*request->name || !strcmp(request->name, conn->conf.name))
			add_connection(ask, conn);
	if (!ask->pending)
		finish(ask);
}

/* The tunnel's object in an answer; NULL if it is no part of it. */
static json_t *find_tunnel(const struct ask *ask, const struct conn_place *place)
{
	const struct conf *conf = &place->conn->conf;
	json_t *connection;
	size_t i;

	json_array_foreach(ask->connections, i, connection)
		if (!strcmp(json_string_value(json_object_get(connection, "name")), conf->name))
			return json_array_get(json_object_get(connection, "tunnels"), place->tunnel);
	return NULL;
}

/* The parent knows of it, not the network process. */
static void set_end(json_t *tunnel, time_t not_after)
{
	json_t *ike = json_object_get(tunnel, "ike");

	if (json_is_object(ike))
		json_object_set_new(ike, "cert_not_after", not_after ? json_integer(not_after) : json_null());
}

void asks_take_status(struct asks *asks, const struct imsg_status *status)
{
	struct ask *ask = find(asks, status->ticket);
	struct conn_place place;
	json_t *tunnel;

	if (!ask || !ask->connections)
		return;
	tunnel = conns_locate(asks->conns, status->policy, &place) ? find_tunnel(ask, &place) : NULL;
	if (tunnel) {
		json_object_set_new(tunnel, "state", json_string(status_state(status)));
		json_object_set_new(tunnel, "ike", status_ike(status));
		set_end(tunnel, place.conn->tunnels[place.tunnel].not_after);
		status_counts(tunnel, status);
		json_object_set_new(tunnel, "last_error", json_string(status->status.last_error));
	}
	answered(ask);
}

/* ---- rekey ---- */

void asks_rekey(struct asks *asks, struct ctl_server *server, uint64_t client, const struct ctl_request *request)
{
	const struct conn *conn = conns_find(asks->conns, request->name);
	struct ask *ask = ask_add(asks, server, client, PATIENCE_REKEY);
	size_t i;

	if (!ask)
		return;
	for (i = 0; conn && i < conn->conf.n_tunnels; i++)
		if (!*request->tunnel || !strcmp(request->tunnel, conn->conf.tunnels[i].name))
			send_question(ask, IMSG_REKEY, conn->tunnels[i].policy.id, request->ike);
	if (ask->pending)
		return;
	if (conn)
		why_set(&ask->why, "%s has no tunnel %s", request->name, request->tunnel);
	else
		why_set(&ask->why, "%s is not up", request->name);
	finish(ask);
}

void asks_take_rekeyed(struct asks *asks, const struct imsg_rekeyed *rekeyed)
{
	struct ask *ask = find(asks, rekeyed->ticket);
	struct conn_place place;

	if (!ask || ask->connections)
		return;
	if (!rekeyed->err)
		ask->done++;
	else if (conns_locate(asks->conns, rekeyed->policy, &place))
		why_set(&ask->why, "%s is not up: there is nothing to rekey",
			place.conn->tunnels[place.tunnel].policy.name);
	answered(ask);
}

void asks_give_up(struct asks *asks)
{
	while (asks->first)
		finish(asks->first);
}

struct asks *asks_create(struct event_base *base, struct conns *conns)
{
	struct asks *asks = calloc(1, sizeof(*asks));

	if (!asks)
		return NULL;
	asks->base = base;
	asks->conns = conns;
	return asks;
}

void asks_free(struct asks *asks)
{
	while (asks->first)
		ask_free(asks->first);
	free(asks);
}
