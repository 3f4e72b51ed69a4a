/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include "cli/out.h"
#include "cli/roster.h"

/*
 * `show --watch`: a line for every tunnel, with what goes through it in a second. On a terminal one picture takes the
 * place of the former one, and what has no room is left out; elsewhere blocks follow each other.
 */
struct watch;

/* @pictures: on a terminal they are to have a screen of their own. NULL: no memory. */
struct watch *watch_begin(bool pictures);
/* The terminal is as it was before. */
void watch_end(struct watch *watch);

/* Shows those tunnels of @roster that @view wants. 0 or -ENOMEM. */
int watch_show(struct watch *watch, const struct view *view, const struct roster *roster);

/* Waits until the next picture is due. False: the user wants no more. */
bool watch_wait(struct watch *watch);

/* ---- parts, for tests ---- */

/* What of a tunnel is counted, and how fast it grows, a second. */
struct watch_counts {
	uint64_t rx_bytes, tx_bytes, rx_packets, tx_packets, drops;
};

/* A counter that went back begins anew. @ms: between the two; 0: nothing is known. */
void watch_rates(const struct watch_counts *before, const struct watch_counts *now, uint64_t ms,
		 struct watch_counts *rates);

/* Prints @text, at most so many columns of each line and so many lines; 0: all. Escapes take no column. */
void watch_clip(FILE *to, const char *text, unsigned int rows, unsigned int columns);

#endif /* CLI_WATCH_H */
