// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/iked/inside.c tools/vpntun/iked/site_say.c tools/vpntun/nl/route.c tools/vpntun/nl/link.c tools/vpntun/nl/vgw.c tools/vpntun/nl/knl.c tools/vpntun/nl/attr.c tools/vpntun/nl/names_gen.c tools/vpntun/util/addr.c tools/vpntun/util/name.c tools/vpntun/util/num.c tools/vpntun/util/nearest.c tools/vpntun/util/prefix.c tools/vpntun/util/text.c tools/vpntun/util/why.c */
/* libs: libnl-3.0 libnl-genl-3.0 */
/* link: -Wl,--wrap=links_is_kind -Wl,--wrap=prefix_of */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>

#include "iked/inside.h"
#include "values.h"

/*
 * Routes and refusals, in network namespaces of the tests' own. Their interfaces are veth: vgw0 and vgw1 lose their carrier
 * as ours do, and routes into them then count as little; eth0 has the default routes.
 */

bool __wrap_links_is_kind(const struct links *links, uint32_t index, const char *kind);
bool __wrap_links_is_kind(const struct links *links, uint32_t index, const char *kind)
{
	const struct link_info *link = links_by_index(links, index);

	return link && !strcmp(kind, "vgw") && !strncmp(link->name, "vgw", 3);
}

struct ip_prefix __real_prefix_of(const struct ip_addr *addr, uint8_t length);
struct ip_prefix __wrap_prefix_of(const struct ip_addr *addr, uint8_t length);

static unsigned int n_prefixes;		/* that were worked out: of every refusal that is looked at */

struct ip_prefix __wrap_prefix_of(const struct ip_addr *addr, uint8_t length)
{
	n_prefixes++;
	return __real_prefix_of(addr, length);
}

static void run(const char *command)
{
	int status = system(command);

	if (status)
		fail_msg("%s: status %d", command, status);
}

/* Who is not root is so in a user namespace. */
static bool new_namespace(void)
{
	unsigned int uid = geteuid();
	FILE *map;

	if (!unshare(CLONE_NEWNET))
		return true;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return false;
	map = fopen("/proc/self/uid_map", "w");
	if (map)
		fprintf(map, "0 %u 1", uid);
	return map && !fclose(map);
}

static void set_up_links(void)
{
	run("ip link set lo up");
	run("for i in 0 1; do ip link add vgw$i type veth peer name far$i && ip link set far$i up && ip link set vgw$i up &&"
	    "for f in 4 6; do echo 1 > /proc/sys/net/ipv$f/conf/vgw$i/ignore_routes_with_linkdown || exit; done || exit; done");
	run("ip link add eth0 type veth peer name eth1 && ip link set eth1 up && ip link set eth0 up");
	run("ip address add 203.0.113.10/24 dev eth0 && ip address add 2001:db8::10/64 dev eth0 nodad");
	run("ip route add default via 203.0.113.254 && ip route add default via 2001:db8::1");
}

/* Each test in a namespace of its own. */
static int enter(void **state)
{
	(void)state;
	if (!new_namespace())
		fail_msg("network namespace: %s", strerror(errno));
	set_up_links();
	return 0;
}

/* By which interface packets to each of the addresses leave, or "none". */
static void leads(const char *addresses, char got[256])
{
	char command[512];
	FILE *out;

	/* Of IPv6 what is refused leads to "lo". */
	snprintf(command, sizeof(command),
		 "for a in %s; do ip route get $a 2> /dev/null | grep -v unreachable | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p' |"
		 "grep . || echo none; done | paste -sd' '", addresses);
	out = popen(command, "r");
	assert_non_null(out);
	assert_non_null(fgets(got, 256, out));
	pclose(out);
	got[strcspn(got, "\n")] = '\0';
}

/* Routes hear of a carrier from a work queue of the kernel's: a little later. */
static void assert_leads(const char *addresses, const char *wanted)
{
	char got[256] = "";

	for (int tries = 0; tries < 300; tries++) {
		leads(addresses, got);
		if (!strcmp(got, wanted))
			return;
		usleep(50000);
	}
	assert_string_equal(got, wanted);
}

