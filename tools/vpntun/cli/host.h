/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CLI_HOST_H
#define CLI_HOST_H

#include "conf/conf.h"
#include "nl/link.h"

/* This host's interfaces and addresses, as they are now. */
struct host {
	struct links links;
	struct link_addrs addrs;
};

int host_see(struct host *host, struct why *why);
void host_exit(struct host *host);

bool host_has(const struct host *host, const struct ip_addr *addr);

/* Is an inside block of the connection in use by another interface? -EINVAL with @why, which names it. */
int host_refuse(const struct host *host, const struct conf *conf, struct why *why);

#endif /* CLI_HOST_H */
