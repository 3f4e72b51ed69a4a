// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/conf/parse.c tools/vpntun/conf/check.c tools/vpntun/conf/lex.c tools/vpntun/conf/keys.c */
/* sources: tools/vpntun/conf/value.c tools/vpntun/conf/defaults.c tools/vpntun/conf/report.c tools/vpntun/conf/load.c */
/* sources: tools/vpntun/conf/inside.c tools/vpntun/conf/others.c tools/vpntun/conf/daemon.c tools/vpntun/util/prefix.c */
/* sources: tools/vpntun/conf/psk.c tools/vpntun/conf/file.c tools/vpntun/conf/folder.c */
/* sources: tools/vpntun/util/addr.c tools/vpntun/util/base64.c tools/vpntun/util/hex.c */
/* sources: tools/vpntun/util/name.c tools/vpntun/util/nearest.c tools/vpntun/util/num.c tools/vpntun/util/why.c */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf/conf.h"
#include "conf/file.h"
#include "util/num.h"

#define CERT "Certificate = c\nPrivateKey = k\nCA = d\n"
#define GOOD "[Tunnel a]\nRemote = 198.51.100.21\nPSKFile = a.psk\n"
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Everything that was told, a line each. */
struct told {
	char faults[16384];
	char warnings[16384];
};

static void hear(void *ctx, bool fault, const char *line)
{
	struct told *told = ctx;
	char *text = fault ? told->faults : told->warnings;
	size_t used = strlen(text);

	assert_true(used + strlen(line) + 2 < sizeof(told->faults));
	sprintf(text + used, "%s\n", line);
}

/* Parses, and if that goes well, checks. */
static int read_text(const char *text, size_t len, struct conf *conf, struct told *told)
{
	struct conf_report report = { .say = hear, .ctx = told };

	told->faults[0] = '\0';
	told->warnings[0] = '\0';
	if (conf_parse("etc/office.conf", text, len, conf, &report)) {
		assert_true(report.faults > 0);
		assert_null(conf->tunnels);
		return -1;
	}
	assert_int_equal(report.faults, 0);
	if (!conf_check(conf, &report))
		return 0;
	assert_true(report.faults > 0);
	conf_free(conf);
	return -1;
}

static struct conf good(const char *text)
{
	struct told told;
	struct conf conf;

	if (read_text(text, strlen(text), &conf, &told))
		fail_msg("refused: %s", told.faults);
	return conf;
}

static const char *addr_string(const struct ip_addr *addr)
{
	static char text[ADDR_TEXT_MAX];

	return addr_text(addr, text);
}

static const char *prefix_string(const struct ip_prefixes *prefixes, size_t i)
{
	static char text[ADDR_TEXT_MAX];

	assert_true(i < prefixes->count);
	return prefix_text(&prefixes->list[i], text);
}

static void defaults_are_of_a_customer(void **state)
{
	struct conf conf = good(GOOD);
	const struct conf_tunnel *tunnel = conf.tunnels;

	(void)state;
	assert_string_equal(conf.name, "office");
	assert_string_equal(conf.ifname, "office");
	assert_int_equal(conf.mss_clamp, MSS_ON);
	assert_int_equal(conf.carrier, VGW_CARRIER_POLICY_AUTO);
	assert_false(conf.fail_open);
	assert_int_equal(conf.table, 0);
	assert_int_equal(conf.n_tunnels, 1);
	assert_int_equal(tunnel->line, 1);
	assert_string_equal(addr_string(&tunnel->remote), "198.51.100.21");
	assert_int_equal(tunnel->local.len, 0);
	assert_int_equal(tunnel->start_action, CONF_START_START);
	assert_int_equal(tunnel->dpd_action, CONF_DPD_RESTART);
	assert_int_equal(tunnel->ike_lifetime, 28800);
	assert_int_equal(tunnel->lifetime, 3600);
	assert_int_equal(tunnel->replay_window, 1024);
	assert_int_equal(tunnel->dpd_interval, 10);
	assert_int_equal(tunnel->dpd_timeout, 40);
	assert_int_equal(tunnel->probe_interval, 0);
	assert_int_equal(tunnel->probe_misses, 3);
	assert_int_equal(tunnel->dscp, DSCP_COPY);
	assert_int_equal(tunnel->df, VGW_DF_SET);
	assert_int_equal(tunnel->ttl, 64);
	assert_int_equal(tunnel->ike_proposals.count, 3);
	assert_string_equal(tunnel->ike_proposals.list[1], "aes128gcm16-prfsha256-x25519");
	assert_string_equal(tunnel->esp_proposals.list[2], "aes256-sha256-modp2048");
	assert_int_equal(tunnel->local_ts.count, 1);
	assert_string_equal(prefix_string(&tunnel->remote_ts, 0), "0.0.0.0/0");
	assert_false(tunnel->has_prefixes);
	conf_free(&conf);
}

static void defaults_are_of_a_hub(void **state)
{
	struct conf conf = good("[Interface]\nName = hub0\nRoutes = 10.0.0.0/8, fd00::/8\n"
				"[Tunnel a]\nRemote = any\nPSKFile = a.psk\nRemoteID = a.example.com\n");
	const struct conf_tunnel *tunnel = conf.tunnels;

	(void)state;
	assert_string_equal(conf.name, "office");
	assert_string_equal(conf.ifname, "hub0");
	assert_true(tunnel->remote_any);
	assert_int_equal(tunnel->remote.len, 0);
	assert_int_equal(tunnel->start_action, CONF_START_ADD);
	assert_int_equal(tunnel->dpd_action, CONF_DPD_CLEAR);
	assert_int_equal(tunnel->local_ts.count, 2);
	assert_string_equal(prefix_string(&tunnel->local_ts, 1), "::/0");
	assert_string_equal(prefix_string(&conf.routes, 1), "fd00::/8");
	conf_free(&conf);

	/* A way of its own goes with an address of its own, see wrongs[]. */
	conf = good("[Interface]\nRoutes = 10.0.0.0/8\nFWMark = 7\n"
		    "[Tunnel a]\nRemote = any\nLocal = 192.0.2.1\nDevice = eth1\nPSKFile = a.psk\n");
	conf_free(&conf);
}

