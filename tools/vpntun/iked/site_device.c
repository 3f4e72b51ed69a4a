// SPDX-License-Identifier: GPL-2.0
/* The devices by which outer packets are to leave. */
#include <string.h>

#include "iked/site_own.h"

static uint32_t vrf_of(const struct links *links, const struct link_info *link)
{
	if (link->vrf_table)
		return link->index;
	return links_is_kind(links, link->master, "vrf") ? link->master : 0;
}

void site_set_device(struct site *site, size_t tunnel, const struct links *links, const struct link_info *link)
{
	const uint32_t without = *site->conf.tunnels[tunnel].device ? SITE_LINK_NONE : 0;

	site->tunnels[tunnel].link = link ? link->index : without;
	site->tunnels[tunnel].vrf = link ? vrf_of(links, link) : 0;
}

void site_via(const struct site *site, size_t tunnel, struct ike_via *via)
{
	*via = (struct ike_via){
		.mark = site->conf.fwmark == SITE_MARK ? 0 : site->conf.fwmark,
		.device = site->tunnels[tunnel].link, .vrf = site->tunnels[tunnel].vrf,
	};
}

static int hold_instead(struct sites *sites, const struct ip_addr *remote, uint32_t before, uint32_t now,
			struct why *why)
{
	int err = ways_hold(&sites->ways, &sites->rt, remote, now, why);

	if (!err)
		ways_release(&sites->ways, &sites->rt, remote, before);
	return err;
}

/* One that goes and comes, as a dial-up line's, is another device of that name each time. */
static int take_device(struct site *site, size_t index, const struct link_info *link, struct why *why)
{
	struct vgw_tunnel want = {
		.has = ATTR_BIT(VGW_A_TUNNEL_NAME) | ATTR_BIT(VGW_A_TUNNEL_LINK), .link = link->index,
	};
	const struct conf_tunnel *conf = &site->conf.tunnels[index];
	struct site_tunnel *tunnel = &site->tunnels[index];
	uint32_t before = tunnel->link;
	int err = 0;

	if (tunnel->held)
		err = hold_instead(site->sites, &conf->remote, before, link->index, why);
	if (!err && tunnel->way.len)
		err = hold_instead(site->sites, &tunnel->way, before, link->index, why);
	if (!err && tunnel->named.len)
		err = hold_instead(site->sites, &tunnel->named, before, link->index, why);
	if (err)
		return err;
	tunnel->now.link = link->index;
	if (!tunnel->made)
		return 0;
	memcpy(want.name, conf->name, sizeof(want.name));
	return site_tell(site, VGW_CMD_TUNNEL_SET, &want, why);
}

int site_follow_devices(struct site *site, const struct links *links, struct why *why)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < site->conf.n_tunnels; i++) {
		const char *name = site->conf.tunnels[i].device;
		const struct link_info *link = *name ? links_by_name(links, name) : NULL;

		if (!link)
			continue;
		if (link->index != site->tunnels[i].link)
			err = take_device(site, i, link, why);
		if (!err)
			site_set_device(site, i, links, link);
	}
	return err;
}
