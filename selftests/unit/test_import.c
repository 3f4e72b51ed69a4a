// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/import/recognise.c tools/vpntun/import/aws_xml.c tools/vpntun/import/aws_json.c */
/* sources: tools/vpntun/import/bare.c */
/* sources: tools/vpntun/import/generic.c tools/vpntun/import/swan.c tools/vpntun/import/lines.c */
/* sources: tools/vpntun/import/take.c tools/vpntun/import/verify.c tools/vpntun/import/upgrade.c */
/* sources: tools/vpntun/import/psks.c tools/vpntun/conf/value.c tools/vpntun/conf/lex.c tools/vpntun/conf/report.c */
/* sources: tools/vpntun/util/addr.c tools/vpntun/util/name.c tools/vpntun/util/nearest.c tools/vpntun/util/num.c */
/* sources: tools/vpntun/util/prefix.c tools/vpntun/util/text.c tools/vpntun/util/why.c tools/vpntun/util/wiped.c */
/* libs: expat jansson */
/* What AWS's files say, in each of their forms (selftests/unit/data, all made up), and what becomes of proposals. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "import/psks.h"
#include "import/recognise.h"
#include "import/upgrade.h"
#include "import/verify.h"

#define DATA "selftests/unit/data/"
#define FILE_NAME "file"
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static char said[16384];
static struct import_connection conn;
static struct conf_report report;

static void say(void *ctx, bool fault, const char *line)
{
	size_t used = strlen(said);

	(void)ctx;
	snprintf(said + used, sizeof(said) - used, "%s%s\n", fault ? "" : "warning: ", line);
}

static int read_text(const char *text, size_t len)
{
	said[0] = '\0';
	report = (struct conf_report){ .say = say };
	return recognise_read(FILE_NAME, text, len, &conn, &report);
}

/* On the heap. */
static char *load(const char *name)
{
	static char buffer[65536];
	char path[128];
	FILE *file;
	size_t len;

	snprintf(path, sizeof(path), DATA "%s", name);
	file = fopen(path, "r");
	assert_non_null(file);
	len = fread(buffer, 1, sizeof(buffer) - 1, file);
	fclose(file);
	buffer[len] = '\0';
	return strdup(buffer);
}

static void read_data(const char *name)
{
	char *text = load(name);

	assert_int_equal(read_text(text, strlen(text)), 0);
	free(text);
	assert_int_equal(verify_connection(&conn, &report), 0);
}

/* @text with the first @from, or all, turned into @to; both are on the heap, and @text is freed. */
static char *replaced(char *text, const char *from, const char *to, bool all)
{
	char *rest = text, *at = strstr(text, from), *out = NULL;
	size_t size;
	FILE *stream = open_memstream(&out, &size);

	assert_non_null(at);
	do {
		fprintf(stream, "%.*s%s", (int)(at - rest), rest, to);
		rest = at + strlen(from);
		at = all ? strstr(rest, from) : NULL;
	} while (at);
	fprintf(stream, "%s", rest);
	fclose(stream);
	free(text);
	return out;
}

/* Reads and judges it. */
static int judge_text(const char *text)
{
	if (read_text(text, strlen(text)))
		return -EINVAL;
	return verify_connection(&conn, &report);
}

static int judge_changed(const char *name, const char *from, const char *to, bool all)
{
	char *text = replaced(load(name), from, to, all);
	int err = judge_text(text);

	free(text);
	return err;
}

static void assert_addr(const struct ip_addr *addr, const char *text)
{
	char out[ADDR_TEXT_MAX];

	assert_string_equal(addr_text(addr, out), text);
}

/* ---- the forms ---- */

