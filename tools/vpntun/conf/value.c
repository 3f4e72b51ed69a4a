// SPDX-License-Identifier: GPL-2.0
#include "conf/value.h"

#include <ctype.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <linux/vgw.h>
#include <stdio.h>
#include <string.h>

#include "conf/conf.h"
#include "conf/lex.h"
#include "util/num.h"

enum {
	LIFETIME_MIN = 10,		/* seconds; less would be rekeying all the time */
	LIFETIME_MAX = 31536000,
	LIFE_BYTES_MIN = 1 << 20,
	DPD_MAX = 86400,		/* seconds */
	PROBE_MIN = 100,		/* milliseconds, as the module has it */
	PROBE_MAX = 3600000,
	MTU_MIN = 576,			/* bytes; RFC 791: what every host takes */
	MTU_MAX = 65535,
	BGP_HOLD_MIN = 3,		/* seconds; RFC 4271 section 4.2 */
	BGP_HOLD_MAX = 65535,
};

static const char *const yesno_names[] = { "no", "yes", "off", "on", "false", "true" };
static const char *const carrier_names[] = {
	[VGW_CARRIER_POLICY_AUTO] = "auto", [VGW_CARRIER_POLICY_ON] = "on"
};
static const char *const dpd_names[] = {
	[CONF_DPD_NONE] = "none", [CONF_DPD_CLEAR] = "clear", [CONF_DPD_RESTART] = "restart"
};
static const char *const start_names[] = {
	[CONF_START_ADD] = "add", [CONF_START_START] = "start", [CONF_START_TRAP] = "trap"
};
static const char *const auth_names[] = {
	[CONF_AUTH_AUTO] = "auto", [CONF_AUTH_PSK] = "psk", [CONF_AUTH_RSA_PSS] = "rsa-pss",
	[CONF_AUTH_RSA_PKCS1] = "rsa-pkcs1", [CONF_AUTH_RSA_SHA1] = "rsa-sha1", [CONF_AUTH_ECDSA] = "ecdsa",
	[CONF_AUTH_ED25519] = "ed25519"
};
static const char *const encap_names[] = {
	[CONF_ENCAP_AUTO] = "auto", [CONF_ENCAP_UDP] = "udp", [CONF_ENCAP_NONE] = "none"
};
static const char *const probe_action_names[] = {
	[VGW_PROBE_ACTION_DOWN] = "down", [VGW_PROBE_ACTION_PREFER] = "prefer"
};
static const char *const df_names[] = {
	[VGW_DF_COPY] = "copy", [VGW_DF_SET] = "set", [VGW_DF_CLEAR] = "clear"
};
static const char *const inner_df_names[] = {
	[VGW_INNER_DF_HONOUR] = "honour", [VGW_INNER_DF_CLEAR] = "clear"
};

#define CHOICE(text, names, out, why) choice_parse(text, names, sizeof(names) / sizeof(*(names)), out, why)
#define CHOICE_U8(text, names, out, why) choice_u8_parse(text, names, sizeof(names) / sizeof(*(names)), out, why)

/* ---- single values ---- */

int value_iface(const char *text, void *out, struct why *why)
{
	if (name_check(text, IFACE_NAME_SIZE, why))
		return -EINVAL;
	/* What the kernel takes for a name, but for these. */
	if (strchr(text, ':') || !strcmp(text, ".") || !strcmp(text, ".."))
		return why_set(why, "'%s' cannot be the name of an interface", text);
	snprintf(out, IFACE_NAME_SIZE, "%s", text);
	return 0;
}

int value_text(const char *text, void *out, struct why *why)
{
	if (strlen(text) >= CONF_TEXT_MAX)
		return why_set(why, "the value is longer than %d bytes", CONF_TEXT_MAX - 1);
	snprintf(out, CONF_TEXT_MAX, "%s", text);
	return 0;
}

