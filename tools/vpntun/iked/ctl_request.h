/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_CTL_REQUEST_H
#define IKED_CTL_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"
#include "util/why.h"

/* A line of the control socket, taken apart. */
enum ctl_do { CTL_UP, CTL_DOWN, CTL_RELOAD, CTL_REKEY, CTL_STATUS, CTL_LOG, CTL_PING, CTL_DOS };

enum { CTL_FILE_MAX = CONF_TEXT_MAX * 2 };	/* bytes with the final zero, as struct conf has it */

struct ctl_request {
	enum ctl_do what;
	char file[CTL_FILE_MAX];	/* up, reload */
	char name[CONF_NAME_SIZE];	/* down, rekey; status and log: "" is all */
	char tunnel[TUNNEL_NAME_SIZE];	/* rekey: "" is all */
	bool ike;			/* rekey */
	bool dry;			/* reload */
	bool follow;			/* log */
};

/* 0 or -EINVAL. Pure: @line is what anybody in the socket's group may have sent. */
int ctl_request_parse(const char *line, size_t len, struct ctl_request *out, struct why *why);

/* Does it change anything: only for root? */
bool ctl_request_changes(const struct ctl_request *request);

#endif /* IKED_CTL_REQUEST_H */
