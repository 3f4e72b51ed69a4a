// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/iked/inside.c tools/vpntun/iked/site_say.c tools/vpntun/nl/route.c tools/vpntun/nl/link.c tools/vpntun/nl/vgw.c tools/vpntun/nl/knl.c tools/vpntun/nl/attr.c tools/vpntun/nl/names_gen.c tools/vpntun/util/addr.c tools/vpntun/util/name.c tools/vpntun/util/num.c tools/vpntun/util/nearest.c tools/vpntun/util/prefix.c tools/vpntun/util/text.c tools/vpntun/util/why.c */
/* libs: libnl-3.0 libnl-genl-3.0 */
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
	static bool alone;

	alone = new_namespace();
	*state = alone ? &alone : NULL;
	if (alone)
		set_up_links();
	return 0;
}

/* By which interface packets to each of the addresses leave, or "none". */
static void assert_leads(const char *addresses, const char *wanted)
{
	char command[512], got[256] = "";
	FILE *out;

	/* Of IPv6 what is refused leads to "lo". */
	snprintf(command, sizeof(command),
		 "for a in %s; do ip route get $a 2> /dev/null | grep -v unreachable | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p' |"
		 "grep . || echo none; done | paste -sd' '", addresses);
	out = popen(command, "r");
	assert_non_null(out);
	assert_non_null(fgets(got, sizeof(got), out));
	pclose(out);
	got[strcspn(got, "\n")] = '\0';
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

static void host_init(struct host *host, void **state)
{
	if (!*state) {
		print_message("no network namespace can be made here: %s\n", strerror(errno));
		skip();
	}
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

	host_init(&host, state);
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

	host_init(&host, state);
	make(&host, 1);
	assert_leads(inner, "eth0 eth0 eth0 vgw1 vgw1 eth0");
	carrier(1, false);
	assert_leads(inner, "eth0 eth0 eth0 none none eth0");
	host_exit(&host);
}

static void not_where_it_is_to_fail_open(void **state)
{
	struct host host;

	host_init(&host, state);
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

	host_init(&host, state);
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

	host_init(&host, state);
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

/* Routes in a table that rules lead to; the kernel's own into the blocks are where they always are. */
static void refusals_are_behind_the_routes(void **state)
{
	struct host host;

	host_init(&host, state);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_is_inside_is_refused_while_down, enter),
		cmocka_unit_test_setup(a_peer_of_ipv6_too, enter),
		cmocka_unit_test_setup(not_where_it_is_to_fail_open, enter),
		cmocka_unit_test_setup(what_the_file_has_no_more_goes, enter),
		cmocka_unit_test_setup(others_keep_theirs, enter),
		cmocka_unit_test_setup(refusals_are_behind_the_routes, enter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
