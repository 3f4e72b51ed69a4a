/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CLI_PLAN_H
#define CLI_PLAN_H

#include <stdbool.h>

#include "conf/conf.h"
#include "util/why.h"

/* `up --dry-run`: tells what a connection would be. Returns an exit status. */
int plan_print(const struct conf *conf, bool json, struct why *why);

#endif /* CLI_PLAN_H */
