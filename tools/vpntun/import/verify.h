/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IMPORT_VERIFY_H
#define IMPORT_VERIFY_H

#include "import/model.h"

/* What changes a tunnel's options at AWS: the connection's ID, the tunnel's outside address, and then the option. */
#define AWS_MODIFY_TUNNEL \
	"aws ec2 modify-vpn-tunnel-options --vpn-connection-id %s --vpn-tunnel-outside-ip-address %s --tunnel-options "

/*
 * Is it right, by AWS's rules? Sorts the tunnels by their outside addresses, as their order in AWS's files is not the
 * same every time, and drops those that are not complete, with a warning. 0, or -EINVAL after telling every fault.
 */
int verify_connection(struct import_connection *conn, struct conf_report *report);

/* Is an inside block, or a part of it, one that AWS keeps for itself? */
bool verify_reserved(const struct ip_prefix *block);

#endif /* IMPORT_VERIFY_H */