/* Each key once, with blanks, quotes, comments and line ends of all sorts. */
static void every_key_is_read(void **state)
{
	struct conf conf = good("\xef\xbb\xbf# caf\xc3\xa9 \"\n"
				"  [ Interface ]  # one\r\n"
				"Name=vgw7\r\nAddress = 10.0.0.1/32 , fd00::1/64\nSource = fd00::1,10.0.0.1\n"
				"Routes = \"10.20.0.0/16\",10.30.0.0/16 # two\nTable = 100\nMetric = 5\nMTU = 1400\n"
				"MSSClamp = 1300\nCarrier = on\nVRF = blue\nFWMark = 0x10\nFailOpen = yes\n\n"
				"[Tunnel aws-1]\nLocal = 203.0.113.10\nDevice = eth0\nRemote = 198.51.100.21\n"
				"Inside = 169.254.46.42/30, fd00:1::1/126\nLocalTS = 10.0.0.0/8\nRemoteTS = any\n"
				"Prefixes = none\nPriority = 10\nGroup = 3\nPSKFile = \"a #1.psk\"\n"
				"LocalID = \"keyid:a,b\"\nRemoteID = keyid:a#b, c\nAuthMethod = psk\nIKEVersion = 2\n"
				"IKEProposals = aes256gcm16-prfsha384-ecp384 , aes256-sha256-modp2048\n"
				"ESPProposals = aes256gcm16-ecp384\nIKELifetime = 900\nLifetime = 901\n"
				"LifeBytes = 2G\nReplayWindow = 64\nDPDInterval = 9\nDPDTimeout = 30\nDPDAction = none\n"
				"ProbeInterval = 0.25\nProbeMisses = 4\nProbeAction = prefer\nStartAction = trap\n"
				"Encap = udp\nKeepalive = off\nDSCP = 46\nDF = copy\nInnerDF = clear\nTTL = 9\n"
				"ESN = yes\nMobike = no\nLocalASN = 4200000000\nRemoteASN = 64512\nBGPHoldTime = 90\n"
				"Fragmentation = no");
	const struct conf_tunnel *tunnel = conf.tunnels;

	(void)state;
	assert_string_equal(conf.ifname, "vgw7");
	assert_int_equal(conf.address.count, 2);
	assert_int_equal(conf.address.list[1].length, 64);
	assert_string_equal(addr_string(&conf.source[0]), "10.0.0.1");
	assert_string_equal(addr_string(&conf.source[1]), "fd00::1");
	assert_int_equal(conf.routes.count, 2);
	assert_int_equal(conf.table, 100);
	assert_int_equal(conf.metric, 5);
	assert_int_equal(conf.mtu, 1400);
	assert_int_equal(conf.mss_clamp, 1300);
	assert_int_equal(conf.carrier, VGW_CARRIER_POLICY_ON);
	assert_string_equal(conf.vrf, "blue");
	assert_int_equal(conf.fwmark, 16);
	assert_true(conf.fail_open);

	assert_string_equal(tunnel->name, "aws-1");
	assert_string_equal(addr_string(&tunnel->local), "203.0.113.10");
	assert_string_equal(tunnel->device, "eth0");
	assert_string_equal(addr_string(&tunnel->inside.list[0].addr), "169.254.46.42");
	assert_string_equal(addr_string(&tunnel->peer), "169.254.46.41");
	assert_string_equal(prefix_string(&tunnel->local_ts, 0), "10.0.0.0/8");
	assert_int_equal(tunnel->remote_ts.count, 2);
	assert_true(tunnel->has_prefixes && !tunnel->prefixes.count);
	assert_int_equal(tunnel->priority, 10);
	assert_int_equal(tunnel->group, 3);
	assert_string_equal(tunnel->psk_file, "a #1.psk");
	assert_string_equal(tunnel->local_id, "keyid:a,b");
	assert_string_equal(tunnel->remote_id, "keyid:a#b, c");
	assert_int_equal(tunnel->ike_proposals.count, 2);
	assert_string_equal(tunnel->ike_proposals.list[1], "aes256-sha256-modp2048");
	assert_int_equal(tunnel->esp_proposals.count, 1);
	assert_int_equal(tunnel->life_bytes, 2ull << 30);
	assert_int_equal(tunnel->dpd_action, CONF_DPD_NONE);
	assert_int_equal(tunnel->probe_interval, 250);
	assert_int_equal(tunnel->probe_misses, 4);
	assert_int_equal(tunnel->probe_action, VGW_PROBE_ACTION_PREFER);
	assert_int_equal(tunnel->start_action, CONF_START_TRAP);
	assert_int_equal(tunnel->encap, CONF_ENCAP_UDP);
	assert_int_equal(tunnel->keepalive, 0);
	assert_int_equal(tunnel->dscp, 46);
	assert_int_equal(tunnel->df, VGW_DF_COPY);
	assert_int_equal(tunnel->inner_df, VGW_INNER_DF_CLEAR);
	assert_int_equal(tunnel->ttl, 9);
	assert_true(tunnel->esn);
	assert_int_equal(tunnel->local_asn, 4200000000);
	assert_int_equal(tunnel->remote_asn, 64512);
	assert_int_equal(tunnel->bgp_hold, 90);
	conf_free(&conf);
}

/* Not the same as if it were not said: that is the VRF's. */
static void the_main_table_is_one(void **state)
{
	struct conf conf = good("[Interface]\nVRF = red\nRoutes = 10.0.0.0/8\nTable = main\n" GOOD);

	(void)state;
	assert_int_equal(conf.table, 254);
	conf_free(&conf);
}

