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

/*
 * Seconds. A status may be told without what comes late, once the network process says nothing for so long; a rekey that
 * is not answered has failed, so a busy host gets time.
 */
enum { PATIENCE_STATUS = 2, PATIENCE_REKEY = 15 };

/* Questions about the state that have no answer yet, of all clients together: far below what a channel takes. */
enum { WINDOW = 64 };

/* Whoever waits for an answer. */
struct waiter {
	struct waiter *next;
	uint64_t client;
};

/* About one tunnel. Answers come in the order of the questions. */
struct question {
	uint32_t policy;
	json_t *tunnel;		/* its object, a part of the answer */
};

/* A request, of one client or of several that ask the same. */
struct ask {
	struct ask *next;
	struct asks *asks;
	struct ctl_server *server;
	struct waiter *waiters;
	uint32_t ticket;
	struct event *patience;
	bool rekey;		/* or a status */

	/* A status; it has begun once there is something to be answered. */
	char name[CONF_NAME_SIZE];	/* of the connection; "": all */
	json_t *connections;
	struct question *questions;
	size_t count, sent, answered;

	/* A rekey. */
	unsigned int pending;	/* answers to come */
	int done;		/* tunnels that are rekeyed */
	struct why why;		/* why one is not */
};

struct asks {
	struct event_base *base;
	struct conns *conns;
	struct ask *first;	/* in the order in which they came */
	uint32_t last_ticket;
};

static void ask_free(struct ask *ask)
{
	struct ask **at = &ask->asks->first;
	struct waiter *waiter;

	while (*at != ask)
		at = &(*at)->next;
	*at = ask->next;
	while ((waiter = ask->waiters)) {
		ask->waiters = waiter->next;
		free(waiter);
	}
	json_decref(ask->connections);
	free(ask->questions);
	event_free(ask->patience);
	free(ask);
}

static json_t *failure(const char *sentence)
{
	return json_pack("{sb ss si}", "ok", 0, "why", sentence, "code", EXIT_FAILED);
}

/* Gives all who wait the same. Takes @answer, and frees @ask. */
static void finish_with(struct ask *ask, json_t *answer)
{
	const struct waiter *waiter;

	for (waiter = ask->waiters; waiter; waiter = waiter->next)
		ctl_server_answer(ask->server, waiter->client, json_incref(answer));
	json_decref(answer);
	ask_free(ask);
}

static bool ask_join(struct ask *ask, uint64_t client)
{
	struct waiter *waiter = malloc(sizeof(*waiter));

	if (!waiter)
		return false;
	*waiter = (struct waiter){ ask->waiters, client };
	ask->waiters = waiter;
	return true;
}

static void be_patient(struct ask *ask)
{
	const struct timeval patience = { .tv_sec = ask->rekey ? PATIENCE_REKEY : PATIENCE_STATUS };

	event_add(ask->patience, &patience);
}

static struct ask *ask_add(struct asks *asks, struct ctl_server *server, uint64_t client, event_callback_fn on_patience)
{
	struct ask *ask = calloc(1, sizeof(*ask)), **at = &asks->first;

	if (ask)
		ask->patience = evtimer_new(asks->base, on_patience, ask);
	if (!ask || !ask->patience || !ask_join(ask, client)) {
		if (ask && ask->patience)
			event_free(ask->patience);
		free(ask);
		ctl_server_refuse(server, client, EXIT_FAILED, "out of memory");
		return NULL;
	}
	ask->asks = asks;
	ask->server = server;
	ask->ticket = ++asks->last_ticket;
	while (*at)
		at = &(*at)->next;
	*at = ask;
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

static void send_question(const struct ask *ask, enum imsg_type type, uint32_t policy, bool ike_sa)
{
	const struct imsg_ask body = { .ticket = ask->ticket, .policy = policy, .ike_sa = ike_sa };

	procs_send(ask->asks->conns->procs, PROC_NETWORK, type, &body, -1);
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
		json_t *tunnel = tunnel_json(&conn->conf.tunnels[i]);

		ask->questions[ask->count++] = (struct question){ conn->tunnels[i].policy.id, tunnel };
		json_array_append_new(tunnels, tunnel);
	}
	connection = json_pack("{ss ss ss so}", "name", conn->conf.name, "interface", conn->conf.ifname,
			       "file", conn->conf.path, "tunnels", tunnels);
	if (site_far(conn->site, &index, &netnsid)) {
		json_object_set_new(connection, "ifindex", json_integer(index));
		json_object_set_new(connection, "netnsid", json_integer(netnsid));
	}
	json_array_append_new(ask->connections, connection);
}

static bool is_about(const struct ask *ask, const struct conn *conn)
{
	return !*ask->name || !strcmp(ask->name, conn->conf.name);
}

/* What there is now, with all that it has to ask. False: there is no memory for it. */
static bool survey(struct ask *ask)
{
	const struct conn *conn;
	size_t tunnels = 0;

	for (conn = ask->asks->conns->first; conn; conn = conn->next)
		if (is_about(ask, conn))
			tunnels += conn->conf.n_tunnels;
	ask->questions = calloc(tunnels + 1, sizeof(*ask->questions));
	ask->connections = json_array();
	if (!ask->questions || !ask->connections)
		return false;
	for (conn = ask->asks->conns->first; conn; conn = conn->next)
		if (is_about(ask, conn))
			add_connection(ask, conn);
	return true;
}

/* With what has been answered until now. */
static void finish_status(struct ask *ask)
{
	if (ask->connections || survey(ask))
		finish_with(ask, json_pack("{sb sO}", "ok", 1, "connections", ask->connections));
	else
		finish_with(ask, failure("out of memory"));
}

