// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/nl/vgw.c tools/vpntun/nl/attr.c tools/vpntun/nl/knl.c tools/vpntun/nl/names_gen.c tools/vpntun/util/addr.c tools/vpntun/util/name.c tools/vpntun/util/num.c tools/vpntun/util/nearest.c tools/vpntun/util/why.c */
/* libs: libnl-3.0 libnl-genl-3.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>

#include "nl/vgw.h"

static struct nl_msg *new_message(uint8_t cmd)
{
	struct nl_msg *msg = nlmsg_alloc();

	assert_non_null(msg);
	assert_non_null(genlmsg_put(msg, 0, 0, 30, 0, 0, cmd, 1));
	return msg;
}

static void put_prefix(struct nl_msg *msg, const char *bytes, int len, uint8_t length)
{
	struct nlattr *nest = nla_nest_start(msg, VGW_A_PREFIXES_PREFIX);

	nla_put(msg, VGW_A_PREFIX_ADDRESS, len, bytes);
	nla_put_u8(msg, VGW_A_PREFIX_LENGTH, length);
	nla_nest_end(msg, nest);
}

static void put_drop(struct nl_msg *msg, int attr, uint32_t cause, uint64_t count)
{
	struct nlattr *nest = nla_nest_start(msg, attr);

	nla_put_u32(msg, VGW_A_DROP_CAUSE, cause);
	nla_put_u64(msg, VGW_A_DROP_COUNT, count);
	nla_nest_end(msg, nest);
}

static void tunnel_is_decoded(void **state)
{
	struct nl_msg *msg = new_message(VGW_CMD_TUNNEL_NTF);
	struct nlattr *tunnel, *prefixes;
	struct vgw_message out;
	char text[ADDR_TEXT_MAX];

	(void)state;
	nla_put_u32(msg, VGW_A_IFINDEX, 7);
	nla_put_string(msg, VGW_A_IFNAME, "vgw0");
	tunnel = nla_nest_start(msg, VGW_A_TUNNEL);
	nla_put_string(msg, VGW_A_TUNNEL_NAME, "aws-1");
	nla_put_u32(msg, VGW_A_TUNNEL_ID, 3);
	nla_put(msg, VGW_A_TUNNEL_REMOTE, 4, "\xc6\x33\x64\x15");
	nla_put_u16(msg, VGW_A_TUNNEL_SPORT, 4500);
	nla_put_u64(msg, VGW_A_TUNNEL_RX_BYTES, UINT64_C(1) << 40);
	prefixes = nla_nest_start(msg, VGW_A_TUNNEL_PREFIXES);
	put_prefix(msg, "\x0a\x00\x00\x00", 4, 8);
	put_prefix(msg, "\x0a\x00\x00\x00", 4, 33);	/* impossible: left out */
	put_prefix(msg, "\x0a\x00\x00", 3, 8);		/* too short: left out */
	nla_nest_end(msg, prefixes);
	put_drop(msg, VGW_A_TUNNEL_DROP, VGW_DROP_REPLAYED, 2);
	put_drop(msg, VGW_A_TUNNEL_DROP, 4000000000u, 5);
	nla_nest_end(msg, tunnel);

	assert_int_equal(vgw_decode(nlmsg_hdr(msg), &out), 0);
	assert_int_equal(out.cmd, VGW_CMD_TUNNEL_NTF);
	assert_int_equal(out.ifindex, 7);
	assert_string_equal(out.ifname, "vgw0");
	assert_true(VGW_HAS(&out, VGW_A_TUNNEL));
	assert_false(VGW_HAS(&out, VGW_A_SA));
	assert_string_equal(out.tunnel.name, "aws-1");
	assert_int_equal(out.tunnel.id, 3);
	assert_string_equal(addr_text(&out.tunnel.remote, text), "198.51.100.21");
	assert_int_equal(out.tunnel.sport, 4500);
	assert_true(out.tunnel.rx_bytes == UINT64_C(1) << 40);
	assert_false(VGW_HAS(&out.tunnel, VGW_A_TUNNEL_LAST_RX));
	assert_int_equal(out.tunnel.prefixes.count, 1);
	assert_string_equal(prefix_text(out.tunnel.prefixes.list, text), "10.0.0.0/8");
	assert_int_equal(out.tunnel.drops.count[VGW_DROP_REPLAYED], 2);
	assert_int_equal(out.tunnel.drops.count[0], 5);
	vgw_message_free(&out);
	nlmsg_free(msg);
}

