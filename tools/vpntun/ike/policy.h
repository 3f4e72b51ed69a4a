/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_POLICY_H
#define IKE_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "ike/ident.h"
#include "ike/prop.h"
#include "ike/ts.h"
#include "util/addr.h"

enum { IKE_POLICY_NAME_SIZE = 80 };	/* "connection/tunnel", with the final zero */

enum ike_start { IKE_START_ADD, IKE_START_START, IKE_START_TRAP };	/* wait; initiate; initiate on demand */
enum ike_dpd { IKE_DPD_NONE, IKE_DPD_CLEAR, IKE_DPD_RESTART };
enum ike_encap { IKE_ENCAP_AUTO, IKE_ENCAP_UDP, IKE_ENCAP_NONE };

/*
 * How to deal with one peer: a tunnel of a configuration file. Plain data, sent whole from the parent to the network
 * process; secrets are not in it: the key process has them under the same id.
 */
struct ike_policy {
	uint32_t id;			/* the caller's, never 0 */
	char name[IKE_POLICY_NAME_SIZE];
	struct ip_addr local;		/* len 0: whichever the route has */
	struct ip_addr remote;		/* len 0: any; then it never initiates */
	struct ike_ident local_id;	/* IKE_ID_NONE: our address */
	struct ike_ident remote_id;	/* IKE_ID_NONE: the address it comes from */
	struct ike_proposals ike;	/* in the order of preference, numbered from 1 */
	struct ike_proposals esp;	/* with groups for PFS; IKE_AUTH leaves them out */
	struct ike_ts_list local_ts;
	struct ike_ts_list remote_ts;
	uint32_t ike_life;		/* seconds; rekeyed at 75 to 85 % of it */
	uint32_t child_life;
	uint64_t child_life_bytes;	/* 0: no limit; the kernel tells when it is reached */
	uint32_t dpd_interval;		/* seconds without a packet before the peer is asked; 0: never */
	uint32_t dpd_timeout;		/* seconds without an answer before it is dead */
	uint8_t dpd_action;		/* enum ike_dpd */
	uint8_t start;			/* enum ike_start */
	uint8_t encap;			/* enum ike_encap */
	bool initial_contact;		/* set by the parent after a restart */
};

#endif /* IKE_POLICY_H */
