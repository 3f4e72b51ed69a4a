// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/iked/dns.c tools/vpntun/iked/hosts.c tools/vpntun/ike/buf.c tools/vpntun/util/addr.c */
/* sources: tools/vpntun/util/prefix.c tools/vpntun/util/num.c tools/vpntun/util/why.c tools/vpntun/util/name.c */
/* sources: tools/vpntun/util/text.c tools/vpntun/util/nearest.c */
/* libs: libcrypto */
/* link: -lresolv */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "iked/dns.h"
#include "iked/hosts.h"

static const struct dns_question question = { "vpn.example.com", 0x1234, 4 };

/* What a server says: the head with the flags, then all that follows. */
struct saying {
	uint8_t bytes[1024];
	size_t len;
};

static void put(struct saying *saying, const void *bytes, size_t len)
{
	memcpy(saying->bytes + saying->len, bytes, len);
	saying->len += len;
}

/* The question again, as an answer. */
static struct saying begin(const struct dns_question *what, uint8_t code, uint8_t answers)
{
	struct saying saying = { .len = 0 };
	int len = dns_ask(what, saying.bytes);

	assert_true(len > 0);
	saying.len = len;
	saying.bytes[2] |= 0x80;
	saying.bytes[3] = 0x80 | code;
	saying.bytes[7] = answers;
	return saying;
}

/* A record of the name at @at in the message. */
static void record(struct saying *saying, uint8_t at, uint8_t type, uint8_t ttl, const void *data, uint8_t len)
{
	const uint8_t head[] = { 0xc0, at, 0, type, 0, 1, 0, 0, 0, ttl, 0, len };

	put(saying, head, sizeof(head));
	put(saying, data, len);
}

static int reading(const struct saying *saying, const struct dns_question *what, struct dns_answer *out)
{
	/* As large as what came: what is read beyond shows. */
	uint8_t *copy = malloc(saying->len ? saying->len : 1);
	int err;

	memcpy(copy, saying->bytes, saying->len);
	err = dns_read((struct span){ copy, saying->len }, what, out);
	free(copy);
	return err;
}

static void a_question(void **state)
{
	static const uint8_t expected[] = "\x12\x34\x01\0\0\1\0\0\0\0\0\0\3vpn\7example\3com\0\0\x1c\0\1";
	const struct dns_question v6 = { "vpn.example.com", 0x1234, 16 };
	uint8_t out[DNS_QUESTION_MAX];
	char longest[300];

	(void)state;
	assert_int_equal(dns_ask(&v6, out), sizeof(expected) - 1);
	assert_memory_equal(out, expected, sizeof(expected) - 1);
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(dns_ask(&(struct dns_question){ longest, 1, 4 }, out), -EINVAL);
	assert_int_equal(dns_ask(&(struct dns_question){ "a..b", 1, 4 }, out), -EINVAL);
}

static void addresses(void **state)
{
	const struct dns_question v6 = { "vpn.example.com", 7, 16 };
	struct saying saying = begin(&question, 0, 2);
	struct dns_answer answer;

	(void)state;
	record(&saying, 12, 1, 60, "\xc6\x33\x64\x01", 4);
	record(&saying, 12, 1, 30, "\xc6\x33\x64\x02", 4);
	assert_int_equal(reading(&saying, &question, &answer), 0);
	assert_int_equal(answer.code, DNS_GOOD);
	assert_int_equal(answer.count, 2);
	assert_int_equal(answer.ttl, 30);
	assert_int_equal(answer.addrs[1].len, 4);
	assert_int_equal(answer.addrs[1].bytes[3], 2);

	saying = begin(&v6, 0, 1);
	record(&saying, 12, 28, 5, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16);
	assert_int_equal(reading(&saying, &v6, &answer), 0);
	assert_int_equal(answer.count, 1);
	assert_int_equal(answer.addrs[0].len, 16);

	saying = begin(&question, DNS_NO_NAME, 0);
	assert_int_equal(reading(&saying, &question, &answer), 0);
	assert_int_equal(answer.code, DNS_NO_NAME);
	assert_int_equal(answer.count, 0);
}

/* More than there is room for: some are left out. One of the wrong length is none. */
static void many(void **state)
{
	struct saying saying = begin(&question, 0, 20);
	struct dns_answer answer;
	int i;

	(void)state;
	for (i = 0; i < 19; i++)
		record(&saying, 12, 1, 60, "\xc6\x33\x64\x01", 4);
	record(&saying, 12, 1, 60, "\xc6\x33\x64", 3);
	assert_int_equal(reading(&saying, &question, &answer), 0);
	assert_int_equal(answer.count, DNS_ADDRESSES_MAX);
	saying = begin(&question, 0, 1);
	record(&saying, 12, 1, 60, "\xc6\x33\x64", 3);
	assert_int_equal(reading(&saying, &question, &answer), 0);
	assert_int_equal(answer.count, 0);
}

