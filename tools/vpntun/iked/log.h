/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_LOG_H
#define IKED_LOG_H

#include <stdbool.h>
#include <time.h>

#include "conf/daemon.h"
#include "ike/act.h"
#include "ike/policy.h"

/*
 * The helper's log: an event a line, to standard error or syslog, as text or JSON, and the last ones kept for
 * `vpntun log`. Lines beneath the level that is set go to those who follow only.
 */
struct ilog_line {
	struct timespec time;
	enum ike_log_level level;
	bool fault;			/* why a negotiation or tunnel has failed */
	bool of_tunnel;			/* the network process tells of a tunnel: */
	bool dpd, natted;		/* as in struct ike_act_log */
	uint8_t phase1, phase2;
	char name[IKE_POLICY_NAME_SIZE];	/* "office", "office/a", or "" */
	char text[IKE_LOG_SIZE];
};

enum { ILOG_KEPT = 512, ILOG_TIME_SIZE = 64 };		/* lines */

typedef void ilog_fn(void *ctx, const struct ilog_line *line);

void ilog_open(bool foreground);	/* @foreground: to standard error, else to syslog */
void ilog_set(const struct daemon_conf *conf);
void ilog(enum ike_log_level level, const char *name, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void ilog_event(const char *name, const struct ike_act_log *event);	/* of the network process */
const char *ilog_level_name(enum ike_log_level level);

const char *ilog_time(const struct ilog_line *line, char text[ILOG_TIME_SIZE]);	/* RFC 3339, UTC */

void ilog_each(ilog_fn *fn, void *ctx);		/* those kept, oldest first */
void ilog_follow(ilog_fn *fn, void *ctx);	/* new ones as they come; one follower, NULL: none */

#endif /* IKED_LOG_H */
