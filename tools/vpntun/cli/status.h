/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CLI_STATUS_H
#define CLI_STATUS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/why.h"

/*
 * What the helper says of its connections (iked/ctl.h), looked through: names are names, and nothing is missing. The
 * texts are parts of its answer.
 */
enum status_state { STATUS_DOWN, STATUS_CONNECTING, STATUS_UP };

struct status_tunnel {
	const char *name;
	const char *start;	/* "add", "start" or "trap" */
	enum status_state state;
	uint64_t attempts;	/* since it was last up */
	const char *last_error;	/* NULL: none; may hold what a peer chose, see status_text() */
	uint64_t handshakes;	/* the rest is since the helper knows the tunnel */
	uint64_t ike_rekeys, child_rekeys;
	json_t *failures;	/* object: how often, by reason; NULL: not told */
	const char *failure;	/* reason of the last one; NULL: none */
	uint64_t certificate_end;	/* of ours, s since 1970; 0: there is none */
	json_t *ike;		/* an object; NULL: there is no IKE SA */
};

struct status_connection {
	const char *name;
	const char *ifname;
	const char *file;
	uint32_t far_index;	/* of the interface in namespace @netnsid, as ours numbers it; 0: it is here */
	int32_t netnsid;
	const struct status_tunnel *tunnels;
	size_t n_tunnels;
};

struct status {
	json_t *answer;
	struct status_connection *connections;
	struct status_tunnel *tunnels;	/* of all of them */
	size_t n_connections;
};

/* Takes @answer in any case. 0, or a negative errno and @why; status_free() is for both. */
int status_read(struct status *status, json_t *answer, struct why *why);
void status_free(struct status *status);

/* The connection of this name, else the one with this interface; NULL: none. */
const struct status_connection *status_find(const struct status *status, const char *name);
/* The one with this interface. @status may be NULL. */
const struct status_connection *status_of_iface(const struct status *status, const char *ifname);
/* @connection may be NULL. */
const struct status_tunnel *status_tunnel(const struct status_connection *connection, const char *name);

/* "up", "connecting", "down". */
const char *status_word(enum status_state state);

/* Fills @text with what is printable of @from, and returns it. */
enum { STATUS_TEXT_MAX = 256 };
const char *status_text(const char *from, char text[STATUS_TEXT_MAX]);

/* Members of tunnel->ike, printable; "" or 0 if it has none. */
const char *status_ike_text(const struct status_tunnel *tunnel, const char *key, char text[STATUS_TEXT_MAX]);
uint64_t status_ike_number(const struct status_tunnel *tunnel, const char *key);
bool status_ike_flag(const struct status_tunnel *tunnel, const char *key);

#endif /* CLI_STATUS_H */