/* So many routes of ours are there, of both families. */
static void assert_count(const char *what, unsigned int wanted)
{
	char command[256], got[32] = "";
	FILE *out;

	snprintf(command, sizeof(command), "{ ip -4 route show %s proto 118; ip -6 route show %s proto 118; } 2> /dev/null | wc -l",
		 what, what);
	out = popen(command, "r");
	assert_non_null(out);
	assert_non_null(fgets(got, sizeof(got), out));
	pclose(out);
	assert_int_equal(strtoul(got, NULL, 10), wanted);
}

static void carrier(int link, bool on)
{
	char command[64];

	snprintf(command, sizeof(command), "ip link set far%d %s", link, on ? "up" : "down");
	run(command);
}

/* ---- connections ---- */

static const char inner[] = "169.254.46.41 fd00:46::1 10.9.8.1 fd00:77::1 192.168.2.10 fd02::10";

struct host {
	struct knl rt;
	struct sites sites;
	struct site site[2];
	struct conf_tunnel tunnels[2][2];
};

static void host_init(struct host *host)
{
	memset(host, 0, sizeof(*host));
	assert_int_equal(knl_open_route(&host->rt), 0);
	for (int i = 0; i < 2; i++) {
		struct site *site = &host->site[i];

		*site = (struct site){ .sites = &host->sites, .rt = &host->rt, .table = RT_TABLE_MAIN, .home = RT_TABLE_MAIN };
		snprintf(site->conf.ifname, sizeof(site->conf.ifname), "vgw%d", i);
		site->ifindex = if_nametoindex(site->conf.ifname);
		site->conf.tunnels = host->tunnels[i];
		site->conf.n_tunnels = 2;
	}
	host->site[0].next = &host->site[1];
	host->sites.first = &host->site[0];
	host->tunnels[0][0] = (struct conf_tunnel){
		.inside = { 2, { { addr("169.254.46.42"), 30 }, { addr("fd00:46::2"), 126 } } }, .peer = addr("169.254.46.41"),
	};
	/* Of this one the address of ours stands for itself, and the far end is elsewhere. */
	host->tunnels[0][1] = (struct conf_tunnel){
		.inside = { 2, { { addr("10.9.9.1"), 32 }, { addr("fe80::9"), 64 } } }, .peer = addr("10.9.8.1"),
	};
	host->tunnels[1][0] = (struct conf_tunnel){
		.inside = { 1, { { addr("169.254.47.42"), 30 } } }, .peer = addr("169.254.47.41"),
	};
	host->tunnels[1][1] = (struct conf_tunnel){ .peer = addr("fd00:77::1") };
	host->site[0].conf.routes = prefixes("192.168.2.0/24,fd02::/64");
	host->site[1].conf.routes = prefixes("192.168.2.0/24");
}

static void make(struct host *host, int site)
{
	struct link_addrs addrs;
	struct why why = { "" };

	assert_int_equal(link_addrs_fetch(&host->rt, &addrs), 0);
	if (inside_make(&host->site[site], &addrs, &why))
		fail_msg("%s", why.text);
	link_addrs_free(&addrs);
}

static void host_exit(struct host *host)
{
	for (int i = 0; i < 2; i++) {
		inside_open(&host->site[i]);
		prefixes_free(&host->site[i].conf.routes);
	}
	knl_close(&host->rt);
}

/* ---- tests ---- */

static void what_is_inside_is_refused_while_down(void **state)
{
	struct host host;

	(void)state;
	host_init(&host);
	make(&host, 0);
	assert_leads(inner, "vgw0 vgw0 vgw0 eth0 vgw0 vgw0");
	carrier(0, false);
	assert_leads(inner, "none none none eth0 none none");
	/* Another look changes nothing. */
	make(&host, 0);
	assert_leads(inner, "none none none eth0 none none");
	carrier(0, true);
	assert_leads(inner, "vgw0 vgw0 vgw0 eth0 vgw0 vgw0");
	/* Two blocks, a Peer and two prefixes are refused, and three of them have a route of ours. */
	assert_count("table all", 8);
	assert_count("fe80::/64", 0);
	host_exit(&host);
	assert_count("type unreachable", 0);
}

