// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/iked/suite.c tools/vpntun/iked/want.c tools/vpntun/iked/way.c tools/vpntun/iked/inside.c tools/vpntun/iked/site_say.c tools/vpntun/ike/ts.c tools/vpntun/nl/route.c tools/vpntun/nl/link.c tools/vpntun/nl/vgw.c tools/vpntun/nl/attr.c tools/vpntun/nl/knl.c tools/vpntun/nl/names_gen.c tools/vpntun/util/addr.c tools/vpntun/util/name.c tools/vpntun/util/num.c tools/vpntun/util/nearest.c tools/vpntun/util/prefix.c tools/vpntun/util/text.c tools/vpntun/util/why.c */
/* libs: libnl-3.0 libnl-genl-3.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "iked/inside.h"
#include "iked/suite.h"
#include "iked/want.h"
#include "iked/way.h"
#include "util/prefix.h"
#include "values.h"

enum { ETH0 = 2, VGW0 = 7, VGW1 = 8, RED = 9, ETH1 = 10 };

static struct link_info link_list[] = {
	{ .index = ETH0, .name = "eth0" },
	{ .index = VGW0, .name = "vgw0", .kind = "vgw" },
	{ .index = VGW1, .name = "vgw1", .kind = "vgw" },
	{ .index = RED, .name = "red", .kind = "vrf", .vrf_table = 10 },
	{ .index = ETH1, .name = "eth1", .master = RED },
};
static const struct links links = { link_list, sizeof(link_list) / sizeof(*link_list) };

static void assert_prefixes(const struct ip_prefixes *list, const char *text)
{
	char all[512] = "", one[ADDR_TEXT_MAX];
	size_t i;

	for (i = 0; i < list->count; i++) {
		strcat(all, i ? "," : "");
		strcat(all, prefix_text(&list->list[i], one));
	}
	assert_string_equal(all, text);
}

/* ---- suites ---- */

static uint32_t suite(uint16_t encr, uint16_t bits, uint16_t integ)
{
	return suite_of(&(struct ike_suite){ .proto = IKE_PROTO_ESP, .encr = encr, .key_bits = bits, .integ = integ });
}

static void suites_have_the_modules_names(void **state)
{
	(void)state;
	assert_int_equal(suite(IKE_ENCR_AES_GCM_16, 128, 0), VGW_SUITE_AES128GCM16);
	assert_int_equal(suite(IKE_ENCR_AES_GCM_12, 192, 0), VGW_SUITE_AES192GCM12);
	assert_int_equal(suite(IKE_ENCR_AES_GCM_8, 256, 0), VGW_SUITE_AES256GCM8);
	assert_int_equal(suite(IKE_ENCR_AES_GMAC, 256, 0), VGW_SUITE_AES256GMAC);
	assert_int_equal(suite(IKE_ENCR_CHACHA20_POLY1305, 0, 0), VGW_SUITE_CHACHA20POLY1305);
	assert_int_equal(suite(IKE_ENCR_AES_CBC, 128, IKE_INTEG_HMAC_SHA1_96), VGW_SUITE_AES128_SHA1);
	assert_int_equal(suite(IKE_ENCR_AES_CBC, 256, IKE_INTEG_HMAC_SHA2_256_128), VGW_SUITE_AES256_SHA256);
	assert_int_equal(suite(IKE_ENCR_AES_CBC, 192, IKE_INTEG_HMAC_SHA2_384_192), VGW_SUITE_AES192_SHA384);
	assert_int_equal(suite(IKE_ENCR_AES_CBC, 256, IKE_INTEG_HMAC_SHA2_512_256), VGW_SUITE_AES256_SHA512);
	assert_int_equal(suite(IKE_ENCR_NULL, 0, IKE_INTEG_HMAC_SHA2_512_256), VGW_SUITE_NULL_SHA512);
}

