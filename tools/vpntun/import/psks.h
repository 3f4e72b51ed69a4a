/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IMPORT_PSKS_H
#define IMPORT_PSKS_H

#include "import/model.h"

/*
 * Takes pre-shared keys from the text of a file @path: lines of an outside address of AWS and its key, or a key alone
 * for every tunnel that has none; '#' begins a comment. They count before those in AWS's file. -EINVAL after telling
 * every fault, which never quotes a key.
 */
int psks_take(const char *path, const char *text, size_t len, struct import_connection *conn,
	      struct conf_report *report);

#endif /* IMPORT_PSKS_H */