static void assert_tunnel(const struct import_tunnel *tunnel, bool second)
{
	assert_addr(&tunnel->remote, second ? "198.51.100.22" : "198.51.100.21");
	assert_addr(&tunnel->local, "203.0.113.10");
	assert_addr(&tunnel->inside.addr, second ? "169.254.181.54" : "169.254.46.42");
	assert_addr(&tunnel->peer.addr, second ? "169.254.181.53" : "169.254.46.41");
	assert_int_equal(tunnel->inside.length, 30);
	assert_int_equal(tunnel->peer.length, 30);
	assert_string_equal(tunnel->psk, second ? "Made.Up_Psk_Tunnel2_NotReal56789" : "Made.Up_Psk_Tunnel1_NotReal01234");
	assert_true(tunnel->ike.has_cipher && tunnel->ike.has_hash && tunnel->ike.has_group);
	assert_int_equal(tunnel->ike.cipher, IMPORT_AES128);
	assert_int_equal(tunnel->esp.cipher, IMPORT_AES128);
	assert_int_equal(tunnel->ike.hash, IMPORT_SHA1);
	assert_int_equal(tunnel->esp.hash, IMPORT_SHA1);
	assert_int_equal(tunnel->ike.group, 2);
	assert_int_equal(tunnel->esp.group, 2);
	assert_int_equal(tunnel->dpd_interval, 10);
}

struct form {
	const char *name;
	enum import_form form;
	bool bgp, clear_df, ikev1, ikev2, options;
};

static const struct form forms[] = {
	{ "aws.json", IMPORT_JSON, true, true, false, true, true },
	{ "aws.xml", IMPORT_XML, true, true, false, false, false },
	{ "aws-generic.txt", IMPORT_GENERIC, false, true, true, false, false },
	{ "aws-generic-bgp.txt", IMPORT_GENERIC, true, true, false, true, false },
	{ "aws-strongswan.txt", IMPORT_SWAN, false, false, false, true, false },
};

static void all_forms(void **state)
{
	size_t i, j;

	(void)state;
	for (i = 0; i < COUNT(forms); i++) {
		const struct form *form = &forms[i];
		char *text = load(form->name);

		assert_int_equal(recognise(text, strlen(text)), form->form);
		free(text);
		read_data(form->name);
		assert_string_equal(conn.id, "vpn-0aaaabbbbccccdddd");
		assert_int_equal(conn.n_tunnels, 2);
		assert_int_equal(conn.has_options, form->options);
		for (j = 0; j < 2; j++) {
			const struct import_tunnel *tunnel = &conn.tunnels[j];

			assert_tunnel(tunnel, j);
			assert_int_equal(tunnel->ike.lifetime, form->options ? 14400 : 28800);
			assert_int_equal(tunnel->esp.lifetime, form->options ? 1800 : 3600);
			assert_int_equal(tunnel->asn, form->bgp ? 65000 : 0);
			assert_int_equal(tunnel->peer_asn, form->bgp ? 64512 : 0);
			assert_int_equal(tunnel->hold, form->bgp ? 30 : 0);
			assert_int_equal(tunnel->clear_df, form->clear_df);
			assert_int_equal(tunnel->ikev1, form->ikev1);
			assert_int_equal(tunnel->ikev2, form->ikev2);
		}
		if (!form->ikev1)
			assert_string_equal(said, "");
	}
}

static void options_of_each_tunnel(void **state)
{
	(void)state;
	read_data("aws.json");
	assert_int_equal(conn.tunnels[0].replay_window, 2048);
	assert_int_equal(conn.tunnels[0].esp.ciphers, 1 << IMPORT_AES128 | 1 << IMPORT_AES256_GCM);
	assert_int_equal(conn.tunnels[0].ike.hashes, 1 << IMPORT_SHA256 | 1 << IMPORT_SHA384);
	assert_int_equal(conn.tunnels[0].esp.groups, 1 << 2 | 1 << 20);
	/* The first in the file is the second by address. */
	assert_int_equal(judge_changed("aws-secrets-manager.json", "\"Phase1LifetimeSeconds\": 14400",
				       "\"Phase1LifetimeSeconds\": 900", false), 0);
	assert_int_equal(conn.tunnels[0].ike.lifetime, 14400);
	assert_int_equal(conn.tunnels[1].ike.lifetime, 900);
	assert_string_equal(conn.tunnels[0].psk, "");
}

/* @text with every @from of the pairs turned into what follows it; NULL ends them. */
static char *escaped(char *text, const char *const *pairs)
{
	for (; *pairs; pairs += 2)
		if (strstr(text, pairs[0]))
			text = replaced(text, pairs[0], pairs[1], true);
	return text;
}