static void options_are_decoded(void **state)
{
	struct nl_msg *msg = new_message(VGW_CMD_TUNNEL_GET);
	struct nlattr *tunnel, *nest;
	char text[ADDR_TEXT_MAX];
	struct vgw_message out;

	(void)state;
	tunnel = nla_nest_start(msg, VGW_A_TUNNEL);
	nla_put_u8(msg, VGW_A_TUNNEL_DSCP, 255);
	nla_put_u8(msg, VGW_A_TUNNEL_DF, VGW_DF_CLEAR);
	nla_put_u8(msg, VGW_A_TUNNEL_TTL, 7);
	nla_put_u32(msg, VGW_A_TUNNEL_LINK, 3);
	nla_put_u32(msg, VGW_A_TUNNEL_KEEPALIVE, 20);
	nest = nla_nest_start(msg, VGW_A_TUNNEL_TS_LOCAL);
	put_prefix(msg, "\x0a\x01\x00\x00", 4, 16);
	nla_nest_end(msg, nest);
	nest = nla_nest_start(msg, VGW_A_TUNNEL_TS_REMOTE);
	put_prefix(msg, "\x0a\x02\x00\x00", 4, 16);
	put_prefix(msg, "\x0a\x03\x00\x00", 4, 16);
	nla_nest_end(msg, nest);
	nest = nla_nest_start(msg, VGW_A_TUNNEL_PROBE);
	nla_put(msg, VGW_A_PROBE_TARGET, 4, "\xa9\xfe\x2e\x29");
	nla_put(msg, VGW_A_PROBE_SOURCE, 5, "12345");	/* no address: left out */
	nla_put_u32(msg, VGW_A_PROBE_INTERVAL, 1000);
	nla_put_u64(msg, VGW_A_PROBE_SENT, 9);
	nla_nest_end(msg, nest);
	nla_nest_end(msg, tunnel);

	assert_int_equal(vgw_decode(nlmsg_hdr(msg), &out), 0);
	assert_int_equal(out.tunnel.dscp, 255);
	assert_int_equal(out.tunnel.df, VGW_DF_CLEAR);
	assert_int_equal(out.tunnel.ttl, 7);
	assert_int_equal(out.tunnel.link, 3);
	assert_int_equal(out.tunnel.keepalive, 20);
	assert_int_equal(out.tunnel.prefixes.count, 0);
	assert_int_equal(out.tunnel.ts_local.count, 1);
	assert_int_equal(out.tunnel.ts_remote.count, 2);
	assert_string_equal(prefix_text(&out.tunnel.ts_remote.list[1], text), "10.3.0.0/16");
	assert_string_equal(addr_text(&out.tunnel.probe.target, text), "169.254.46.41");
	assert_int_equal(out.tunnel.probe.source.len, 0);
	assert_int_equal(out.tunnel.probe.interval, 1000);
	assert_int_equal(out.tunnel.probe.sent, 9);
	assert_false(VGW_HAS(&out.tunnel.probe, VGW_A_PROBE_RTT));
	vgw_message_free(&out);
	nlmsg_free(msg);
}

