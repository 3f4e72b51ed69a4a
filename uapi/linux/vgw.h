/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Made from uapi/vgw.yaml by uapi/gen.py: change that, not this. */
#ifndef _UAPI_LINUX_VGW_H
#define _UAPI_LINUX_VGW_H

#define VGW_GENL_NAME		"vgw"
#define VGW_GENL_VERSION	1
#define VGW_MCGRP_EVENTS	"events"

/* How a tunnel's ESP packets travel. */
enum vgw_encap {
	VGW_ENCAP_NONE = 0,	/* natively, IP protocol 50 */
	VGW_ENCAP_UDP = 1,	/* in UDP datagrams (RFC 3948) */

	/* private: */
	__VGW_ENCAP_MAX,
	VGW_ENCAP_MAX = __VGW_ENCAP_MAX - 1
};

/* Which way the packets of a Security Association go. */
enum vgw_direction {
	VGW_DIRECTION_IN = 1,	/* from the peer */
	VGW_DIRECTION_OUT = 2,	/* to the peer */

	/* private: */
	__VGW_DIRECTION_MAX,
	VGW_DIRECTION_MAX = __VGW_DIRECTION_MAX - 1
};

/* Algorithms of a Security Association, named as in strongSwan proposals. */
enum vgw_suite {
	VGW_SUITE_AES128GCM16 = 1,	/* AES-GCM, 16 byte ICV (RFC 4106) */
	VGW_SUITE_AES192GCM16 = 2,
	VGW_SUITE_AES256GCM16 = 3,
	VGW_SUITE_AES128_SHA256 = 4,	/* AES-CBC (RFC 3602) with HMAC-SHA2-256-128 (RFC 4868) */
	VGW_SUITE_AES192_SHA256 = 5,
	VGW_SUITE_AES256_SHA256 = 6,
	VGW_SUITE_CHACHA20POLY1305 = 7,	/* RFC 7634 */
	VGW_SUITE_AES128GCM8 = 8,	/* AES-GCM, 8 byte ICV */
	VGW_SUITE_AES192GCM8 = 9,
	VGW_SUITE_AES256GCM8 = 10,
	VGW_SUITE_AES128GCM12 = 11,	/* AES-GCM, 12 byte ICV */
	VGW_SUITE_AES192GCM12 = 12,
	VGW_SUITE_AES256GCM12 = 13,
	VGW_SUITE_AES128_SHA1 = 14,	/* AES-CBC with HMAC-SHA1-96 (RFC 2404) */
	VGW_SUITE_AES192_SHA1 = 15,
	VGW_SUITE_AES256_SHA1 = 16,
	VGW_SUITE_AES128_SHA384 = 17,	/* AES-CBC with HMAC-SHA2-384-192 (RFC 4868) */
	VGW_SUITE_AES192_SHA384 = 18,
	VGW_SUITE_AES256_SHA384 = 19,
	VGW_SUITE_AES128_SHA512 = 20,	/* AES-CBC with HMAC-SHA2-512-256 (RFC 4868) */
	VGW_SUITE_AES192_SHA512 = 21,
	VGW_SUITE_AES256_SHA512 = 22,
	VGW_SUITE_AES128GMAC = 23,	/* AES-GMAC, authentication without encryption (RFC 4543) */
	VGW_SUITE_AES192GMAC = 24,
	VGW_SUITE_AES256GMAC = 25,
	VGW_SUITE_NULL_SHA256 = 26,	/* no encryption (RFC 2410), HMAC-SHA2; for debugging */
	VGW_SUITE_NULL_SHA384 = 27,
	VGW_SUITE_NULL_SHA512 = 28,

	/* private: */
	__VGW_SUITE_MAX,
	VGW_SUITE_MAX = __VGW_SUITE_MAX - 1
};

/* Whether a tunnel carries packets. */
enum vgw_state {
	VGW_STATE_DOWN = 0,
	VGW_STATE_UP = 1,

	/* private: */
	__VGW_STATE_MAX,
	VGW_STATE_MAX = __VGW_STATE_MAX - 1
};

/* Why a tunnel is down. */
enum vgw_reason {
	VGW_REASON_NONE = 0,	/* it is up */
	VGW_REASON_ADMIN = 1,	/* set down by its administrator */
	VGW_REASON_NO_SA = 2,	/* no outbound Security Association */
	VGW_REASON_SA_EXPIRED = 3,	/* the outbound SA has reached a hard limit */
	VGW_REASON_REMOVED = 4,	/* it is gone; in notifications */
	VGW_REASON_NO_ROUTE = 5,	/* no route to the peer in the outer namespace */
	VGW_REASON_LOOP = 6,	/* the route to the peer leads into a vgw interface */
	VGW_REASON_PROBE = 7,	/* the liveness probe is not answered */

