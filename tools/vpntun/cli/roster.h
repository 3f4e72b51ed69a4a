/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CLI_ROSTER_H
#define CLI_ROSTER_H

#include "cli/view.h"
#include "conf/conf.h"

/* The connections that have files, right or not. */
struct roster_file {
	bool right;
	char name[CONF_NAME_SIZE];	/* as far as there is room */
	char fault[CONF_TEXT_MAX];	/* the first one, unless right */
	struct conf conf;		/* if right */
};

struct roster_files {
	struct roster_file *list;
	size_t count;
	bool no_memory;
	int err;			/* why the folder cannot be read; 0: it was, or there is none */
};

/* Reads those of @folder. */
void roster_read(const char *folder, struct roster_files *files);
void roster_files_free(struct roster_files *files);

/* A tunnel, and who knows it: at least one of the three does. */
struct roster_tunnel {
	const char *connection;			/* "": of none */
	const char *ifname;
	const char *name;
	const struct conf_tunnel *conf;		/* of its file */
	const struct status_tunnel *known;	/* of the helper, where its connection is up */
	const struct snap_tunnel *of;		/* of the module */
};

/* Every tunnel that is configured, by interface and name, and those that only the helper or the module has. */
struct roster {
	struct roster_tunnel *list;
	size_t count;
};

/* All parts stay the caller's. 0 or -ENOMEM. */
int roster_make(struct roster *roster, const struct roster_files *files, const struct view *view);
void roster_free(struct roster *roster);

#endif /* CLI_ROSTER_H */