static void interfaces_and_sas_are_decoded(void **state)
{
	struct nl_msg *msg = new_message(VGW_CMD_SA_GET);
	struct vgw_message out;
	struct nlattr *nest;

	(void)state;
	nest = nla_nest_start(msg, VGW_A_IFACE);
	nla_put_u8(msg, VGW_A_IFACE_DORMANT, 1);
	nla_put_u8(msg, VGW_A_IFACE_CARRIER_POLICY, VGW_CARRIER_POLICY_ON);
	nla_put_u32(msg, VGW_A_IFACE_MSS_CLAMP, 1360);
	nla_put_u32(msg, VGW_A_IFACE_FWMARK, 0x10);
	put_drop(msg, VGW_A_IFACE_DROP, VGW_DROP_NO_TUNNEL, 3);
	put_drop(msg, VGW_A_IFACE_HOST_DROP, VGW_DROP_UNKNOWN_SPI, 4);
	nla_nest_end(msg, nest);
	nest = nla_nest_start(msg, VGW_A_SA);
	nla_put_u32(msg, VGW_A_SA_PENDING_ON, 0x1001);
	nla_put_u32(msg, VGW_A_SA_LINGER, 5);
	nla_put_u32(msg, VGW_A_SA_LIFE_TIME, 3600);
	nla_put_u64(msg, VGW_A_SA_LIFE_BYTES, 1000);
	nla_nest_end(msg, nest);

	assert_int_equal(vgw_decode(nlmsg_hdr(msg), &out), 0);
	assert_int_equal(out.iface.dormant, 1);
	assert_int_equal(out.iface.carrier_policy, VGW_CARRIER_POLICY_ON);
	assert_int_equal(out.iface.mss_clamp, 1360);
	assert_int_equal(out.iface.fwmark, 0x10);
	assert_int_equal(out.iface.drops.count[VGW_DROP_NO_TUNNEL], 3);
	assert_int_equal(out.iface.host_drops.count[VGW_DROP_UNKNOWN_SPI], 4);
	assert_int_equal(out.sa.pending_on, 0x1001);
	assert_int_equal(out.sa.linger, 5);
	assert_int_equal(out.sa.life_time, 3600);
	assert_int_equal(out.sa.life_bytes, 1000);
	assert_false(VGW_HAS(&out.sa, VGW_A_SA_LIFE_PACKETS));
	vgw_message_free(&out);
	nlmsg_free(msg);
}

static void strange_attributes_are_passed_over(void **state)
{
	struct nl_msg *msg = new_message(VGW_CMD_SA_EXPIRE_NTF);
	struct vgw_message out;
	struct nlattr *sa;

	(void)state;
	nla_put_string(msg, 200, "from the future");
	nla_put(msg, VGW_A_IFINDEX, 2, "\x01\x02");
	sa = nla_nest_start(msg, VGW_A_SA);
	nla_put(msg, VGW_A_SA_SPI, 3, "\x01\x02\x03");
	nla_put_u8(msg, VGW_A_SA_DIRECTION, 77);
	nla_put_u64(msg, VGW_A_SA_SUITE, 1);
	nla_put_u8(msg, 250, 1);
	nla_nest_end(msg, sa);

	assert_int_equal(vgw_decode(nlmsg_hdr(msg), &out), 0);
	assert_false(VGW_HAS(&out, VGW_A_IFINDEX));
	assert_true(VGW_HAS(&out, VGW_A_SA));
	assert_false(VGW_HAS(&out.sa, VGW_A_SA_SPI));
	assert_false(VGW_HAS(&out.sa, VGW_A_SA_SUITE));
	assert_string_equal(VGW_WORD(direction, out.sa.direction), "unknown");
	vgw_message_free(&out);
	nlmsg_free(msg);
}

