/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CLI_JUDGE_H
#define CLI_JUDGE_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/status.h"
#include "util/why.h"

/* How far a connection has come up. Tunnels that start by themselves count; others wait for somebody else. */
struct verdict {
	size_t wanted;		/* tunnels that are to start by themselves */
	size_t up;		/* of these */
	bool any;		/* tunnel is up, of all of them */
};

struct verdict judge(const struct status_connection *connection);

/* There is nothing more to wait for. */
bool judge_done(const struct verdict *verdict);

/* An exit status (cli/command.h), and unless DONE in @why what is missing. */
int judge_status(const struct verdict *verdict, struct why *why);

/* "up", "partly" or "down". */
const char *judge_word(const struct verdict *verdict);

/* One sentence on a tunnel: whether it is up, and if not, why. Returns @text. */
enum { JUDGE_TEXT_MAX = 640 };
const char *judge_sentence(const struct status_tunnel *tunnel, char text[JUDGE_TEXT_MAX]);

#endif /* CLI_JUDGE_H */
