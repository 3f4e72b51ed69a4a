// SPDX-License-Identifier: GPL-2.0
#include "export/vendors.h"

#include <errno.h>
#include <stdio.h>

#include "export/device.h"
#include "export/key.h"

static const struct device_id_form id_form = { "fqdn:", "email:", "keyid:#" };
static const struct export_key_form key_form = { "\"", "0x" };

/* A tunnel, and how both its ends are called there. */
struct swan {
	const struct export_view *view;
	size_t at;
	const struct conf_tunnel *tunnel;
	char name[DEVICE_NAME_MAX];
	char own[DEVICE_ID_MAX], other[DEVICE_ID_MAX];	/* own: "" if it is the address there */
};

static int take_ids(struct swan *swan, struct why *why)
{
	const struct conf_tunnel *tunnel = swan->tunnel;
	char remote[ADDR_TEXT_MAX];

	*swan->own = '\0';
	if (*tunnel->local_id && device_id(tunnel, tunnel->local_id, &id_form, swan->own, why))
		return -EINVAL;
	return device_id(tunnel, *tunnel->remote_id ? tunnel->remote_id : addr_text(&tunnel->remote, remote), &id_form,
			 swan->other, why);
}

/* Our end rekeys at 75 to 85 % of the time; there it is to be later, so that they seldom meet. */
static uint32_t late(uint32_t lifetime)
{
	return lifetime - lifetime / 10;
}

static void write_child(const struct swan *swan, struct export_text *out)
{
	const struct conf_tunnel *tunnel = swan->tunnel;

	export_add(out, "    children {\n      %s {\n        local_ts = ", swan->name);
	export_add_prefixes(out, &tunnel->local_ts, ",");
	export_add(out, "\n        remote_ts = ");
	export_add_prefixes(out, &tunnel->remote_ts, ",");
	export_add(out, "\n");
	export_add_words(out, "        esp_proposals", &tunnel->esp_proposals);
	export_add(out, "        if_id_in = %zu\n        if_id_out = %zu\n", device_number(swan->view, swan->at),
		   device_number(swan->view, swan->at));
	export_add(out, "        life_time = %us\n        rekey_time = %us\n        replay_window = %u\n", tunnel->lifetime,
		   late(tunnel->lifetime), device_replay_window(tunnel));
	export_add(out, "        start_action = start\n        close_action = start\n        dpd_action = restart\n");
	export_add(out, "      }\n    }\n");
}

/* Identities are quoted: what stands behind a '#' is a comment. */
static void write_connection(const struct swan *swan, struct export_text *out)
{
	const struct conf_tunnel *tunnel = swan->tunnel;
	char remote[ADDR_TEXT_MAX];

	export_add(out, "  %s {\n    version = 2\n    remote_addrs = %s\n", swan->name, addr_text(&tunnel->remote, remote));
	export_add_words(out, "    proposals", &tunnel->ike_proposals);
	export_add(out, "    rekey_time = %us\n    over_time = %us\n    keyingtries = 0\n", late(tunnel->ike_lifetime),
		   tunnel->ike_lifetime - late(tunnel->ike_lifetime));
	if (tunnel->dpd_interval)
		export_add(out, "    dpd_delay = %us\n", tunnel->dpd_interval);
	export_add(out, "    mobike = %s\n", tunnel->mobike ? "yes" : "no");
	if (tunnel->encap == CONF_ENCAP_UDP)
		export_add(out, "    encap = yes\n");
	export_add(out, "    local {\n      auth = psk\n");
	if (*swan->own)
		export_add(out, "      id = \"%s\"\n", swan->own);
	export_add(out, "    }\n    remote {\n      auth = psk\n      id = \"%s\"\n    }\n", swan->other);
	write_child(swan, out);
	export_add(out, "  }\n");
}

static void write_secret(const struct swan *swan, struct export_text *out)
{
	export_add(out, "  ike-%s {\n    secret = ", swan->name);
	export_add_key(out, &swan->view->keys[swan->at], &key_form);
	export_add(out, "\n");
	if (*swan->own)
		export_add(out, "    id-1 = \"%s\"\n", swan->own);
	export_add(out, "    id-2 = \"%s\"\n  }\n", swan->other);
}

static void write_device(const struct swan *swan, struct export_text *out)
{
	char device[IFACE_NAME_SIZE];

	snprintf(device, sizeof(device), "ipsec%zu", device_number(swan->view, swan->at));
	export_add(out, "#   ip link add %s type xfrm if_id %zu\n#   ip link set %s up\n", device, device_number(swan->view, swan->at),
		   device);
	device_commands(swan->view, swan->at, device, out);
}

/* Calls @write for each of the tunnels. */
static int for_tunnels(const struct export_view *view, void (*write)(const struct swan *swan, struct export_text *out),
		       struct export_text *out, struct why *why)
{
	struct swan swan = { .view = view };

	for (swan.at = 0; swan.at < view->conf.n_tunnels; swan.at++) {
		swan.tunnel = &view->conf.tunnels[swan.at];
		device_name(&view->conf, swan.tunnel, swan.name);
		if (take_ids(&swan, why))
			return -EINVAL;
		write(&swan, out);
	}
	return 0;
}

int export_strongswan(const struct export_view *view, struct export_text *out, struct why *why)
{
	if (device_check_names(&view->conf, why))
		return -EINVAL;
	export_add(out, "# /etc/swanctl/conf.d/%s.conf, of mode 0600; then: swanctl --load-all\n", view->conf.name);
	export_add(out, "#\n# Each tunnel has an interface, so strongswan.conf has to say 'charon { install_routes = no }':\n");
	if (for_tunnels(view, write_device, out, why))
		return -EINVAL;
	export_add(out, "\nconnections {\n");
	if (for_tunnels(view, write_connection, out, why))
		return -EINVAL;
	export_add(out, "}\n\nsecrets {\n");
	if (for_tunnels(view, write_secret, out, why))
		return -EINVAL;
	export_add(out, "}\n");
	return 0;
}