static void every_cut_is_survived(void **state)
{
	struct nl_msg *msg = new_message(VGW_CMD_TUNNEL_NTF);
	struct nlmsghdr *nlh = nlmsg_hdr(msg);
	struct nlattr *tunnel, *prefixes, *probe;
	struct vgw_message out;

	(void)state;
	nla_put_string(msg, VGW_A_IFNAME, "vgw0");
	tunnel = nla_nest_start(msg, VGW_A_TUNNEL);
	prefixes = nla_nest_start(msg, VGW_A_TUNNEL_PREFIXES);
	put_prefix(msg, "\x0a\x00\x00\x00", 4, 8);
	nla_nest_end(msg, prefixes);
	prefixes = nla_nest_start(msg, VGW_A_TUNNEL_TS_REMOTE);
	put_prefix(msg, "\x0a\x00\x00\x00", 4, 8);
	nla_nest_end(msg, prefixes);
	probe = nla_nest_start(msg, VGW_A_TUNNEL_PROBE);
	nla_put(msg, VGW_A_PROBE_TARGET, 4, "\x0a\x00\x00\x01");
	nla_nest_end(msg, probe);
	put_drop(msg, VGW_A_TUNNEL_DROP, VGW_DROP_ECN, 2);
	nla_nest_end(msg, tunnel);

	for (; nlh->nlmsg_len > NLMSG_HDRLEN; nlh->nlmsg_len--) {
		assert_int_equal(vgw_decode(nlh, &out), 0);
		vgw_message_free(&out);
	}
	nlmsg_free(msg);
}

/* Where does the kernel point, and what do we call it? */
static void check_place(const struct nl_msg *msg, const struct nlattr *attr,
			const char *path)
{
	const struct nlmsghdr *nlh = nlmsg_hdr((struct nl_msg *)msg);
	struct attr_place place = { .set = &vgw_main_attrs };

	assert_true(attr_locate(&place, nlh, (const char *)attr - (const char *)nlh));
	assert_string_equal(place.path, path);
}

static void offsets_become_names(void **state)
{
	struct nl_msg *msg = new_message(VGW_CMD_SA_NEW);
	struct attr_place place = { .set = &vgw_main_attrs };
	struct nlattr *tunnel, *prefixes, *probe, *sa;

	(void)state;
	nla_put_string(msg, VGW_A_IFNAME, "vgw0");
	tunnel = nla_nest_start(msg, VGW_A_TUNNEL);
	nla_put_string(msg, VGW_A_TUNNEL_NAME, "t");
	prefixes = nla_nest_start(msg, VGW_A_TUNNEL_PREFIXES);
	put_prefix(msg, "\x0a\x00\x00\x00", 4, 8);
	nla_nest_end(msg, prefixes);
	probe = nla_nest_start(msg, VGW_A_TUNNEL_PROBE);
	nla_put_u32(msg, VGW_A_PROBE_MISSES, 1);
	nla_nest_end(msg, probe);
	nla_nest_end(msg, tunnel);
	sa = nla_nest_start(msg, VGW_A_SA);
	nla_put_u32(msg, VGW_A_SA_SPI, 1);
	nla_nest_end(msg, sa);

	check_place(msg, genlmsg_attrdata(nlmsg_data(nlmsg_hdr(msg)), 0), "ifname");
	check_place(msg, tunnel, "tunnel");
	check_place(msg, nla_data(tunnel), "tunnel.name");
	check_place(msg, prefixes, "tunnel.prefixes");
	check_place(msg, nla_data(prefixes), "tunnel.prefixes.prefix");
	check_place(msg, nla_data(nla_data(prefixes)), "tunnel.prefixes.prefix.address");
	check_place(msg, nla_data(probe), "tunnel.probe.misses");
	check_place(msg, nla_data(sa), "sa.spi");

	assert_false(attr_locate(&place, nlmsg_hdr(msg), 0));
	assert_false(attr_locate(&place, nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len));
	nlmsg_free(msg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tunnel_is_decoded),
		cmocka_unit_test(options_are_decoded),
		cmocka_unit_test(interfaces_and_sas_are_decoded),
		cmocka_unit_test(strange_attributes_are_passed_over),
		cmocka_unit_test(every_cut_is_survived),
		cmocka_unit_test(offsets_become_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
