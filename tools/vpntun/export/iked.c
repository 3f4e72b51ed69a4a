// SPDX-License-Identifier: GPL-2.0
#include "export/vendors.h"

#include <errno.h>
#include <string.h>

#include "export/device.h"
#include "export/key.h"
#include "export/words.h"

/* Stands for the address of a gateway that is known by something else. */
#define OWN_ADDRESS "YOUR_ADDRESS"

static const struct device_id_form id_form = { "", "", NULL };
static const struct export_key_form key_form = { "\"", "0x" };

static const struct export_word words[] = {
	{ IKE_T_ENCR, IKE_ENCR_AES_GCM_16, 128, "aes-128-gcm" }, { IKE_T_ENCR, IKE_ENCR_AES_GCM_16, 256, "aes-256-gcm" },
	{ IKE_T_ENCR, IKE_ENCR_AES_CBC, 128, "aes-128" }, { IKE_T_ENCR, IKE_ENCR_AES_CBC, 192, "aes-192" },
	{ IKE_T_ENCR, IKE_ENCR_AES_CBC, 256, "aes-256" },
	{ IKE_T_INTEG, IKE_INTEG_HMAC_SHA1_96, 0, "hmac-sha1" },
	{ IKE_T_INTEG, IKE_INTEG_HMAC_SHA2_256_128, 0, "hmac-sha2-256" },
	{ IKE_T_INTEG, IKE_INTEG_HMAC_SHA2_384_192, 0, "hmac-sha2-384" },
	{ IKE_T_INTEG, IKE_INTEG_HMAC_SHA2_512_256, 0, "hmac-sha2-512" },
	{ IKE_T_PRF, IKE_PRF_HMAC_SHA1, 0, "hmac-sha1" }, { IKE_T_PRF, IKE_PRF_HMAC_SHA2_256, 0, "hmac-sha2-256" },
	{ IKE_T_PRF, IKE_PRF_HMAC_SHA2_384, 0, "hmac-sha2-384" }, { IKE_T_PRF, IKE_PRF_HMAC_SHA2_512, 0, "hmac-sha2-512" },
	{ IKE_T_GROUP, IKE_GROUP_MODP1024, 0, "modp1024" }, { IKE_T_GROUP, IKE_GROUP_MODP1536, 0, "modp1536" },
	{ IKE_T_GROUP, IKE_GROUP_MODP2048, 0, "modp2048" }, { IKE_T_GROUP, IKE_GROUP_MODP3072, 0, "modp3072" },
	{ IKE_T_GROUP, IKE_GROUP_MODP4096, 0, "modp4096" }, { IKE_T_GROUP, IKE_GROUP_MODP6144, 0, "modp6144" },
	{ IKE_T_GROUP, IKE_GROUP_MODP8192, 0, "modp8192" }, { IKE_T_GROUP, IKE_GROUP_ECP256, 0, "ecp256" },
	{ IKE_T_GROUP, IKE_GROUP_ECP384, 0, "ecp384" }, { IKE_T_GROUP, IKE_GROUP_ECP521, 0, "ecp521" },
	{ IKE_T_GROUP, IKE_GROUP_X25519, 0, "curve25519" },
	{ 0, 0, 0, NULL }
};

/* "ikesa enc aes-256-gcm prf hmac-sha2-384 group ecp384" */
static bool add_proposal(struct export_text *out, const struct ike_proposal *proposal, void *ctx)
{
	const bool ike = proposal->proto == IKE_PROTO_IKE;

	(void)ctx;
	if (!words_know(proposal, IKE_T_ENCR, words) ||
	    (ike && (!words_know(proposal, IKE_T_PRF, words) || !words_know(proposal, IKE_T_GROUP, words))))
		return false;
	export_add(out, "%s", ike ? "ikesa" : "childsa");
	words_add(out, proposal, IKE_T_ENCR, words, " enc ", "");
	words_add(out, proposal, IKE_T_INTEG, words, " auth ", "");
	words_add(out, proposal, IKE_T_PRF, words, " prf ", "");
	words_add(out, proposal, IKE_T_GROUP, words, " group ", "");
	return true;
}

/* A flow for each pair of networks. */
static void write_pairs(const struct ip_prefixes *from, const struct ip_prefixes *to, struct export_text *out)
{
	char one[ADDR_TEXT_MAX], other[ADDR_TEXT_MAX];
	size_t i, j;

	for (i = 0; i < from->count; i++)
		for (j = 0; j < to->count; j++)
			if (from->list[i].addr.len == to->list[j].addr.len)
				export_add(out, " \\\n\tfrom %s to %s", prefix_text(&from->list[i], one),
					   prefix_text(&to->list[j], other));
}

/*
 * It chooses by policy, so what leads where are the selectors themselves, and the same pair can only lead through one
 * tunnel: the first. Through each of them the two inside addresses reach each other.
 */
static int write_flows(const struct export_view *view, size_t at, struct export_text *out, struct why *why)
{
	const struct conf_tunnel *tunnel = &view->conf.tunnels[at];
	char own[ADDR_TEXT_MAX], peer[ADDR_TEXT_MAX];
	size_t i;

	if (!tunnel->peer.len)
		return why_set(why, "[Tunnel %s]: without Inside and Peer there is nothing to write a policy for", tunnel->name);
	for (i = 0; i < tunnel->inside.count; i++)
		if (tunnel->inside.list[i].addr.len == tunnel->peer.len)
			export_add(out, " \\\n\tfrom %s to %s", addr_text(&tunnel->inside.list[i].addr, own),
				   addr_text(&tunnel->peer, peer));
	if (!at)
		write_pairs(&view->own, &view->conf.routes, out);
	return 0;
}

