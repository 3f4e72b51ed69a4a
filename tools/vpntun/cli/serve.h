/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CLI_SERVE_H
#define CLI_SERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/why.h"

/* What is to be served: text on the heap, or NULL. */
typedef char *serve_fn(void *ctx, bool open_metrics, size_t *size);

/* A socket that listens at "ADDR:PORT" or "[ADDR]:PORT". Its descriptor; -EINVAL if that is no such thing, or what the system says, with @why. */
int serve_listen(const char *at, struct why *why);

/*
 * Answers GET /metrics on @listener until a signal ends it. Another process without any rights meets the network: it
 * asks this one for the text, and @fn makes it. @drop gives away the rights that @fn does not need. Returns -EINVAL with
 * @why.
 */
int serve_run(int listener, serve_fn *fn, void *ctx, int (*drop)(struct why *why), struct why *why);

#endif /* CLI_SERVE_H */
