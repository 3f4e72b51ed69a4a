/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IMPORT_COMPOSE_H
#define IMPORT_COMPOSE_H

#include "import/model.h"
#include "import/upgrade.h"

/* Hears what is done, and what else there is to know: sentences without a full stop. */
struct compose_notes {
	void (*say)(void *ctx, const char *line);
	void *ctx;
};

/* What we authenticate by where AWS has a certificate: absolute paths. */
struct compose_certificate {
	char certificate[CONF_TEXT_MAX], private_key[CONF_TEXT_MAX], ca[CONF_TEXT_MAX];
};

/* A tunnel of the connection, and what its section is to be made from. */
struct compose_tunnel {
	const struct import_tunnel *tunnel;
	struct upgrade upgrade;
	bool has_local;			/* this host has our outside address */
	/* what composing says */
	char name[TUNNEL_NAME_SIZE];
	char psk_file[CONF_TEXT_MAX];	/* to be written with the tunnel's key; "": nothing is to be written */
};

/* One file, new or as it is to become. */
struct compose {
	const struct import_connection *conn;
	const struct compose_certificate *certificate;	/* NULL: pre-shared keys */
	char path[CONF_TEXT_MAX * 2];
	char name[CONF_NAME_SIZE];	/* of the connection that the file is */
	struct ip_prefixes routes;	/* with has_routes: those that are asked for */
	bool has_routes;
	bool weak;
	bool merges;			/* the old file has tunnels of other connections, too */
	uint32_t metric;		/* of the routes of a new file; 0: none of its own */
	size_t n_tunnels;
	struct compose_tunnel tunnels[IMPORT_TUNNELS_MAX];
	/* the file as it is; without @old_text it is new */
	char *old_text;			/* @old_len bytes, and no zero behind them */
	size_t old_len;
	struct conf old;
	char *text;			/* what composing says: the file, on the heap */
};

/*
 * Writes the file's new text: a section for each tunnel whose outside address no section of the old one has as Remote;
 * in the others what AWS decides. What else is in the old file stays. 0 or -EINVAL with @why.
 */
int compose_file(struct compose *compose, const struct compose_notes *notes, struct why *why);

/* Is the composed text that of the old file? */
bool compose_is_same(const struct compose *compose);

/* A name for the interface of the connection @name: "vpn-0aaaabbbbccccdddd", which is too long, gives "vpn-ccccdddd". */
void compose_interface_name(const char *name, char out[IFACE_NAME_SIZE]);

void compose_exit(struct compose *compose);

#endif /* IMPORT_COMPOSE_H */