/* Copied by hand out of the answer in JSON, or out of that of the Query API. */
static void copied(void **state)
{
	static const struct {
		const char *before, *escapes[9], *after;
	} rows[] = {
		{ "\"", { "\\", "\\\\", "\"", "\\\"", "\n", "\\n" }, "\",\n" },
		{ "", { "\"", "\\\"", "\n", "\\n" }, "" },
		{ "  \"CustomerGatewayConfiguration\": \"", { "\"", "\\\"", "\n", "\\n", "<", "\\u003c", ">", "\\u003e" }, "\"\n" },
		{ "", { "&", "&amp;", "<", "&lt;", ">", "&gt;", "\"", "&quot;" }, "" },
		{ "<?xml version=\"1.0\"?>\n<answer><customerGatewayConfiguration>", { "<", "&lt;", ">", "&gt;" },
		  "</customerGatewayConfiguration></answer>" },
	};
	char *text, *xml;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		xml = escaped(load("aws.xml"), rows[i].escapes);
		assert_true(asprintf(&text, "%s%s%s", rows[i].before, xml, rows[i].after) > 0);
		assert_int_equal(recognise(text, strlen(text)), IMPORT_COPIED_XML);
		assert_int_equal(judge_text(text), 0);
		assert_string_equal(said, "");
		assert_string_equal(conn.id, "vpn-0aaaabbbbccccdddd");
		assert_tunnel(&conn.tunnels[0], false);
		assert_tunnel(&conn.tunnels[1], true);
		free(text);
		assert_true(asprintf(&text, "%s%s%s%s", rows[i].before, xml, xml, rows[i].after) > 0);
		assert_int_equal(judge_text(text), -EINVAL);
		assert_string_equal(said, "file: there is more than one vpn_connection: import takes one at a time\n");
		free(text);
		free(xml);
	}
}

static void certificates(void **state)
{
	(void)state;
	assert_int_equal(judge_changed("aws-secrets-manager.json", "\"198.51.100.21\",\n                    \"Status\"",
				       "\"198.51.100.21\", \"CertificateArn\": \"arn:aws:acm:x\", \"Status\"", false), 0);
	assert_true(conn.tunnels[0].by_certificate);
	assert_false(conn.tunnels[1].by_certificate);
	/* In the order of the file, not of the addresses. */
	assert_int_equal(conn.tunnels[0].number, 1);
	assert_int_equal(conn.tunnels[1].number, 0);
	assert_int_equal(judge_changed("aws-generic.txt", "Authentication Method    : Pre-Shared Key", "Authentication Method : RSA",
				       true), -EINVAL);
	assert_non_null(strstr(said, "it has a certificate and a pre-shared key, and AWS takes one of them"));
}

/* As AWS has written it over the years, and as others write it. */
static const struct {
	const char *name, *from, *to;
} variants[] = {
	{ "aws.xml", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", "" },
	{ "aws.xml", "<vpn_gateway_id>vgw-0aaaabbbbccccdddd</vpn_gateway_id>", "<vpn_gateway_id/>" },
	{ "aws.xml", "<asn>65000</asn>", "<asn>\n  65000 </asn>" },
	{ "aws.xml", ">sha1<", ">sha<" },
	{ "aws.xml", ">aes-128-cbc<", ">aes-128<" },
	{ "aws.xml", "        <network_mask>255.255.255.252</network_mask>\n", "" },
	{ "aws.xml", "        <network_cidr>30</network_cidr>\n", "" },
	{ "aws.xml", "<mode>main</mode>", "<mode>main</mode><something_new a='b'>x</something_new>" },
	{ "aws-generic.txt", "\n", "\r\n" },
	{ "aws-generic.txt", "Don't", "Don\xe2\x80\x99t" },
	{ "aws-generic.txt", " : ", "\xc2\xa0: " },
	{ "aws-generic.txt", "IPSec Tunnel", "IPSEC Tunnel" },
	{ "aws-generic.txt", "Inside IP Addresses", "Inside IP Addresses:" },
	{ "aws-generic.txt", "  - Customer Gateway \t\t        : 203", "  - Customer Gateway:        : 203" },
	{ "aws-generic.txt", "  - Diffie-Hellman           : Group 2", "  - Perfect Forward Secrecy  : Diffie-Hellman Group 2" },
	{ "aws-generic.txt", "  - IKE version              : IKEv1 \n", "" },
	{ "aws-generic.txt", "Your Virtual Private Gateway ID          : vgw-0aaaabbbbccccdddd",
	  "Your Virtual Private Gateway ID          : " },
	{ "aws-generic-bgp.txt", "Virtual Private  Gateway ASN", "Virtual Private Gateway ASN" },
	{ "aws-strongswan.txt", "sudo ip addr add", "sudo true" },
	{ "aws-strongswan.txt", "\t#leftupdown=", "\t#" },
	{ "aws.json", "\"PreSharedKeyArn\": null", "\"PreSharedKeyArn\": null, \"SomethingNew\": [1, {}]" },
};

static void all_variants(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(variants); i++) {
		assert_int_equal(judge_changed(variants[i].name, variants[i].from, variants[i].to, true), 0);
		assert_int_equal(conn.n_tunnels, 2);
		assert_tunnel(&conn.tunnels[0], false);
		assert_tunnel(&conn.tunnels[1], true);
	}
}

