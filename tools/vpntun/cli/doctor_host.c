// SPDX-License-Identifier: GPL-2.0
#include "cli/doctor.h"

#include <errno.h>
#include <linux/xfrm.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "cli/firewall.h"
#include "cli/inspect.h"
#include "nl/link.h"
#include "nl/xfrm.h"
#include "util/prefix.h"
#include "util/sysctl.h"

/* Nobody ran this program before 2025. */
#define YEAR_2025 1735689600

bool doctor_wants(const struct doctor *doctor, const char *connection, const char *ifname)
{
	return !doctor->named || !strcmp(doctor->named, connection) || !strcmp(doctor->named, ifname);
}

/* The right files that are asked about, one after the other from *@i = 0 on; NULL at the end. */
static const struct conf *next_conf(const struct doctor *doctor, size_t *i)
{
	while (*i < doctor->files->count) {
		const struct roster_file *file = &doctor->files->list[(*i)++];

		if (file->right && doctor_wants(doctor, file->conf.name, file->conf.ifname))
			return &file->conf;
	}
	return NULL;
}

/* ---- module, helper, clock ---- */

/* DKMS builds the module for kernels that have their headers, and says nothing much of others. */
static bool lacks_headers(const char *release)
{
	char build[sizeof("/lib/modules//build") + sizeof(((struct utsname *)0)->release)];

	snprintf(build, sizeof(build), "/lib/modules/%s/build", release);
	return access(build, F_OK);
}

static void check_module(const struct doctor *doctor)
{
	struct utsname kernel;

	if (!doctor->view->module_note)
		return;
	finding_add(doctor->findings, FINDING_ERROR, "module", "", "%s", doctor->view->module_note);
	if (!uname(&kernel) && lacks_headers(kernel.release))
		finding_fix(doctor->findings, "modprobe vgw    (if there is none for this kernel: apt install linux-headers-%s)",
			    kernel.release);
	else
		finding_fix(doctor->findings, "modprobe vgw");
}

static void check_helper(const struct doctor *doctor)
{
	size_t i = 0;
	const struct conf *conf = next_conf(doctor, &i);

	if (doctor->view->helper_note)
		finding_add(doctor->findings, FINDING_ERROR, "helper", "", "%s", doctor->view->helper_note);
	else if (!doctor->view->status && conf)
		finding_add(doctor->findings, FINDING_WARNING, "helper", "",
			    "the IKE helper does not run here: no connection is negotiated or rekeyed");
	else
		return;
	if (conf)
		finding_fix(doctor->findings, "vpntun up %s    (with systemd: systemctl enable --now vpntun@%s)",
			    conf->name, conf->name);
}

static bool uses_certificates(const struct doctor *doctor)
{
	const struct conf *conf;
	size_t i = 0, j;

	while ((conf = next_conf(doctor, &i)))
		for (j = 0; j < conf->n_tunnels; j++)
			if (*conf->tunnels[j].certificate)
				return true;
	return false;
}

/* Pre-shared keys do not ask for the time; logs do, and certificates above all. */
static void check_clock(const struct doctor *doctor)
{
	struct timex timex = { 0 };

	if (time(NULL) < YEAR_2025) {
		finding_add(doctor->findings, FINDING_ERROR, "clock", "",
			    "the clock is wrong by years: certificates seem not to count yet, and logs lie");
		finding_fix(doctor->findings, "timedatectl set-ntp true    (or: date -s '2026-01-31 12:00')");
	} else if (uses_certificates(doctor) && adjtimex(&timex) == TIME_ERROR) {
		finding_add(doctor->findings, FINDING_WARNING, "clock", "",
			    "nobody keeps the clock right, and certificates are judged by it");
		finding_fix(doctor->findings, "timedatectl set-ntp true");
	}
}

/* ---- files ---- */

struct telling {
	const struct doctor *doctor;
	const char *name;
};

static void on_report(void *ctx, bool fault, const char *line)
{
	const struct telling *telling = ctx;

	finding_add(telling->doctor->findings, fault ? FINDING_ERROR : FINDING_WARNING, "config", telling->name, "%s", line);
	finding_fix(telling->doctor->findings, "change that line, then: vpntun check %s && vpntun reload %s", telling->name,
		    telling->name);
}

static void check_files(const struct doctor *doctor)
{
	size_t i;

	for (i = 0; i < doctor->files->count; i++) {
		const struct roster_file *file = &doctor->files->list[i];
		struct telling telling = { doctor, file->name };
		struct conf_report report = { .say = on_report, .ctx = &telling };
		struct conf again;

		if (!doctor_wants(doctor, file->name, file->right ? file->conf.ifname : ""))
			continue;
		/* Once more, for all its faults and warnings. */
		if (!conf_load(file->right ? file->conf.path : file->name, &again, &report)) {
			inspect(&again, &report);
			conf_free(&again);
		}
	}
}

/* ---- addresses inside ---- */

