/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_SHARE_H
#define IKED_SHARE_H

#include <stdbool.h>
#include <stdint.h>

struct conn_tunnel;

/* Lines of the log that somebody may write, so many in a time. */
struct share_lines {
	uint64_t since;			/* CLOCK_MONOTONIC, ms; 0: there was none yet */
	unsigned int lines;		/* since then */
};

/* May one more be written, of @most in @ms? Tells afterwards how many lines @about were not; @name as for ilog(). */
bool share_line(struct share_lines *log, unsigned int most, unsigned int ms, const char *name, const char *about);

/*
 * A tunnel's share of the parent's work. What the network process asks for costs the parent many system calls each
 * time: a bucket that a busy, but honest, process does not empty.
 */

/* Takes one piece of it. False: it is used up, and what was asked for is not to be done now. */
bool share_take(struct conn_tunnel *tunnel);

/* Tells that more @what were asked for: once for a time in which it happens. */
void share_tell(struct conn_tunnel *tunnel, const char *what);

/* May a line be written about what the network process has asked for? It must not fill the disk. */
bool share_log(struct conn_tunnel *tunnel);

#endif /* IKED_SHARE_H */