static void the_peer_is_the_other_host(void **state)
{
	static const char *const pairs[][2] = {
		{ "169.254.46.42/30", "169.254.46.41" }, { "169.254.46.41/30", "169.254.46.42" },
		{ "10.0.0.0/31", "10.0.0.1" }, { "10.0.0.9/31", "10.0.0.8" }, { "fd00::2/126", "fd00::1" },
		{ "fd00::3/126", "none" }, { "fd00::6/127", "fd00::7" }, { "10.0.0.1/24", "none" },
		{ "10.0.0.1", "none" }, { "10.0.0.1/24, fd00::1/126", "fd00::2" },
		{ "10.0.0.1/24\nPeer = 10.0.0.9", "10.0.0.9" }, { "10.0.0.1/30\nPeer = 10.9.0.9", "10.9.0.9" },
	};
	char text[512];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(pairs); i++) {
		struct conf conf;

		snprintf(text, sizeof(text), GOOD "Inside = %s\n", pairs[i][0]);
		conf = good(text);
		assert_string_equal(addr_string(&conf.tunnels[0].peer), pairs[i][1]);
		conf_free(&conf);
	}
}

/* A text, and what is told of it. */
struct wrong {
	const char *text;
	const char *told;
};

#define P "etc/office.conf"

static const struct wrong wrongs[] = {
	/* lines */
	{ "", P ": there is no [Tunnel NAME] section\n" },
	{ GOOD "[Tunnel b\n", P ":4: the head of a section ends in ']'\n" },
	{ GOOD "[\n", P ":4: the head of a section ends in ']'\n" },
	{ GOOD "[]\n", P ":4: unknown section ''\n" },
	{ GOOD "Priority\n", P ":4: neither '[SECTION]' nor 'KEY = VALUE'\n" },
	{ GOOD "= 5\n", P ":4: neither '[SECTION]' nor 'KEY = VALUE'\n" },
	{ GOOD "Priority =\n", P ":4: Priority has no value\n" },
	{ GOOD "Priority = # 5\n", P ":4: Priority has no value\n" },
	{ GOOD "Priority = 5#\n", P ":4: Priority: '5#' is not a whole number\n" },
	{ GOOD "Priority = \"5\n", P ":4: a double quote is not closed\n" },
	{ GOOD "LocalID = caf\xc3\xa9\n",
	  P ":4: character 14 (0xc3) is not printable ASCII, which only a comment may hold\n" },
	{ GOOD "LocalID = a\x1f" "b\n",
	  P ":4: character 12 (0x1f) is not printable ASCII, which only a comment may hold\n" },
	/* sections */
	{ "Name = vgw0\n" GOOD, P ":1: Name stands in front of the first section\n" },
	{ "[Interfaec]\nName = vgw0\n" GOOD, P ":1: unknown section 'Interfaec'; did you mean 'Interface'?\n" },
	{ "[Peer]\nAnything = 1\n" GOOD, P ":1: unknown section 'Peer'\n" },
	{ "[Interface vgw0]\n" GOOD, P ":1: [Interface] has no name behind it; the key 'Name' names it\n" },
	{ "[Interface]\n" GOOD "[Interface]\n", P ":5: [Interface] is there already, in line 1\n" },
	{ GOOD GOOD, P ":4: [Tunnel a] is there already, in line 1\n" },
	{ "[Tunnel]\nRemote = any\n", P ":1: a tunnel needs a name: [Tunnel NAME]\n" },
	{ "[Tunnel a b]\n", P ":1: name 'a b': only letters, digits and . _ - : @ + are allowed\n" },
	/* keys */
	{ GOOD "Remot = 1\n", P ":4: unknown key 'Remot'; did you mean 'Remote'?\n" },
	{ GOOD "remote = 1\n", P ":4: unknown key 'remote'; did you mean 'Remote'?\n" },
	{ GOOD "Remo\tte\t=\t1\n", P ":4: unknown key 'Remo te'; did you mean 'Remote'?\n" },
	{ GOOD "Qwertyuiop = 1\n", P ":4: unknown key 'Qwertyuiop'\n" },
	{ GOOD "Routes = 10.0.0.0/8\n", P ":4: Routes belongs in the [Interface] section\n" },
	{ "[Interface]\nRemote = any\n" GOOD, P ":2: Remote belongs in a [Tunnel NAME] section\n" },
	{ GOOD "Remote = any\n", P ":4: Remote is given already, in line 2\n" },
	/* values of [Interface] */
	{ "[Interface]\nName = a-name-too-long-for-it\n" GOOD,
	  P ":2: Name: name 'a-name-too-long-for-it' is longer than 15 bytes\n" },
	{ "[Interface]\nName = a/b\n" GOOD, P ":2: Name: name 'a/b': only letters, digits and . _ - : @ + are allowed\n" },
	{ "[Interface]\nAddress = 10.0.0.1/33\n" GOOD,
	  P ":2: Address: '10.0.0.1/33': the length of its network is 1 to 32\n" },
	{ "[Interface]\nAddress = 10.0.0.1/24,\n" GOOD,
	  P ":2: Address: '' is not the address of one host, such as 169.254.46.42/30\n" },
	{ "[Interface]\nSource = 10.0.0.1, 10.0.0.2\n" GOOD,
	  P ":2: Source: '10.0.0.2': there is an IPv4 address already\n" },
	{ "[Interface]\nRoutes = 10.0.0.1/8\n" GOOD,
	  P ":2: Routes: '10.0.0.1/8' has host bits set; did you mean '10.0.0.0/8'?\n" },
	{ "[Interface]\nRoutes = 10.0.0.0/8, 10.0.0.0/8\n" GOOD, P ":2: Routes: prefix '10.0.0.0/8' is given twice\n" },
	{ "[Interface]\nTable = 0\n" GOOD, P ":2: Table: '0' is not within 1 to 4294967295\n" },
	{ "[Interface]\nMTU = 100\n" GOOD, P ":2: MTU: '100' is not within 576 to 65535\n" },
	{ "[Interface]\nCarrier = off\n" GOOD, P ":2: Carrier: unknown value 'off'\n" },
	{ "[Interface]\nFailOpen = maybe\n" GOOD, P ":2: FailOpen: unknown value 'maybe'\n" },
	{ "[Interface]\nVRF = ..\n" GOOD, P ":2: VRF: '..' cannot be the name of an interface\n" },
	/* values of [Tunnel] */
	{ "[Tunnel a]\nRemote = 10.0.0.256\n",
	  P ":2: Remote: '10.0.0.256' is not the address of one host, a host name, or 'any'\n" },
	{ "[Tunnel a]\nRemote = 224.0.0.5\n",
	  P ":2: Remote: '224.0.0.5' is not the address of one host, a host name, or 'any'\n" },
	{ GOOD "Local = 0.0.0.0\n", P ":4: Local: '0.0.0.0' is not the address of one host\n" },
	{ GOOD "Inside = 169.254.46.40/30\n",
	  P ":4: Inside: '169.254.46.40/30' is the first or last address of its network, which no host has\n" },
	{ GOOD "Inside = 169.254.46.43/30\n",
	  P ":4: Inside: '169.254.46.43/30' is the first or last address of its network, which no host has\n" },
	{ GOOD "IKEProposals = aes256-sha256-modp2048,,\n", P ":4: IKEProposals: an element of the list is empty\n" },
	{ GOOD "IKELifetime = 9\n", P ":4: IKELifetime: '9' is not within 10 to 31536000\n" },
	{ GOOD "LifeBytes = 1K\n", P ":4: LifeBytes: '1K' is less than 1M\n" },
	{ GOOD "ReplayWindow = 32\n", P ":4: ReplayWindow: '32' is not within 64 to 8192\n" },
	{ GOOD "DPDAction = restrat\n", P ":4: DPDAction: unknown value 'restrat'; did you mean 'restart'?\n" },
	{ GOOD "StartAction = route\n", P ":4: StartAction: unknown value 'route'\n" },
	{ GOOD "ProbeInterval = 0.05\n", P ":4: ProbeInterval: '0.05' is not within 0.1 to 3600 seconds, nor 'off'\n" },
	{ GOOD "ProbeInterval = 1.\n", P ":4: ProbeInterval: '1.' is not within 0.1 to 3600 seconds, nor 'off'\n" },
	{ GOOD "ProbeInterval = 1.0001\n",
	  P ":4: ProbeInterval: '1.0001' is not within 0.1 to 3600 seconds, nor 'off'\n" },
	{ GOOD "ProbeInterval = 3601\n", P ":4: ProbeInterval: '3601' is not within 0.1 to 3600 seconds, nor 'off'\n" },
	{ GOOD "ProbeInterval = -1\n", P ":4: ProbeInterval: '-1' is not within 0.1 to 3600 seconds, nor 'off'\n" },
	{ GOOD "TTL = 0\n", P ":4: TTL: '0' is not within 1 to 255\n" },
	{ GOOD "LocalASN = 0\n", P ":4: LocalASN: '0' is not within 1 to 4294967294\n" },
	{ GOOD "RemoteASN = 23456\n", P ":4: RemoteASN: 23456 is a reserved number, which no network has\n" },
	{ GOOD "BGPHoldTime = 2\n", P ":4: BGPHoldTime: '2' is not within 3 to 65535\n" },
	{ GOOD "DSCP = 64\n", P ":4: DSCP: '64' is not within 0 to 63\n" },
	{ GOOD "DF = maybe\n", P ":4: DF: unknown value 'maybe'\n" },
	/* what is to come */
	{ GOOD "IKEVersion = 1\n", P ":4: IKEVersion: '1' is not supported yet, only 2 is\n" },
	{ GOOD "AuthMethod = certificate\n",
	  P ":4: AuthMethod: unknown value 'certificate'\n" },
	/* BGP has two ends, and a neighbor */
	{ GOOD "Inside = 10.0.0.1/30\nLocalASN = 65000\n",
	  P ":5: LocalASN goes with RemoteASN: BGP has a number at each end\n" },
	{ GOOD "LocalASN = 65000\nRemoteASN = 64512\n",
	  P ":4: LocalASN: who is the neighbor? write the Peer, the far end's inside address\n" },
	/* all of them, not only the first */
	{ "[Interface]\nMTU = x\n[Tunnel a]\nRemot = 1\nTTL = 256\n",
	  P ":2: MTU: 'x' is not a whole number\n" P ":4: unknown key 'Remot'; did you mean 'Remote'?\n"
	  P ":5: TTL: '256' is not within 1 to 255\n" },
	/* keys that do not go together */
	{ "[Tunnel a]\nTTL = 9\n", P ":1: [Tunnel a] has no Remote: write the peer's address or host name, or 'any'\n"
	  P ":1: [Tunnel a] has no PSKFile, the file of its pre-shared key, and no Certificate\n" },
	{ "[Tunnel a]\nRemote = gw.example.com\nPSKFile = x\nStartAction = trap\n",
	  P ":4: StartAction: 'trap' needs the peer's address as Remote, not its host name\n" },
	{ "[Tunnel a]\nRemote = gw.example.com\nPSKFile = x\n[Tunnel b]\nRemote = GW.example.com\nPSKFile = x\n",
	  P ":5: Remote, Local and RemoteID are those of [Tunnel a] in line 1, too: the peers could not be told apart\n" },
	{ GOOD "Local = fd00::1\n", P ":2: Local and Remote are not of one family (IPv4, IPv6)\n" },
	{ GOOD "Local = 198.51.100.21\n", P ":2: Local and Remote are the same address\n" },
	{ "[Tunnel a]\nRemote = any\nPSKFile = x\nStartAction = start\n",
	  P ":4: StartAction: with 'Remote = any' there is nobody to begin with: only 'add' goes\n" },
	{ "[Tunnel a]\nRemote = any\nPSKFile = x\nDPDAction = restart\n",
	  P ":4: DPDAction: with 'Remote = any' there is nobody to begin again with: 'clear' or 'none'\n" },
	{ "[Interface]\nRoutes = 10.0.0.0/8\nFWMark = 7\n[Tunnel a]\nRemote = any\nDevice = eth1\nPSKFile = x\n",
	  P ":6: Device: with 'Remote = any' it needs Local, too: the address that peers begin at says by which device they are answered\n"
	  P ":3: FWMark: with 'Remote = any' [Tunnel a] needs Local, too: the address that peers begin at says by which mark they are answered\n" },
	{ "[Tunnel a]\nRemote = 1.2.3.4\nCertificate = x\n",
	  P ":3: [Tunnel a] has no PrivateKey, the file of its Certificate's key\n"
	  P ":3: [Tunnel a] has no CA, the file of the authorities that vouch for the peer\n" },
	{ "[Tunnel a]\nRemote = 1.2.3.4\nCA = x\nCRL = credential:\n",
	  P ":4: CRL: 'credential:' is followed by the credential's name, without a path\n"
	  P ":1: [Tunnel a] has no Certificate, the file of ours\n"
	  P ":1: [Tunnel a] has no PrivateKey, the file of its Certificate's key\n" },
	{ "[Tunnel a]\nRemote = 1.2.3.4\nAuthMethod = ecdsa\nPSKFile = x\n",
	  P ":3: AuthMethod: a pre-shared key (PSKFile) makes no signatures: only 'psk' goes with it\n" },
	{ "[Tunnel a]\nRemote = 1.2.3.4\nAuthMethod = psk\n" CERT,
	  P ":3: AuthMethod: 'psk' does not go with a Certificate\n" },
	{ "[Tunnel a]\nRemote = 1.2.3.4\nPSKFile = x\n" CERT,
	  P ":3: PSKFile does not go with Certificate, PrivateKey, CA and CRL: [Tunnel a] authenticates by one or the other\n" },
	{ "[Tunnel a]\nRemote = any\n" CERT,
	  P ":1: [Tunnel a]: with 'Remote = any' and a Certificate RemoteID has to say who the peer is\n" },
	{ "[Tunnel a]\nRemote = any\nPSKFile = credential:../x\n",
	  P ":3: PSKFile: 'credential:' is followed by the credential's name, without a path\n" },
	{ GOOD "Inside = 10.0.0.1/24\nPeer = 10.0.0.1\n", P ":5: Peer is our own Inside address\n" },
	{ GOOD "Inside = 10.0.0.1/24\nProbeInterval = 1\n",
	  P ":5: ProbeInterval: whom to ask? write the Peer, the far end's inside address\n" },
	{ GOOD "Inside = fd00::1/64\nPeer = 10.0.0.2\nProbeInterval = 1\n",
	  P ":6: ProbeInterval: a probe needs an Inside address of the Peer's family to come from\n" },
	{ "[Interface]\nNamespace = a/b\nRoutes = 10.0.0.0/8\n" GOOD,
	  P ":2: Namespace: 'a/b' is neither a name nor a path that begins with /\n" },
	{ "[Interface]\nName = blue\nVRF = blue\nRoutes = 10.0.0.0/8\n" GOOD,
	  P ":3: VRF: 'blue' is the interface's own name\n" },
	/* tunnels that are in each other's way */
	{ GOOD "Inside = 10.0.0.1/30\n[Tunnel b]\nRemote = 198.51.100.22\nPSKFile = b\nInside = 10.0.0.2/24\nPeer = 10.0.0.9\n",
	  P ":8: Inside: 10.0.0.2/24 lies in the same block as that of [Tunnel a] in line 1\n" },
	{ GOOD "Peer = 10.0.0.2\n[Tunnel b]\nRemote = 198.51.100.22\nPSKFile = b\nPeer = 10.0.0.2\n",
	  P ":8: Peer: 10.0.0.2 is that of [Tunnel a] in line 1, too\n" },
	{ GOOD "RemoteID = x.example.com\n[Tunnel b]\nRemoteID = X.example.com\nRemote = 198.51.100.21\nPSKFile = b\n",
	  P ":7: Remote, Local and RemoteID are those of [Tunnel a] in line 1, too: the peers could not be told apart\n" },
	{ "[Tunnel a]\nRemote = any\nPSKFile = a\n[Tunnel b]\nRemote = any\nPSKFile = b\n",
	  P ":5: Remote, Local and RemoteID are those of [Tunnel a] in line 1, too: the peers could not be told apart\n" },
};

