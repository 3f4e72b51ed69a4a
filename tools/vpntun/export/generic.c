// SPDX-License-Identifier: GPL-2.0
#include "export/vendors.h"

#include <errno.h>

#include "export/aws.h"
#include "util/wipe.h"

/* The labels are those of AWS's text for the vendor "Generic", by which it is read; the sentences are our own. */

#define RULER "================================================================================\n"

static void write_head(struct export_text *out, const char *name)
{
	export_add(out, "VPN Connection Configuration\n" RULER
		   "Each tunnel below is to be set up on your gateway. One carries the traffic, and the\n"
		   "other takes over when that is down.\n\n");
	export_add(out, "Your VPN Connection ID          : %s\n", name);
	export_add(out, "Your Virtual Private Gateway ID :\nYour Customer Gateway ID        :\n");
}

static void write_ike(struct export_text *out, const struct aws_tunnel *tunnel)
{
	export_add(out, "#1: Internet Key Exchange Configuration\n\n"
		   "  - IKE version              : IKEv2\n"
		   "  - Authentication Method    : Pre-Shared Key\n");
	export_add(out, "  - Pre-Shared Key           : %s\n", tunnel->key);
	export_add(out, "  - Authentication Algorithm : %s\n", tunnel->ike.hash);
	export_add(out, "  - Encryption Algorithm     : %s\n", tunnel->ike.cipher);
	export_add(out, "  - Lifetime                 : %u seconds\n", tunnel->ike.lifetime);
	export_add(out, "  - Diffie-Hellman           : Group %u\n\n", tunnel->ike.group);
}

static void write_ipsec(struct export_text *out, const struct aws_tunnel *tunnel)
{
	export_add(out, "#2: IPSec Configuration\n\n"
		   "  - Protocol                 : esp\n");
	export_add(out, "  - Authentication Algorithm : %s\n", tunnel->esp.hash);
	export_add(out, "  - Encryption Algorithm     : %s\n", tunnel->esp.cipher);
	export_add(out, "  - Lifetime                 : %u seconds\n", tunnel->esp.lifetime);
	export_add(out, "  - Mode                     : tunnel\n");
	export_add(out, "  - Perfect Forward Secrecy  : Diffie-Hellman Group %u\n", tunnel->esp.group);
	export_add(out, "  - DPD Interval             : %u\n", tunnel->dpd_interval);
	export_add(out, "  - DPD Retries              : %u\n", tunnel->dpd_retries);
	export_add(out, "  - TCP MSS Adjustment       : %u bytes\n", tunnel->mss);
	export_add(out, "  - Clear Don't Fragment Bit : %s\n", tunnel->clear_df ? "enabled" : "disabled");
	export_add(out, "  - Fragmentation            : Before encryption\n\n"
		   "The device's selectors are everything on both sides (0.0.0.0/0 or ::/0): routes decide what goes in.\n\n");
}

static void write_interface(struct export_text *out, const struct aws_tunnel *tunnel)
{
	char customer[ADDR_TEXT_MAX], gateway[ADDR_TEXT_MAX];

	export_add(out, "#3: Tunnel Interface Configuration\n\n"
		   "Outside IP Addresses:\n");
	export_add(out, "  - Customer Gateway         : %s\n", addr_text(&tunnel->customer, customer));
	export_add(out, "  - Virtual Private Gateway  : %s\n\n", addr_text(&tunnel->gateway, gateway));
	export_add(out, "Inside IP Addresses:\n");
	export_add(out, "  - Customer Gateway         : %s/%u\n", addr_text(&tunnel->customer_inside.addr, customer),
		   tunnel->customer_inside.length);
	export_add(out, "  - Virtual Private Gateway  : %s/%u\n\n", addr_text(&tunnel->gateway_inside.addr, gateway),
		   tunnel->gateway_inside.length);
	export_add(out, "  - Tunnel interface MTU     : %u bytes\n\n", tunnel->mtu);
}

static void write_routing(struct export_text *out, const struct aws_tunnel *tunnel)
{
	char neighbor[ADDR_TEXT_MAX];

	addr_text(&tunnel->gateway_inside.addr, neighbor);
	if (!tunnel->customer_asn) {
		export_add(out, "#4: Static Routing Configuration:\n\n"
			   "Static Route Configuration Options:\n"
			   "  - Next hop       : %s\n\n",
			   neighbor);
		return;
	}
	export_add(out, "#4: Border Gateway Protocol (BGP) Configuration:\n\n"
		   "BGP Configuration Options:\n");
	export_add(out, "  - Customer Gateway ASN         : %u\n", tunnel->customer_asn);
	export_add(out, "  - Virtual Private Gateway ASN  : %u\n", tunnel->gateway_asn);
	export_add(out, "  - Neighbor IP Address          : %s\n", neighbor);
	export_add(out, "  - Neighbor Hold Time           : %u\n\n", tunnel->hold);
}

int export_generic(const struct export_view *view, struct export_text *out, struct why *why)
{
	struct aws_tunnel tunnel;
	size_t i;
	int err = 0;

	write_head(out, view->conf.name);
	for (i = 0; !err && i < view->conf.n_tunnels; i++) {
		err = aws_tunnel(view, i, &tunnel, why);
		if (err)
			break;
		export_add(out, "\nIPSec Tunnel #%zu\n" RULER, i + 1);
		write_ike(out, &tunnel);
		write_ipsec(out, &tunnel);
		write_interface(out, &tunnel);
		write_routing(out, &tunnel);
	}
	wipe(&tunnel);
	return err ? -EINVAL : 0;
}