static bool within_block(const struct conf_tunnel *tunnel, const struct link_addr *addr)
{
	size_t i;

	for (i = 0; i < tunnel->inside.count; i++) {
		const struct conf_inside *inside = &tunnel->inside.list[i];
		struct ip_prefix block = prefix_of(&inside->addr, inside->length);

		if (inside->addr.len == addr->addr.len && prefix_holds(&block, &addr->addr))
			return true;
	}
	return false;
}

static void compare_addr(const struct doctor *doctor, const struct conf *conf, const struct link_addr *addr,
			 const struct links *links)
{
	const struct link_info *link = links_by_index(links, addr->index);
	char text[ADDR_TEXT_MAX], about[96];
	size_t i;

	if (!link || !strcmp(link->name, conf->ifname) || *conf->netns || *conf->vrf)
		return;
	for (i = 0; i < conf->n_tunnels; i++) {
		if (!within_block(&conf->tunnels[i], addr))
			continue;
		snprintf(about, sizeof(about), "%s/%s", conf->name, conf->tunnels[i].name);
		finding_add(doctor->findings, FINDING_ERROR, "inside", about,
			    "%s has the address %s/%u within the tunnel's inside block: packets to the far end go there",
			    link->name, addr_text(&addr->addr, text), addr->length);
		finding_fix(doctor->findings, "ip address del %s/%u dev %s    (or keep them apart by VRF = in the file)",
			    text, addr->length, link->name);
	}
}

static void check_inside(const struct doctor *doctor)
{
	struct link_addrs addrs = { 0 };
	struct links links = { 0 };
	const struct conf *conf;
	struct knl rt;
	size_t i = 0, j;

	if (knl_open_route(&rt))
		return;
	if (!links_fetch(&rt, &links) && !link_addrs_fetch(&rt, &addrs))
		while ((conf = next_conf(doctor, &i)))
			for (j = 0; j < addrs.count; j++)
				compare_addr(doctor, conf, &addrs.list[j], &links);
	link_addrs_free(&addrs);
	links_free(&links);
	knl_close(&rt);
}

/* ---- forwarding and reverse paths ---- */

/* Has a network of this family, more than one address, something to do with the connection? */
static bool serves_others(const struct conf *conf, uint8_t len)
{
	size_t i, j;

	for (i = 0; i < conf->n_tunnels; i++)
		for (j = 0; j < conf->tunnels[i].local_ts.count; j++)
			if (conf->tunnels[i].local_ts.list[j].addr.len == len &&
			    conf->tunnels[i].local_ts.list[j].length < len * 8)
				return true;
	return false;
}

static void check_forwarding(const struct doctor *doctor, const struct conf *conf)
{
	static const struct {
		uint8_t len;
		const char *family, *path, *name;
	} families[] = {
		{ 4, "IPv4", "ipv4/ip_forward", "net.ipv4.ip_forward" },
		{ 16, "IPv6", "ipv6/conf/all/forwarding", "net.ipv6.conf.all.forwarding" },
	};
	size_t i;

	for (i = 0; i < sizeof(families) / sizeof(*families); i++) {
		if (!serves_others(conf, families[i].len) || sysctl_net(families[i].path))
			continue;
		finding_add(doctor->findings, FINDING_ERROR, "forwarding", conf->name,
			    "this host does not forward %s packets, so the networks behind it reach nobody",
			    families[i].family);
		finding_fix(doctor->findings, "sysctl -w %s=1", families[i].name);
	}
}

/* Packets may come back by the sister tunnel, or for an address whose way is another. */
static void check_rp_filter(const struct doctor *doctor, const struct conf *conf)
{
	const char *device = sysctl_net("ipv4/conf/all/rp_filter") == 1 ? "all" : conf->ifname;

	if (!serves_others(conf, 4) || !sysctl_rp_strict(conf->ifname))
		return;
	finding_add(doctor->findings, FINDING_WARNING, "rp_filter", conf->name,
		    "the reverse path filter of %s is strict: what comes back another way is dropped without a word",
		    conf->ifname);
	finding_fix(doctor->findings, "sysctl -w net.ipv4.conf.%s.rp_filter=2", device);
}

/* ---- firewall ---- */

/* With @stateful rules it comes in only as an answer to what we sent lately. */
static void judge_packet(const struct doctor *doctor, const json_t *rules, const char *about, const char *what,
			 const struct firewall_packet *packet, bool stateful)
{
	char chain[128], text[ADDR_TEXT_MAX], from[ADDR_TEXT_MAX + 16] = "", match[32] = "meta l4proto esp";
	const char *family;

	if (firewall_judge(rules, packet, chain, sizeof(chain)) != FIREWALL_DROPS)
		return;
	family = packet->len == 4 ? "ip" : "ip6";
	if (packet->from.len)
		snprintf(from, sizeof(from), "%s saddr %s ", family, addr_text(&packet->from, text));
	if (packet->protocol == IPPROTO_UDP)
		snprintf(match, sizeof(match), "udp dport %u", packet->port);
	finding_add(doctor->findings, stateful ? FINDING_WARNING : FINDING_ERROR, "firewall", about,
		    "%s from the peer is dropped by %s%s", what, chain, stateful ? ", unless we have sent lately" : "");
	/* The chain's name without the words around it. */
	finding_fix(doctor->findings, "nft insert rule %.*s%s %s%s accept", (int)(strcspn(chain, ",") - strlen("table ")),
		    chain + strlen("table "), strstr(chain, "chain ") + strlen("chain"), from, match);
}