static void in_another_element(void **state)
{
	char *text = replaced(load("aws.xml"), "<vpn_connection ", "<customer_gateway_configuration><vpn_connection ", false);

	(void)state;
	text = replaced(text, "</vpn_connection>", "</vpn_connection></customer_gateway_configuration>", false);
	assert_int_equal(judge_text(text), 0);
	free(text);
	assert_string_equal(conn.id, "vpn-0aaaabbbbccccdddd");
	assert_tunnel(&conn.tunnels[1], true);
}

static void ipv6(void **state)
{
	static const char *const pairs[][2] = {
		{ "169.254.46.4", "fd00:1::" }, { "169.254.181.54", "fd00:2::2" }, { "169.254.181.53", "fd00:2::1" },
		{ "198.51.100.", "2001:db8::" }, { "203.0.113.10", "2001:db8:1::1" },
		{ "<network_mask>255.255.255.252<", "<network_mask>ffff:ffff::<" }, { "cidr>30<", "cidr>126<" },
	};
	char *text = load("aws.xml");
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(pairs); i++)
		text = replaced(text, pairs[i][0], pairs[i][1], true);
	assert_int_equal(judge_text(text), 0);
	free(text);
	assert_string_equal(said, "");
	assert_addr(&conn.tunnels[0].remote, "2001:db8::21");
	assert_addr(&conn.tunnels[1].inside.addr, "fd00:2::2");
	assert_int_equal(conn.tunnels[1].inside.length, 126);
}

/* ---- what is wrong ---- */

