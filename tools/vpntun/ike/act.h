/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_ACT_H
#define IKE_ACT_H

#include <stdbool.h>
#include <stdint.h>

#include "ike/keymat.h"
#include "ike/policy.h"
#include "ike/prop.h"
#include "ike/ts.h"
#include "ike/wire.h"
#include "util/addr.h"

/* Where a datagram comes from or goes to. */
struct ike_path {
	struct ip_addr local, remote;
	uint16_t local_port, remote_port;	/* host byte order */
};

/*
 * What the engine wants done. Everything is plain data, so that it can be sent to another process; whoever takes an
 * action out of the queue wipes it when it is done with it.
 */
enum ike_act_kind {
	IKE_ACT_SEND,
	IKE_ACT_SIGN,		/* make an AUTH payload; answer: ike_signed() */
	IKE_ACT_VERIFY,		/* check the peer's by the pre-shared key; answer: ike_verified() */
	IKE_ACT_VERIFY_CERT,	/* check the peer's by its certificate, and that; answer: ike_verified() */
	IKE_ACT_RESERVE,	/* an inbound SPI: what comes by it before INSTALL is to be kept */
	IKE_ACT_INSTALL,	/* a pair of SAs; answer: ike_installed() */
	IKE_ACT_ACTIVATE,	/* an outbound SA that is pending becomes current */
	IKE_ACT_DELETE,		/* a pair of SAs */
	IKE_ACT_RESOLVE,	/* the address of a peer that is known by name; answer: ike_remote_set() */
	IKE_ACT_MOVE,		/* the tunnel's outer addresses, ports or encapsulation have changed */
	IKE_ACT_LOG,
	IKE_ACT_WILL,		/* what to say to the peer if this process dies: see will.h */
};

static inline bool path_equal(const struct ike_path *a, const struct ike_path *b)
{
	return addr_equal(&a->local, &b->local) && addr_equal(&a->remote, &b->remote) &&
	       a->local_port == b->local_port && a->remote_port == b->remote_port;
}

/* A message on UDP. The network process puts the non-ESP marker in front when a port of @path is 4500. */
struct ike_act_send {
	struct ike_path path;
	uint16_t len;
	uint8_t bytes[IKE_DATAGRAM_MAX];
};

/* AUTH by the secrets that the key process has for @policy. */
struct ike_act_auth {
	uint64_t job;		/* names the answer */
	uint32_t policy;
	uint16_t scheme;	/* enum ike_scheme */
	uint16_t prf;		/* of a pre-shared key */
	uint16_t auth_len;	/* VERIFY: what the peer sent */
	uint8_t auth[1024];
	uint16_t len;
	uint8_t octets[IKE_DATAGRAM_MAX + IKE_NONCE_MAX + IKE_KEY_MAX];
};

/* An AUTH by signature, and all that shows whose it is. */
struct ike_act_cert {
	uint64_t job;		/* names the answer */
	uint32_t policy;
	uint16_t scheme;	/* enum ike_scheme: the key's kind has to go with it */
	uint16_t auth_len;
	uint8_t auth[1024];	/* the signature alone */
	struct ike_chain chain;	/* what the peer sent: its own first, others in any order */
	struct ike_ident id;	/* that the certificate has to be for */
	uint16_t len;
	uint8_t octets[IKE_DATAGRAM_MAX + IKE_NONCE_MAX + IKE_KEY_MAX];
};

/* A Child SA may come of this, or not: it is only a help, and nobody asks for it to be undone. Answer: ike_reserved(). */
struct ike_act_reserve {
	uint32_t policy;
	uint32_t spi_in;
};

/* A pair of SAs: Child SA. SPIs in host byte order. */
struct ike_act_install {
	uint64_t job;		/* names the answer */
	uint32_t policy;
	uint32_t spi_in, spi_out;
	struct ike_suite suite;
	struct child_keys in, out;
	bool pending;		/* out waits for the first packet on @spi_in, or ACTIVATE */
	bool udp;		/* encapsulation, with the ports of @path */
	bool peer_natted;	/* follow the peer's address */
	bool natted;		/* we are behind NAT: send keepalives */
	struct ike_path path;
	struct ike_ts_list local_ts, remote_ts;
	uint32_t life;		/* hard lifetime, seconds */
	uint64_t life_bytes;	/* hard, 0: none */
};

