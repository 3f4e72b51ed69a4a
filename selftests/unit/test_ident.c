// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/ike/ident.c tools/vpntun/ike/dn.c tools/vpntun/util/text.c tools/vpntun/util/addr.c tools/vpntun/util/hex.c */
/* sources: tools/vpntun/util/num.c tools/vpntun/util/nearest.c tools/vpntun/util/why.c */
/* libs: libcrypto */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ike/ident.h"

static struct why why;

static struct ike_ident parsed(const char *text)
{
	struct ike_ident ident;

	if (ident_parse(text, &ident, &why))
		fail_msg("%s: %s", text, why.text);
	return ident;
}

static void is(const char *text, uint8_t type, const char *bytes, size_t len)
{
	struct ike_ident ident = parsed(text);

	assert_int_equal(ident.type, type);
	assert_int_equal(ident.len, len);
	assert_memory_equal(ident.bytes, bytes, len);
}

static void refused(const char *text, const char *reason)
{
	struct ike_ident ident;

	assert_int_equal(ident_parse(text, &ident, &why), -22);
	if (!strstr(why.text, reason))
		fail_msg("%s: '%s' does not say '%s'", text, why.text, reason);
}

static void words_say_their_type(void **state)
{
	(void)state;
	is("203.0.113.1", IKE_ID_IPV4, "\xcb\0\x71\1", 4);
	is("2001:db8::1", IKE_ID_IPV6, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16);
	is("gw.example.com", IKE_ID_FQDN, "gw.example.com", 14);
	is("gw", IKE_ID_FQDN, "gw", 2);
	is("user@example.com", IKE_ID_EMAIL, "user@example.com", 16);
	is("fqdn:203.0.113.1", IKE_ID_FQDN, "203.0.113.1", 11);
	is("fqdn:user@example.com", IKE_ID_FQDN, "user@example.com", 16);
	is("email:nobody", IKE_ID_EMAIL, "nobody", 6);
	is("keyid:203.0.113.1", IKE_ID_KEYID, "203.0.113.1", 11);
	is("keyid:0x00ff", IKE_ID_KEYID, "\0\xff", 2);
	is("ipv4:192.0.2.9", IKE_ID_IPV4, "\xc0\0\2\x9", 4);
	is("ipv6:::1", IKE_ID_IPV6, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16);
}

static void what_is_unclear_is_refused(void **state)
{
	char large[300], hex[8 + 2 * IKE_ID_MAX + 3] = "";

	(void)state;
	refused("", "empty");
	refused("fqdn:", "empty");
	refused("keyid:0x", "empty");
	refused("keyid:0xabc", "keyid: 3 hex digits");
	refused("keyid:0xzz", "keyid: character 1");
	refused("ipv4:::1", "not an IPv4 address");
	refused("ipv6:192.0.2.1", "not an IPv6 address");
	refused("ipv4:gw", "not an IPv4 or IPv6 address");
	refused("dn:", "empty");
	refused("dn:gw", "dn: 'gw' in a distinguished name is not TYPE=VALUE");
	refused("C=CH, XY=x, CN=gw", "'XY=x' cannot be in a distinguished name");
	refused("C=CHE, CN=gw", "'C=CHE' cannot be in a distinguished name");
	refused("CN=", "'CN' in a distinguished name has no value");
	refused("dn:0x3002", "not the DER of a distinguished name");
	refused("dn:0x", "not the DER of a distinguished name");
	refused("fqnd:gw", "did you mean 'fqdn:'?");
	refused("gw:4500", "unknown type of identity");
	refused("@gw", "'@'");
	refused("%any", "neither");
	refused("a gateway", "neither");
	refused("*.example.com", "neither");
	memset(large, 'a', sizeof(large));
	large[IKE_ID_MAX] = '\0';
	is(large, IKE_ID_FQDN, large, IKE_ID_MAX);
	large[IKE_ID_MAX] = 'a';
	large[IKE_ID_MAX + 1] = '\0';
	refused(large, "too long");

	/* In hex it may take twice the room, and not a byte more. */
	memset(hex, 'a', sizeof(hex) - 1);
	memcpy(hex, "keyid:0x", 8);
	hex[8 + 2 * IKE_ID_MAX] = '\0';
	assert_int_equal(parsed(hex).len, IKE_ID_MAX);
	hex[8 + 2 * IKE_ID_MAX] = 'a';
	refused(hex, "too many");
}

static void names_are_equal_in_any_case(void **state)
{
	struct ike_ident a = parsed("GW.example.COM"), b = parsed("gw.EXAMPLE.com"), c = parsed("email:gw.example.com");

	(void)state;
	assert_true(ident_equal(&a, &b));
	assert_false(ident_equal(&a, &c));
	b = parsed("gw.example.co");
	assert_false(ident_equal(&a, &b));
	b = parsed("gw.example.con");
	assert_false(ident_equal(&a, &b));
	a = parsed("keyid:Key");
	b = parsed("keyid:key");
	assert_false(ident_equal(&a, &b));
	b = parsed("keyid:0x4b6579");
	assert_true(ident_equal(&a, &b));
	/* Only letters have two cases: '[' and '{' are not the same. */
	a = parsed("fqdn:[");
	b = parsed("fqdn:{");
	assert_false(ident_equal(&a, &b));
}

