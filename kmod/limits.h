/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every numeric limit of the module, with its unit.
 */
#ifndef _VGW_LIMITS_H
#define _VGW_LIMITS_H

enum {
	VGW_TUNNELS_MAX = 65535,	/* tunnels of an interface */
	VGW_TUNNEL_NAME_LEN = 32,	/* bytes, the final NUL included */
	VGW_PREFIXES_MAX = 256,		/* prefixes of a tunnel: it has to fit one message */
	VGW_MEMBERS_MAX = 64,		/* tunnels that share a prefix */
	VGW_SAS_MAX = 1024,		/* SAs of a tunnel, both directions */

	VGW_SPI_MIN = 256,		/* below: reserved (RFC 4303 section 2.1) */
	VGW_REPLAY_DEFAULT = 1024,	/* packets */
	VGW_REPLAY_MIN = 64,
	VGW_REPLAY_MAX = 8192,

	VGW_SPIS_RESERVED_MAX = 1024,	/* reserved SPIs of a namespace */
	VGW_SPI_RESERVED_S = 30,	/* seconds */
	VGW_HELD_MAX = 512,		/* packets that wait for the SA of a reserved SPI */
	VGW_HELD_BYTES_MAX = 1 << 20,	/* memory that they take */
	VGW_HELD_NET_MAX = 4096,	/* packets of all reserved SPIs of a namespace */
	VGW_BACKLOG_MAX = 1000,		/* packets of an interface that wait on one CPU to be opened */
	VGW_TS_MAX = 64,		/* traffic selectors of a tunnel, each side */
	VGW_WAITING_MAX = 8,		/* packets that wait for a tunnel to be started */
	VGW_WAITING_S = 10,		/* seconds for which they do */

	VGW_PORT_NATT = 4500,		/* UDP port (RFC 3948) */
	VGW_OUTER_TTL = 64,		/* hops */
	VGW_DSCP_MAX = 63,
	VGW_DSCP_COPY = 255,		/* instead of one: the inner packet's */

	VGW_PROBE_INTERVAL = 1000,	/* milliseconds */
	VGW_PROBE_MISSES = 3,		/* in a row */

	VGW_MSS_OFF = 0,		/* leave TCP alone */
	VGW_MSS_AUTO = 1,		/* by the tunnel's MTU */
	VGW_MSS_MIN = 88,		/* bytes */

	VGW_MTU_MIN4 = 576,		/* bytes of inner IPv4 that always pass, if need be in outer fragments */
	VGW_MTU_MIN6 = 1280,		/* the same of IPv6 (RFC 8200 section 5) */
	VGW_PMTU_SEQ_BACK = 65536,	/* packets sent since one that a path-MTU message is still believed about */
	VGW_MOVE_PAUSE_MS = 100,	/* between two moves of a peer that are followed */
	VGW_PMTU_PAUSE_MS = 100,	/* between two messages about an SA that are believed */
	VGW_REMOTE_TRIES = 16,		/* SAs looked at that have the same peer and SPI (behind one NAT) */
	VGW_PATH_MTU_DEFAULT = 1500,	/* bytes, while no route to the peer is known */
};

#endif /* _VGW_LIMITS_H */