	/* private: */
	__VGW_REASON_MAX,
	VGW_REASON_MAX = __VGW_REASON_MAX - 1
};

/* When an interface has carrier. */
enum vgw_carrier_policy {
	VGW_CARRIER_POLICY_AUTO = 0,	/* while a tunnel is up */
	VGW_CARRIER_POLICY_ON = 1,	/* always */

	/* private: */
	__VGW_CARRIER_POLICY_MAX,
	VGW_CARRIER_POLICY_MAX = __VGW_CARRIER_POLICY_MAX - 1
};

/* The don't-fragment bit of outer IPv4 headers. */
enum vgw_df {
	VGW_DF_COPY = 0,	/* as in the inner packet */
	VGW_DF_SET = 1,
	VGW_DF_CLEAR = 2,

	/* private: */
	__VGW_DF_MAX,
	VGW_DF_MAX = __VGW_DF_MAX - 1
};

/* What the don't-fragment bit of an inner IPv4 packet means. */
enum vgw_inner_df {
	VGW_INNER_DF_HONOUR = 0,	/* too long: its sender is told */
	VGW_INNER_DF_CLEAR = 1,	/* too long: it is fragmented all the same */

	/* private: */
	__VGW_INNER_DF_MAX,
	VGW_INNER_DF_MAX = __VGW_INNER_DF_MAX - 1
};

/* What a tunnel becomes when its liveness probe is not answered. */
enum vgw_probe_action {
	VGW_PROBE_ACTION_DOWN = 0,
	VGW_PROBE_ACTION_PREFER = 1,	/* used only when no other tunnel of the prefix is up */

	/* private: */
	__VGW_PROBE_ACTION_MAX,
	VGW_PROBE_ACTION_MAX = __VGW_PROBE_ACTION_MAX - 1
};

/* What the liveness probe knows. */
enum vgw_probe_state {
	VGW_PROBE_STATE_WAITING = 0,	/* no answer yet since the SA came up: nothing is concluded */
	VGW_PROBE_STATE_ALIVE = 1,
	VGW_PROBE_STATE_DEAD = 2,

	/* private: */
	__VGW_PROBE_STATE_MAX,
	VGW_PROBE_STATE_MAX = __VGW_PROBE_STATE_MAX - 1
};

/* How far gone a Security Association is. */
enum vgw_expiry {
	VGW_EXPIRY_SOFT = 1,	/* rekey it now */
	VGW_EXPIRY_HARD = 2,	/* it carries no more packets */

	/* private: */
	__VGW_EXPIRY_MAX,
	VGW_EXPIRY_MAX = __VGW_EXPIRY_MAX - 1
};

/* Why a packet was dropped. */
enum vgw_drop {
	VGW_DROP_INNER_MALFORMED = 1,	/* to be sent, but not a whole IPv4 or IPv6 packet */
	VGW_DROP_NO_TUNNEL = 2,	/* no prefix of the interface holds the destination */
	VGW_DROP_TUNNEL_DOWN = 3,	/* every tunnel of the destination's prefix is down */
	VGW_DROP_TOO_BIG = 4,	/* larger than the tunnel's MTU; the sender was told */
	VGW_DROP_SA_EXPIRED = 5,	/* to be sent, but the outbound SA has reached a hard limit */
	VGW_DROP_NO_MEMORY = 6,
	VGW_DROP_CRYPTO_FAILED = 7,	/* the crypto API refused to seal or open (a full queue, for one) */
	VGW_DROP_NO_ROUTE = 8,	/* no route to the peer in the outer namespace */
	VGW_DROP_LOOP = 9,	/* the route to the peer leads into a vgw interface */
	VGW_DROP_SEND_FAILED = 10,	/* the outer IP stack refused the ESP packet */
	VGW_DROP_ESP_MALFORMED = 11,	/* too short, not a multiple of the cipher's block, or joined as no ESP is */
	VGW_DROP_UNKNOWN_SPI = 12,	/* ESP for no inbound SA, and no other IPsec on this host to ask */
	VGW_DROP_ENCAP_MISMATCH = 13,	/* native ESP for a tunnel in UDP, or the other way round */
	VGW_DROP_REPLAYED = 14,	/* sequence number seen before */
	VGW_DROP_TOO_OLD = 15,	/* sequence number left of the replay window */
	VGW_DROP_AUTH_FAILED = 16,	/* integrity check value wrong */
	VGW_DROP_BAD_TRAILER = 17,	/* authentic, but pad length or next header impossible */
	VGW_DROP_DUMMY = 18,	/* next header 59, traffic flow confidentiality (RFC 4303 section 2.6) */
	VGW_DROP_BAD_INNER = 19,	/* authentic, but no IP packet inside */
	VGW_DROP_SOURCE = 20,	/* the inner source does not lead back to the tunnel's group */
	VGW_DROP_ECN = 21,	/* congestion mark on a flow that knows no ECN (RFC 6040) */
	VGW_DROP_DEVICE_DOWN = 22,	/* received while the interface is set down */
	VGW_DROP_KEEPALIVE = 23,	/* NAT keepalive, consumed */
	VGW_DROP_NOT_ESP = 24,	/* IKE or else on a UDP port that the module holds itself */
	VGW_DROP_MULTICAST = 25,	/* multicast or link-local, on a tunnel that is not to carry it */
	VGW_DROP_SELECTOR = 26,	/* outside the negotiated traffic selectors */
	VGW_DROP_SA_IN_EXPIRED = 27,	/* received on an SA that has reached a hard limit */
	VGW_DROP_WAITING = 28,	/* too many packets wait for the tunnel to be started, or it was not in time */
	VGW_DROP_EARLY = 29,	/* ESP for a reserved SPI: too much of it, or the SA was not made in time */
	VGW_DROP_OVERFLOW = 30,	/* more packets than can be opened or sealed in time */

