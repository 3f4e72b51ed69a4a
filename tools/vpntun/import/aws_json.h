/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IMPORT_AWS_JSON_H
#define IMPORT_AWS_JSON_H

#include "import/model.h"

/*
 * The answer of describe-vpn-connections or create-vpn-connection, or one connection of it: the XML in it, and what
 * TunnelOptions say besides, tunnel by tunnel as their outside addresses tell. Results as of aws_xml_read().
 */
int aws_json_read(const char *text, size_t len, struct import_connection *conn, struct conf_report *report);

#endif /* IMPORT_AWS_JSON_H */