static const struct {
	const char *name, *from, *to;
	bool all;
	const char *said;	/* a part of it */
} wrong[] = {
	{ "aws.xml", "<vpn_connection ", "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><vpn_connection ", false,
	  FILE_NAME ":2: it has a document type (DTD), which no file of AWS has" },
	{ "aws.xml", ">65000<", ">&e;<", false, FILE_NAME ":17: no XML: undefined entity" },
	{ "aws.xml", "</vpn_connection>", "", false, "no XML: no element found" },
	{ "aws.xml", "vpn_connection", "connection", true, "there is no vpn_connection in it" },
	{ "aws.xml", "<ike>", "<a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>", false, "too deep" },
	{ "aws.xml", "aes-128-cbc", "3des", false, "ike/encryption_protocol: '3des' is no cipher that AWS has" },
	{ "aws.xml", "group2", "group 99", false, "'group 99' is no Diffie-Hellman group" },
	{ "aws.xml", "203.0.113.10", "YOUR_UPLINK_ADDRESS", false,
	  "customer_gateway/tunnel_outside_address/ip_address: 'YOUR_UPLINK_ADDRESS' is a placeholder" },
	{ "aws.xml", "65000", "<![CDATA[<your ASN>]]>", false, "bgp/asn: '<your ASN>' is a placeholder" },
	{ "aws.xml", ">28800<", ">28801<", false, "the lifetime of IKE is 28801 s, which AWS cannot have: 900 to 28800" },
	{ "aws.xml", ">3600<", ">600<", false, "the lifetime of IPsec is 600 s" },
	{ "aws.xml", "198.51.100.22", "198.51.100.21", false, "the tunnel to 198.51.100.21: there are two of them" },
	{ "aws.xml", "169.254.46.4", "169.254.5.", true, "the inside block 169.254.5.0/30 is one that AWS keeps for itself" },
	{ "aws.xml", "169.254.46.41", "169.254.46.45", false, "AWS's inside address does not lie in the block 169.254.46.40/30" },
	{ "aws.xml", "198.51.100.21", "203.0.113.10", false, "that is our own outside address, too" },
	{ "aws.xml", "Made.Up_Psk_Tunnel1_NotReal01234", "0bviously", false, "the key begins with 0, which AWS does not take" },
	{ "aws.xml", "Made.Up_Psk_Tunnel1_NotReal01234", "Secret-Secret", false, "character 7 of the key is none that AWS takes" },
	{ "aws.xml", "Made.Up_Psk_Tunnel1_NotReal01234", "Secret", false, "a key of 6 characters: AWS takes 8 to 64" },
	{ "aws-generic.txt", "203.0.113.10", "<YOUR ADDRESS>", false,
	  FILE_NAME ":54: customer gateway: '<YOUR ADDRESS>' is a placeholder" },
	{ "aws-generic.txt", "#1: Internet", "#1: Something", true, "this is nothing that AWS makes for a VPN connection" },
	{ "aws-strongswan.txt", "modp1024", "modp99", false, "ike: 'modp99' in it is nothing that AWS has" },
	{ "aws.json", "\"198.51.100.22\",\n                        \"TunnelI", "\"192.0.2.1\",\n                        \"TunnelI", false,
	  "CustomerGatewayConfiguration has no tunnel to 192.0.2.1" },
	{ "aws.json", "\"State\": \"available\"", "\"State\": \"deleted\"", false, "no connection in it but deleted ones" },
	{ "aws.json", "{\n    \"VpnConnections\": [", "{\n    \"VpnConnections\": [{}, ", false, "it has 2 connections; describe one" },
	{ "aws.json", "0.0.0.0/0", "10.0.0.1/8", false, "LocalIpv4NetworkCidr: " },
	{ "aws.json", "\"VpnConnectionId\": \"vpn-0aaaabbbbccccdddd\"", "\"VpnConnectionId\": \"vpn-0\\n[Interface]\\nRoutes = 0.0.0.0/0\"", false,
	  "the VPN connection's ID is none: there is something in it but letters, digits and '-'" },
	{ "aws.xml", "id=\"vpn-0aaaabbbbccccdddd\"", "id=\"vpn-0&#10;Routes = 0.0.0.0/0\"", false, "the VPN connection's ID is none" },
	{ "aws.xml", "id=\"vpn-0aaaabbbbccccdddd\"", "id=\"../vpn-0\"", false, "the VPN connection's ID is none" },
	{ "aws.json", "\"Value\": \"AES256\"", "\"Value\": \"ROT13\"", true, "the tunnel to 198.51.100.21: Phase1EncryptionAlgorithms: nothing in it is known" },
};

static void all_wrong(void **state)
{
	char *text = replaced(load("aws.xml"), "169.254.181.54", "169.254.46.42", false);
	size_t i;

	(void)state;
	text = replaced(text, "169.254.181.53", "169.254.46.41", false);
	assert_int_equal(judge_text(text), -EINVAL);
	free(text);
	assert_string_equal(said, FILE_NAME ":59: the tunnel to 198.51.100.22: its inside block 169.254.46.40/30 is that of the tunnel to 198.51.100.21, too\n");
	for (i = 0; i < COUNT(wrong); i++) {
		int err = judge_changed(wrong[i].name, wrong[i].from, wrong[i].to, wrong[i].all);

		if (err != -EINVAL || !strstr(said, wrong[i].said))
			fail_msg("%zu: %d, %s", i, err, said);
		assert_null(strstr(said, "Secret"));
		assert_null(strstr(said, "Made.Up"));
	}
}

