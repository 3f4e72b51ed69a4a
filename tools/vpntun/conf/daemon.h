/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CONF_DAEMON_H
#define CONF_DAEMON_H

#include <stdint.h>

#include "conf/conf.h"

/* What belongs to the IKE helper, not to a connection: /etc/vpntun/daemon.conf, which need not be there. */
#define DAEMON_FILE "/etc/vpntun/daemon.conf"

enum daemon_log { DAEMON_LOG_AUTO, DAEMON_LOG_STDERR, DAEMON_LOG_JOURNAL };
enum daemon_format { DAEMON_TEXT, DAEMON_JSON };
enum daemon_level { DAEMON_ERROR, DAEMON_WARNING, DAEMON_INFO, DAEMON_DEBUG };

struct daemon_listen {
	uint8_t count;			/* 0: every address */
	struct ip_addr list[CONF_LIST_MAX];
};

struct daemon_conf {
	unsigned int line;		/* of [Daemon], 0: there is none */
	unsigned int lines[CONF_KEYS_MAX];
	struct daemon_listen listen;	/* where peers may begin */
	uint8_t log_level, log_format, log_to;
	/* half-open IKE SAs: from how many on cookies are asked for, the most, the most of one address */
	uint32_t cookie_threshold, half_open_max, source_max;
};

/* Is it the name, or the path, of such a file? */
bool daemon_is_file(const char *name);

/* Pure, as conf_parse(). 0, or -EINVAL after telling every fault. */
int daemon_parse(const char *path, const char *text, size_t len, struct daemon_conf *out, struct conf_report *report);
/* The file of that name, as conf_load(). If it is DAEMON_FILE and not there @out has the defaults. */
int daemon_load(const char *name, struct daemon_conf *out, struct conf_report *report);

#endif /* CONF_DAEMON_H */
