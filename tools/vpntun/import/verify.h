/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IMPORT_VERIFY_H
#define IMPORT_VERIFY_H

#include "import/model.h"

/*
 * Is it right, by AWS's rules? Sorts the tunnels by their outside addresses, as their order in AWS's files is not the
 * same every time, and drops those that are not complete, with a warning. 0, or -EINVAL after telling every fault.
 */
int verify_connection(struct import_connection *conn, struct conf_report *report);

#endif /* IMPORT_VERIFY_H */