static void other_suites_have_none(void **state)
{
	(void)state;
	assert_int_equal(suite(IKE_ENCR_AES_GCM_16, 128, IKE_INTEG_HMAC_SHA1_96), 0);
	assert_int_equal(suite(IKE_ENCR_AES_CBC, 128, 0), 0);
	assert_int_equal(suite(IKE_ENCR_AES_CBC, 0, IKE_INTEG_HMAC_SHA2_256_128), 0);
	assert_int_equal(suite(IKE_ENCR_NULL, 0, 0), 0);
	assert_int_equal(suite(3, 0, IKE_INTEG_HMAC_SHA1_96), 0);
}

/* ---- the way outside ---- */

static struct route route(const char *dst, uint32_t metric, uint32_t device)
{
	struct route out = { .dst = prefix(dst), .metric = metric, .type = RTN_UNICAST, .table = RT_TABLE_MAIN };

	out.oif = out.hops[0] = device;
	out.n_hops = 1;
	return out;
}

static void longest_then_least_metric_wins(void **state)
{
	struct way way = { .remote = addr("198.51.100.21") };
	struct route any = route("0.0.0.0/0", 100, ETH0), near = route("198.51.100.0/24", 200, ETH0);
	struct route better = route("198.51.100.0/24", 50, ETH0), other = route("192.0.2.0/24", 0, ETH0);

	(void)state;
	assert_false(way_better(&way, &other, &links));
	assert_true(way_better(&way, &any, &links));
	way.found = true;
	way.dst = any.dst;
	way.metric = any.metric;
	assert_false(way_better(&way, &any, &links));
	assert_true(way_better(&way, &near, &links));
	way.dst = near.dst;
	way.metric = near.metric;
	assert_false(way_better(&way, &any, &links));
	assert_true(way_better(&way, &better, &links));
}

static void ways_inside_do_not_count(void **state)
{
	struct way way = { .remote = addr("198.51.100.21") };
	struct route into = route("198.51.100.21/32", 0, VGW0), both = route("0.0.0.0/0", 0, ETH0);
	struct route refused = route("0.0.0.0/0", 0, ETH0), ours = route("0.0.0.0/0", 0, ETH0);
	struct route dead = route("0.0.0.0/0", 0, ETH0);

	(void)state;
	both.hops[both.n_hops++] = VGW1;
	refused.type = RTN_UNREACHABLE;
	ours.protocol = ROUTE_PROTOCOL;
	dead.flags = RTNH_F_LINKDOWN;
	assert_false(way_better(&way, &into, &links));
	assert_false(way_better(&way, &both, &links));
	assert_false(way_better(&way, &refused, &links));
	assert_false(way_better(&way, &ours, &links));
	assert_false(way_better(&way, &dead, &links));
}

static void ways_follow_the_device(void **state)
{
	struct way way = { .remote = addr("2001:db8::1"), .link = ETH1 };
	struct route one = route("::/0", 1024, ETH1), two = route("2001:db8::/32", 1024, ETH0);
	struct route v4 = route("0.0.0.0/0", 0, ETH1);

	(void)state;
	assert_true(way_better(&way, &one, &links));
	assert_false(way_better(&way, &two, &links));
	assert_false(way_better(&way, &v4, &links));
}

static void routes_are_decoded(void **state)
{
	struct rtmsg head = {
		.rtm_family = AF_INET, .rtm_dst_len = 24, .rtm_table = RT_TABLE_COMPAT, .rtm_type = RTN_UNICAST,
		.rtm_protocol = RTPROT_BOOT,
	};
	struct rtnexthop hops[2] = {
		{ .rtnh_len = sizeof(*hops), .rtnh_ifindex = ETH0 },
		{ .rtnh_len = sizeof(*hops), .rtnh_ifindex = VGW0, .rtnh_flags = RTNH_F_DEAD },
	};
	struct nl_msg *msg = nlmsg_alloc();
	struct route out;

	(void)state;
	memcpy(nlmsg_data(nlmsg_put(msg, 0, 0, RTM_NEWROUTE, sizeof(head), 0)), &head, sizeof(head));
	nla_put(msg, RTA_DST, 4, "\xc6\x33\x64");
	nla_put_u32(msg, RTA_TABLE, 30311);
	nla_put_u32(msg, RTA_PRIORITY, 9);
	nla_put(msg, RTA_MULTIPATH, sizeof(hops), hops);
	assert_true(route_decode(nlmsg_hdr(msg), &out));
	assert_int_equal(out.table, 30311);
	assert_int_equal(out.metric, 9);
	assert_int_equal(out.n_hops, 2);
	assert_int_equal(out.hops[1], VGW0);
	assert_int_equal(out.oif, 0);
	assert_true(out.flags & RTNH_F_DEAD);

	/* More bits than the address has. */
	((struct rtmsg *)nlmsg_data(nlmsg_hdr(msg)))->rtm_dst_len = 33;
	assert_false(route_decode(nlmsg_hdr(msg), &out));
	nlmsg_free(msg);
}