/* Each of these is right, and yet something is told. */
static const struct wrong warnings[] = {
	{ GOOD "Inside = 10.0.0.1/30\nIKELifetime = 1000\n",
	  P ":5: IKELifetime (1000 s) is shorter than Lifetime (3600 s)\n" },
	{ GOOD "Inside = 10.0.0.1/30\nIKELifetime = 30\nLifetime = 30\n",
	  P ":5: IKELifetime: AWS takes 900 to 28800 seconds\n"
	  P ":6: Lifetime: AWS takes 900 to 3600 seconds\n" },
	{ GOOD "Inside = 10.0.0.1/30\nReplayWindow = 8192\n",
	  P ":5: ReplayWindow: AWS takes 64 to 2048 packets\n" },
	{ GOOD "Inside = 10.0.0.1/30\nDPDTimeout = 5\n",
	  P ":5: DPDTimeout (5 s) is shorter than DPDInterval (10 s)\n"
	  P ":5: DPDTimeout: AWS takes 30 seconds or more\n" },
	{ GOOD "Inside = 10.0.0.1/30\nDPDInterval = 0\nDPDTimeout = 5\n", "" },
	{ GOOD "Inside = 10.0.0.1/30\nProbeMisses = 5\nProbeAction = down\nEncap = none\nKeepalive = 5\n",
	  P ":5: ProbeMisses does nothing without a ProbeInterval\n"
	  P ":6: ProbeAction does nothing without a ProbeInterval\n"
	  P ":8: Keepalive does nothing with 'Encap = none'\n" },
	{ GOOD "Inside = 10.0.0.1/30\nBGPHoldTime = 90\n",
	  P ":5: BGPHoldTime does nothing without LocalASN and RemoteASN\n" },
	{ GOOD, P ": neither Routes nor Inside: nothing leads into the interface until somebody makes a route\n" },
	{ "[Interface]\nMetric = 5\nTable = 5\n" GOOD "Inside = 10.0.0.1/30\n",
	  P ":2: Metric does nothing without Routes\n"
	  P ":3: Table does nothing without Routes\n" },
	{ "[Interface]\nRoutes = 10.1.0.0/16, 10.2.0.0/16, 10.3.0.0/16, fd03::/64\n" GOOD "RemoteTS = 10.1.1.0/24\n"
	  "[Tunnel b]\nRemote = 198.51.100.2\nPSKFile = b\nRemoteTS = 10.0.0.0/8\nPrefixes = 10.2.0.0/15\n",
	  P ":2: Routes: fd03::/64 is in no tunnel's RemoteTS or Prefixes, so packets for there are refused\n" },
};