	/* private: */
	__VGW_DROP_MAX,
	VGW_DROP_MAX = __VGW_DROP_MAX - 1
};

/* What a request or answer is about. */
enum {
	VGW_A_IFINDEX = 1,	/* the interface, in the caller's namespace */
	VGW_A_IFNAME,	/* the same by name */
	VGW_A_NETNSID,	/* the namespace that ifindex is in, as who asks or listens numbers it */
	VGW_A_IFACE,
	VGW_A_TUNNEL,
	VGW_A_SA,
	VGW_A_SOCKET,

	/* private: */
	__VGW_A_MAX,
	VGW_A_MAX = __VGW_A_MAX - 1
};

/* A UDP socket that userspace hands over. */
enum {
	VGW_A_SOCKET_FD = 1,	/* of the calling process; unconnected */
	VGW_A_SOCKET_PORT,	/* bind it to this port and any address; absent: it is bound */

	/* private: */
	__VGW_A_SOCKET_MAX,
	VGW_A_SOCKET_MAX = __VGW_A_SOCKET_MAX - 1
};

/* One vgw network device. */
enum {
	VGW_A_IFACE_PAD = 1,
	VGW_A_IFACE_MTU,	/* of the device; set to 0 the module chooses it */
	VGW_A_IFACE_MTU_AUTO,	/* 1 while the module chooses the MTU, 0 once somebody set it; read only */
	VGW_A_IFACE_CARRIER,	/* read only */
	VGW_A_IFACE_DORMANT,	/* 1 while only tunnels that start on demand keep the carrier on; read only */
	VGW_A_IFACE_TUNNELS,	/* how many it has; read only */
	VGW_A_IFACE_CARRIER_POLICY,
	VGW_A_IFACE_MSS_CLAMP,	/* TCP MSS: 0 untouched, 1 by the tunnel's MTU, from 88 on bytes */
	VGW_A_IFACE_FWMARK,	/* mark of outer packets of tunnels that have none of their own */
	VGW_A_IFACE_DROP,	/* packets that reached no tunnel */
	VGW_A_IFACE_HOST_DROP,	/* packets of the outer namespace that belong to no interface */

	/* private: */
	__VGW_A_IFACE_MAX,
	VGW_A_IFACE_MAX = __VGW_A_IFACE_MAX - 1
};

