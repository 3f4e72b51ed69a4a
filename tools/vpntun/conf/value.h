/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include "conf/conf.h"
#include "util/why.h"

/* Value parsers that only a configuration file needs; for their shape see util/addr.h. */
int value_iface(const char *text, void *out, struct why *why);		/* char[IFACE_NAME_SIZE] */
int value_text(const char *text, void *out, struct why *why);		/* char[CONF_TEXT_MAX] */
int value_yesno(const char *text, void *out, struct why *why);		/* bool */
int value_carrier(const char *text, void *out, struct why *why);	/* uint8_t, enum vgw_carrier_policy */
int value_table(const char *text, void *out, struct why *why);		/* uint32_t, from 1, or "main": 0 */
int value_mtu(const char *text, void *out, struct why *why);		/* uint32_t, 576 to 65535 or "auto": 0 */
int value_local(const char *text, void *out, struct why *why);		/* struct ip_addr, "auto": len 0 */
int value_host(const char *text, void *out, struct why *why);		/* struct ip_addr of one host */
int value_remote(const char *text, void *out, struct why *why);		/* struct conf_tunnel, its three members */
int value_prefixes(const char *text, void *out, struct why *why);	/* struct conf_tunnel, its two members */
int value_lifetime(const char *text, void *out, struct why *why);	/* uint32_t seconds */
int value_life_bytes(const char *text, void *out, struct why *why);	/* uint64_t */
int value_dpd_interval(const char *text, void *out, struct why *why);	/* uint32_t seconds, 0: never */
int value_dpd_timeout(const char *text, void *out, struct why *why);	/* uint32_t seconds */
int value_asn(const char *text, void *out, struct why *why);	/* uint32_t */
int value_bgp_hold(const char *text, void *out, struct why *why);	/* uint32_t, seconds */
int value_dpd_action(const char *text, void *out, struct why *why);	/* enum conf_dpd */
int value_start(const char *text, void *out, struct why *why);		/* enum conf_start */
int value_encap(const char *text, void *out, struct why *why);		/* enum conf_encap */
int value_probe_interval(const char *text, void *out, struct why *why);	/* uint32_t ms, of seconds with a fraction */
int value_probe_action(const char *text, void *out, struct why *why);	/* uint8_t, enum vgw_probe_action */
int value_df(const char *text, void *out, struct why *why);		/* uint8_t, enum vgw_df */
int value_inner_df(const char *text, void *out, struct why *why);	/* uint8_t, enum vgw_inner_df */

/* Lists, their elements apart by LEX_COMMA. */
int value_routes(const char *text, void *out, struct why *why);		/* struct ip_prefixes, may be "none" */
int value_selectors(const char *text, void *out, struct why *why);	/* struct ip_prefixes, "any": none */
int value_insides(const char *text, void *out, struct why *why);	/* struct conf_insides */
int value_sources(const char *text, void *out, struct why *why);	/* struct ip_addr[2] */
int value_words(const char *text, void *out, struct why *why);		/* struct conf_words */

int value_auth_method(const char *text, void *out, struct why *why);	/* enum conf_auth */
int value_ike_version(const char *text, void *out, struct why *why);	/* only 2 is right, @out is left alone */

/* The words for them that a file has. */
const char *value_dpd_name(enum conf_dpd action);
const char *value_start_name(enum conf_start start);
const char *value_encap_name(enum conf_encap encap);

#endif /* CONF_VALUE_H */
