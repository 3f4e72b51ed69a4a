// SPDX-License-Identifier: GPL-2.0
#include "cli/host.h"

#include <errno.h>
#include <string.h>

#include "iked/inside.h"

int host_see(struct host *host, struct why *why)
{
	struct knl rt = { 0 };
	int err;

	memset(host, 0, sizeof(*host));
	err = knl_open_route(&rt);
	if (!err)
		err = links_fetch(&rt, &host->links);
	if (!err)
		err = link_addrs_fetch(&rt, &host->addrs);
	if (err) {
		host_exit(host);
		why_set(why, "this host's interfaces: %s", rt.why.text);
	}
	knl_close(&rt);
	return err;
}

void host_exit(struct host *host)
{
	links_free(&host->links);
	link_addrs_free(&host->addrs);
}

bool host_has(const struct host *host, const struct ip_addr *addr)
{
	size_t i;

	for (i = 0; i < host->addrs.count; i++)
		if (addr_equal(&host->addrs.list[i].addr, addr))
			return true;
	return false;
}

int host_refuse(const struct host *host, const struct conf *conf, struct why *why)
{
	const struct link_info *own = links_by_name(&host->links, conf->ifname);

	/* In another namespace nobody here is in its way. */
	if (*conf->netns)
		return 0;
	return inside_refuse(conf, &host->links, &host->addrs, own ? own->index : 0, why);
}