/* vpn.example.com is an alias of gw.example.com; what belongs to neither is no answer. */
static void aliases(void **state)
{
	struct saying saying = begin(&question, 0, 3);
	struct dns_answer answer;
	size_t alias;

	(void)state;
	record(&saying, 16, 1, 60, "\xc0\0\2\x63", 4);		/* example.com */
	alias = saying.len + 12;
	record(&saying, 12, 5, 20, "\2gw\xc0\x10", 5);
	record(&saying, alias, 1, 60, "\xc6\x33\x64\x01", 4);
	assert_int_equal(reading(&saying, &question, &answer), 0);
	assert_int_equal(answer.count, 1);
	assert_int_equal(answer.addrs[0].bytes[0], 198);
	assert_int_equal(answer.ttl, 20);
}

static void of_others(void **state)
{
	struct saying good = begin(&question, 0, 1), bad;
	struct dns_question other = question;
	struct dns_answer answer;
	size_t len;

	(void)state;
	record(&good, 12, 1, 60, "\xc6\x33\x64\x01", 4);
	other.id++;
	assert_int_equal(reading(&good, &other, &answer), -EBADMSG);
	other = question;
	other.name = "vpn.example.org";
	assert_int_equal(reading(&good, &other, &answer), -EBADMSG);
	other = question;
	other.addr_len = 16;
	assert_int_equal(reading(&good, &other, &answer), -EBADMSG);
	bad = good;
	bad.bytes[2] &= 0x7f;		/* a question */
	assert_int_equal(reading(&bad, &question, &answer), -EBADMSG);
	bad = good;
	bad.bytes[5] = 0;
	assert_int_equal(reading(&bad, &question, &answer), -EBADMSG);
	for (len = 0; len < good.len; len++) {
		bad = good;
		bad.len = len;
		assert_int_equal(reading(&bad, &question, &answer), -EBADMSG);
	}
	/* An alias that leads to itself, and a name whose end is its beginning. */
	bad = begin(&question, 0, 1);
	record(&bad, 12, 5, 20, "\xc0\x0c", 2);
	assert_int_equal(reading(&bad, &question, &answer), 0);
	assert_int_equal(answer.count, 0);
	bad = begin(&question, 0, 1);
	len = bad.len + 12;
	record(&bad, 12, 5, 20, (uint8_t[]){ 0xc0, len }, 2);
	assert_int_equal(reading(&bad, &question, &answer), -EBADMSG);
}

static void files_of_hosts(void **state)
{
	static const char text[] = "# comment\n127.0.0.1\tlocalhost\n\n198.51.100.1 gw VPN.example.com # 192.0.2.1 other\n"
				   "nonsense vpn.example.com\n::1\n2001:db8::1   x\tvpn.example.com\r\n198.51.100.3 vpn.example.com";
	struct ip_addr out[4];

	(void)state;
	assert_int_equal(hosts_find(text, "vpn.example.com", out, 4), 3);
	assert_int_equal(out[0].bytes[3], 1);
	assert_int_equal(out[1].len, 16);
	assert_int_equal(out[2].bytes[3], 3);
	assert_int_equal(hosts_find(text, "vpn.example.com", out, 2), 2);
	assert_int_equal(hosts_find(text, "other", out, 4), 0);
	assert_int_equal(hosts_find(text, "198.51.100.1", out, 4), 0);
	assert_int_equal(hosts_find("", "gw", out, 4), 0);
}

static void files_of_servers(void **state)
{
	struct ip_addr out[3];

	(void)state;
	assert_int_equal(hosts_servers("; old\nsearch example.com\nnameserver 192.0.2.53\nnameserver fe80::1%eth0\n"
				       "nameserver 2001:db8::53 # the other\noptions ndots:2\nnameservers 192.0.2.1\n", out, 3), 2);
	assert_int_equal(out[0].bytes[3], 53);
	assert_int_equal(out[1].len, 16);
	assert_int_equal(hosts_servers("nameserver 1.1.1.1\nnameserver 1.1.1.2\nnameserver 1.1.1.3\nnameserver 1.1.1.4", out, 3), 3);
	assert_int_equal(hosts_servers("", out, 3), 1);
	assert_int_equal(out[0].bytes[0], 127);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_question),	 cmocka_unit_test(addresses),	    cmocka_unit_test(many),
		cmocka_unit_test(aliases),	 cmocka_unit_test(of_others),
		cmocka_unit_test(files_of_hosts), cmocka_unit_test(files_of_servers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
