/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_NOTIFY_H
#define IKED_NOTIFY_H

#include <stdbool.h>

struct event_base;

/* What a service manager wants to hear, sd_notify(3); without one all of this does nothing. */
void notify_init(void);		/* before there are children: they shall not hear of it */
void notify_ready(void);
void notify_reloading(void);	/* until it is ready again */
void notify_stopping(void);

/* From now on the watchdog hears of us twice in its time, as long as @alive says so. 0 or -ENOMEM. */
int notify_watchdog(struct event_base *base, bool (*alive)(void *ctx), void *ctx);
void notify_free(void);

#endif /* IKED_NOTIFY_H */