static size_t count_open(const struct asks *asks)
{
	const struct ask *ask;
	size_t count = 0;

	for (ask = asks->first; ask; ask = ask->next)
		count += ask->sent - ask->answered;
	return count;
}

/* Asks as much as may be asked now: whoever came first has the first turn. */
static void go_on(struct asks *asks)
{
	size_t open = count_open(asks);
	struct ask *ask, *next;

	for (ask = asks->first; ask && open < WINDOW; ask = next) {
		next = ask->next;
		if (ask->rekey)
			continue;
		if (!ask->connections && !survey(ask)) {
			finish_with(ask, failure("out of memory"));
			continue;
		}
		for (; ask->sent < ask->count && open < WINDOW; open++)
			send_question(ask, IMSG_ASK_STATUS, ask->questions[ask->sent++].policy, false);
		if (!ask->count)
			finish_status(ask);
	}
}

static void on_late_status(evutil_socket_t fd, short what, void *arg)
{
	struct asks *asks = ((struct ask *)arg)->asks;

	(void)fd;
	(void)what;
	finish_status(arg);
	go_on(asks);
}

/* One that has not begun will know all that its client may know: others who ask the same wait for it. */
static struct ask *find_same(struct asks *asks, const char *name)
{
	struct ask *ask;

	for (ask = asks->first; ask; ask = ask->next)
		if (!ask->rekey && !ask->connections && !strcmp(ask->name, name))
			return ask;
	return NULL;
}

void asks_status(struct asks *asks, struct ctl_server *server, uint64_t client, const struct ctl_request *request)
{
	struct ask *ask = find_same(asks, request->name);

	if (ask && ask_join(ask, client))
		return;
	ask = ask_add(asks, server, client, on_late_status);
	if (!ask)
		return;
	memcpy(ask->name, request->name, sizeof(ask->name));
	be_patient(ask);
	go_on(asks);
}

/* The parent knows of it, not the network process. */
static void set_end(json_t *tunnel, time_t not_after)
{
	json_t *ike = json_object_get(tunnel, "ike"), *end = not_after ? json_integer(not_after) : json_null();

	/* Beside the IKE SA, too: an end that has passed is why there is none. */
	if (json_is_object(ike))
		json_object_set(ike, "cert_not_after", end);
	json_object_set_new(tunnel, "cert_not_after", end);
}

static void take_answer(const struct asks *asks, json_t *tunnel, const struct imsg_status *status)
{
	struct conn_place place;

	if (!conns_locate(asks->conns, status->policy, &place))
		return;
	json_object_set_new(tunnel, "state", json_string(status_state(status)));
	json_object_set_new(tunnel, "ike", status_ike(status));
	set_end(tunnel, place.conn->tunnels[place.tunnel].not_after);
	status_counts(tunnel, status);
	json_object_set_new(tunnel, "last_error", json_string(status->status.last_error));
}

void asks_take_status(struct asks *asks, const struct imsg_status *status)
{
	struct ask *ask = find(asks, status->ticket), *other;

	if (!ask || ask->answered == ask->sent || ask->questions[ask->answered].policy != status->policy)
		return;
	take_answer(asks, ask->questions[ask->answered++].tunnel, status);
	/* It answers: whose turn comes later waits on, too. */
	for (other = asks->first; other; other = other->next)
		if (!other->rekey)
			be_patient(other);
	if (ask->answered == ask->count)
		finish_status(ask);
	go_on(asks);
}

/* ---- rekey ---- */

static void finish_rekey(struct ask *ask)
{
	if (!*ask->why.text && ask->done)
		finish_with(ask, json_pack("{sb}", "ok", 1));
	else
		finish_with(ask, failure(*ask->why.text ? ask->why.text : "the network process does not answer"));
}

static void on_late_rekey(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	finish_rekey(arg);
}

void asks_rekey(struct asks *asks, struct ctl_server *server, uint64_t client, const struct ctl_request *request)
{
	const struct conn *conn = conns_find(asks->conns, request->name);
	struct ask *ask = ask_add(asks, server, client, on_late_rekey);
	size_t i;

	if (!ask)
		return;
	ask->rekey = true;
	be_patient(ask);
	for (i = 0; conn && i < conn->conf.n_tunnels; i++) {
		if (*request->tunnel && strcmp(request->tunnel, conn->conf.tunnels[i].name))
			continue;
		ask->pending++;
		send_question(ask, IMSG_REKEY, conn->tunnels[i].policy.id, request->ike);
	}
	if (ask->pending)
		return;
	if (conn)
		why_set(&ask->why, "%s has no tunnel %s", request->name, request->tunnel);
	else
		why_set(&ask->why, "%s is not up", request->name);
	finish_rekey(ask);
}

void asks_take_rekeyed(struct asks *asks, const struct imsg_rekeyed *rekeyed)
{
	struct ask *ask = find(asks, rekeyed->ticket);
	struct conn_place place;

	if (!ask || !ask->rekey)
		return;
	if (!rekeyed->err)
		ask->done++;
	else if (conns_locate(asks->conns, rekeyed->policy, &place))
		why_set(&ask->why, "%s is not up: there is nothing to rekey",
			place.conn->tunnels[place.tunnel].policy.name);
	if (!--ask->pending)
		finish_rekey(ask);
}

void asks_give_up(struct asks *asks)
{
	while (asks->first) {
		if (asks->first->rekey)
			finish_rekey(asks->first);
		else
			finish_status(asks->first);
	}
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
