/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CONF_LOAD_H
#define CONF_LOAD_H

#include "conf/conf.h"

/* The text of a configuration file, on the heap; NULL: the fault is told. */
char *load_text(const char *path, size_t *len, struct conf_report *report);

#endif /* CONF_LOAD_H */
