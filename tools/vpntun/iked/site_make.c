// SPDX-License-Identifier: GPL-2.0
/* The interface of a connection. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "iked/site_own.h"

void site_unsee(struct site_host *host)
{
	links_free(&host->links);
	link_addrs_free(&host->addrs);
	snap_free(&host->snap);
}

/* By name where we are, by index where we are not. */
static void locate(struct site *site, uint32_t index)
{
	site->ifindex = index;
	site->where.index = index;
	site->where.ifname = *site->conf.netns ? NULL : site->conf.ifname;
}

int site_see(struct site *site, struct site_host *host, struct why *why)
{
	int err;

	memset(host, 0, sizeof(*host));
	err = links_fetch(site->rt, &host->links);
	if (!err)
		err = link_addrs_fetch(site->rt, &host->addrs);
	if (err)
		return site_fail(why, site->rt, err, "the host's interfaces");
	host->own = links_by_name(&host->links, site->conf.ifname);
	if (!host->own || strcmp(host->own->kind, "vgw"))
		return 0;
	locate(site, host->own->index);
	err = snap_fetch_at(&site->sites->vgw, &site->where, &host->snap);
	return err ? site_fail(why, &site->sites->vgw, err, "interface %s", site->conf.ifname) : 0;
}

/* The outer ends of what is made from here are here. */
static int make(struct site *site, struct site_host *host, struct why *why)
{
	const char *name = site->conf.ifname;
	struct knl *rt = &site->sites->rt;
	int err;

	err = link_make(rt, name, "vgw", site->netns);
	if (err)
		return site_fail(why, rt, err, "interface %s", name);
	site->created = true;
	links_free(&host->links);
	err = links_fetch(site->rt, &host->links);
	host->own = err ? NULL : links_by_name(&host->links, name);
	return host->own ? 0 : why_set(why, "interface %s: it is gone again", name);
}

int site_set_master(struct site *site, const struct links *links, struct why *why)
{
	const struct link_info *own = links_by_index(links, site->ifindex);
	const struct link_info *vrf = *site->conf.vrf ? links_by_name(links, site->conf.vrf) : NULL;
	int err;

	if (*site->conf.vrf && (!vrf || !vrf->vrf_table))
		return why_set(why, "VRF: there is no VRF %s", site->conf.vrf);
	site->home = vrf ? vrf->vrf_table : RT_TABLE_MAIN;
	site->table = site->conf.table ? site->conf.table : site->home;
	if (!own || own->master == (vrf ? vrf->index : 0))
		return 0;
	err = link_enslave(site->rt, site->ifindex, vrf ? vrf->index : 0);
	if (err)
		return site_fail(why, site->rt, err, "VRF %s", site->conf.vrf);
	site_added(site, "its place in VRF %s", site->conf.vrf);
	return 0;
}

int site_make_interface(struct site *site, struct site_host *host, struct why *why)
{
	int err = host->own ? 0 : make(site, host, why);

	if (err)
		return err;
	locate(site, host->own->index);
	return site_set_master(site, &host->links, why);
}

int site_set_interface(struct site *site, struct why *why)
{
	const struct conf *conf = &site->conf;
	struct vgw_iface iface = {
		.has = ATTR_BIT(VGW_A_IFACE_MTU) | ATTR_BIT(VGW_A_IFACE_CARRIER_POLICY) |
		       ATTR_BIT(VGW_A_IFACE_MSS_CLAMP) | ATTR_BIT(VGW_A_IFACE_FWMARK),
		.mtu = conf->mtu, .carrier_policy = conf->carrier, .mss_clamp = conf->mss_clamp,
		.fwmark = site_mark(conf),
	};
	int err = vgw_iface_set(&site->sites->vgw, &site->where, &iface);

	return err ? site_fail(why, &site->sites->vgw, err, "interface %s", conf->ifname) : 0;
}

bool site_far(const struct site *site, uint32_t *index, int32_t *netnsid)
{
	*index = site->where.index;
	*netnsid = site->where.netnsid;
	return !site->where.ifname;
}
