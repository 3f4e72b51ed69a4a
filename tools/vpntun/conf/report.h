/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CONF_REPORT_H
#define CONF_REPORT_H

#include <stdbool.h>

#include "conf/conf.h"

enum { REPORT_MAX = 50 };	/* faults, and warnings, that are told of one file */

/* Tell "@path:@line: sentence"; without a line (0) "@path: sentence". All of them are counted. */
void report_fault(struct conf_report *report, const char *path, unsigned int line, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void report_warning(struct conf_report *report, const char *path, unsigned int line, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* For the report's clash(). */
void report_clash(const struct conf_report *report, const struct conf_tunnel *tunnel,
		  const struct conf_tunnel *rival);

/* Nobody would hear of another fault. */
bool report_full(const struct conf_report *report);

#endif /* CONF_REPORT_H */