/* One peer of an interface. */
enum {
	VGW_A_TUNNEL_PAD = 1,
	VGW_A_TUNNEL_NAME,	/* unique in its interface */
	VGW_A_TUNNEL_ID,	/* chosen by the module; read only */
	VGW_A_TUNNEL_ADMIN,	/* what the administrator wants */
	VGW_A_TUNNEL_LOCAL,	/* own outer address, 4 or 16 bytes; none or all zero: the route's choice */
	VGW_A_TUNNEL_REMOTE,	/* the peer's outer address, 4 or 16 bytes */
	VGW_A_TUNNEL_ENCAP,
	VGW_A_TUNNEL_SPORT,	/* own UDP port, 4500 when not given */
	VGW_A_TUNNEL_DPORT,	/* the peer's UDP port, 4500 when not given */
	VGW_A_TUNNEL_PRIORITY,	/* among tunnels of one prefix the lowest number wins */
	VGW_A_TUNNEL_GROUP,	/* tunnels that lead to the same site */
	VGW_A_TUNNEL_PREFIXES,	/* inner destinations; replaces the whole list */
	VGW_A_TUNNEL_PEER,	/* the far end's inside address, only ever reached through this tunnel; all zero: none */
	VGW_A_TUNNEL_DSCP,	/* of outer packets: 0 to 63, or 255: copied */
	VGW_A_TUNNEL_DF,
	VGW_A_TUNNEL_INNER_DF,
	VGW_A_TUNNEL_TTL,	/* of outer packets, 64 when not given */
	VGW_A_TUNNEL_FWMARK,	/* mark of outer packets, 0: the interface's */
	VGW_A_TUNNEL_LINK,	/* index of the underlay device or VRF in the outer namespace, 0: any */
	VGW_A_TUNNEL_TS_LOCAL,	/* negotiated inner sources of what is sent; empty: any */
	VGW_A_TUNNEL_TS_REMOTE,	/* negotiated inner destinations of what is sent; empty: any */
	VGW_A_TUNNEL_MULTICAST,	/* 1: carries multicast and IPv6 link-local */
	VGW_A_TUNNEL_RX_MARK,	/* mark of inner packets received */
	VGW_A_TUNNEL_ROAM,	/* 1: remote and dport follow the peer's authentic packets, in UDP */
	VGW_A_TUNNEL_KEEPALIVE,	/* seconds without a packet sent until a NAT keepalive, 0: none */
	VGW_A_TUNNEL_DEMAND,	/* 1: without an SA packets raise acquire events */
	VGW_A_TUNNEL_PROBE,	/* liveness probe; empty: none */
	VGW_A_TUNNEL_STATE,	/* read only */
	VGW_A_TUNNEL_REASON,	/* read only */
	VGW_A_TUNNEL_LAST_CHANGE,	/* milliseconds since the state changed; read only */
	VGW_A_TUNNEL_MTU,	/* largest inner packet at the moment; read only */
	VGW_A_TUNNEL_LAST_RX,	/* milliseconds since the last authentic packet, absent before the first; read only */
	VGW_A_TUNNEL_RX_PACKETS,	/* inner packets delivered; read only */
	VGW_A_TUNNEL_RX_BYTES,
	VGW_A_TUNNEL_TX_PACKETS,	/* inner packets sent; read only */
	VGW_A_TUNNEL_TX_BYTES,
	VGW_A_TUNNEL_DROP,

	/* private: */
	__VGW_A_TUNNEL_MAX,
	VGW_A_TUNNEL_MAX = __VGW_A_TUNNEL_MAX - 1
};

/* A list of prefixes. */
enum {
	VGW_A_PREFIXES_PREFIX = 1,

	/* private: */
	__VGW_A_PREFIXES_MAX,
	VGW_A_PREFIXES_MAX = __VGW_A_PREFIXES_MAX - 1
};

/* One inner destination. */
enum {
	VGW_A_PREFIX_ADDRESS = 1,	/* 4 or 16 bytes, host bits zero */
	VGW_A_PREFIX_LENGTH,	/* bits */

	/* private: */
	__VGW_A_PREFIX_MAX,
	VGW_A_PREFIX_MAX = __VGW_A_PREFIX_MAX - 1
};

/* Liveness probe of a tunnel, ICMP or ICMPv6 echo made and judged by the module. */
enum {
	VGW_A_PROBE_PAD = 1,
	VGW_A_PROBE_TARGET,	/* inside address that answers */
	VGW_A_PROBE_SOURCE,	/* own inside address */
	VGW_A_PROBE_INTERVAL,	/* milliseconds, 1000 when not given */
	VGW_A_PROBE_MISSES,	/* so many in a row mean dead, so many answers alive again; 3 when not given */
	VGW_A_PROBE_ACTION,
	VGW_A_PROBE_STATE,	/* read only */
	VGW_A_PROBE_SENT,	/* read only */
	VGW_A_PROBE_ANSWERED,	/* read only */
	VGW_A_PROBE_RTT,	/* microseconds, of the last answer; absent before the first; read only */

	/* private: */
	__VGW_A_PROBE_MAX,
	VGW_A_PROBE_MAX = __VGW_A_PROBE_MAX - 1
};