static void same_names(const char *one, const char *other, bool same)
{
	struct ike_ident a = parsed(one), b = parsed(other);

	assert_int_equal(a.type, IKE_ID_DN);
	assert_int_equal(b.type, IKE_ID_DN);
	assert_int_equal(ident_equal(&a, &b), same);
}

static void names_of_directories(void **state)
{
	/* C=CH, CN=gw: the second as a PrintableString, which we would not choose ourselves. */
	static const char printable[] = "dn:0x301a310b30090603550406130243483" "10b300906035504031302" "6777";
	struct ike_ident ident;
	char text[300];

	(void)state;
	is("CN=gw", IKE_ID_DN, "\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x0c\x02gw", 15);
	same_names("dn:C=CH, CN=gw", "C=CH,CN=GW", true);
	same_names("dn:C=CH, CN=gw", printable, true);
	same_names("dn:C=CH, CN=gw", "dn:CN=gw, C=CH", false);
	same_names("CN=a  b", "CN=A b", true);
	same_names("CN=gw", "CN=gw2", false);
	same_names("CN=gw", "CN=gw, CN=gw", false);
	ident = parsed("C=CH, O=Example\\, Inc., E=root@example.com, CN=gw");
	assert_string_equal(ident_text(&ident, text, sizeof(text)),
			    "dn:C=CH, O=Example\\, Inc., emailAddress=root@example.com, CN=gw");
	same_names(text, "C=CH, O=Example\\, Inc., E=root@example.com, CN=gw", true);
	ident = parsed("CN=\\C3\\A4\\07\\\\");
	assert_string_equal(ident_text(&ident, text, sizeof(text)), "dn:CN=\\C3\\A4\\07\\\\");
	/* What a peer sends need not be one. */
	ident = (struct ike_ident){ .type = IKE_ID_DN, .len = 2, .bytes = "\x30\x05" };
	assert_string_equal(ident_text(&ident, text, sizeof(text)), "dn:0x3005");
	assert_false(ident_equal(&ident, &ident));
}

static void addresses_are_identities(void **state)
{
	struct ip_addr addr;
	struct ike_ident a, b = parsed("2001:db8::1");

	(void)state;
	assert_int_equal(addr_parse("2001:db8::1", &addr, &why), 0);
	ident_of_addr(&addr, &a);
	assert_true(ident_equal(&a, &b));
	assert_int_equal(addr_parse("192.0.2.1", &addr, &why), 0);
	ident_of_addr(&addr, &a);
	b = parsed("192.0.2.1");
	assert_true(ident_equal(&a, &b));
}

static void text_is_what_people_write(void **state)
{
	static const char *const texts[] = {
		"203.0.113.1", "2001:db8::1", "gw.example.com", "user@example.com", "fqdn:203.0.113.1",
		"fqdn:user@example.com", "email:nobody", "keyid:text", "keyid:0x00ff", "fqdn:a b", "fqdn:fqdn:x",
	};
	struct ike_ident ident;
	char text[64];
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		ident = parsed(texts[i]);
		assert_string_equal(ident_text(&ident, text, sizeof(text)), texts[i]);
	}
}

static void a_peers_bytes_do_no_harm(void **state)
{
	struct ike_ident ident = { IKE_ID_FQDN, 6, "a\n\x1b[\0z" };
	char text[64], small[8];

	(void)state;
	assert_string_equal(ident_text(&ident, text, sizeof(text)), "fqdn:a\\x0a\\x1b[\\x00z");
	assert_string_equal(ident_text(&ident, small, sizeof(small)), "fqdn:a\\");
	ident = (struct ike_ident){ IKE_ID_FQDN, 3, "a\\b" };
	assert_string_equal(ident_text(&ident, text, sizeof(text)), "fqdn:a\\x5cb");
	ident = (struct ike_ident){ IKE_ID_DN, 3, "0\x01\x02" };
	assert_string_equal(ident_text(&ident, text, sizeof(text)), "dn:0x300102");
	ident = (struct ike_ident){ 99, 2, "ab" };
	assert_string_equal(ident_text(&ident, text, sizeof(text)), "type99:0x6162");
	ident = (struct ike_ident){ IKE_ID_IPV4, 3, "abc" };
	assert_string_equal(ident_text(&ident, text, sizeof(text)), "ipv4:0x616263");
	ident = (struct ike_ident){ 0 };
	assert_string_equal(ident_text(&ident, text, sizeof(text)), "none");
	memset(&ident, 'a', sizeof(ident));
	ident.type = IKE_ID_FQDN;
	ident.len = IKE_ID_MAX;
	ident_text(&ident, text, sizeof(text));
	assert_int_equal(strlen(text), sizeof(text) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_say_their_type),
		cmocka_unit_test(what_is_unclear_is_refused),
		cmocka_unit_test(names_are_equal_in_any_case),
		cmocka_unit_test(names_of_directories),
		cmocka_unit_test(addresses_are_identities),
		cmocka_unit_test(text_is_what_people_write),
		cmocka_unit_test(a_peers_bytes_do_no_harm),
	};

	return cmocka_run_group_tests_name("ident", tests, NULL, NULL);
}