int value_yesno(const char *text, void *out, struct why *why)
{
	bool *yes = out;
	unsigned int value = 0;

	if (CHOICE(text, yesno_names, &value, why))
		return -EINVAL;
	*yes = value % 2;
	return 0;
}

int value_carrier(const char *text, void *out, struct why *why)
{
	return CHOICE_U8(text, carrier_names, out, why);
}

static int u32_within(const char *text, uint32_t min, uint32_t max, uint32_t *out, struct why *why)
{
	uint64_t value = 0;

	if (num_parse(text, min, max, &value, why))
		return -EINVAL;
	*out = value;
	return 0;
}

int value_table(const char *text, void *out, struct why *why)
{
	uint32_t *table = out;

	if (strcmp(text, "main"))
		return u32_within(text, 1, UINT32_MAX, out, why);
	*table = RT_TABLE_MAIN;
	return 0;
}

int value_mtu(const char *text, void *out, struct why *why)
{
	uint32_t *mtu = out;

	if (strcmp(text, "auto"))
		return u32_within(text, MTU_MIN, MTU_MAX, out, why);
	*mtu = 0;
	return 0;
}

/* Multicast and broadcast are no hosts; 0.0.0.0 and :: are nobody. */
static bool is_host(const struct ip_addr *addr)
{
	if (addr_is_zero(addr))
		return false;
	return addr->len == 4 ? addr->bytes[0] && addr->bytes[0] < 224 : addr->bytes[0] != 0xff;
}

int value_host(const char *text, void *out, struct why *why)
{
	struct ip_addr addr;

	if (addr_parse(text, &addr, why))
		return -EINVAL;
	if (!is_host(&addr))
		return why_set(why, "'%s' is not the address of one host", text);
	memcpy(out, &addr, sizeof(addr));
	return 0;
}

int value_local(const char *text, void *out, struct why *why)
{
	if (strcmp(text, "auto"))
		return value_host(text, out, why);
	memset(out, 0, sizeof(struct ip_addr));
	return 0;
}

/* RFC 1123 section 2.1; a last label of digits would be a mistyped address. */
static bool is_host_name(const char *text)
{
	const char *label = text, *c;

	for (c = text; *c; c++) {
		if (*c == '.') {
			if (c == label || c[-1] == '-')
				return false;
			label = c + 1;
		} else if (!isalnum((unsigned char)*c) && (*c != '-' || c == label)) {
			return false;
		}
	}
	return isalpha((unsigned char)*label) && c[-1] != '-';
}

int value_remote(const char *text, void *out, struct why *why)
{
	struct conf_tunnel *tunnel = out;

	if (!strcmp(text, "any")) {
		tunnel->remote_any = true;
		return 0;
	}
	if (is_host_name(text))
		return value_text(text, tunnel->remote_name, why);
	if (!value_host(text, &tunnel->remote, why))
		return 0;
	return why_set(why, "'%s' is not the address of one host, a host name, or 'any'", text);
}

int value_lifetime(const char *text, void *out, struct why *why)
{
	return u32_within(text, LIFETIME_MIN, LIFETIME_MAX, out, why);
}

int value_life_bytes(const char *text, void *out, struct why *why)
{
	uint64_t *bytes = out, value = 0;

	if (life_bytes_parse(text, &value, why))
		return -EINVAL;
	if (value < LIFE_BYTES_MIN)
		return why_set(why, "'%s' is less than 1M", text);
	*bytes = value;
	return 0;
}

int value_dpd_interval(const char *text, void *out, struct why *why)
{
	return u32_within(text, 0, DPD_MAX, out, why);
}

int value_dpd_timeout(const char *text, void *out, struct why *why)
{
	return u32_within(text, 1, DPD_MAX, out, why);
}

/* 4294967295 and 65535 are nobody's (RFC 7300), and 23456 stands for those that do not fit (RFC 6793). */
int value_asn(const char *text, void *out, struct why *why)
{
	uint32_t *asn = out, value = 0;

	if (u32_within(text, 1, UINT32_MAX - 1, &value, why))
		return -EINVAL;
	if (value == 65535 || value == 23456)
		return why_set(why, "%u is a reserved number, which no network has", value);
	*asn = value;
	return 0;
}