/* One Security Association (RFC 4301). */
enum {
	VGW_A_SA_PAD = 1,
	VGW_A_SA_DIRECTION,
	VGW_A_SA_SPI,	/* host byte order; 0 to 255 are reserved (RFC 4303 section 2.1) */
	VGW_A_SA_SUITE,
	VGW_A_SA_KEY,	/* cipher key, for AEADs with the salt appended (RFC 4106 section 8.1); write only */
	VGW_A_SA_AUTH_KEY,	/* HMAC key; write only */
	VGW_A_SA_ESN,	/* 1: extended sequence numbers (RFC 4303 section 2.2.1) */
	VGW_A_SA_REPLAY_WINDOW,	/* packets; inbound only; 1024 when not given */
	VGW_A_SA_LIFE_TIME,	/* seconds until it is spent, suspend included; at seven eighths it asks for a rekey, as of every limit */
	VGW_A_SA_LIFE_BYTES,	/* settable; bytes of inner packets until it is spent */
	VGW_A_SA_LIFE_PACKETS,	/* settable; packets until it is spent */
	VGW_A_SA_PENDING_ON,	/* outbound: not used before the first packet on the inbound SA of this SPI (RFC 7296 section 2.8), or sa-set */
	VGW_A_SA_LINGER,	/* in sa-del, inbound: seconds for which packets are still accepted; in sa-get: how many are left */
	VGW_A_SA_SEQ,	/* last sent, or highest accepted; read only */
	VGW_A_SA_PACKETS,	/* sealed or accepted; read only */
	VGW_A_SA_BYTES,	/* of inner packets; read only */
	VGW_A_SA_AGE,	/* milliseconds since it was installed, suspend included; read only */
	VGW_A_SA_CURRENT,	/* 1 for the outbound SA in use; in sa-set: use it from now on */
	VGW_A_SA_EXPIRY,	/* absent while fresh; read only */

	/* private: */
	__VGW_A_SA_MAX,
	VGW_A_SA_MAX = __VGW_A_SA_MAX - 1
};

/* How often a packet was dropped for one cause; causes that never happened are left out. */
enum {
	VGW_A_DROP_PAD = 1,
	VGW_A_DROP_CAUSE,
	VGW_A_DROP_COUNT,

	/* private: */
	__VGW_A_DROP_MAX,
	VGW_A_DROP_MAX = __VGW_A_DROP_MAX - 1
};

/* Commands and notifications. */
enum {
	VGW_CMD_IFACE_GET = 1,	/* Show an interface. */
	VGW_CMD_TUNNEL_NEW = 2,	/* Add a tunnel to an interface. */
	VGW_CMD_TUNNEL_SET = 3,	/* Change a tunnel; what is not named stays. */
	VGW_CMD_TUNNEL_DEL = 4,	/* Remove a tunnel and its SAs. */
	VGW_CMD_TUNNEL_GET = 5,	/* Show tunnels; a dump may name an interface. */
	VGW_CMD_SA_NEW = 6,	/* Install an SA; an outbound one becomes current at once unless it is pending. */
	VGW_CMD_SA_DEL = 7,	/* Remove an SA. */
	VGW_CMD_SA_GET = 8,	/* Show SAs, never their keys; a dump may name an interface and a tunnel. */
	VGW_CMD_TUNNEL_NTF = 9,	/* A tunnel was made, went up, went down or is gone. */
	VGW_CMD_SA_EXPIRE_NTF = 10,	/* An SA reached a limit. */
	VGW_CMD_IFACE_SET = 11,	/* Change an interface; what is not named stays. */
	VGW_CMD_SA_SET = 12,	/* Make an outbound SA current. */
	VGW_CMD_SPI_ALLOC = 13,	/* Reserve an inbound SPI for a tunnel, that of sa or any, for 30 s or as long as the asking socket is open. Packets that come by it wait for the SA (cause early if in vain), which only this socket can make. */
	VGW_CMD_SOCKET_SET = 14,	/* Hand over a UDP socket of the caller's namespace; ESP is taken from it, the rest is the owner's. */
	VGW_CMD_ACQUIRE_NTF = 15,	/* A packet waits for a tunnel that starts on demand. */
	VGW_CMD_AUTH_FAIL_NTF = 16,	/* A packet with the SPI of an SA was not authentic; at most one event a second and tunnel. */

	/* private: */
	__VGW_CMD_MAX,
	VGW_CMD_MAX = __VGW_CMD_MAX - 1
};

#endif /* _UAPI_LINUX_VGW_H */
