/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CLI_EXPORT_H
#define CLI_EXPORT_H

#include "cli/metrics.h"
#include "cli/roster.h"

/* What vpntun(8), "METRICS", says of each of its metrics. @view is what @roster was made with. */
struct export {
	const struct roster_files *files;
	const struct roster *roster;
	const struct view *view;
	const char *version;	/* of this program */
};

void export_all(const struct metrics *metrics, const struct export *from);

#endif /* CLI_EXPORT_H */