struct ike_act_child {		/* ACTIVATE, DELETE */
	uint32_t policy;
	uint32_t spi_in, spi_out;
	bool linger;		/* packets may still be under way on the inbound SA */
};

struct ike_act_resolve {
	uint32_t policy;
};

struct ike_act_move {
	uint32_t policy;
	struct ike_path path;
	bool udp;
	bool peer_natted, natted;	/* as with INSTALL */
};

enum ike_log_level { IKE_LOG_ERROR, IKE_LOG_WARNING, IKE_LOG_INFO, IKE_LOG_DEBUG };
enum { IKE_LOG_SIZE = 512 };

/* Why a negotiation, or a tunnel, has failed. */
enum ike_fault {
	IKE_FAULT_NONE,
	IKE_FAULT_NO_ANSWER,	/* to what we began */
	IKE_FAULT_DEAD_PEER,	/* it was up, and is silent */
	IKE_FAULT_NO_PROPOSAL,
	IKE_FAULT_AUTHENTICATION,
	IKE_FAULT_IDENTITY,
	IKE_FAULT_SELECTORS,
	IKE_FAULT_REFUSED,	/* by another notify of the peer */
	IKE_FAULT_BAD_MESSAGE,
	IKE_FAULT_ENDED,	/* by the peer */
	IKE_FAULT_EXPIRED,
	IKE_FAULT_NO_ADDRESS,	/* of a peer that is known by name */
	IKE_FAULT_CREDENTIALS,	/* ours are missing, or of no use */
	IKE_FAULT_LOCAL,	/* memory, the kernel, the key process */
	IKE_FAULTS
};

/* How an SA of a tunnel stands: the words of AWS's log. */
enum ike_phase { IKE_PHASE_DOWN, IKE_PHASE_NEGOTIATING, IKE_PHASE_ESTABLISHED, IKE_PHASE_REKEYING, IKE_PHASES };

struct ike_act_log {
	uint32_t policy;	/* 0: of none, and then this is all zero: */
	bool dpd;		/* dead peers are looked for */
	bool natted;		/* there is NAT on the way */
	uint8_t phase1, phase2;	/* enum ike_phase, of its IKE and Child SAs */
	uint8_t level;		/* enum ike_log_level */
	bool fault;		/* it tells why a negotiation, or a tunnel, has failed */
	char text[IKE_LOG_SIZE];	/* one line, escaped, without the policy's name */
};

/* The newest one of an IKE SA replaces those before; len 0: there is nothing to be said any more. */
enum { IKE_WILL_MAX = 256 };

struct ike_act_will {
	uint32_t policy;
	uint64_t spi;		/* names the IKE SA */
	struct ike_path path;
	uint16_t len;
	uint8_t bytes[IKE_WILL_MAX];
};

struct ike_act {
	struct ike_act *next;
	enum ike_act_kind kind;
	union {
		struct ike_act_send send;
		struct ike_act_auth auth;
		struct ike_act_cert cert;
		struct ike_act_reserve reserve;
		struct ike_act_install install;
		struct ike_act_child child;
		struct ike_act_resolve resolve;
		struct ike_act_move move;
		struct ike_act_log log;
		struct ike_act_will will;
	};
};

/* The queue, first in first out. */
struct ike_acts {
	struct ike_act *first, **last;
	bool failed;		/* one had no memory */
};

void acts_init(struct ike_acts *acts);
struct ike_act *acts_add(struct ike_acts *acts, enum ike_act_kind kind);	/* zeroed; NULL: no memory */
struct ike_act *acts_take(struct ike_acts *acts);	/* the oldest; NULL: none. The caller frees it */
void act_free(struct ike_act *act);			/* wipes it */

#endif /* IKE_ACT_H */
