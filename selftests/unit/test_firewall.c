// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/cli/firewall.c tools/vpntun/util/addr.c tools/vpntun/util/num.c tools/vpntun/util/nearest.c */
/* sources: tools/vpntun/util/prefix.c tools/vpntun/util/why.c */
/* libs: jansson */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/firewall.h"
#include "values.h"

#define CHAIN(name, more) \
	"{'chain':{'family':'inet','table':'f','name':'" name "'" more "}},"
#define BASE(policy) CHAIN("in", ",'type':'filter','hook':'input','prio':0,'policy':'" policy "'")
#define RULE(chain, expr) "{'rule':{'family':'inet','table':'f','chain':'" chain "','expr':[" expr "]}},"
#define MATCH(op, left, right) "{'match':{'op':'" op "','left':" left ",'right':" right "}},"
#define DPORT "{'payload':{'protocol':'udp','field':'dport'}}"
#define SADDR "{'payload':{'protocol':'ip','field':'saddr'}}"
#define L4 "{'meta':{'key':'l4proto'}}"
#define STATE "{'ct':{'key':'state'}}"
#define ACCEPT "{'accept':null}"
#define DROP "{'drop':null}"

/* As nft prints it, but for the quotes. */
static json_t *rules_of(const char *list)
{
	char text[4096], *c;
	json_t *rules;

	snprintf(text, sizeof(text), "{'nftables':[%s{'metainfo':{}}]}", list);
	for (c = text; *c; c++)
		if (*c == '\'')
			*c = '"';
	rules = json_loads(text, 0, NULL);
	assert_non_null(rules);
	return rules;
}

static void packets_meet_rules(void **state)
{
	const struct firewall_packet ike = { .from = addr("198.51.100.1"), .len = 4, .protocol = 17, .port = 500 };
	const struct firewall_packet esp = { .from = addr("198.51.100.1"), .len = 4, .protocol = 50 };
	const struct firewall_packet answer = { .from = addr("198.51.100.1"), .len = 4, .protocol = 17, .port = 500,
		.established = true };
	const struct firewall_packet any = { .len = 4, .protocol = 17, .port = 4500 };
	const struct {
		const char *rules;
		const struct firewall_packet *packet;
		enum firewall_verdict verdict;
	} cases[] = {
		{ "", &ike, FIREWALL_PASSES },
		{ BASE("accept"), &ike, FIREWALL_PASSES },
		{ BASE("drop"), &ike, FIREWALL_DROPS },
		{ BASE("drop") RULE("in", MATCH("==", DPORT, "500") ACCEPT), &ike, FIREWALL_PASSES },
		{ BASE("drop") RULE("in", MATCH("==", DPORT, "500") ACCEPT), &any, FIREWALL_DROPS },
		{ BASE("drop") RULE("in", MATCH("==", DPORT, "{'set':[22,{'range':[500,600]}]}") ACCEPT), &ike, FIREWALL_PASSES },
		{ BASE("drop") RULE("in", MATCH("!=", DPORT, "500") ACCEPT), &ike, FIREWALL_DROPS },
		{ BASE("drop") RULE("in", MATCH("==", DPORT, "500") ACCEPT), &esp, FIREWALL_DROPS },
		{ BASE("drop") RULE("in", MATCH("==", L4, "'esp'") ACCEPT), &esp, FIREWALL_PASSES },
		{ BASE("drop") RULE("in", MATCH("==", L4, "{'set':['udp','esp']}") ACCEPT), &esp, FIREWALL_PASSES },
		{ BASE("drop") RULE("in", MATCH("in", STATE, "['established','related']") ACCEPT), &ike, FIREWALL_DROPS },
		{ BASE("drop") RULE("in", MATCH("in", STATE, "['established','related']") ACCEPT), &answer, FIREWALL_PASSES },
		{ BASE("accept") RULE("in", MATCH("==", SADDR, "{'prefix':{'addr':'198.51.100.0','len':24}}") DROP), &ike,
		  FIREWALL_DROPS },
		{ BASE("accept") RULE("in", MATCH("==", SADDR, "'203.0.113.1'") DROP), &ike, FIREWALL_PASSES },
		{ BASE("accept") RULE("in", MATCH("==", SADDR, "'203.0.113.1'") DROP), &any, FIREWALL_UNSURE },
		/* what is not understood decides nothing */
		{ BASE("drop") RULE("in", "{'xt':null}," ACCEPT), &ike, FIREWALL_UNSURE },
		{ BASE("drop") RULE("in", MATCH("==", "{'meta':{'key':'iifname'}}", "'lo'") ACCEPT), &ike, FIREWALL_DROPS },
		{ BASE("drop") RULE("in", MATCH("==", "{'meta':{'key':'iifname'}}", "'eth0'") ACCEPT), &ike, FIREWALL_UNSURE },
		/* other chains */
		{ BASE("drop") CHAIN("vpn", "") RULE("vpn", MATCH("==", DPORT, "500") ACCEPT)
		  RULE("in", "{'jump':{'target':'vpn'}}"), &ike, FIREWALL_PASSES },
		{ BASE("accept") CHAIN("vpn", "") RULE("vpn", "{'return':null}," DROP)
		  RULE("in", "{'jump':{'target':'vpn'}}"), &ike, FIREWALL_PASSES },
		{ BASE("accept") CHAIN("vpn", "") RULE("vpn", "{'counter':{}}," "{'reject':null}")
		  RULE("in", "{'goto':{'target':'vpn'}}"), &ike, FIREWALL_DROPS },
		/* one that jumps to itself ends */
		{ BASE("drop") CHAIN("vpn", "") RULE("vpn", "{'jump':{'target':'vpn'}}")
		  RULE("in", "{'jump':{'target':'vpn'}}"), &ike, FIREWALL_DROPS },
	};
	char chain[128];
	json_t *rules;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		rules = rules_of(cases[i].rules);
		if (firewall_judge(rules, cases[i].packet, chain, sizeof(chain)) != cases[i].verdict)
			fail_msg("case %zu", i);
		json_decref(rules);
	}
}

static void it_is_told_where(void **state)
{
	const struct firewall_packet ike = { .from = addr("2001:db8::1"), .len = 16, .protocol = 17, .port = 500 };
	json_t *rules = rules_of(BASE("accept") CHAIN("vpn", "") RULE("vpn", DROP) RULE("in", "{'jump':{'target':'vpn'}}"));
	char chain[128];

	(void)state;
	assert_int_equal(firewall_judge(rules, &ike, chain, sizeof(chain)), FIREWALL_DROPS);
	assert_string_equal(chain, "table inet f, chain vpn");
	json_decref(rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_meet_rules),
		cmocka_unit_test(it_is_told_where),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
