/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CLI_INSPECT_H
#define CLI_INSPECT_H

#include "conf/conf.h"

/* What is wrong or doubtful about a connection beside its own text: proposals, keys, certificates, other connections. */
void inspect(const struct conf *conf, struct conf_report *report);

#endif /* CLI_INSPECT_H */
