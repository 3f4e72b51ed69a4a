/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IMPORT_AWS_XML_H
#define IMPORT_AWS_XML_H

#include "import/model.h"

/*
 * CustomerGatewayConfiguration. No DTD and no entities but those of XML itself are taken. 0, or -EINVAL after telling
 * every fault; @conn holds what was read until then.
 */
int aws_xml_read(const char *text, size_t len, struct import_connection *conn, struct conf_report *report);

#endif /* IMPORT_AWS_XML_H */