static void wrong_texts_are_told(void **state)
{
	struct told told;
	struct conf conf;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(wrongs); i++) {
		if (!read_text(wrongs[i].text, strlen(wrongs[i].text), &conf, &told))
			fail_msg("not refused: %s", wrongs[i].text);
		assert_string_equal(told.faults, wrongs[i].told);
	}
	for (i = 0; i < COUNT(warnings); i++) {
		if (read_text(warnings[i].text, strlen(warnings[i].text), &conf, &told))
			fail_msg("refused: %s%s", warnings[i].text, told.faults);
		assert_string_equal(told.warnings, warnings[i].told);
		conf_free(&conf);
	}
}

static void faults_have_an_end(void **state)
{
	char text[16384] = GOOD, line[64];
	struct told told;
	struct conf conf;
	char *last;
	int i;

	(void)state;
	for (i = 0; i < 60; i++)
		strcat(text, "Nonsense = 1\n");
	assert_int_not_equal(read_text(text, strlen(text), &conf, &told), 0);
	last = strstr(told.faults, P ":53: unknown key 'Nonsense'\n");
	assert_non_null(last);
	assert_string_equal(strchr(last, '\n') + 1, P ": more faults than 50: the rest is left out\n");

	text[0] = '\0';
	for (i = 0; i <= CONF_TUNNELS_MAX; i++) {
		snprintf(line, sizeof(line), "[Tunnel t%d]\nRemote = 10.0.0.%d\nPSKFile = p\n", i, i + 1);
		strcat(text, line);
	}
	assert_int_not_equal(read_text(text, strlen(text), &conf, &told), 0);
	assert_string_equal(told.faults, P ":193: more than 64 tunnels\n");
	*strstr(text, "[Tunnel t64]") = '\0';
	conf = good(text);
	assert_int_equal(conf.n_tunnels, CONF_TUNNELS_MAX);
	conf_free(&conf);
}

