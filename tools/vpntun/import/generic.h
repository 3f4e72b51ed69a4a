/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IMPORT_GENERIC_H
#define IMPORT_GENERIC_H

#include "import/model.h"

/* AWS's text for devices of any maker ("Generic"). Results as of aws_xml_read(). */
int generic_read(const char *text, size_t len, struct import_connection *conn, struct conf_report *report);

#endif /* IMPORT_GENERIC_H */
