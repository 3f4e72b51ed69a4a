/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_LOG_H
#define IKED_LOG_H

#include <stdbool.h>
#include <time.h>

#include "ike/act.h"
#include "ike/policy.h"

/*
 * The helper's log: an event a line, to standard error or syslog, and the last ones kept for `vpntun log`. Lines of level
 * debug go to those who follow only.
 */
struct ilog_line {
	struct timespec time;
	enum ike_log_level level;
	char name[IKE_POLICY_NAME_SIZE];	/* "office", "office/a", or "" */
	char text[IKE_LOG_SIZE];
};

enum { ILOG_KEPT = 512 };		/* lines */

typedef void ilog_fn(void *ctx, const struct ilog_line *line);

void ilog_open(bool foreground);
void ilog(enum ike_log_level level, const char *name, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
const char *ilog_level_name(enum ike_log_level level);

void ilog_each(ilog_fn *fn, void *ctx);		/* those kept, oldest first */
void ilog_follow(ilog_fn *fn, void *ctx);	/* new ones as they come; one follower, NULL: none */

#endif /* IKED_LOG_H */