static int write_proposals(const struct conf_tunnel *tunnel, struct export_text *out, struct why *why)
{
	export_add(out, " \\\n\t");
	if (words_add_proposals(out, &tunnel->ike_proposals, IKE_PROTO_IKE, add_proposal, NULL, " \\\n\t", why))
		return why_prepend(why, tunnel->name);
	export_add(out, " \\\n\t");
	if (words_add_proposals(out, &tunnel->esp_proposals, IKE_PROTO_ESP, add_proposal, NULL, " \\\n\t", why))
		return why_prepend(why, tunnel->name);
	return 0;
}

/*
 * Told no address of its own it hashes 0.0.0.0 into NAT_DETECTION_SOURCE_IP, and we would see a NAT. That by which we
 * know the far end is its own, unless there really is one.
 */
static void write_ends(const struct conf_tunnel *tunnel, struct export_text *out)
{
	char own[ADDR_TEXT_MAX], remote[ADDR_TEXT_MAX];
	struct why why = { "" };
	struct ip_addr addr;
	bool known = !addr_parse(tunnel->local_id, &addr, &why);

	export_add(out, " \\\n\tlocal %s peer %s", known ? addr_text(&addr, own) : OWN_ADDRESS,
		   addr_text(&tunnel->remote, remote));
}

/* What the other end is known by there. */
static const char *ident_there(const struct conf_tunnel *tunnel, char text[ADDR_TEXT_MAX])
{
	return *tunnel->remote_id ? tunnel->remote_id : addr_text(&tunnel->remote, text);
}

static int write_policy(const struct export_view *view, size_t at, struct export_text *out, struct why *why)
{
	const struct conf_tunnel *tunnel = &view->conf.tunnels[at];
	char name[DEVICE_NAME_MAX], own[DEVICE_ID_MAX], other[DEVICE_ID_MAX], remote[ADDR_TEXT_MAX];

	if (!*tunnel->local_id)
		return why_set(why, "[Tunnel %s]: OpenIKED has to be told who it is: write a RemoteID", tunnel->name);
	if (device_id(tunnel, tunnel->local_id, &id_form, own, why) ||
	    device_id(tunnel, ident_there(tunnel, remote), &id_form, other, why))
		return -EINVAL;
	export_add(out, "\nikev2 \"%s\" active esp", device_name(&view->conf, tunnel, name));
	if (write_flows(view, at, out, why))
		return -EINVAL;
	write_ends(tunnel, out);
	if (write_proposals(tunnel, out, why))
		return -EINVAL;
	export_add(out, " \\\n\tsrcid \"%s\" dstid \"%s\" \\\n\tikelifetime %u lifetime %u \\\n\tpsk ", own, other,
		   tunnel->ike_lifetime, tunnel->lifetime);
	export_add_key(out, &view->keys[at], &key_form);
	export_add(out, "\n");
	return 0;
}

static void write_addresses(const struct export_view *view, struct export_text *out)
{
	char text[ADDR_TEXT_MAX];
	size_t i, j;

	export_add(out, "# /etc/iked.conf, of mode 0600\n#\n"
		   "# The gateway needs the inside addresses, on Linux by:\n");
	for (i = 0; i < view->conf.n_tunnels; i++)
		for (j = 0; j < view->conf.tunnels[i].inside.count; j++)
			export_add(out, "#   ip addr add %s dev lo\n",
				   addr_text(&view->conf.tunnels[i].inside.list[j].addr, text));
	export_add(out, "#\n# 'local' is the gateway's own address; behind a NAT that is another one than here.\n");
	if (!view->own.count || !view->conf.routes.count)
		export_add(out, "#\n# What networks are at both ends is not known, so there is none in the policies: add\n"
			   "# 'from NETWORK to NETWORK' to the first.\n");
}

/* It counts IKE SAs by the identity of the other end: those of two tunnels would end each other. */
static bool peers_differ(const struct conf *conf)
{
	char one[ADDR_TEXT_MAX], other[ADDR_TEXT_MAX];
	size_t i, j;

	for (i = 0; i < conf->n_tunnels; i++)
		for (j = 0; j < i; j++)
			if (!strcmp(ident_there(&conf->tunnels[i], one), ident_there(&conf->tunnels[j], other)))
				return false;
	return true;
}

int export_iked(const struct export_view *view, struct export_text *out, struct why *why)
{
	const struct conf_tunnel *first = &view->conf.tunnels[0];
	size_t i;

	if (device_check_names(&view->conf, why))
		return -EINVAL;
	write_addresses(view, out);
	export_add(out, "\nset %smobike\nset %sfragmentation\n", first->mobike ? "" : "no", first->fragmentation ? "" : "no");
	if (peers_differ(&view->conf))
		export_add(out, "set enforcesingleikesa\n");
	if (first->dpd_interval)
		export_add(out, "set dpd_check_interval %u\n", first->dpd_interval);
	for (i = 0; i < view->conf.n_tunnels; i++)
		if (write_policy(view, i, out, why))
			return -EINVAL;
	return 0;
}
