// SPDX-License-Identifier: GPL-2.0
/* Made from uapi/vgw.yaml by uapi/gen.py: change that, not this. */
#include "names_gen.h"

const char *const vgw_encap_names[VGW_ENCAP_MAX + 1] = {
	[VGW_ENCAP_NONE] = "none",
	[VGW_ENCAP_UDP] = "udp",
};

const char *const vgw_direction_names[VGW_DIRECTION_MAX + 1] = {
	[VGW_DIRECTION_IN] = "in",
	[VGW_DIRECTION_OUT] = "out",
};

const char *const vgw_suite_names[VGW_SUITE_MAX + 1] = {
	[VGW_SUITE_AES128GCM16] = "aes128gcm16",
	[VGW_SUITE_AES192GCM16] = "aes192gcm16",
	[VGW_SUITE_AES256GCM16] = "aes256gcm16",
	[VGW_SUITE_AES128_SHA256] = "aes128-sha256",
	[VGW_SUITE_AES192_SHA256] = "aes192-sha256",
	[VGW_SUITE_AES256_SHA256] = "aes256-sha256",
	[VGW_SUITE_CHACHA20POLY1305] = "chacha20poly1305",
	[VGW_SUITE_AES128GCM8] = "aes128gcm8",
	[VGW_SUITE_AES192GCM8] = "aes192gcm8",
	[VGW_SUITE_AES256GCM8] = "aes256gcm8",
	[VGW_SUITE_AES128GCM12] = "aes128gcm12",
	[VGW_SUITE_AES192GCM12] = "aes192gcm12",
	[VGW_SUITE_AES256GCM12] = "aes256gcm12",
	[VGW_SUITE_AES128_SHA1] = "aes128-sha1",
	[VGW_SUITE_AES192_SHA1] = "aes192-sha1",
	[VGW_SUITE_AES256_SHA1] = "aes256-sha1",
	[VGW_SUITE_AES128_SHA384] = "aes128-sha384",
	[VGW_SUITE_AES192_SHA384] = "aes192-sha384",
	[VGW_SUITE_AES256_SHA384] = "aes256-sha384",
	[VGW_SUITE_AES128_SHA512] = "aes128-sha512",
	[VGW_SUITE_AES192_SHA512] = "aes192-sha512",
	[VGW_SUITE_AES256_SHA512] = "aes256-sha512",
	[VGW_SUITE_AES128GMAC] = "aes128gmac",
	[VGW_SUITE_AES192GMAC] = "aes192gmac",
	[VGW_SUITE_AES256GMAC] = "aes256gmac",
	[VGW_SUITE_NULL_SHA256] = "null-sha256",
	[VGW_SUITE_NULL_SHA384] = "null-sha384",
	[VGW_SUITE_NULL_SHA512] = "null-sha512",
};

const char *const vgw_state_names[VGW_STATE_MAX + 1] = {
	[VGW_STATE_DOWN] = "down",
	[VGW_STATE_UP] = "up",
};

const char *const vgw_reason_names[VGW_REASON_MAX + 1] = {
	[VGW_REASON_NONE] = "none",
	[VGW_REASON_ADMIN] = "admin",
	[VGW_REASON_NO_SA] = "no-sa",
	[VGW_REASON_SA_EXPIRED] = "sa-expired",
	[VGW_REASON_REMOVED] = "removed",
	[VGW_REASON_NO_ROUTE] = "no-route",
	[VGW_REASON_LOOP] = "loop",
	[VGW_REASON_PROBE] = "probe",
};

const char *const vgw_carrier_policy_names[VGW_CARRIER_POLICY_MAX + 1] = {
	[VGW_CARRIER_POLICY_AUTO] = "auto",
	[VGW_CARRIER_POLICY_ON] = "on",
};

const char *const vgw_df_names[VGW_DF_MAX + 1] = {
	[VGW_DF_COPY] = "copy",
	[VGW_DF_SET] = "set",
	[VGW_DF_CLEAR] = "clear",
};

const char *const vgw_inner_df_names[VGW_INNER_DF_MAX + 1] = {
	[VGW_INNER_DF_HONOUR] = "honour",
	[VGW_INNER_DF_CLEAR] = "clear",
};

const char *const vgw_probe_action_names[VGW_PROBE_ACTION_MAX + 1] = {
	[VGW_PROBE_ACTION_DOWN] = "down",
	[VGW_PROBE_ACTION_PREFER] = "prefer",
};

