// SPDX-License-Identifier: GPL-2.0
#include "ike/rules.h"

#include "ike/names.h"

enum {
	REQUEST = 1,
	RESPONSE = 2,
	EITHER = REQUEST | RESPONSE,
	MANY = IKE_PLD_MAX,
	CERTS = 8,
};

/*
 * What CREATE_CHILD_SA is about: the protocol of the first proposal. A request of IKE_AUTH is about a Child SA, with all
 * that goes with it, or about none (RFC 6023). Else the rows say ANY.
 */
enum what { ANY, OF_IKE, OF_CHILD, OF_NEITHER };

/* How many payloads of a type a message holds. A type without a row has no place in it. */
struct rule {
	uint8_t exchange;
	bool sealed;
	uint8_t direction;
	uint8_t what;
	uint8_t type;
	uint8_t min;
	uint8_t max;
};

/*
 * RFC 7296 section 1.2 to 1.4 and appendix C. What is sealed first has its envelope: SK (a row for which means
 * SKF, too), or in an answer notifies that are no more than hints (section 2.21). EAP is left out, as is an IKE_AUTH
 * without AUTH, with which it begins.
 */
static const struct rule rules[] = {
	{ IKE_EXCH_SA_INIT, false, EITHER, ANY, IKE_PLD_SA, 1, 1 },
	{ IKE_EXCH_SA_INIT, false, EITHER, ANY, IKE_PLD_KE, 1, 1 },
	{ IKE_EXCH_SA_INIT, false, EITHER, ANY, IKE_PLD_NONCE, 1, 1 },
	{ IKE_EXCH_SA_INIT, false, RESPONSE, ANY, IKE_PLD_CERTREQ, 0, CERTS },
	{ IKE_EXCH_SA_INIT, false, EITHER, ANY, IKE_PLD_NOTIFY, 0, MANY },
	{ IKE_EXCH_SA_INIT, false, EITHER, ANY, IKE_PLD_VENDOR, 0, MANY },

	{ IKE_EXCH_AUTH, false, EITHER, ANY, IKE_PLD_SK, 1, 1 },
	{ IKE_EXCH_AUTH, false, RESPONSE, ANY, IKE_PLD_NOTIFY, 0, MANY },
	{ IKE_EXCH_AUTH, true, REQUEST, ANY, IKE_PLD_IDI, 1, 1 },
	{ IKE_EXCH_AUTH, true, REQUEST, ANY, IKE_PLD_IDR, 0, 1 },
	{ IKE_EXCH_AUTH, true, RESPONSE, ANY, IKE_PLD_IDR, 1, 1 },
	{ IKE_EXCH_AUTH, true, EITHER, ANY, IKE_PLD_AUTH, 1, 1 },
	{ IKE_EXCH_AUTH, true, REQUEST, OF_CHILD, IKE_PLD_SA, 1, 1 },
	{ IKE_EXCH_AUTH, true, REQUEST, OF_CHILD, IKE_PLD_TSI, 1, 1 },
	{ IKE_EXCH_AUTH, true, REQUEST, OF_CHILD, IKE_PLD_TSR, 1, 1 },
	{ IKE_EXCH_AUTH, true, RESPONSE, ANY, IKE_PLD_SA, 1, 1 },
	{ IKE_EXCH_AUTH, true, RESPONSE, ANY, IKE_PLD_TSI, 1, 1 },
	{ IKE_EXCH_AUTH, true, RESPONSE, ANY, IKE_PLD_TSR, 1, 1 },
	{ IKE_EXCH_AUTH, true, EITHER, ANY, IKE_PLD_CERT, 0, CERTS },
	{ IKE_EXCH_AUTH, true, REQUEST, ANY, IKE_PLD_CERTREQ, 0, CERTS },
	{ IKE_EXCH_AUTH, true, EITHER, ANY, IKE_PLD_CP, 0, 1 },
	{ IKE_EXCH_AUTH, true, EITHER, ANY, IKE_PLD_NOTIFY, 0, MANY },
	{ IKE_EXCH_AUTH, true, EITHER, ANY, IKE_PLD_VENDOR, 0, MANY },

	{ IKE_EXCH_CREATE_CHILD_SA, false, EITHER, ANY, IKE_PLD_SK, 1, 1 },
	{ IKE_EXCH_CREATE_CHILD_SA, false, RESPONSE, ANY, IKE_PLD_NOTIFY, 0, MANY },
	{ IKE_EXCH_CREATE_CHILD_SA, true, EITHER, ANY, IKE_PLD_SA, 1, 1 },
	{ IKE_EXCH_CREATE_CHILD_SA, true, EITHER, ANY, IKE_PLD_NONCE, 1, 1 },
	{ IKE_EXCH_CREATE_CHILD_SA, true, EITHER, OF_IKE, IKE_PLD_KE, 1, 1 },
	{ IKE_EXCH_CREATE_CHILD_SA, true, EITHER, OF_CHILD, IKE_PLD_KE, 0, 1 },
	{ IKE_EXCH_CREATE_CHILD_SA, true, EITHER, OF_CHILD, IKE_PLD_TSI, 1, 1 },
	{ IKE_EXCH_CREATE_CHILD_SA, true, EITHER, OF_CHILD, IKE_PLD_TSR, 1, 1 },
	{ IKE_EXCH_CREATE_CHILD_SA, true, EITHER, OF_CHILD, IKE_PLD_CP, 0, 1 },
	{ IKE_EXCH_CREATE_CHILD_SA, true, EITHER, ANY, IKE_PLD_NOTIFY, 0, MANY },
	{ IKE_EXCH_CREATE_CHILD_SA, true, EITHER, ANY, IKE_PLD_VENDOR, 0, MANY },

	{ IKE_EXCH_INFORMATIONAL, false, EITHER, ANY, IKE_PLD_SK, 1, 1 },
	{ IKE_EXCH_INFORMATIONAL, false, RESPONSE, ANY, IKE_PLD_NOTIFY, 0, MANY },
	{ IKE_EXCH_INFORMATIONAL, true, EITHER, ANY, IKE_PLD_NOTIFY, 0, MANY },
	{ IKE_EXCH_INFORMATIONAL, true, EITHER, ANY, IKE_PLD_DELETE, 0, IKE_DELETES_MAX },
	{ IKE_EXCH_INFORMATIONAL, true, EITHER, ANY, IKE_PLD_CP, 0, 1 },
	{ IKE_EXCH_INFORMATIONAL, true, EITHER, ANY, IKE_PLD_VENDOR, 0, MANY },
};