int value_bgp_hold(const char *text, void *out, struct why *why)
{
	return u32_within(text, BGP_HOLD_MIN, BGP_HOLD_MAX, out, why);
}

int value_dpd_action(const char *text, void *out, struct why *why)
{
	enum conf_dpd *action = out;
	unsigned int value = 0;

	if (CHOICE(text, dpd_names, &value, why))
		return -EINVAL;
	*action = value;
	return 0;
}

int value_start(const char *text, void *out, struct why *why)
{
	enum conf_start *start = out;
	unsigned int value = 0;

	if (CHOICE(text, start_names, &value, why))
		return -EINVAL;
	*start = value;
	return 0;
}

const char *value_dpd_name(enum conf_dpd action)
{
	return dpd_names[action];
}

const char *value_start_name(enum conf_start start)
{
	return start_names[start];
}

const char *value_encap_name(enum conf_encap encap)
{
	return encap_names[encap];
}

int value_encap(const char *text, void *out, struct why *why)
{
	enum conf_encap *encap = out;
	unsigned int value = 0;

	if (CHOICE(text, encap_names, &value, why))
		return -EINVAL;
	*encap = value;
	return 0;
}

/* "1", "0.25": at most three digits behind the point. */
static int thousandths_parse(const char *text, uint64_t *out, struct why *why)
{
	size_t whole = strcspn(text, "."), fraction = text[whole] ? strlen(text + whole + 1) : 0;
	char digits[16];

	if (!whole || whole > 6 || fraction > 3 || (text[whole] && !fraction))
		return why_set(why, "no number of seconds");
	snprintf(digits, sizeof(digits), "%.*s%s%.*s", (int)whole, text,
		 text[whole] ? text + whole + 1 : "", (int)(3 - fraction), "000");
	return num_parse(digits, 0, UINT32_MAX, out, why);
}

int value_probe_interval(const char *text, void *out, struct why *why)
{
	uint32_t *ms = out;
	uint64_t value = 0;

	if (strcmp(text, "off") &&
	    (thousandths_parse(text, &value, why) || (value && (value < PROBE_MIN || value > PROBE_MAX))))
		return why_set(why, "'%s' is not within 0.1 to 3600 seconds, nor 'off'", text);
	*ms = value;
	return 0;
}

int value_probe_action(const char *text, void *out, struct why *why)
{
	return CHOICE_U8(text, probe_action_names, out, why);
}

int value_df(const char *text, void *out, struct why *why)
{
	return CHOICE_U8(text, df_names, out, why);
}

int value_inner_df(const char *text, void *out, struct why *why)
{
	return CHOICE_U8(text, inner_df_names, out, why);
}

/* ---- lists ---- */

/* Lists that the command line has, too, in its form. */
static int parse_joined(const char *text, void *out, struct why *why,
			int (*parse)(const char *text, void *out, struct why *why))
{
	char copy[LEX_LINE_MAX + 1], joined[LEX_LINE_MAX + 1], *rest = copy, *element, *to = joined;

	snprintf(copy, sizeof(copy), "%s", text);
	while ((element = lex_element(&rest)))
		to += sprintf(to, "%s%s", to == joined ? "" : ",", element);
	return parse(joined, out, why);
}

int value_routes(const char *text, void *out, struct why *why)
{
	return parse_joined(text, out, why, prefixes_parse);
}

int value_selectors(const char *text, void *out, struct why *why)
{
	return parse_joined(text, out, why, selectors_parse);
}

int value_prefixes(const char *text, void *out, struct why *why)
{
	struct conf_tunnel *tunnel = out;

	if (parse_joined(text, &tunnel->prefixes, why, prefixes_parse))
		return -EINVAL;
	if (tunnel->prefixes.count > CONF_PREFIXES_MAX)
		return why_set(why, "%zu prefixes, and at most %d are allowed", tunnel->prefixes.count, CONF_PREFIXES_MAX);
	tunnel->has_prefixes = true;
	return 0;
}

