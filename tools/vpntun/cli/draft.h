/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CLI_DRAFT_H
#define CLI_DRAFT_H

#include "cli/host.h"
#include "conf/conf.h"

/*
 * Is the text of a connection's file that is not written yet right, as `check` would say? And is none of its inside
 * blocks in use, by this host or another file beside it? Keys are not looked at. 0, and conf_free() is the caller's; or
 * -EINVAL after telling every fault.
 */
int draft_check(const char *path, const char *text, const struct host *host, struct conf *out,
		struct conf_report *report);

#endif /* CLI_DRAFT_H */