/* GOOD, and the key @head with @count times @part in its value. */
static void with_repeated(char *text, const char *head, const char *part, size_t count)
{
	text += sprintf(text, GOOD "%s", head);
	while (count--)
		text += sprintf(text, "%s", part);
}

static void values_have_an_end(void **state)
{
	char text[16384], *end;
	struct told told;
	struct conf conf;
	unsigned int i;

	(void)state;
	with_repeated(text, "LocalID = ", "a", CONF_TEXT_MAX - 1);
	conf = good(text);
	assert_int_equal(strlen(conf.tunnels[0].local_id), CONF_TEXT_MAX - 1);
	conf_free(&conf);
	with_repeated(text, "LocalID = ", "a", CONF_TEXT_MAX);
	assert_int_not_equal(read_text(text, strlen(text), &conf, &told), 0);
	assert_string_equal(told.faults, P ":4: LocalID: the value is longer than 255 bytes\n");

	with_repeated(text, "ESPProposals = a", ",a", CONF_LIST_MAX - 1);
	conf = good(text);
	assert_int_equal(conf.tunnels[0].esp_proposals.count, CONF_LIST_MAX);
	conf_free(&conf);
	with_repeated(text, "ESPProposals = a", ",a", CONF_LIST_MAX);
	assert_int_not_equal(read_text(text, strlen(text), &conf, &told), 0);
	assert_string_equal(told.faults, P ":4: ESPProposals: more than 16 elements\n");
	with_repeated(text, "Inside = 10.0.0.1", ",10.0.0.1", CONF_LIST_MAX);
	assert_int_not_equal(read_text(text, strlen(text), &conf, &told), 0);
	assert_string_equal(told.faults, P ":4: Inside: more than 16 addresses\n");

	for (i = 0, end = text + sprintf(text, GOOD "Prefixes = 10.0.0.0/32"); i < CONF_PREFIXES_MAX; i++)
		end += sprintf(end, ",10.%u.%u.1/32", i >> 8, i & 255);
	assert_int_not_equal(read_text(text, strlen(text), &conf, &told), 0);
	assert_string_equal(told.faults, P ":4: Prefixes: 257 prefixes, and at most 256 are allowed\n");
	*strrchr(text, ',') = '\0';
	conf = good(text);
	assert_int_equal(conf.tunnels[0].prefixes.count, CONF_PREFIXES_MAX);
	conf_free(&conf);

	with_repeated(text, "#", "#", 4095);
	conf = good(text);
	conf_free(&conf);
	with_repeated(text, "#", "#", 4096);
	assert_int_not_equal(read_text(text, strlen(text), &conf, &told), 0);
	assert_string_equal(told.faults, P ":4: the line is longer than 4096 bytes\n");
	/* As long as a line may be, and all of it one value. */
	with_repeated(text, "LocalTS=", "A", 4088);
	assert_int_not_equal(read_text(text, strlen(text), &conf, &told), 0);
}

/* ---- files ---- */

static char folder[64];

static int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/test_conf.XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