const char *const vgw_probe_state_names[VGW_PROBE_STATE_MAX + 1] = {
	[VGW_PROBE_STATE_WAITING] = "waiting",
	[VGW_PROBE_STATE_ALIVE] = "alive",
	[VGW_PROBE_STATE_DEAD] = "dead",
};

const char *const vgw_expiry_names[VGW_EXPIRY_MAX + 1] = {
	[VGW_EXPIRY_SOFT] = "soft",
	[VGW_EXPIRY_HARD] = "hard",
};

const char *const vgw_drop_names[VGW_DROP_MAX + 1] = {
	[VGW_DROP_INNER_MALFORMED] = "inner-malformed",
	[VGW_DROP_NO_TUNNEL] = "no-tunnel",
	[VGW_DROP_TUNNEL_DOWN] = "tunnel-down",
	[VGW_DROP_TOO_BIG] = "too-big",
	[VGW_DROP_SA_EXPIRED] = "sa-expired",
	[VGW_DROP_NO_MEMORY] = "no-memory",
	[VGW_DROP_CRYPTO_FAILED] = "crypto-failed",
	[VGW_DROP_NO_ROUTE] = "no-route",
	[VGW_DROP_LOOP] = "loop",
	[VGW_DROP_SEND_FAILED] = "send-failed",
	[VGW_DROP_ESP_MALFORMED] = "esp-malformed",
	[VGW_DROP_UNKNOWN_SPI] = "unknown-spi",
	[VGW_DROP_ENCAP_MISMATCH] = "encap-mismatch",
	[VGW_DROP_REPLAYED] = "replayed",
	[VGW_DROP_TOO_OLD] = "too-old",
	[VGW_DROP_AUTH_FAILED] = "auth-failed",
	[VGW_DROP_BAD_TRAILER] = "bad-trailer",
	[VGW_DROP_DUMMY] = "dummy",
	[VGW_DROP_BAD_INNER] = "bad-inner",
	[VGW_DROP_SOURCE] = "source",
	[VGW_DROP_ECN] = "ecn",
	[VGW_DROP_DEVICE_DOWN] = "device-down",
	[VGW_DROP_KEEPALIVE] = "keepalive",
	[VGW_DROP_NOT_ESP] = "not-esp",
	[VGW_DROP_MULTICAST] = "multicast",
	[VGW_DROP_SELECTOR] = "selector",
	[VGW_DROP_SA_IN_EXPIRED] = "sa-in-expired",
	[VGW_DROP_WAITING] = "waiting",
	[VGW_DROP_EARLY] = "early",
	[VGW_DROP_OVERFLOW] = "overflow",
};

const char *const vgw_main_attr_names[VGW_A_MAX + 1] = {
	[VGW_A_IFINDEX] = "ifindex",
	[VGW_A_IFNAME] = "ifname",
	[VGW_A_NETNSID] = "netnsid",
	[VGW_A_IFACE] = "iface",
	[VGW_A_TUNNEL] = "tunnel",
	[VGW_A_SA] = "sa",
	[VGW_A_SOCKET] = "socket",
};

const char *const vgw_socket_attr_names[VGW_A_SOCKET_MAX + 1] = {
	[VGW_A_SOCKET_FD] = "fd",
	[VGW_A_SOCKET_PORT] = "port",
};

const char *const vgw_iface_attr_names[VGW_A_IFACE_MAX + 1] = {
	[VGW_A_IFACE_MTU] = "mtu",
	[VGW_A_IFACE_MTU_AUTO] = "mtu-auto",
	[VGW_A_IFACE_CARRIER] = "carrier",
	[VGW_A_IFACE_DORMANT] = "dormant",
	[VGW_A_IFACE_TUNNELS] = "tunnels",
	[VGW_A_IFACE_CARRIER_POLICY] = "carrier-policy",
	[VGW_A_IFACE_MSS_CLAMP] = "mss-clamp",
	[VGW_A_IFACE_FWMARK] = "fwmark",
	[VGW_A_IFACE_DROP] = "drop",
	[VGW_A_IFACE_HOST_DROP] = "host-drop",
};