static void a_peer_of_ipv6_too(void **state)
{
	struct host host;

	(void)state;
	host_init(&host);
	make(&host, 1);
	assert_leads(inner, "eth0 eth0 eth0 vgw1 vgw1 eth0");
	carrier(1, false);
	assert_leads(inner, "eth0 eth0 eth0 none none eth0");
	host_exit(&host);
}

static void not_where_it_is_to_fail_open(void **state)
{
	struct host host;

	(void)state;
	host_init(&host);
	make(&host, 0);
	/* Of a reload, too. */
	host.site[0].conf.fail_open = true;
	make(&host, 0);
	assert_count("type unreachable", 0);
	assert_leads(inner, "vgw0 vgw0 vgw0 eth0 vgw0 vgw0");
	carrier(0, false);
	assert_leads(inner, "eth0 eth0 eth0 eth0 eth0 eth0");
	host_exit(&host);
}

static void what_the_file_has_no_more_goes(void **state)
{
	struct host host;

	(void)state;
	host_init(&host);
	make(&host, 0);
	host.tunnels[0][0].inside.list[0].addr = addr("169.254.48.42");
	host.tunnels[0][0].peer = addr("169.254.48.41");
	host.tunnels[0][1].peer = addr("10.9.8.2");
	make(&host, 0);
	assert_leads("169.254.46.41 169.254.48.41 10.9.8.1 10.9.8.2", "eth0 vgw0 eth0 vgw0");
	assert_count("table all", 8);
	host_exit(&host);
}

/* Each needs its own, whichever goes. */
static void others_keep_theirs(void **state)
{
	struct host host;

	(void)state;
	host_init(&host);
	make(&host, 0);
	/* Not up again yet after a restart, but its interface and refusals are there. */
	host.site[0].shut = false;
	host.sites.first = &host.site[1];
	make(&host, 1);
	carrier(0, false);
	assert_leads("169.254.46.41 fd00:46::1 10.9.8.1", "none none none");
	host.site[0].shut = true;
	host.sites.first = &host.site[0];
	inside_open(&host.site[1]);
	carrier(1, false);
	assert_leads("169.254.46.41 169.254.47.41 192.168.2.10", "none eth0 none");
	host_exit(&host);
}

/*
 * Routes in a table that rules lead to; the kernel's own into the blocks are where they always are. What main is asked for
 * is not what was routed into the tunnels, whether they are up or not.
 */
static void refusals_are_behind_the_routes(void **state)
{
	struct host host;

	(void)state;
	host_init(&host);
	host.site[0].table = 200;
	make(&host, 0);
	assert_leads(inner, "vgw0 vgw0 eth0 eth0 eth0 eth0");
	assert_count("table main type unreachable", 2);
	assert_count("table 200 type unreachable", 3);
	carrier(0, false);
	assert_leads(inner, "none none eth0 eth0 eth0 eth0");
	host.tunnels[0][0].inside.count = 1;
	make(&host, 0);
	assert_count("table main type unreachable", 1);
	host_exit(&host);
	assert_count("table all type unreachable", 0);
}

/* A prefix leaves the file because it is a LAN's own: the kernel's route there is into no tunnel. */
static void a_lan_keeps_no_refusal(void **state)
{
	struct host host;

	(void)state;
	host_init(&host);
	prefixes_free(&host.site[1].conf.routes);
	host.site[1].conf.routes = prefixes("192.168.5.0/24");
	make(&host, 1);
	run("ip address add 192.168.5.1/24 dev eth1");
	assert_count("192.168.5.0/24", 2);
	prefixes_free(&host.site[1].conf.routes);
	host.site[1].conf.routes = prefixes("192.168.6.0/24");
	make(&host, 1);
	assert_count("192.168.5.0/24", 0);
	assert_count("192.168.6.0/24", 2);
	host_exit(&host);
}

