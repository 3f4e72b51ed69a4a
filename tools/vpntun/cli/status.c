// SPDX-License-Identifier: GPL-2.0
#include "cli/status.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "util/name.h"

static const char *const states[] = {
	[STATUS_DOWN] = "down",
	[STATUS_CONNECTING] = "connecting",
	[STATUS_UP] = "up",
};

static const char *const starts[] = { "add", "start", "trap" };

enum { N_STATES = sizeof(states) / sizeof(*states), N_STARTS = sizeof(starts) / sizeof(*starts) };

/* Index in @words, or -1. */
static int index_of(const char *word, const char *const *words, int count)
{
	int i;

	for (i = 0; word && i < count; i++)
		if (!strcmp(words[i], word))
			return i;
	return -1;
}

/* The name in @object's member @key; NULL if it is none. */
static const char *name_in(const json_t *object, const char *key, size_t size)
{
	const char *name = json_string_value(json_object_get(object, key));
	struct why why = { "" };

	return name && !name_check(name, size, &why) ? name : NULL;
}

static uint64_t count_in(const json_t *object, const char *key)
{
	const json_int_t count = json_integer_value(json_object_get(object, key));

	return count > 0 ? count : 0;
}

/* jansson's getters answer NULL or 0 where a value is of another kind or missing. */
static bool read_tunnel(const json_t *from, struct status_tunnel *tunnel)
{
	const char *error = json_string_value(json_object_get(from, "last_error"));
	const int state = index_of(json_string_value(json_object_get(from, "state")), states, N_STATES);
	const int start = index_of(json_string_value(json_object_get(from, "start")), starts, N_STARTS);
	const char *failure = json_string_value(json_object_get(from, "failure"));
	json_t *failures = json_object_get(from, "failures");
	json_t *ike = json_object_get(from, "ike");

	tunnel->name = name_in(from, "name", TUNNEL_NAME_SIZE);
	if (!tunnel->name || state < 0 || start < 0)
		return false;
	tunnel->start = starts[start];
	tunnel->state = state;
	tunnel->attempts = count_in(from, "attempts");
	tunnel->handshakes = count_in(from, "handshakes");
	tunnel->ike_rekeys = count_in(from, "rekeys");
	tunnel->child_rekeys = count_in(from, "child_rekeys");
	tunnel->certificate_end = count_in(from, "cert_not_after");
	tunnel->failures = json_is_object(failures) ? failures : NULL;
	tunnel->failure = failure && *failure ? failure : NULL;
	tunnel->last_error = error && *error ? error : NULL;
	tunnel->ike = json_is_object(ike) ? ike : NULL;
	return true;
}

static bool read_connection(const json_t *from, struct status_connection *connection,
			    struct status_tunnel *tunnels)
{
	const json_t *list = json_object_get(from, "tunnels");
	size_t i;

	connection->name = name_in(from, "name", CONF_NAME_SIZE);
	connection->ifname = name_in(from, "interface", IFACE_NAME_SIZE);
	connection->file = json_string_value(json_object_get(from, "file"));
	connection->far_index = json_integer_value(json_object_get(from, "ifindex"));
	connection->netnsid = json_integer_value(json_object_get(from, "netnsid"));
	connection->tunnels = tunnels;
	connection->n_tunnels = json_array_size(list);
	if (!connection->name || !connection->ifname || !json_is_array(list))
		return false;

	for (i = 0; i < connection->n_tunnels; i++)
		if (!read_tunnel(json_array_get(list, i), &tunnels[i]))
			return false;
	return true;
}

static size_t count_tunnels(const json_t *connections)
{
	size_t i, count = 0;

	for (i = 0; i < json_array_size(connections); i++)
		count += json_array_size(json_object_get(json_array_get(connections, i), "tunnels"));
	return count;
}

int status_read(struct status *status, json_t *answer, struct why *why)
{
	const json_t *list = json_object_get(answer, "connections");
	struct status_tunnel *next;
	size_t i;

	*status = (struct status){ .answer = answer, .n_connections = json_array_size(list) };
	if (!json_is_array(list))
		return why_set(why, "the helper's answer holds no list of connections");

	/* One more than there are: an empty list has an array, too. */
	status->connections = calloc(status->n_connections + 1, sizeof(*status->connections));
	status->tunnels = calloc(count_tunnels(list) + 1, sizeof(*status->tunnels));
	if (!status->connections || !status->tunnels) {
		why_set(why, "out of memory");
		return -ENOMEM;
	}

	next = status->tunnels;
	for (i = 0; i < status->n_connections; i++) {
		struct status_connection *connection = &status->connections[i];

		if (!read_connection(json_array_get(list, i), connection, next))
			return why_set(why, "the helper's answer makes no sense for connection %zu", i + 1);
		next += connection->n_tunnels;
	}
	return 0;
}

void status_free(struct status *status)
{
	free(status->connections);
	free(status->tunnels);
	json_decref(status->answer);
	*status = (struct status){ 0 };
}

const struct status_connection *status_of_iface(const struct status *status, const char *ifname)
{
	size_t i;

	for (i = 0; status && i < status->n_connections; i++)
		if (!strcmp(status->connections[i].ifname, ifname))
			return &status->connections[i];
	return NULL;
}

const struct status_connection *status_find(const struct status *status, const char *name)
{
	size_t i;

	for (i = 0; status && i < status->n_connections; i++)
		if (!strcmp(status->connections[i].name, name))
			return &status->connections[i];
	return status_of_iface(status, name);
}

const struct status_tunnel *status_tunnel(const struct status_connection *connection, const char *name)
{
	size_t i;

	for (i = 0; connection && i < connection->n_tunnels; i++)
		if (!strcmp(connection->tunnels[i].name, name))
			return &connection->tunnels[i];
	return NULL;
}

const char *status_word(enum status_state state)
{
	return states[state];
}

const char *status_text(const char *from, char text[STATUS_TEXT_MAX])
{
	const size_t length = strnlen(from, STATUS_TEXT_MAX - 1);
	size_t i;

	for (i = 0; i < length; i++)
		text[i] = from[i] >= ' ' && from[i] <= '~' ? from[i] : '?';
	text[i] = '\0';
	return text;
}

const char *status_ike_text(const struct status_tunnel *tunnel, const char *key, char text[STATUS_TEXT_MAX])
{
	const char *value = json_string_value(json_object_get(tunnel->ike, key));

	return status_text(value ? value : "", text);
}

uint64_t status_ike_number(const struct status_tunnel *tunnel, const char *key)
{
	const double value = json_number_value(json_object_get(tunnel->ike, key));

	return value > 0 && value < 1e15 ? value : 0;
}

bool status_ike_flag(const struct status_tunnel *tunnel, const char *key)
{
	return json_is_true(json_object_get(tunnel->ike, key));
}
