/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IMPORT_BARE_H
#define IMPORT_BARE_H

#include <stdbool.h>

#include "import/model.h"

/*
 * XML that was copied out of another form by hand, and is still written as it was there: within a string of JSON ("\n", "\""),
 * or within XML, as in the answers of EC2's Query API ("&lt;").
 */
bool bare_is_copied(const char *text, size_t len);

/* Reads it, as aws_xml_read() does. */
int bare_read(const char *text, size_t len, struct import_connection *conn, struct conf_report *report);

#endif /* IMPORT_BARE_H */
