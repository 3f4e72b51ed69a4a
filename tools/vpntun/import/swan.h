/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IMPORT_SWAN_H
#define IMPORT_SWAN_H

#include "import/model.h"

/* AWS's text for strongSwan: ipsec.conf, ipsec.secrets, commands, and prose. Results as of aws_xml_read(). */
int swan_read(const char *text, size_t len, struct import_connection *conn, struct conf_report *report);

#endif /* IMPORT_SWAN_H */