/* ---- prefixes and tunnels ---- */

static void prefixes_meet_once(void **state)
{
	struct ip_prefixes a = prefixes("10.0.0.0/8,192.168.0.0/16,2001:db8::/32");
	struct ip_prefixes b = prefixes("10.20.0.0/16,0.0.0.0/0,192.168.1.0/24"), out;

	(void)state;
	assert_int_equal(prefixes_meet(&a, &b, &out), 0);
	assert_prefixes(&out, "10.20.0.0/16,10.0.0.0/8,192.168.0.0/16,192.168.1.0/24");
	prefixes_free(&out);
	prefixes_free(&a);
	prefixes_free(&b);
}

static void negotiated_selectors_choose_the_tunnel(void **state)
{
	struct conf_tunnel conf = {
		.name = "a", .has_prefixes = true, .prefixes = prefixes("10.20.0.0/16"), .keepalive = 20,
		.start_action = CONF_START_TRAP,
	};
	struct conf whole = { .fwmark = 0 };
	struct ike_act_install install = {
		.path = { addr("203.0.113.10"), addr("198.51.100.21"), 4500, 41000 }, .udp = true, .peer_natted = true,
	};
	struct ip_prefix any = prefix("0.0.0.0/0");
	struct vgw_tunnel out;
	struct why why;

	(void)state;
	install.local_ts.list[install.local_ts.count++] = ts_of_prefix(&any);
	install.remote_ts.list[install.remote_ts.count++] = (struct ike_ts){
		.from = addr("10.0.0.0"), .to = addr("10.127.255.255"), .port_to = 65535,
	};
	want_options(&whole, &conf, 0, &out);
	assert_int_equal(want_negotiated(&conf, &install, &out, &why), 0);
	assert_prefixes(&out.prefixes, "10.20.0.0/16");
	assert_prefixes(&out.ts_remote, "10.0.0.0/9");
	assert_prefixes(&out.ts_local, "0.0.0.0/0");
	assert_int_equal(out.fwmark, SITE_MARK);
	assert_int_equal(out.demand, 1);
	assert_int_equal(out.dport, 41000);
	assert_int_equal(out.roam, 1);
	assert_int_equal(out.keepalive, 0);
	assert_true(want_same(&out, &out));
	vgw_tunnel_free(&out);

	/* Behind NAT ourselves: keep the mapping alive, and never follow. */
	install.natted = true;
	want_options(&whole, &conf, 0, &out);
	assert_int_equal(want_negotiated(&conf, &install, &out, &why), 0);
	assert_int_equal(out.roam, 0);
	assert_int_equal(out.keepalive, 20);
	vgw_tunnel_free(&out);
	prefixes_free(&conf.prefixes);
}

