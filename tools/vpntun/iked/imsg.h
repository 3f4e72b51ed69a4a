/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_IMSG_H
#define IKED_IMSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ike/act.h"
#include "ike/engine.h"
#include "ike/policy.h"
#include "ike/sign.h"

/*
 * What the helper's processes tell each other: one message a datagram of a SOCK_SEQPACKET pair, each of exactly the size
 * that its type has, with exactly the descriptors. The network and the key process meet foreign bytes: whoever hears
 * from them believes nothing that imsg_fits() has not looked at.
 */
enum imsg_role { IMSG_PARENT = 1, IMSG_NETWORK = 2, IMSG_KEY = 4, IMSG_RESOLVER = 8 };

enum imsg_type {
	IMSG_NONE,
	/* parent to others */
	IMSG_CHANNEL,		/* with a descriptor: the channel between network and key process */
	IMSG_SOCKET,		/* with a descriptor: a bound UDP socket */
	IMSG_POLICY,
	IMSG_CREDENTIALS,
	IMSG_TRUST,		/* with a descriptor: CAs and revocation lists, see trust.h */
	IMSG_PSK,
	IMSG_PRIVATE_KEY,
	IMSG_FORGET,		/* a policy, a key */
	IMSG_INHERIT,		/* a WILL of the network process before; after POLICY, before UP */
	IMSG_UP,
	IMSG_DOWN,		/* answer: ENDED */
	IMSG_REKEY,		/* answer: REKEYED */
	IMSG_REAUTH,
	IMSG_ASK_STATUS,	/* answer: STATUS */
	IMSG_RESERVED,
	IMSG_INSTALLED,
	IMSG_ACQUIRE,
	IMSG_EXPIRED,
	IMSG_HEARD,
	IMSG_ROAMED,		/* ESP has followed the peer to another address */
	IMSG_SETTINGS,		/* of the helper, before anything else */
	IMSG_REMOTE,		/* the address of a peer that is known by name */
	IMSG_SERVER,		/* with a descriptor: a UDP socket, connected to a name server, for the next RESOLVE */
	IMSG_RESOLVE,		/* answer: RESOLVED */
	IMSG_PING,		/* answer: PONG */
	/* any to parent */
	IMSG_PONG,
	/* resolver to parent */
	IMSG_RESOLVED,
	/* network to parent */
	IMSG_RESERVE,		/* answer: RESERVED, whether it could be or not */
	IMSG_INSTALL,
	IMSG_ACTIVATE,
	IMSG_DELETE,
	IMSG_MOVE,
	IMSG_LOG,
	IMSG_ENDED,
	IMSG_REKEYED,
	IMSG_STATUS,
	IMSG_ASK_REMOTE,	/* answer: REMOTE */
	IMSG_WILL,
	/* network to key and back */
	IMSG_SIGN,
	IMSG_VERIFY,
	IMSG_SIGNED,
	IMSG_VERIFIED,
	IMSG_TYPES,
};

enum { IMSG_PSK_MAX = 512, IMSG_PRIVATE_KEY_MAX = 8192, IMSG_AUTH_MAX = SIGN_MAX };
enum { IMSG_NAME_SIZE = 256, IMSG_ADDRESSES_MAX = 8 };

struct imsg_socket {
	uint16_t port;
	uint8_t addr_len;	/* 4 or 16: the family */
	uint32_t mark;		/* of its own, and then it only sends; 0: the usual one */
	uint32_t vrf;		/* index, 0: none */
};

struct imsg_psk {
	uint32_t policy;
	uint16_t len;
	uint8_t bytes[IMSG_PSK_MAX];
};

struct imsg_private_key {
	uint32_t policy;
	uint16_t len;
	uint8_t bytes[IMSG_PRIVATE_KEY_MAX];	/* DER */
};

struct imsg_trust {
	uint32_t policy;
	uint32_t size;		/* of the file that the descriptor is */
};

struct imsg_policy {		/* whatever only names one */
	uint32_t policy;
};

struct imsg_ask {		/* REKEY, ASK_STATUS, and the head of their answers */
	uint32_t ticket;
	uint32_t policy;
	bool ike_sa;
};

struct imsg_rekeyed {
	uint32_t ticket;
	uint32_t policy;
	int32_t err;
};

struct imsg_status {
	uint32_t ticket;
	uint32_t policy;
	bool known;		/* else the rest is zero */
	uint64_t now;		/* on the clock of @status */
	struct ike_status status;
};

struct imsg_installed {
	uint64_t job;
	int32_t err;
};

struct imsg_expired {
	uint32_t policy;
	uint32_t spi;
	bool hard;
};

struct imsg_roamed {
	uint32_t policy;
	struct ip_addr remote;
	uint16_t port;		/* host byte order */
};

enum { IMSG_LISTEN_MAX = 16 };

struct imsg_settings {
	uint32_t cookie_threshold, half_open_max, source_max;	/* see struct ike_settings */
	uint8_t n_listen;	/* 0: peers may begin at every address */
	struct ip_addr listen[IMSG_LISTEN_MAX];
};

struct imsg_remote {
	uint32_t policy;
	struct ike_path path;	/* remote of len 0: there is none, and @why says it */
	char why[IKE_LOG_SIZE];
};

struct imsg_resolve {
	uint32_t ticket;
	bool want4, want6;
	char name[IMSG_NAME_SIZE];
};

/* Why a name has no address. */
enum imsg_resolve_err { RESOLVE_SILENT, RESOLVE_NO_NAME, RESOLVE_NO_ADDRESS, RESOLVE_REFUSED, RESOLVE_BUSY };

struct imsg_resolved {
	uint32_t ticket;
	uint8_t err;		/* enum imsg_resolve_err, if there are none */
	uint8_t count;
	uint32_t ttl;		/* seconds */
	struct ip_addr addrs[IMSG_ADDRESSES_MAX];
};

struct imsg_signed {
	uint64_t job;
	uint16_t len;		/* 0: there is no key */
	uint8_t auth[IMSG_AUTH_MAX];
};

struct imsg_verified {
	uint64_t job;
	bool good;
};

struct imsg {
	uint32_t type;		/* enum imsg_type */
	union imsg_body {
		struct imsg_socket socket;
		struct imsg_psk psk;
		struct imsg_private_key key;
		struct imsg_trust trust;
		struct imsg_policy policy;
		struct imsg_ask ask;
		struct imsg_rekeyed rekeyed;
		struct imsg_status status;
		struct imsg_installed installed;
		struct imsg_expired expired;
		struct imsg_roamed roamed;
		struct imsg_settings settings;
		struct imsg_remote remote;
		struct imsg_resolve resolve;
		struct imsg_resolved resolved;
		struct imsg_signed sign;
		struct imsg_verified verified;
		struct ike_policy setting;
		struct ike_credentials credentials;
		struct ike_act_reserve reserve;
		struct ike_act_install install;
		struct ike_act_child child;
		struct ike_act_move move;
		struct ike_act_log log;
		struct ike_act_will will;
		struct ike_act_auth auth;
	} u;
};

/* Bytes on the wire of a message of this type, with its head; 0: there is no such type. */
size_t imsg_size(uint32_t type);
bool imsg_has_fd(uint32_t type);

/*
 * May @from send @to this message of @len bytes with @fds descriptors, and can all of it be read without harm: counts and
 * lengths within their arrays, texts with an end, booleans that are?
 */
struct imsg_way {
	enum imsg_role from, to;
};
bool imsg_fits(const struct imsg *msg, size_t len, unsigned int fds, struct imsg_way way);

#endif /* IKED_IMSG_H */
