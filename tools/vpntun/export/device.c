// SPDX-License-Identifier: GPL-2.0
#include "export/device.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ike/ident.h"
#include "util/text.h"

enum { XFRM_WINDOW_MAX = 4096 };

const char *device_name(const struct conf *conf, const struct conf_tunnel *tunnel, char out[DEVICE_NAME_MAX])
{
	char *c;

	snprintf(out, DEVICE_NAME_MAX, "%s-%s", conf->name, tunnel->name);
	for (c = out; *c; c++)
		if (strchr(".:@+", *c))
			*c = '_';
	return out;
}

int device_check_names(const struct conf *conf, struct why *why)
{
	char name[DEVICE_NAME_MAX], other[DEVICE_NAME_MAX];
	size_t i, j;

	for (i = 0; i < conf->n_tunnels; i++) {
		device_name(conf, &conf->tunnels[i], name);
		for (j = 0; j < i; j++)
			if (!strcmp(name, device_name(conf, &conf->tunnels[j], other)))
				return why_set(why, "[Tunnel %s] and [Tunnel %s] would both be %s there: rename one of them",
					       conf->tunnels[j].name, conf->tunnels[i].name, name);
	}
	return 0;
}

uint32_t device_replay_window(const struct conf_tunnel *tunnel)
{
	return tunnel->replay_window < XFRM_WINDOW_MAX ? tunnel->replay_window : XFRM_WINDOW_MAX;
}

size_t device_number(const struct export_view *view, size_t at)
{
	return DEVICE_FIRST + view->number[at];
}

/* ---- identities ---- */

/* A name that would be taken for something else, where nothing in front of it says what it is. */
static bool looks_otherwise(const struct ike_ident *ident)
{
	char text[IKE_ID_MAX + 1];
	struct ip_addr addr;
	struct why why;

	snprintf(text, sizeof(text), "%.*s", (int)ident->len, (const char *)ident->bytes);
	return strchr(text, '@') || !addr_parse(text, &addr, &why);
}

static bool is_plain(const struct ike_ident *ident)
{
	return export_is_plain(ident->bytes, ident->len, "@+");
}

static const char *prefix_for(const struct ike_ident *ident, const struct device_id_form *form)
{
	switch (ident->type) {
	case IKE_ID_IPV4:
	case IKE_ID_IPV6:
		return "";
	case IKE_ID_FQDN:
		return is_plain(ident) && (*form->fqdn || !looks_otherwise(ident)) ? form->fqdn : NULL;
	case IKE_ID_EMAIL:
		return is_plain(ident) ? form->email : NULL;
	case IKE_ID_KEYID:
		return form->keyid;
	default:
		return NULL;
	}
}

int device_id(const struct conf_tunnel *tunnel, const char *id, const struct device_id_form *form,
	      char out[DEVICE_ID_MAX], struct why *why)
{
	char text[ADDR_TEXT_MAX];
	struct ike_ident ident;
	struct ip_addr addr = { .len = 0 };
	const char *prefix;
	size_t i;

	if (ident_parse(id, &ident, why))
		return why_prepend(why, tunnel->name);
	prefix = prefix_for(&ident, form);
	if (!prefix)
		return why_set(why, "[Tunnel %s]: the identity '%s' cannot be said there", tunnel->name, id);

	snprintf(out, DEVICE_ID_MAX, "%s", prefix);
	if (ident.type == IKE_ID_IPV4 || ident.type == IKE_ID_IPV6) {
		addr.len = ident.len;
		memcpy(addr.bytes, ident.bytes, ident.len);
		text_add(out, DEVICE_ID_MAX, "%s", addr_text(&addr, text));
	} else if (ident.type == IKE_ID_KEYID) {
		for (i = 0; i < ident.len; i++)
			text_add(out, DEVICE_ID_MAX, "%02x", ident.bytes[i]);
	} else {
		text_add(out, DEVICE_ID_MAX, "%.*s", (int)ident.len, (const char *)ident.bytes);
	}
	return 0;
}

/* ---- what is in front of the tunnel ---- */

void device_commands(const struct export_view *view, size_t at, const char *device, struct export_text *out)
{
	const struct conf_tunnel *tunnel = &view->conf.tunnels[at];
	char text[ADDR_TEXT_MAX];
	size_t i;

	for (i = 0; i < tunnel->inside.count; i++)
		export_add(out, "#   ip addr add %s/%u dev %s\n", addr_text(&tunnel->inside.list[i].addr, text),
			   tunnel->inside.list[i].length, device);
	for (i = 0; i < view->conf.routes.count; i++)
		export_add(out, "#   ip route add %s dev %s metric %zu\n", prefix_text(&view->conf.routes.list[i], text),
			   device, DEVICE_FIRST + view->rank[at]);
}