enum { RULE_COUNT = sizeof(rules) / sizeof(rules[0]) };

/* Which rows of the table a message is judged by. */
struct place {
	uint8_t exchange;
	bool sealed;
	uint8_t direction;
	uint8_t what;
};

static bool applies(const struct rule *rule, const struct place *place)
{
	return rule->exchange == place->exchange && rule->sealed == place->sealed &&
	       (rule->direction & place->direction) && (rule->what == ANY || rule->what == place->what);
}

static unsigned int most_of(const struct place *place, uint8_t type)
{
	unsigned int i;

	for (i = 0; i < RULE_COUNT; i++)
		if (rules[i].type == type && applies(&rules[i], place))
			return rules[i].max;
	return 0;
}

/* A fragment counts as what it is a part of. */
static unsigned int count_of(const struct ike_msg *msg, uint8_t type)
{
	if (type == IKE_PLD_SKF)
		return 0;
	return msg->counts[type] + (type == IKE_PLD_SK ? msg->counts[IKE_PLD_SKF] : 0);
}

/* An answer that says no, or not yet (section 2.6), need not hold what a yes holds. */
static bool is_refusal(const struct ike_msg *msg, const struct place *place)
{
	if (place->direction != RESPONSE)
		return false;
	return msg_error(msg) || (place->exchange == IKE_EXCH_SA_INIT && msg_notify(msg, IKE_N_COOKIE));
}

static bool exchange_known(uint8_t exchange)
{
	unsigned int i;

	for (i = 0; i < RULE_COUNT; i++)
		if (rules[i].exchange == exchange)
			return true;
	return false;
}

static int check_missing(const struct ike_msg *msg, const struct place *place, struct why *why)
{
	unsigned int i;

	for (i = 0; i < RULE_COUNT; i++)
		if (applies(&rules[i], place) && count_of(msg, rules[i].type) < rules[i].min)
			return why_set(why, "%s %s without %s payload", name_exchange(place->exchange),
				       place->direction == RESPONSE ? "response" : "request",
				       name_payload(rules[i].type));
	return 0;
}

static enum what what_of(const struct ike_msg *msg, uint8_t exchange)
{
	bool child = msg->counts[IKE_PLD_SA] || msg->counts[IKE_PLD_TSI] || msg->counts[IKE_PLD_TSR];

	if (exchange == IKE_EXCH_AUTH)
		return child ? OF_CHILD : OF_NEITHER;
	return msg->sa.count && msg->sa.list[0].proto == IKE_PROTO_IKE ? OF_IKE : OF_CHILD;
}

int rules_check(const struct ike_msg *msg, enum ike_exchange exchange, bool response, bool sealed, struct why *why)
{
	const struct place place = {
		.exchange = exchange,
		.sealed = sealed,
		.direction = response ? RESPONSE : REQUEST,
		.what = what_of(msg, exchange),
	};
	unsigned int type, count, most;

	if (!exchange_known(exchange))
		return why_set(why, "%s is not supported", name_exchange(exchange));
	/* Its keys are not there yet. */
	if (sealed && exchange == IKE_EXCH_SA_INIT)
		return why_set(why, "%s with encrypted payloads", name_exchange(exchange));

	for (type = 0; type < sizeof(msg->counts); type++) {
		count = count_of(msg, type);
		if (!count || !msg_known(type))
			continue;
		most = most_of(&place, type);
		if (count > most)
			return why_set(why, "%s %s with %u %s payloads, %u at most", name_exchange(exchange),
				       response ? "response" : "request", count, name_payload(type), most);
	}
	return is_refusal(msg, &place) ? 0 : check_missing(msg, &place, why);
}