static const struct {
	const char *text, *said;
} strange[] = {
	{ "", "nothing that AWS makes" }, { "hello\n", "nothing that AWS makes" },
	{ "! Cisco\n!\ncrypto isakmp policy 200\n!\n", "a configuration for another maker's device" },
	{ "set a b\nset c d\nset e f\n", "a configuration for another maker's device" },
	{ "\xff\xfe{", "it is in UTF-16: iconv -f UTF-16 -t UTF-8 makes" },
	{ "{", "no JSON" }, { "{}", "CustomerGatewayConfiguration is missing" }, { "[]", "there is no connection in it" },
	{ "[1]", "CustomerGatewayConfiguration is missing" }, { "{\"VpnConnections\": [{\"CustomerGatewayConfiguration\": \"\"}]}",
	  "CustomerGatewayConfiguration is empty: the connection is being deleted, or who asked may not read it" },
	{ "{\"CustomerGatewayConfiguration\": \"<a/>\"}", "there is no vpn_connection in it" },
	{ "<vpn_connection id='x'/>", "there is no tunnel in it" },
	{ "<r><vpn_connection/><vpn_connection/></r>", "more than one vpn_connection" },
	{ "<vpn_connection><ipsec_tunnel><ipsec_tunnel/></ipsec_tunnel></vpn_connection>", "lies in another one" },
	{ "<vpn_connection><ipsec_tunnel/><ipsec_tunnel/><ipsec_tunnel/><ipsec_tunnel/><ipsec_tunnel/><ipsec_tunnel/>"
	  "<ipsec_tunnel/><ipsec_tunnel/><ipsec_tunnel/></vpn_connection>", "more than 8 tunnels" },
};

static void nothing_of_aws(void **state)
{
	char *large = calloc(1, IMPORT_FILE_MAX + 2);
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(strange); i++) {
		assert_int_equal(judge_text(strange[i].text), -EINVAL);
		if (!strstr(said, strange[i].said))
			fail_msg("%zu: %s", i, said);
	}
	memset(large, ' ', IMPORT_FILE_MAX + 1);
	memcpy(large, "<a>", 3);
	assert_int_equal(judge_text(large), -EINVAL);
	assert_string_equal(said, FILE_NAME ": it is longer than 1048576 bytes\n");
	free(large);
}

/* It can be used all the same. */
static void doubtful(void **state)
{
	(void)state;
	assert_int_equal(judge_changed("aws.xml", "198.51.100.22", "", false), 0);
	assert_int_equal(conn.n_tunnels, 1);
	assert_tunnel(&conn.tunnels[0], false);
	assert_string_equal(said, "warning: " FILE_NAME ":59: a tunnel is not complete, AWS's outside address is missing: it is left out\n"
			    "warning: " FILE_NAME ": there is one tunnel only: while AWS maintains its end of it there is no connection\n");
	assert_int_equal(judge_changed("aws.xml", "169.254.46.4", "10.46.0.", true), 0);
	assert_non_null(strstr(said, "10.46.0.0/30 is none that AWS makes"));
	assert_int_equal(judge_changed("aws.json", "\"ikev2\"", "\"ikev1\"", true), 0);
	assert_non_null(strstr(said, "AWS is set to IKEv1 alone, and IKEv2 is used, which AWS has to be allowed first: aws ec2 modify-vpn-tunnel-options --vpn-connection-id vpn-0aaaabbbbccccdddd --vpn-tunnel-outside-ip-address 198.51.100.21 --tunnel-options 'IKEVersions=[{Value=ikev2}]'"));
	read_data("aws-generic.txt");
	assert_non_null(strstr(said, "the file is for IKEv1 alone"));
	assert_int_equal(judge_changed("aws-generic.txt", "- DPD Interval ", "- DPD Whatever ", false), 0);
	assert_non_null(strstr(said, "'dpd whatever' is not known, and passed over"));
}

