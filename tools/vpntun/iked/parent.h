/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_PARENT_H
#define IKED_PARENT_H

#include "util/why.h"

/*
 * The parent process, until it is told to end. @ready is called once it can be asked. 0, or a negative errno with @why if
 * it cannot begin.
 */
int parent_run(void (*ready)(void *ctx), void *ctx, struct why *why);

#endif /* IKED_PARENT_H */
