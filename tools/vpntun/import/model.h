/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IMPORT_MODEL_H
#define IMPORT_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "util/addr.h"

/* An AWS Site-to-Site VPN connection as its file describes it, whatever the file's form. */
enum {
	IMPORT_FILE_MAX = 1 << 20,	/* bytes; real ones have some thousands */
	IMPORT_TUNNELS_MAX = 8,		/* AWS makes two */
	IMPORT_TEXT_MAX = 128,
	IMPORT_PSK_MIN = 8,		/* characters, as AWS has them */
	IMPORT_PSK_MAX = 64,
};

/* What AWS can be set to, the weakest first. */
enum import_cipher { IMPORT_AES128, IMPORT_AES256, IMPORT_AES128_GCM, IMPORT_AES256_GCM };
enum import_hash { IMPORT_SHA1, IMPORT_SHA256, IMPORT_SHA384, IMPORT_SHA512 };

/* Phase 1 is IKE, phase 2 ESP. */
struct import_phase {
	/* what TunnelOptions restrict AWS to, a bit for each value of the enums above, and each group; 0: nothing */
	uint32_t ciphers, hashes, groups;
	/* the file's own, which is AWS's minimum */
	uint8_t cipher, hash, group;
	bool has_cipher, has_hash, has_group;
	uint32_t lifetime;		/* seconds; 0: nothing is said */
};

struct import_tunnel {
	unsigned int line;		/* where it begins in the file; 0: unknown */
	struct ip_addr remote;		/* AWS's outside address, by which a tunnel is known; len 0: missing */
	struct ip_addr local;		/* ours, as AWS sees it */
	struct conf_inside inside;	/* ours */
	struct conf_inside peer;	/* AWS's */
	char psk[IMPORT_PSK_MAX + 1];	/* "": it is kept elsewhere, or there is none */
	bool by_certificate;		/* the file says so */
	uint8_t number;			/* in the file, from 0 */
	struct import_phase ike, esp;
	uint32_t dpd_interval, dpd_retries;	/* what AWS advises us to do: seconds, count; 0: nothing is said */
	uint32_t replay_window;		/* packets; 0: nothing is said */
	uint32_t asn, peer_asn, hold;	/* BGP; 0: there is none */
	bool has_clear_df, clear_df;
	bool ikev1, ikev2;		/* versions that the file names */
};

struct import_connection {
	const char *path;		/* for sentences */
	char id[IMPORT_TEXT_MAX];	/* vpn-..; "": unknown */
	bool embedded;			/* in another form: lines of its own tell nobody anything */
	bool has_options;		/* TunnelOptions of describe-vpn-connections */
	bool tells_bgp;			/* its form has the numbers of BGP, if AWS speaks it */
	bool accelerated;		/* by Global Accelerator: in UDP only */
	struct ip_prefix local_ts, remote_ts;	/* addr.len 0: everything */
	size_t n_tunnels;
	struct import_tunnel tunnels[IMPORT_TUNNELS_MAX];
};

#endif /* IMPORT_MODEL_H */
