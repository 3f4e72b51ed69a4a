/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CLI_GIVEN_H
#define CLI_GIVEN_H

#include "conf/conf.h"
#include "export/text.h"
#include "util/why.h"

/* For commands that give a configuration on standard output: all else goes to standard error. */

/* Reads a connection. 0, and conf_free() is the caller's; or -EINVAL after telling every fault. */
int given_load(const char *name, struct conf *conf, struct why *why);

/* Prints @text, unless @err says that it was not made or memory was short. Spends it. 0 or negative, told in @why. */
int given_print(struct export_text *text, int err, struct why *why);

#endif /* CLI_GIVEN_H */