/* What the module need not be told again. */
static void one_difference_is_enough(void **state)
{
	struct conf_tunnel conf = {
		.name = "a", .remote = addr("198.51.100.21"), .remote_ts = prefixes("10.20.0.0/16"),
		.peer = addr("169.254.46.41"), .probe_interval = 1000, .probe_misses = 3,
		.inside = { .count = 1, .list = { { addr("169.254.46.42"), 30 } } },
	};
	struct conf whole = { .fwmark = 0 };
	struct vgw_tunnel a, b;
	struct why why;

	(void)state;
	want_options(&whole, &conf, 0, &a);
	assert_int_equal(want_configured(&conf, &a, &why), 0);
#define DIFFERS(change) do {							\
	want_options(&whole, &conf, 0, &b);					\
	assert_int_equal(want_configured(&conf, &b, &why), 0);			\
	assert_true(want_equal(&a, &b));					\
	change;									\
	assert_false(want_equal(&a, &b));					\
	vgw_tunnel_free(&b);							\
} while (0)
	DIFFERS(b.has ^= ATTR_BIT(VGW_A_TUNNEL_DEMAND));
	DIFFERS(b.priority++);
	DIFFERS(b.group++);
	DIFFERS(b.peer.bytes[3]++);
	DIFFERS(b.dscp++);
	DIFFERS(b.df++);
	DIFFERS(b.inner_df++);
	DIFFERS(b.ttl++);
	DIFFERS(b.fwmark++);
	DIFFERS(b.link++);
	DIFFERS(b.demand ^= 1);
	DIFFERS(b.probe.interval++);
	DIFFERS(b.probe.misses++);
	DIFFERS(b.probe.action++);
	DIFFERS(b.probe.source.bytes[3]++);
	DIFFERS(b.remote.bytes[3]++);
	DIFFERS(b.prefixes.list[0].length++);
	DIFFERS(b.ts_remote.count = 0);
#undef DIFFERS
	vgw_tunnel_free(&a);
	prefixes_free(&conf.remote_ts);
}

static void probe_needs_both_ends(void **state)
{
	struct conf_tunnel conf = { .name = "a", .probe_interval = 1000, .probe_misses = 3 };
	struct conf whole = { .fwmark = 9 };
	struct vgw_tunnel out;

	(void)state;
	conf.peer = addr("169.254.46.41");
	want_options(&whole, &conf, 0, &out);
	assert_int_equal(out.probe.target.len, 0);
	assert_int_equal(out.fwmark, 9);
	conf.inside.list[conf.inside.count++] = (struct conf_inside){ addr("fd00::2"), 126 };
	conf.inside.list[conf.inside.count++] = (struct conf_inside){ addr("169.254.46.42"), 30 };
	want_options(&whole, &conf, 0, &out);
	assert_true(addr_equal(&out.probe.source, &conf.inside.list[1].addr));
}

/* ---- clashes ---- */

static bool clashes(const char *inside, uint8_t length, const char *there, uint8_t there_length, uint32_t index)
{
	struct conf_tunnel tunnel = { .inside = { .count = 1, .list = { { addr(inside), length } } } };
	struct conf conf = { .n_tunnels = 1, .tunnels = &tunnel };
	struct link_addr address = { .index = index, .addr = addr(there), .length = there_length };
	struct why why = { "" };

	return inside_refuse(&conf, &links, &(struct link_addrs){ &address, 1 }, VGW0, &why);
}

static void inside_blocks_in_use_are_refused(void **state)
{
	(void)state;
	assert_true(clashes("169.254.46.42", 30, "169.254.46.42", 30, VGW1));
	assert_true(clashes("169.254.46.42", 30, "169.254.46.41", 32, ETH0));
	assert_true(clashes("10.0.0.5", 30, "10.0.0.1", 24, ETH0));
	assert_false(clashes("10.0.0.5", 30, "10.0.0.9", 30, ETH0));
	assert_false(clashes("169.254.46.42", 30, "169.254.46.42", 30, VGW0));	/* our own */
	assert_false(clashes("169.254.46.42", 30, "169.254.46.42", 30, ETH1));	/* of a VRF */
	assert_false(clashes("169.254.46.42", 30, "169.254.7.7", 16, ETH0));	/* RFC 3927 */
	assert_true(clashes("169.254.46.42", 30, "169.254.46.41", 16, ETH0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(suites_have_the_modules_names),
		cmocka_unit_test(other_suites_have_none),
		cmocka_unit_test(longest_then_least_metric_wins),
		cmocka_unit_test(ways_inside_do_not_count),
		cmocka_unit_test(ways_follow_the_device),
		cmocka_unit_test(routes_are_decoded),
		cmocka_unit_test(prefixes_meet_once),
		cmocka_unit_test(negotiated_selectors_choose_the_tunnel),
		cmocka_unit_test(one_difference_is_enough),
		cmocka_unit_test(probe_needs_both_ends),
		cmocka_unit_test(inside_blocks_in_use_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