static const char *in_folder(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void write_file(const char *name, const char *content, size_t len, mode_t mode)
{
	FILE *file = fopen(in_folder(name), "w");

	assert_non_null(file);
	assert_int_equal(fwrite(content, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(in_folder(name), mode), 0);
}

static int load(const char *name, struct conf *conf, struct told *told)
{
	struct conf_report report = { .say = hear, .ctx = told };

	told->faults[0] = '\0';
	told->warnings[0] = '\0';
	return conf_load(name, conf, &report);
}

static void files_are_loaded(void **state)
{
	char want[512], path[128];
	struct told told;
	struct conf conf;

	(void)state;
	snprintf(path, sizeof(path), "%s", in_folder("branch.conf"));
	assert_int_not_equal(load(path, &conf, &told), 0);
	snprintf(want, sizeof(want), "%s: No such file or directory\n", path);
	assert_string_equal(told.faults, want);
	assert_int_not_equal(load("no-such-connection", &conf, &told), 0);
	assert_string_equal(told.faults, "/etc/vpntun/no-such-connection.conf: No such file or directory\n");
	assert_int_not_equal(load(folder, &conf, &told), 0);
	snprintf(want, sizeof(want), "%s: it is not a regular file\n", folder);
	assert_string_equal(told.faults, want);

	write_file("branch.conf", GOOD, strlen(GOOD), 0644);
	assert_int_equal(load(path, &conf, &told), 0);
	assert_string_equal(conf.name, "branch");
	assert_string_equal(conf.path, path);
	conf_free(&conf);

	chmod(path, 0646);
	assert_int_not_equal(load(path, &conf, &told), 0);
	snprintf(want, sizeof(want), "%s: everybody can write to it: chmod o-w %s\n", path, path);
	assert_string_equal(told.faults, want);

	/* A comment would end there, for some readers. */
	write_file("branch.conf", GOOD "# a\0b\n", strlen(GOOD) + 6, 0600);
	assert_int_not_equal(load(path, &conf, &told), 0);
	snprintf(want, sizeof(want), "%s: it is no text: it has a NUL byte in it\n", path);
	assert_string_equal(told.faults, want);

	/* What conf_check() says is told, too, and nothing is left behind. */
	write_file("branch.conf", "[Tunnel a]\nPSKFile = x\n", 23, 0600);
	assert_int_not_equal(load(path, &conf, &told), 0);
	snprintf(want, sizeof(want), "%s:1: [Tunnel a] has no Remote: write the peer's address or host name, or 'any'\n", path);
	assert_string_equal(told.faults, want);
	assert_null(conf.tunnels);
	unlink(path);
}

#define RIVAL "[Interface]\nName = %s\n%s[Tunnel r]\nRemote = 10.0.0.9\nPSKFile = r\nInside = %s\n"

static void connections_are_kept_apart(void **state)
{
	static const char alike[] = "[Interface]\nName = vgw1\nRoutes = 10.7.0.0/16\n"
				    "[Tunnel r]\nRemote = any\nPSKFile = r\n";
	static const char ours[] = "[Interface]\nName = vgw0\nRoutes = 10.6.0.0/16, 10.7.0.0/16\n"
				   "[Tunnel a]\nRemote = any\nInside = 10.1.0.1/30\nPSKFile = a\n";
	static const struct {
		const char *name, *vrf, *inside;
		const char *told;	/* behind the path, and in front of that of the other one; NULL: nothing */
	} rivals[] = {
		{ "vgw1", "", "10.1.0.5/30", NULL },
		{ "vgw1", "", "10.1.0.2/30",
		  ":6: Inside: 10.1.0.1/30 lies in the same block as that of [Tunnel r] in " },
		{ "vgw1", "", "fd00::1/64, 10.1.0.128/16",
		  ":6: Inside: 10.1.0.1/30 lies in the same block as that of [Tunnel r] in " },
		{ "vgw1", "VRF = blue\n", "10.1.0.2/30", NULL },
		{ "vgw0", "", "10.1.0.5/30", ":2: the interface vgw0 is that of " },
		{ "vgw1", "Nonsense = 1\n", "10.1.0.2/30", NULL },
	};
	struct told told;
	struct conf_report report;
	struct conf conf;
	char text[512];
	size_t i;

	(void)state;
	write_file("ours.conf", ours, strlen(ours), 0600);
	assert_int_equal(load(in_folder("ours.conf"), &conf, &told), 0);
	for (i = 0; i < COUNT(rivals); i++) {
		snprintf(text, sizeof(text), RIVAL, rivals[i].name, rivals[i].vrf, rivals[i].inside);
		write_file("rival.conf", text, strlen(text), 0600);
		report = (struct conf_report){ .say = hear, .ctx = &told };
		told.faults[0] = '\0';
		assert_int_equal(!conf_others(&conf, &report), !rivals[i].told);
		assert_int_equal(!told.faults[0], !rivals[i].told);
		assert_true(!rivals[i].told || strstr(told.faults, rivals[i].told));
		assert_true(!rivals[i].told || strstr(told.faults, in_folder("rival.conf")));
	}
	conf_free(&conf);

	/* What may be meant is only warned of. */
	assert_int_equal(load(in_folder("ours.conf"), &conf, &told), 0);
	write_file("rival.conf", alike, strlen(alike), 0600);
	report = (struct conf_report){ .say = hear, .ctx = &told };
	told.warnings[0] = '\0';
	assert_int_equal(conf_others(&conf, &report), 0);
	assert_non_null(strstr(told.warnings, ":5: Remote, Local and RemoteID are those of [Tunnel r] in "));
	assert_non_null(strstr(told.warnings, ":3: Routes: 10.7.0.0/16 is in "));
	assert_null(strstr(told.warnings, "10.6.0.0/16"));
	conf_free(&conf);
	unlink(in_folder("ours.conf"));
	unlink(in_folder("rival.conf"));
}

/* The key of a tunnel whose PSKFile is @name, in the folder of its file. */
static int read_psk(const char *name, uint8_t *psk, size_t size, struct why *why)
{
	struct conf_tunnel tunnel = { 0 };
	struct conf conf = { 0 };

	snprintf(conf.path, sizeof(conf.path), "%s/office.conf", folder);
	snprintf(tunnel.psk_file, sizeof(tunnel.psk_file), "%s", name);
	return conf_psk(&conf, &tunnel, psk, size, why);
}

#define BYTES(text) text, sizeof(text) - 1

static void keys_are_read(void **state)
{
	static const struct {
		const char *content;
		size_t len;
		const char *key;
		size_t key_len;
	} right[] = {
		{ BYTES("secret\n"), BYTES("secret") }, { BYTES("secret"), BYTES("secret") },
		{ BYTES("secret\r\nmore\n"), BYTES("secret") }, { BYTES(" se \n"), BYTES(" se ") },
		{ BYTES("hex:00fF\n"), BYTES("\0\xff") }, { BYTES("Hex:00"), BYTES("Hex:00") },
		{ BYTES("base64:AAEC\n"), BYTES("\0\1\2") }, { BYTES("base64:AA==\n"), BYTES("\0") },
		{ BYTES("base64:AAE="), BYTES("\0\1") }, { BYTES("base64:+/+/"), BYTES("\xfb\xff\xbf") },
		{ BYTES("0123456789012345"), BYTES("0123456789012345") },
	};
	uint8_t psk[16];
	struct why why;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(right); i++) {
		write_file("key", right[i].content, right[i].len, 0600);
		assert_int_equal(read_psk("key", psk, sizeof(psk), &why), right[i].key_len);
		assert_memory_equal(psk, right[i].key, right[i].key_len);
	}
	assert_int_equal(read_psk(in_folder("key"), psk, sizeof(psk), &why), 16);
	unlink(in_folder("key"));
}

static void wrong_keys_are_refused(void **state)
{
	static const struct {
		const char *content;
		size_t len;
		mode_t mode;
		const char *told;
	} wrong[] = {
		{ BYTES(""), 0600, "no key in its first line" }, { BYTES("\nkey\n"), 0600, "no key in its first line" },
		{ BYTES("hex:\n"), 0600, "no key in its first line" },
		{ BYTES("base64:\n"), 0600, "no key in its first line" },
		{ BYTES("hex:0\n"), 0600, "1 hex digits are not whole bytes" },
		{ BYTES("hex:0x\n"), 0600, "character 2 is not a hex digit" },
		{ BYTES("base64:AAE\n"), 0600, "3 characters of base64 are not whole groups of 4" },
		{ BYTES("base64:A A=\n"), 0600, "character 2 is not a base64 digit" },
		{ BYTES("base64:A\0A=\n"), 0600, "character 2 is not a base64 digit" },
		{ BYTES("base64:=AAA\n"), 0600, "character 1 is not a base64 digit" },
		{ BYTES("base64:A===\n"), 0600, "character 2 is not a base64 digit" },
		{ BYTES("base64:AAB=\n"), 0600, "the last digit of the base64 is not right" },
		{ BYTES("base64:AAAAAAAAAAAAAAAAAAAAAAA=\n"), 0600, "17 bytes of base64 are too many, 16 is the most" },
		{ BYTES("01234567890123456\n"), 0600, "the key is longer than 16 bytes" },
		{ BYTES("secret\n"), 0640, "others can read this key: chmod 600 " },
		{ BYTES("secret\n"), 0604, "others can read this key: chmod 600 " },
		{ BYTES("secret\n"), 0620, "others can write this key: chmod 600 " },
	};
	char path[128], want[320];
	uint8_t psk[16];
	struct why why;
	size_t i;

	(void)state;
	snprintf(path, sizeof(path), "%s", in_folder("key"));
	for (i = 0; i < COUNT(wrong); i++) {
		write_file("key", wrong[i].content, wrong[i].len, wrong[i].mode);
		assert_int_equal(read_psk("key", psk, sizeof(psk), &why), -EINVAL);
		snprintf(want, sizeof(want), "%s: %s%s", path, wrong[i].told,
			 strstr(wrong[i].told, "chmod") ? path : "");
		assert_string_equal(why.text, want);
	}
	unlink(path);

	assert_int_equal(read_psk("key", psk, sizeof(psk), &why), -EINVAL);
	snprintf(want, sizeof(want), "%s: No such file or directory", path);
	assert_string_equal(why.text, want);
	assert_int_equal(read_psk(".", psk, sizeof(psk), &why), -EINVAL);
	assert_non_null(strstr(why.text, "it is not a regular file"));
}

/* Only root can give a file away, so only root can see this. */
static void keys_of_strangers_are_refused(void **state)
{
	uint8_t psk[16];
	struct why why;

	(void)state;
	write_file("key", "secret\n", 7, 0600);
	if (geteuid() || chown(in_folder("key"), 12345, 12345))
		skip();
	assert_int_equal(read_psk("key", psk, sizeof(psk), &why), -EINVAL);
	assert_non_null(strstr(why.text, "/key: this key belongs to another user (12345): chown root "));
	unlink(in_folder("key"));
}

static void endless_lines_are_no_keys(void **state)
{
	static char text[100000];
	uint8_t psk[512];
	struct why why;

	(void)state;
	memset(text, 'a', sizeof(text));
	write_file("key", text, sizeof(text), 0600);
	assert_int_equal(read_psk("key", psk, sizeof(psk), &why), -EINVAL);
	assert_non_null(strstr(why.text, ": its line is far too long for a key"));
	unlink(in_folder("key"));
}

static void credentials_are_found(void **state)
{
	uint8_t psk[16];
	struct why why;

	(void)state;
	unsetenv("CREDENTIALS_DIRECTORY");
	assert_int_equal(read_psk("credential:office", psk, sizeof(psk), &why), -EINVAL);
	assert_string_equal(why.text, "credential:office: there are no credentials here ($CREDENTIALS_DIRECTORY is not set)");
	assert_true(file_helper_only(&(struct conf_tunnel){ .psk_file = "credential:office" }));
	assert_true(file_helper_only(&(struct conf_tunnel){ .certificate = "us.pem", .private_key = "credential:key" }));
	assert_false(file_helper_only(&(struct conf_tunnel){ .psk_file = "office.psk" }));
	write_file("office", "secret\n", 7, 0400);
	setenv("CREDENTIALS_DIRECTORY", folder, 1);
	assert_int_equal(read_psk("credential:office", psk, sizeof(psk), &why), 6);
	assert_false(file_helper_only(&(struct conf_tunnel){ .psk_file = "credential:office" }));
	unlink(in_folder("office"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_of_a_customer),
		cmocka_unit_test(defaults_are_of_a_hub),
		cmocka_unit_test(every_key_is_read),
		cmocka_unit_test(the_main_table_is_one),
		cmocka_unit_test(the_peer_is_the_other_host),
		cmocka_unit_test(wrong_texts_are_told),
		cmocka_unit_test(faults_have_an_end),
		cmocka_unit_test(values_have_an_end),
		cmocka_unit_test(files_are_loaded),
		cmocka_unit_test(connections_are_kept_apart),
		cmocka_unit_test(keys_are_read),
		cmocka_unit_test(wrong_keys_are_refused),
		cmocka_unit_test(keys_of_strangers_are_refused),
		cmocka_unit_test(endless_lines_are_no_keys),
		cmocka_unit_test(credentials_are_found),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
