// SPDX-License-Identifier: GPL-2.0
#include "export/vendors.h"

#include <errno.h>

#include "export/aws.h"
#include "util/wipe.h"

/* Names and text here need no escapes: they are addresses, numbers, and letters of few kinds. */
static void write_element(struct export_text *out, unsigned int depth, const char *name, const char *value)
{
	export_add(out, "%*s<%s>%s</%s>\n", 2 * depth, "", name, value, name);
}

static void write_number(struct export_text *out, unsigned int depth, const char *name, uint32_t value)
{
	export_add(out, "%*s<%s>%u</%s>\n", 2 * depth, "", name, value, name);
}

/* Of IPv4 alone: nobody has seen what AWS writes there for IPv6. */
static void write_mask(struct export_text *out, const struct conf_inside *inside)
{
	uint32_t mask;

	if (inside->addr.len != 4)
		return;
	/* No Inside has a length of 0. */
	mask = UINT32_MAX << (32 - inside->length);
	export_add(out, "        <network_mask>%u.%u.%u.%u</network_mask>\n", mask >> 24, mask >> 16 & 255,
		   mask >> 8 & 255, mask & 255);
}

static void write_gateway(struct export_text *out, const char *name, const struct ip_addr *outside,
			  const struct conf_inside *inside, uint32_t asn, uint32_t hold)
{
	char text[ADDR_TEXT_MAX];

	export_add(out, "    <%s>\n      <tunnel_outside_address>\n", name);
	write_element(out, 4, "ip_address", addr_text(outside, text));
	export_add(out, "      </tunnel_outside_address>\n      <tunnel_inside_address>\n");
	write_element(out, 4, "ip_address", addr_text(&inside->addr, text));
	write_mask(out, inside);
	write_number(out, 4, "network_cidr", inside->length);
	export_add(out, "      </tunnel_inside_address>\n");
	if (asn) {
		export_add(out, "      <bgp>\n");
		write_number(out, 4, "asn", asn);
		write_number(out, 4, "hold_time", hold);
		export_add(out, "      </bgp>\n");
	}
	export_add(out, "    </%s>\n", name);
}

static void write_phase(struct export_text *out, const struct aws_phase *phase)
{
	write_element(out, 3, "authentication_protocol", phase->hash);
	write_element(out, 3, "encryption_protocol", phase->cipher);
	write_number(out, 3, "lifetime", phase->lifetime);
	export_add(out, "      <perfect_forward_secrecy>group%u</perfect_forward_secrecy>\n", phase->group);
}

static void write_tunnel(struct export_text *out, const struct aws_tunnel *tunnel)
{
	export_add(out, "  <ipsec_tunnel>\n");
	write_gateway(out, "customer_gateway", &tunnel->customer, &tunnel->customer_inside, tunnel->customer_asn,
		      tunnel->hold);
	write_gateway(out, "vpn_gateway", &tunnel->gateway, &tunnel->gateway_inside, tunnel->gateway_asn, tunnel->hold);
	export_add(out, "    <ike>\n");
	write_phase(out, &tunnel->ike);
	write_element(out, 3, "mode", "main");
	write_element(out, 3, "pre_shared_key", tunnel->key);
	export_add(out, "    </ike>\n    <ipsec>\n");
	write_element(out, 3, "protocol", "esp");
	write_phase(out, &tunnel->esp);
	write_element(out, 3, "mode", "tunnel");
	write_element(out, 3, "clear_df_bit", tunnel->clear_df ? "true" : "false");
	write_element(out, 3, "fragmentation_before_encryption", "true");
	write_number(out, 3, "tcp_mss_adjustment", tunnel->mss);
	export_add(out, "      <dead_peer_detection>\n");
	write_number(out, 4, "interval", tunnel->dpd_interval);
	write_number(out, 4, "retries", tunnel->dpd_retries);
	export_add(out, "      </dead_peer_detection>\n    </ipsec>\n  </ipsec_tunnel>\n");
}

int export_aws_xml(const struct export_view *view, struct export_text *out, struct why *why)
{
	struct aws_tunnel tunnel;
	size_t i;
	int err = 0;

	export_add(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<vpn_connection id=\"%s\">\n", view->conf.name);
	export_add(out, "  <customer_gateway_id/>\n  <vpn_gateway_id/>\n");
	write_element(out, 1, "vpn_connection_type", "ipsec.1");
	if (!view_has_bgp(view))
		write_element(out, 1, "vpn_connection_attributes", "NoBGPVPNConnection");
	for (i = 0; !err && i < view->conf.n_tunnels; i++) {
		err = aws_tunnel(view, i, &tunnel, why);
		if (!err)
			write_tunnel(out, &tunnel);
	}
	wipe(&tunnel);
	export_add(out, "</vpn_connection>\n");
	return err ? -EINVAL : 0;
}
