/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IMPORT_TARGET_H
#define IMPORT_TARGET_H

#include "import/compose.h"

/* Which file of a folder a connection belongs into. */
struct target {
	const char *folder;
	const char *name;	/* that is asked for; NULL: the folder's file with its tunnels, else by its id */
	bool must_exist;
};

/*
 * Gives @compose its path and name, and the old file if there is one. @suffix: "" or "-1". 0, or -EINVAL after telling
 * every fault.
 */
int target_find(const struct target *target, const char *suffix, struct compose *compose, struct conf_report *report);

#endif /* IMPORT_TARGET_H */