static void check_firewall_for(const struct doctor *doctor, const json_t *rules, const struct conf *conf,
			       const struct conf_tunnel *tunnel)
{
	struct firewall_packet packet = { .from = tunnel->remote, .protocol = IPPROTO_UDP, .port = 500 };
	char about[96], chain[128];
	bool stateful;

	/* Who begins gets answers. */
	packet.established = tunnel->start_action != CONF_START_ADD;
	packet.len = tunnel->remote.len ? tunnel->remote.len : tunnel->local.len ? tunnel->local.len : 4;
	snprintf(about, sizeof(about), "%s/%s", conf->name, tunnel->name);
	judge_packet(doctor, rules, about, "IKE (UDP port 500)", &packet, false);
	packet.port = 4500;
	judge_packet(doctor, rules, about, "IKE and ESP in UDP (port 4500)", &packet, false);
	if (tunnel->encap == CONF_ENCAP_UDP)
		return;
	packet.protocol = IPPROTO_ESP;
	packet.established = true;
	stateful = firewall_judge(rules, &packet, chain, sizeof(chain)) != FIREWALL_DROPS;
	packet.established = false;
	judge_packet(doctor, rules, about, "ESP (IP protocol 50)", &packet, stateful);
}

static void check_firewall(const struct doctor *doctor)
{
	struct why why = { "" };
	json_t *rules = firewall_read(&why);
	const struct conf *conf;
	size_t i = 0, j;

	if (!rules) {
		finding_add(doctor->findings, FINDING_NOTE, "firewall", "", "the firewall was not looked at: %s", why.text);
		return;
	}
	while ((conf = next_conf(doctor, &i)))
		for (j = 0; j < conf->n_tunnels; j++)
			check_firewall_for(doctor, rules, conf, &conf->tunnels[j]);
	json_decref(rules);
}

/* ---- the kernel's own IPsec ---- */

struct conflict {
	const struct doctor *doctor;
	const struct conf *conf;
};

static bool leads_inside(const struct conf *conf, const struct ip_prefix *prefix)
{
	size_t i;

	for (i = 0; i < conf->routes.count; i++)
		if (prefix_overlap(&conf->routes.list[i], prefix))
			return true;
	return false;
}

static int on_policy(const struct xfrm_policy *policy, void *arg)
{
	static const char *const directions[] = { "in", "out", "fwd" };
	const struct conflict *conflict = arg;
	bool out = policy->direction == XFRM_POLICY_OUT;
	char source[ADDR_TEXT_MAX], destination[ADDR_TEXT_MAX];

	if (policy->if_id || policy->mark_mask || policy->direction > XFRM_POLICY_FWD ||
	    !leads_inside(conflict->conf, out ? &policy->destination : &policy->source))
		return 0;
	prefix_text(&policy->source, source);
	prefix_text(&policy->destination, destination);
	finding_add(conflict->doctor->findings, FINDING_ERROR, "ipsec-policy", conflict->conf->name,
		    "a policy of the kernel's own IPsec (%s to %s, %s) covers Routes: it %s", source, destination,
		    directions[policy->direction],
		    out ? "takes packets that are for the tunnel" : "drops what comes out of the tunnel");
	finding_fix(conflict->doctor->findings, "ip xfrm policy delete src %s dst %s dir %s", source, destination,
		    directions[policy->direction]);
	return 0;
}

static void check_policies(const struct doctor *doctor)
{
	struct conflict conflict = { .doctor = doctor };
	struct knl xfrm;
	size_t i = 0;

	/* A kernel without IPsec of its own has no policies. */
	if (knl_open_xfrm(&xfrm))
		return;
	while ((conflict.conf = next_conf(doctor, &i)))
		xfrm_policies_read(&xfrm, on_policy, &conflict);
	knl_close(&xfrm);
}

void doctor_host(const struct doctor *doctor)
{
	const struct conf *conf;
	size_t i = 0;

	check_module(doctor);
	check_helper(doctor);
	check_clock(doctor);
	check_files(doctor);
	check_inside(doctor);
	while ((conf = next_conf(doctor, &i))) {
		/* Settings are those of the namespace that we are in. */
		if (*conf->netns)
			continue;
		check_forwarding(doctor, conf);
		check_rp_filter(doctor, conf);
	}
	check_firewall(doctor);
	check_policies(doctor);
}
