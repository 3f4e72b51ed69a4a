/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_HOSTS_H
#define IKED_HOSTS_H

#include <stddef.h>

#include "util/addr.h"

/* The host's own files of names, as texts. What is not understood is passed over, as everybody does. */

/* Addresses of @name by hosts(5), at most @max. */
size_t hosts_find(const char *text, const char *name, struct ip_addr *out, size_t max);

/* The name servers of resolv.conf(5), at most @max; none: the one of this host. */
size_t hosts_servers(const char *text, struct ip_addr *out, size_t max);

#endif /* IKED_HOSTS_H */
