/* SPDX-License-Identifier: GPL-2.0 */
/* Made from uapi/vgw.yaml by uapi/gen.py: change that, not this. */
#ifndef NL_NAMES_GEN_H
#define NL_NAMES_GEN_H

#include <linux/vgw.h>

/* Names of values; a hole in the numbers is NULL. */
extern const char *const vgw_encap_names[VGW_ENCAP_MAX + 1];
extern const char *const vgw_direction_names[VGW_DIRECTION_MAX + 1];
extern const char *const vgw_suite_names[VGW_SUITE_MAX + 1];
extern const char *const vgw_state_names[VGW_STATE_MAX + 1];
extern const char *const vgw_reason_names[VGW_REASON_MAX + 1];
extern const char *const vgw_carrier_policy_names[VGW_CARRIER_POLICY_MAX + 1];
extern const char *const vgw_df_names[VGW_DF_MAX + 1];
extern const char *const vgw_inner_df_names[VGW_INNER_DF_MAX + 1];
extern const char *const vgw_probe_action_names[VGW_PROBE_ACTION_MAX + 1];
extern const char *const vgw_probe_state_names[VGW_PROBE_STATE_MAX + 1];
extern const char *const vgw_expiry_names[VGW_EXPIRY_MAX + 1];
extern const char *const vgw_drop_names[VGW_DROP_MAX + 1];

/* Names of attributes, for what the kernel says of them. */
extern const char *const vgw_main_attr_names[VGW_A_MAX + 1];
extern const char *const vgw_socket_attr_names[VGW_A_SOCKET_MAX + 1];
extern const char *const vgw_iface_attr_names[VGW_A_IFACE_MAX + 1];
extern const char *const vgw_tunnel_attr_names[VGW_A_TUNNEL_MAX + 1];
extern const char *const vgw_prefixes_attr_names[VGW_A_PREFIXES_MAX + 1];
extern const char *const vgw_prefix_attr_names[VGW_A_PREFIX_MAX + 1];
extern const char *const vgw_probe_attr_names[VGW_A_PROBE_MAX + 1];
extern const char *const vgw_sa_attr_names[VGW_A_SA_MAX + 1];
extern const char *const vgw_drop_attr_names[VGW_A_DROP_MAX + 1];

#endif /* NL_NAMES_GEN_H */