static void networks_of_addresses_are_inside(void **state)
{
	struct host host;

	(void)state;
	host_init(&host);
	host.site[1].conf.address = (struct conf_insides){ 2, { { addr("10.44.0.1"), 24 }, { addr("fd44::1"), 64 } } };
	make(&host, 1);
	assert_leads("10.44.0.9 fd44::9", "vgw1 vgw1");
	carrier(1, false);
	assert_leads("10.44.0.9 fd44::9", "none none");
	/* Another connection's that is not up again yet after a restart. */
	host.site[1].shut = false;
	host.site[0].next = NULL;
	make(&host, 0);
	assert_leads("10.44.0.9 fd44::9", "none none");
	host.site[1].shut = true;
	host.site[0].next = &host.site[1];
	host.site[1].conf.address.count = 0;
	make(&host, 1);
	assert_leads("10.44.0.9 fd44::9", "eth0 eth0");
	host_exit(&host);
}

enum { HUB = 300 };

/* What one of many looks at grows with their number, not with its square. */
static void a_hub_looks_once(void **state)
{
	static struct site sites[HUB];
	static struct conf_tunnel tunnels[HUB];
	struct host host;
	FILE *ip;

	(void)state;
	host_init(&host);
	ip = popen("ip -batch -", "w");
	assert_non_null(ip);
	for (int i = 0; i < HUB; i++) {
		char inside[32], peer[32];

		snprintf(inside, sizeof(inside), "10.%d.%d.1", 100 + i / 250, i % 250);
		snprintf(peer, sizeof(peer), "10.%d.%d.1", 110 + i / 250, i % 250);
		tunnels[i] = (struct conf_tunnel){ .inside = { 1, { { addr(inside), 24 } } }, .peer = addr(peer) };
		sites[i] = (struct site){
			.next = i + 1 < HUB ? &sites[i + 1] : NULL, .sites = &host.sites, .shut = true,
			.conf.tunnels = &tunnels[i], .conf.n_tunnels = 1, .table = RT_TABLE_MAIN, .home = RT_TABLE_MAIN,
		};
		fprintf(ip, "route add unreachable 10.%d.%d.0/24 metric 4294967295 proto 118\n", 100 + i / 250, i % 250);
		fprintf(ip, "route add unreachable %s metric 4294967295 proto 118\n", peer);
	}
	assert_int_equal(pclose(ip), 0);
	host.site[1].next = &sites[0];
	n_prefixes = 0;
	make(&host, 1);
	assert_in_range(n_prefixes, 2 * HUB, 20 * HUB);
	assert_count("type unreachable", 2 * HUB + 3);
	n_prefixes = 0;
	inside_open(&host.site[1]);
	assert_in_range(n_prefixes, 2 * HUB, 20 * HUB);
	assert_count("type unreachable", 2 * HUB);
	/* And those that nobody has any more are found among them, at most 64 at a time. */
	sites[HUB - 1].shut = false;
	make(&host, 1);
	assert_count("type unreachable", 2 * HUB - 2 + 3);
	host_exit(&host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_is_inside_is_refused_while_down, enter),
		cmocka_unit_test_setup(a_peer_of_ipv6_too, enter),
		cmocka_unit_test_setup(not_where_it_is_to_fail_open, enter),
		cmocka_unit_test_setup(what_the_file_has_no_more_goes, enter),
		cmocka_unit_test_setup(others_keep_theirs, enter),
		cmocka_unit_test_setup(refusals_are_behind_the_routes, enter),
		cmocka_unit_test_setup(a_lan_keeps_no_refusal, enter),
		cmocka_unit_test_setup(networks_of_addresses_are_inside, enter),
		cmocka_unit_test_setup(a_hub_looks_once, enter),
	};

	if (!new_namespace()) {
		printf("SKIP: no network namespace can be made here: %s\n", strerror(errno));
		return 4;
	}

	return cmocka_run_group_tests(tests, NULL, NULL);
}