/* Is it the first or the last address of a network that is for more than two? */
static bool is_network_itself(const struct conf_inside *inside)
{
	unsigned int bits = inside->addr.len * 8u, bit;
	bool zeros = true, ones = true;

	if (inside->length + 2u > bits)
		return false;
	for (bit = inside->length; bit < bits; bit++) {
		bool set = inside->addr.bytes[bit / 8] & 0x80 >> bit % 8;

		zeros &= !set;
		ones &= set;
	}
	return zeros || (ones && inside->addr.len == 4);
}

static int inside_parse(const char *text, struct conf_inside *out, struct why *why)
{
	const char *slash = strchr(text, '/');
	char addr[ADDR_TEXT_MAX];
	uint64_t length;

	snprintf(addr, sizeof(addr), "%.*s", slash ? (int)(slash - text) : (int)strlen(text), text);
	if (value_host(addr, &out->addr, why))
		return why_set(why, "'%s' is not the address of one host, such as 169.254.46.42/30", text);

	length = out->addr.len * 8;
	if (slash && num_parse(slash + 1, 1, length, &length, why))
		return why_set(why, "'%s': the length of its network is 1 to %d", text, out->addr.len * 8);
	out->length = length;
	if (is_network_itself(out))
		return why_set(why, "'%s' is the first or last address of its network, which no host has", text);
	return 0;
}

int value_insides(const char *text, void *out, struct why *why)
{
	char copy[LEX_LINE_MAX + 1], *rest = copy, *element;
	struct conf_insides insides = { 0 };

	snprintf(copy, sizeof(copy), "%s", text);
	while ((element = lex_element(&rest))) {
		if (insides.count == CONF_LIST_MAX)
			return why_set(why, "more than %d addresses", CONF_LIST_MAX);
		if (inside_parse(element, &insides.list[insides.count++], why))
			return -EINVAL;
	}
	memcpy(out, &insides, sizeof(insides));
	return 0;
}

int value_sources(const char *text, void *out, struct why *why)
{
	char copy[LEX_LINE_MAX + 1], *rest = copy, *element;
	struct ip_addr sources[2] = { 0 }, addr;

	snprintf(copy, sizeof(copy), "%s", text);
	while ((element = lex_element(&rest))) {
		if (value_host(element, &addr, why))
			return -EINVAL;
		if (sources[addr.len == 16].len)
			return why_set(why, "'%s': there is an IPv%d address already", element,
				       addr.len == 4 ? 4 : 6);
		sources[addr.len == 16] = addr;
	}
	memcpy(out, sources, sizeof(sources));
	return 0;
}

int value_words(const char *text, void *out, struct why *why)
{
	char copy[LEX_LINE_MAX + 1], *rest = copy, *element;
	struct conf_words *words = out;

	snprintf(copy, sizeof(copy), "%s", text);
	words->count = 0;
	while ((element = lex_element(&rest))) {
		if (words->count == CONF_LIST_MAX)
			return why_set(why, "more than %d elements", CONF_LIST_MAX);
		if (!*element)
			return why_set(why, "an element of the list is empty");
		if (value_text(element, words->list[words->count], why))
			return -EINVAL;
		words->count++;
	}
	return 0;
}

/* ---- what is to come ---- */

int value_ike_version(const char *text, void *out, struct why *why)
{
	(void)out;
	return strcmp(text, "2") ? why_set(why, "'%s' is not supported yet, only 2 is", text) : 0;
}

int value_auth_method(const char *text, void *out, struct why *why)
{
	enum conf_auth *method = out;
	unsigned int value = 0;

	if (CHOICE(text, auth_names, &value, why))
		return -EINVAL;
	*method = value;
	return 0;
}