/* Which tunnel, and what. */
static void values_not_known(void **state)
{
	(void)state;
	assert_int_equal(judge_changed("aws.json", "\"Value\": \"AES256\"",
				       "\"Value\": \"AES256\" }, { \"Value\": \"ROT\\u001b[31m13\" }, { \"Value\": 13 }, { \"Val\": 0",
				       false), 0);
	assert_string_equal(said, "warning: " FILE_NAME ": the tunnel to 198.51.100.21: Phase1EncryptionAlgorithms: 'ROT\\x1b[31m13' is not known, and passed over\n"
			    "warning: " FILE_NAME ": the tunnel to 198.51.100.21: Phase1EncryptionAlgorithms: '13' is not known, and passed over\n"
			    "warning: " FILE_NAME ": the tunnel to 198.51.100.21: Phase1EncryptionAlgorithms: 'something without a Value' is not known, and passed over\n");
}

/* ---- proposals ---- */

#define BIT(value) (1u << (value))
#define PHASE(c, h, g) { .ciphers = (c), .hashes = (h), .groups = (g) }
#define MINIMUM(c, h, g, own_c, own_h, own_g)					\
	{ .ciphers = (c), .hashes = (h), .groups = (g), .cipher = (own_c), .hash = (own_h), .group = (own_g),	\
	  .has_cipher = true, .has_hash = true, .has_group = true }

static const struct {
	struct import_phase ike, esp;
	bool weak;
	const char *ike_said, *esp_said, *why;
} upgrades[] = {
	/* nothing is restricted: whatever the minimum is */
	{ .ike_said = "aes256gcm16-prfsha384-ecp384, aes256-sha256-modp2048", .esp_said = "aes256gcm16-ecp384, aes256-sha256-modp2048" },
	/* the strongest of what there is; where the cipher has its own integrity the one of the list is IKE's PRF */
	{ .ike = PHASE(BIT(IMPORT_AES128_GCM) | BIT(IMPORT_AES256_GCM), BIT(IMPORT_SHA256) | BIT(IMPORT_SHA512),
		       BIT(14) | BIT(19) | BIT(20)),
	  .esp = PHASE(BIT(IMPORT_AES128) | BIT(IMPORT_AES256), BIT(IMPORT_SHA1) | BIT(IMPORT_SHA384),
		       BIT(2) | BIT(5) | BIT(14)),
	  .ike_said = "aes256gcm16-prfsha512-ecp384", .esp_said = "aes256-sha384-modp2048" },
	/* with CBC in the list, too, IKE has a second one */
	{ .ike = PHASE(BIT(IMPORT_AES128) | BIT(IMPORT_AES128_GCM), BIT(IMPORT_SHA256), BIT(24) | BIT(19)),
	  .esp = PHASE(BIT(IMPORT_AES128_GCM), 0, BIT(18)),
	  .ike_said = "aes128gcm16-prfsha256-ecp256, aes128-sha256-ecp256", .esp_said = "aes128gcm16-modp8192" },
	{ .ike = PHASE(0, 0, BIT(22) | BIT(23)), .why = "IKE: of Diffie-Hellman groups TunnelOptions only allow some of 22 to 24" },
	{ .ike = PHASE(0, 0, BIT(2)), .why = "IKE: TunnelOptions allow nothing better than aes256gcm16-prfsha512-modp1024, aes256-sha512-modp1024" },
	{ .esp = PHASE(BIT(IMPORT_AES256), BIT(IMPORT_SHA1), BIT(14)), .why = "IPsec: TunnelOptions allow nothing better than aes256-sha1-modp2048" },
	/* SHA-1 is not used with GCM */
	{ .esp = PHASE(BIT(IMPORT_AES256_GCM), BIT(IMPORT_SHA1), BIT(14)),
	  .ike_said = "aes256gcm16-prfsha384-ecp384, aes256-sha256-modp2048", .esp_said = "aes256gcm16-modp2048" },
	/* weak: the file's own, or the weakest that the options have */
	{ .ike = MINIMUM(0, 0, 0, IMPORT_AES128, IMPORT_SHA1, 2),
	  .esp = MINIMUM(0, 0, 0, IMPORT_AES128, IMPORT_SHA256, 14),
	  .weak = true, .ike_said = "aes128-sha1-modp1024", .esp_said = "aes128-sha256-modp2048" },
	{ .ike = MINIMUM(BIT(IMPORT_AES256), BIT(IMPORT_SHA1), BIT(20) | BIT(14), IMPORT_AES128, IMPORT_SHA1, 2),
	  .esp = MINIMUM(BIT(IMPORT_AES256_GCM), 0, BIT(5), IMPORT_AES128, IMPORT_SHA1, 2),
	  .weak = true, .ike_said = "aes256-sha1-modp2048", .esp_said = "aes256gcm16-modp1536" },
	{ .weak = true, .why = "IKE: the file has no proposal of its own to take" },
};