const char *const vgw_tunnel_attr_names[VGW_A_TUNNEL_MAX + 1] = {
	[VGW_A_TUNNEL_NAME] = "name",
	[VGW_A_TUNNEL_ID] = "id",
	[VGW_A_TUNNEL_ADMIN] = "admin",
	[VGW_A_TUNNEL_LOCAL] = "local",
	[VGW_A_TUNNEL_REMOTE] = "remote",
	[VGW_A_TUNNEL_ENCAP] = "encap",
	[VGW_A_TUNNEL_SPORT] = "sport",
	[VGW_A_TUNNEL_DPORT] = "dport",
	[VGW_A_TUNNEL_PRIORITY] = "priority",
	[VGW_A_TUNNEL_GROUP] = "group",
	[VGW_A_TUNNEL_PREFIXES] = "prefixes",
	[VGW_A_TUNNEL_PEER] = "peer",
	[VGW_A_TUNNEL_DSCP] = "dscp",
	[VGW_A_TUNNEL_DF] = "df",
	[VGW_A_TUNNEL_INNER_DF] = "inner-df",
	[VGW_A_TUNNEL_TTL] = "ttl",
	[VGW_A_TUNNEL_FWMARK] = "fwmark",
	[VGW_A_TUNNEL_LINK] = "link",
	[VGW_A_TUNNEL_TS_LOCAL] = "ts-local",
	[VGW_A_TUNNEL_TS_REMOTE] = "ts-remote",
	[VGW_A_TUNNEL_MULTICAST] = "multicast",
	[VGW_A_TUNNEL_RX_MARK] = "rx-mark",
	[VGW_A_TUNNEL_ROAM] = "roam",
	[VGW_A_TUNNEL_KEEPALIVE] = "keepalive",
	[VGW_A_TUNNEL_DEMAND] = "demand",
	[VGW_A_TUNNEL_PROBE] = "probe",
	[VGW_A_TUNNEL_STATE] = "state",
	[VGW_A_TUNNEL_REASON] = "reason",
	[VGW_A_TUNNEL_LAST_CHANGE] = "last-change",
	[VGW_A_TUNNEL_MTU] = "mtu",
	[VGW_A_TUNNEL_LAST_RX] = "last-rx",
	[VGW_A_TUNNEL_RX_PACKETS] = "rx-packets",
	[VGW_A_TUNNEL_RX_BYTES] = "rx-bytes",
	[VGW_A_TUNNEL_TX_PACKETS] = "tx-packets",
	[VGW_A_TUNNEL_TX_BYTES] = "tx-bytes",
	[VGW_A_TUNNEL_DROP] = "drop",
};

const char *const vgw_prefixes_attr_names[VGW_A_PREFIXES_MAX + 1] = {
	[VGW_A_PREFIXES_PREFIX] = "prefix",
};

const char *const vgw_prefix_attr_names[VGW_A_PREFIX_MAX + 1] = {
	[VGW_A_PREFIX_ADDRESS] = "address",
	[VGW_A_PREFIX_LENGTH] = "length",
};

const char *const vgw_probe_attr_names[VGW_A_PROBE_MAX + 1] = {
	[VGW_A_PROBE_TARGET] = "target",
	[VGW_A_PROBE_SOURCE] = "source",
	[VGW_A_PROBE_INTERVAL] = "interval",
	[VGW_A_PROBE_MISSES] = "misses",
	[VGW_A_PROBE_ACTION] = "action",
	[VGW_A_PROBE_STATE] = "state",
	[VGW_A_PROBE_SENT] = "sent",
	[VGW_A_PROBE_ANSWERED] = "answered",
	[VGW_A_PROBE_RTT] = "rtt",
};

const char *const vgw_sa_attr_names[VGW_A_SA_MAX + 1] = {
	[VGW_A_SA_DIRECTION] = "direction",
	[VGW_A_SA_SPI] = "spi",
	[VGW_A_SA_SUITE] = "suite",
	[VGW_A_SA_KEY] = "key",
	[VGW_A_SA_AUTH_KEY] = "auth-key",
	[VGW_A_SA_ESN] = "esn",
	[VGW_A_SA_REPLAY_WINDOW] = "replay-window",
	[VGW_A_SA_LIFE_TIME] = "life-time",
	[VGW_A_SA_LIFE_BYTES] = "life-bytes",
	[VGW_A_SA_LIFE_PACKETS] = "life-packets",
	[VGW_A_SA_PENDING_ON] = "pending-on",
	[VGW_A_SA_LINGER] = "linger",
	[VGW_A_SA_SEQ] = "seq",
	[VGW_A_SA_PACKETS] = "packets",
	[VGW_A_SA_BYTES] = "bytes",
	[VGW_A_SA_AGE] = "age",
	[VGW_A_SA_CURRENT] = "current",
	[VGW_A_SA_EXPIRY] = "expiry",
};

const char *const vgw_drop_attr_names[VGW_A_DROP_MAX + 1] = {
	[VGW_A_DROP_CAUSE] = "cause",
	[VGW_A_DROP_COUNT] = "count",
};
