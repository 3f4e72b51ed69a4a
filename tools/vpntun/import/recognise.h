/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IMPORT_RECOGNISE_H
#define IMPORT_RECOGNISE_H

#include "import/model.h"

enum import_form { IMPORT_JSON, IMPORT_XML, IMPORT_COPIED_XML, IMPORT_GENERIC, IMPORT_SWAN, IMPORT_UNKNOWN };

/* By what is in it. */
enum import_form recognise(const char *text, size_t len);

/* Reads the text of a file @path in whatever form. 0 or -EINVAL after telling every fault; wipe @conn, it has keys. */
int recognise_read(const char *path, const char *text, size_t len, struct import_connection *conn,
		   struct conf_report *report);

#endif /* IMPORT_RECOGNISE_H */
