/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NL_OBJECTS_H
#define NL_OBJECTS_H

#include <linux/vgw.h>
#include <stddef.h>
#include <stdint.h>

#include "nl/attr.h"
#include "nl/names_gen.h"
#include "util/addr.h"
#include "util/name.h"

/*
 * The objects of the module as plain structs, for requests and answers alike.
 * @has comes first in each: bit n (ATTR_BIT) is set if attribute n was sent or
 * is to be sent.
 */

/* Drop counters by cause; [0] sums up causes that are newer than this program. */
struct vgw_drops {
	uint64_t count[VGW_DROP_MAX + 1];
};

struct vgw_iface {
	uint64_t has;			/* VGW_A_IFACE_* */
	uint32_t mtu;
	uint32_t tunnels;
	uint32_t mss_clamp;		/* bytes; 0: off, 1: by the tunnel's MTU */
	uint32_t fwmark;
	uint8_t mtu_auto;
	uint8_t carrier;
	uint8_t dormant;
	uint8_t carrier_policy;		/* enum vgw_carrier_policy */
	struct vgw_drops drops;
	struct vgw_drops host_drops;
};

struct vgw_probe {
	uint64_t has;			/* VGW_A_PROBE_* */
	struct ip_addr target;
	struct ip_addr source;
	uint32_t interval;		/* milliseconds */
	uint32_t misses;
	uint32_t rtt;			/* microseconds */
	uint8_t action;			/* enum vgw_probe_action */
	uint8_t state;			/* enum vgw_probe_state */
	uint64_t sent;
	uint64_t answered;
};

struct vgw_tunnel {
	uint64_t has;			/* VGW_A_TUNNEL_* */
	char name[TUNNEL_NAME_SIZE];
	uint32_t id;
	struct ip_addr local;
	struct ip_addr remote;
	struct ip_addr peer;
	struct ip_prefixes prefixes;
	struct ip_prefixes ts_local;	/* traffic selectors, none: any */
	struct ip_prefixes ts_remote;
	struct vgw_probe probe;		/* without a target: none */
	uint32_t priority;
	uint32_t group;
	uint32_t mtu;
	uint32_t fwmark;
	uint32_t link;			/* index of a device, 0: any */
	uint32_t rx_mark;
	uint32_t keepalive;		/* seconds, 0: none */
	uint16_t sport;
	uint16_t dport;
	uint8_t dscp;			/* 255: copied */
	uint8_t df;			/* enum vgw_df */
	uint8_t inner_df;		/* enum vgw_inner_df */
	uint8_t ttl;
	uint8_t multicast;
	uint8_t roam;
	uint8_t demand;
	uint8_t encap;			/* enum vgw_encap */
	uint8_t admin;			/* enum vgw_state */
	uint8_t state;			/* enum vgw_state */
	uint8_t reason;			/* enum vgw_reason */
	uint64_t last_change;		/* milliseconds ago */
	uint64_t last_rx;		/* milliseconds ago */
	uint64_t rx_packets;
	uint64_t rx_bytes;
	uint64_t tx_packets;
	uint64_t tx_bytes;
	struct vgw_drops drops;
};

struct vgw_sa {
	uint64_t has;			/* VGW_A_SA_* */
	uint32_t spi;
	uint32_t suite;			/* enum vgw_suite */
	uint32_t replay_window;		/* packets */
	uint32_t pending_on;		/* SPI of an inbound SA */
	uint32_t linger;		/* seconds */
	uint32_t life_time;		/* seconds */
	uint8_t direction;		/* enum vgw_direction */
	uint8_t esn;
	uint8_t current;
	uint8_t expiry;			/* enum vgw_expiry */
	uint64_t life_bytes;		/* 0: no limit, of packets likewise */
	uint64_t life_packets;
	uint64_t seq;
	uint64_t packets;
	uint64_t bytes;
	uint64_t age;			/* milliseconds */
};

enum { VGW_KEY_MAX = 64 };		/* bytes */

/* The keys of a new SA: apart, as no answer ever holds them. To be wiped. */
struct vgw_keys {
	uint8_t key[VGW_KEY_MAX];
	uint8_t auth_key[VGW_KEY_MAX];
	size_t key_len;
	size_t auth_key_len;		/* 0: none */
};

/* One answer or event. */
struct vgw_message {
	uint64_t has;			/* VGW_A_*: which of the parts it holds */
	uint32_t ifindex;
	uint32_t netnsid;		/* where @ifindex is, if it was sent */
	char ifname[IFACE_NAME_SIZE];
	uint8_t cmd;			/* VGW_CMD_* */
	struct vgw_iface iface;
	struct vgw_tunnel tunnel;	/* owns its lists: vgw_message_free() */
	struct vgw_sa sa;
};

#define VGW_HAS(object, attr) (!!((object)->has & ATTR_BIT(attr)))

/* One may still be under way. */
static inline uint64_t vgw_probe_lost(const struct vgw_probe *probe)
{
	return probe->sent > probe->answered ? probe->sent - probe->answered : 0;
}

/* The word for an enum's value: VGW_WORD(state, VGW_STATE_UP) is "up". */
#define VGW_WORD(type, value)							\
	vgw_word(vgw_##type##_names,						\
		 sizeof(vgw_##type##_names) / sizeof(*vgw_##type##_names), (value))

static inline const char *vgw_word(const char *const *names, size_t count,
				   uint32_t value)
{
	return value < count && names[value] ? names[value] : "unknown";
}

#endif /* NL_OBJECTS_H */
