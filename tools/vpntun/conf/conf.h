/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <linux/vgw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/addr.h"
#include "util/name.h"
#include "util/why.h"

/*
 * A connection as its file describes it (vpntun.conf(5)). Nothing of the system was asked to make it: host names are not
 * resolved, files that it names not opened. What is not in the file has its default.
 */
enum {
	CONF_NAME_SIZE = 32,
	CONF_TUNNELS_MAX = 64,
	CONF_TEXT_MAX = 256,
	CONF_LIST_MAX = 16,
	CONF_PREFIXES_MAX = 256,	/* of a tunnel, as the module bounds them */
	CONF_KEYS_MAX = 48,		/* of a section */
};

enum conf_start { CONF_START_ADD, CONF_START_START, CONF_START_TRAP };
enum conf_dpd { CONF_DPD_NONE, CONF_DPD_CLEAR, CONF_DPD_RESTART };
enum conf_encap { CONF_ENCAP_AUTO, CONF_ENCAP_UDP, CONF_ENCAP_NONE };
enum conf_auth {
	CONF_AUTH_AUTO, CONF_AUTH_PSK, CONF_AUTH_RSA_PSS, CONF_AUTH_RSA_PKCS1, CONF_AUTH_RSA_SHA1, CONF_AUTH_ECDSA,
	CONF_AUTH_ED25519,
};

/* An address with the length of its network: "169.254.46.42/30". */
struct conf_inside {
	struct ip_addr addr;
	uint8_t length;
};

/* Words between commas, kept as text. */
struct conf_words {
	uint8_t count;
	char list[CONF_LIST_MAX][CONF_TEXT_MAX];
};

struct conf_insides {
	uint8_t count;
	struct conf_inside list[CONF_LIST_MAX];
};

struct conf_tunnel {
	char name[TUNNEL_NAME_SIZE];
	unsigned int line;		/* of the section's head */
	unsigned int lines[CONF_KEYS_MAX];	/* of each key, as conf/keys.h numbers them; 0: not given */
	struct ip_addr local;		/* len 0: auto */
	struct ip_addr remote;		/* len 0: any, or by name */
	char remote_name[CONF_TEXT_MAX];	/* host name, or "" */
	bool remote_any;
	char device[IFACE_NAME_SIZE];	/* uplink, or "" */
	struct conf_insides inside;
	struct ip_addr peer;		/* far end's inside address; default: the other host of a /30, /31, /126, /127 */
	struct ip_prefixes local_ts;	/* default: 0.0.0.0/0 and, if anything inside is IPv6, ::/0 */
	struct ip_prefixes remote_ts;
	struct ip_prefixes prefixes;	/* with has_prefixes: narrows what leads into the tunnel */
	bool has_prefixes;
	uint32_t priority, group;
	char psk_file[CONF_TEXT_MAX];	/* absolute, or relative to the file's folder; "credential:NAME"; "": none */
	enum conf_auth auth_method;	/* AUTO: PSK if there is a PSKFile, else by the private key */
	char certificate[CONF_TEXT_MAX];	/* paths as with psk_file; PEM; our own first, then its chain; "": none */
	char private_key[CONF_TEXT_MAX];
	struct conf_words ca, crl;	/* paths */
	char local_id[CONF_TEXT_MAX];	/* as written; "": our address */
	char remote_id[CONF_TEXT_MAX];	/* as written; "": the peer's address */
	struct conf_words ike_proposals, esp_proposals;
	uint32_t ike_lifetime, lifetime;	/* seconds */
	uint64_t life_bytes;		/* 0: no limit */
	uint32_t replay_window;
	uint32_t dpd_interval, dpd_timeout;	/* seconds */
	enum conf_dpd dpd_action;
	uint32_t probe_interval;	/* milliseconds; 0: none */
	uint32_t probe_misses;
	uint8_t probe_action;		/* enum vgw_probe_action */
	enum conf_start start_action;
	enum conf_encap encap;
	uint32_t keepalive;		/* seconds, 0: none */
	bool esn;			/* offered beside none */
	bool fragmentation;		/* RFC 7383; default: yes */
	bool mobike;			/* RFC 4555; default: no */
	uint8_t dscp, df, inner_df, ttl;	/* as struct vgw_tunnel has them */
	/* for a routing daemon, whose neighbor is @peer; 0: there is no BGP in the tunnel */
	uint32_t local_asn, remote_asn;
	uint32_t bgp_hold;		/* seconds */
};

struct conf {
	char path[CONF_TEXT_MAX * 2];	/* as given */
	char name[CONF_NAME_SIZE];	/* of the connection: the file's without ".conf" */
	unsigned int line;		/* of [Interface], 0: there is none */
	unsigned int lines[CONF_KEYS_MAX];
	char ifname[IFACE_NAME_SIZE];
	struct conf_insides address;
	struct ip_addr source[2];	/* IPv4, IPv6; len 0: none */
	struct ip_prefixes routes;
	uint32_t table, metric;		/* of the routes; 0: not said: main, or the VRF's; default */
	uint32_t mtu;			/* 0: auto */
	uint32_t mss_clamp;		/* as util/num.h */
	uint8_t carrier;		/* enum vgw_carrier_policy */
	char vrf[IFACE_NAME_SIZE];
	char netns[CONF_TEXT_MAX];	/* where the interface goes: a name of "ip netns" or a path; "": it stays */
	uint32_t fwmark;		/* 0: the default one */
	bool fail_open;
	size_t n_tunnels;
	struct conf_tunnel *tunnels;	/* on the heap */
};

/* Hears of every fault and warning (bounded), each "file:line: sentence". */
struct conf_report {
	unsigned int faults, warnings;
	void (*say)(void *ctx, bool fault, const char *line);
	/*
	 * Hears of tunnels whose inside block is in use, which is told as a fault, too; may be NULL. @rival: who has it, NULL:
	 * the host.
	 */
	void (*clash)(void *ctx, const struct conf_tunnel *tunnel, const struct conf_tunnel *rival);
	void *ctx;
};

/*
 * Reads the text of a file. 0, or -EINVAL after telling every fault found, and then @out holds nothing. Pure: for unit
 * tests and fuzzing too. @path is for sentences and the connection's name.
 */
int conf_parse(const char *path, const char *text, size_t len, struct conf *out, struct conf_report *report);

/* What one line cannot show: keys that do not go together, addresses twice. Same result. conf_load() calls it. */
int conf_check(const struct conf *conf, struct conf_report *report);

/* The table of its routes; 0: the VRF's, whose number only the host knows. */
uint32_t conf_table(const struct conf *conf);

/* Could nobody tell the peers of the two tunnels apart? Not of those that have no Remote. */
bool conf_same_peer(const struct conf_tunnel *one, const struct conf_tunnel *other);

/*
 * Is it in the way of another connection whose file lies in the same folder: the same interface, or the same inside block
 * in the same VRF? Same result; files that are not right themselves are passed over. Of peers that cannot be told apart and
 * of the same routes it warns.
 */
int conf_others(const struct conf *conf, struct conf_report *report);

/* Reads, parses and checks the file NAME (in /etc/vpntun) or, with a slash or ".conf" in it, the file of that path. */
int conf_load(const char *name, struct conf *out, struct conf_report *report);

/*
 * Reads the pre-shared key of a tunnel: first line, trailing newline removed, "hex:" and "base64:" forms; refused when
 * others can read the file. Returns its length or a negative errno; wipe @out.
 */
int conf_psk(const struct conf *conf, const struct conf_tunnel *tunnel, uint8_t *out, size_t size, struct why *why);

void conf_free(struct conf *conf);

#endif /* CONF_CONF_H */