static void all_upgrades(void **state)
{
	struct import_tunnel tunnel;
	struct upgrade upgrade;
	struct why why;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(upgrades); i++) {
		why.text[0] = '\0';
		memset(&tunnel, 0, sizeof(tunnel));
		tunnel.ike = upgrades[i].ike;
		tunnel.esp = upgrades[i].esp;
		if (upgrade_tunnel(&tunnel, upgrades[i].weak, &upgrade, &why)) {
			if (!upgrades[i].why || strncmp(why.text, upgrades[i].why, strlen(upgrades[i].why)))
				fail_msg("%zu: %s", i, why.text);
			continue;
		}
		assert_null(upgrades[i].why);
		assert_string_equal(upgrade.ike, upgrades[i].ike_said);
		assert_string_equal(upgrade.esp, upgrades[i].esp_said);
		assert_int_equal(upgrade.weak, upgrades[i].weak);
	}
	read_data("aws.xml");
	assert_int_equal(upgrade_tunnel(&conn.tunnels[0], false, &upgrade, &why), 0);
	assert_string_equal(upgrade.minimum, "aes128-sha1-modp1024, aes128-sha1-modp1024");
}

/* ---- keys that are kept elsewhere ---- */

static int take_keys(const char *text)
{
	read_data("aws-secrets-manager.json");
	return psks_take("keys", text, strlen(text), &conn, &report);
}

static void key_files(void **state)
{
	const char *text;

	(void)state;
	assert_int_equal(take_keys("# of this connection\n198.51.100.22 Second.Key\n\nAny.Other_Key\n"), 0);
	assert_string_equal(conn.tunnels[0].psk, "Any.Other_Key");
	assert_string_equal(conn.tunnels[1].psk, "Second.Key");
	assert_int_equal(take_keys("192.0.2.1 Second.Key\n"), -EINVAL);
	assert_string_equal(said, "keys:1: there is no tunnel to 192.0.2.1\n");
	assert_int_equal(take_keys("\nSecret Key\n"), -EINVAL);
	assert_string_equal(said, "keys:2: in front of the key stands no address\n");
	assert_int_equal(take_keys("Secret\n"), -EINVAL);
	assert_string_equal(said, "keys:1: a key of 6 characters: AWS takes 8 to 64\n");

	/* AWS's file has keys, too. */
	read_data("aws.xml");
	text = "Any.Other_Key\n198.51.100.22 Second.Key\n198.51.100.21 Made.Up_Psk_Tunnel1_NotReal01234\n";
	assert_int_equal(psks_take("keys", text, strlen(text), &conn, &report), 0);
	assert_string_equal(said, "warning: keys:2: AWS's file has another key for the tunnel to 198.51.100.22; this one is taken\n");
	assert_string_equal(conn.tunnels[0].psk, "Made.Up_Psk_Tunnel1_NotReal01234");
	assert_string_equal(conn.tunnels[1].psk, "Second.Key");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_forms), cmocka_unit_test(copied), cmocka_unit_test(certificates), cmocka_unit_test(options_of_each_tunnel), cmocka_unit_test(all_variants),
		cmocka_unit_test(in_another_element), cmocka_unit_test(ipv6), cmocka_unit_test(all_wrong),
		cmocka_unit_test(nothing_of_aws),
		cmocka_unit_test(doubtful), cmocka_unit_test(values_not_known), cmocka_unit_test(all_upgrades), cmocka_unit_test(key_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
