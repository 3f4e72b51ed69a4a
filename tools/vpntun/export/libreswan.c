// SPDX-License-Identifier: GPL-2.0
#include "export/vendors.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "export/device.h"
#include "export/key.h"
#include "export/words.h"

static const struct device_id_form id_form = { "@", "", "@#" };
static const struct export_key_form key_form = { "\"", "0x" };

static const struct export_word words[] = {
	{ IKE_T_ENCR, IKE_ENCR_AES_GCM_16, 128, "aes_gcm128" }, { IKE_T_ENCR, IKE_ENCR_AES_GCM_16, 192, "aes_gcm192" },
	{ IKE_T_ENCR, IKE_ENCR_AES_GCM_16, 256, "aes_gcm256" },
	{ IKE_T_ENCR, IKE_ENCR_CHACHA20_POLY1305, 0, "chacha20_poly1305" },
	{ IKE_T_ENCR, IKE_ENCR_AES_CBC, 128, "aes128" }, { IKE_T_ENCR, IKE_ENCR_AES_CBC, 192, "aes192" },
	{ IKE_T_ENCR, IKE_ENCR_AES_CBC, 256, "aes256" },
	{ IKE_T_INTEG, IKE_INTEG_HMAC_SHA1_96, 0, "sha1" }, { IKE_T_INTEG, IKE_INTEG_HMAC_SHA2_256_128, 0, "sha2_256" },
	{ IKE_T_INTEG, IKE_INTEG_HMAC_SHA2_384_192, 0, "sha2_384" },
	{ IKE_T_INTEG, IKE_INTEG_HMAC_SHA2_512_256, 0, "sha2_512" },
	{ IKE_T_PRF, IKE_PRF_HMAC_SHA1, 0, "sha1" }, { IKE_T_PRF, IKE_PRF_HMAC_SHA2_256, 0, "sha2_256" },
	{ IKE_T_PRF, IKE_PRF_HMAC_SHA2_384, 0, "sha2_384" }, { IKE_T_PRF, IKE_PRF_HMAC_SHA2_512, 0, "sha2_512" },
	{ IKE_T_GROUP, IKE_GROUP_MODP1536, 0, "dh5" }, { IKE_T_GROUP, IKE_GROUP_MODP2048, 0, "dh14" },
	{ IKE_T_GROUP, IKE_GROUP_MODP3072, 0, "dh15" }, { IKE_T_GROUP, IKE_GROUP_MODP4096, 0, "dh16" },
	{ IKE_T_GROUP, IKE_GROUP_MODP6144, 0, "dh17" }, { IKE_T_GROUP, IKE_GROUP_MODP8192, 0, "dh18" },
	{ IKE_T_GROUP, IKE_GROUP_ECP256, 0, "dh19" }, { IKE_T_GROUP, IKE_GROUP_ECP384, 0, "dh20" },
	{ IKE_T_GROUP, IKE_GROUP_ECP521, 0, "dh21" }, { IKE_T_GROUP, IKE_GROUP_X25519, 0, "dh31" },
	{ 0, 0, 0, NULL }
};

/* The one group of ESP, or none. */
struct pfs {
	bool chosen;
	uint16_t group;
};

/*
 * Libreswan refuses a connection whose proposals for ESP have more than one group between them, as it cannot answer
 * INVALID_KE_PAYLOAD there. The first group stays, and with it the proposals that have it.
 */
static bool narrow(struct ike_proposal *proposal, struct pfs *pfs)
{
	const struct ike_proposal all = *proposal;
	bool has_group = false, kept = false;
	unsigned int i;

	proposal->count = 0;
	for (i = 0; i < all.count; i++) {
		if (all.transforms[i].type == IKE_T_GROUP && all.transforms[i].id != IKE_GROUP_NONE) {
			has_group = true;
			if (!pfs->chosen)
				*pfs = (struct pfs){ true, all.transforms[i].id };
			if (all.transforms[i].id != pfs->group)
				continue;
			kept = true;
		}
		proposal->transforms[proposal->count++] = all.transforms[i];
	}
	pfs->chosen = true;
	return pfs->group ? kept : !has_group;
}

/* Has it a group that has no word there? Without it the first Child SA would come up, and none after it. */
static bool lacks_group(const struct ike_proposal *proposal)
{
	unsigned int i;

	for (i = 0; i < proposal->count; i++)
		if (proposal->transforms[i].type == IKE_T_GROUP && proposal->transforms[i].id != IKE_GROUP_NONE)
			return !words_know(proposal, IKE_T_GROUP, words);
	return false;
}

static const char *word_of(const struct ike_transform *transform)
{
	const struct export_word *word;

	for (word = words; word->text; word++)
		if (word->type == transform->type && word->id == transform->id)
			return word->text;
	return "";
}

/* There is one word for IKE's integrity algorithm and its PRF: no PRF of its own can be said. */
static bool has_odd_prf(const struct ike_proposal *proposal)
{
	const struct ike_transform *list = proposal->transforms;
	unsigned int i, j;

	if (proposal->proto != IKE_PROTO_IKE || !words_know(proposal, IKE_T_INTEG, words))
		return false;
	for (i = 0; i < proposal->count; i++)
		for (j = 0; j < proposal->count; j++)
			if (list[i].type == IKE_T_PRF && list[j].type == IKE_T_INTEG && *word_of(&list[i]) &&
			    !strcmp(word_of(&list[i]), word_of(&list[j])))
				return false;
	return true;
}

/* "aes_gcm256-sha2_384;dh20": where the cipher needs no integrity algorithm the second word is IKE's PRF. */
static bool add_proposal(struct export_text *out, const struct ike_proposal *whole, void *ctx)
{
	struct ike_proposal one = *whole;
	const struct ike_proposal *proposal = &one;
	const uint8_t hash = words_know(proposal, IKE_T_INTEG, words) ? IKE_T_INTEG : IKE_T_PRF;

	if (whole->proto == IKE_PROTO_ESP && words_know(whole, IKE_T_ENCR, words) && !narrow(&one, ctx))
		return false;
	if (!words_know(proposal, IKE_T_ENCR, words) || lacks_group(proposal) || has_odd_prf(proposal) ||
	    (proposal->proto == IKE_PROTO_IKE &&
	     (!words_know(proposal, hash, words) || !words_know(proposal, IKE_T_GROUP, words))))
		return false;
	words_add(out, proposal, IKE_T_ENCR, words, "", "+");
	if (words_know(proposal, hash, words))
		export_add(out, "-");
	words_add(out, proposal, hash, words, "", "+");
	if (words_know(proposal, IKE_T_GROUP, words))
		export_add(out, ";");
	words_add(out, proposal, IKE_T_GROUP, words, "", "+");
	return true;
}

/* How the two ends of a tunnel are called. */
struct ends {
	char own[DEVICE_ID_MAX], other[DEVICE_ID_MAX];
};

/* Without an identity the own one stays "%any". */
static int take_ends(const struct conf_tunnel *tunnel, struct ends *ends, struct why *why)
{
	char remote[ADDR_TEXT_MAX];

	if (*tunnel->local_id && device_id(tunnel, tunnel->local_id, &id_form, ends->own, why))
		return -EINVAL;
	return device_id(tunnel, *tunnel->remote_id ? tunnel->remote_id : addr_text(&tunnel->remote, remote), &id_form,
			 ends->other, why);
}

static int write_proposals(const struct conf_tunnel *tunnel, struct export_text *out, struct why *why)
{
	struct pfs pfs = { .chosen = false };

	export_add(out, "    ike=");
	if (words_add_proposals(out, &tunnel->ike_proposals, IKE_PROTO_IKE, add_proposal, NULL, ",", why))
		return why_prepend(why, tunnel->name);
	export_add(out, "\n    esp=");
	if (words_add_proposals(out, &tunnel->esp_proposals, IKE_PROTO_ESP, add_proposal, &pfs, ",", why))
		return why_prepend(why, tunnel->name);
	/* Else it would add IKE's group when it rekeys. */
	export_add(out, pfs.group ? "\n" : "\n    pfs=no\n");
	return 0;
}

/* A connection has one selector at each end there, and several would be a Child SA each. */
static int write_selectors(const struct conf_tunnel *tunnel, struct export_text *out, struct why *why)
{
	if (tunnel->local_ts.count != 1 || tunnel->remote_ts.count != 1)
		return why_set(why, "[Tunnel %s]: Libreswan has one prefix at each end of a tunnel: LocalTS and RemoteTS have to be one each",
			       tunnel->name);
	export_add(out, "    leftsubnet=");
	export_add_prefixes(out, &tunnel->local_ts, ",");
	export_add(out, "\n    rightsubnet=");
	export_add_prefixes(out, &tunnel->remote_ts, ",");
	export_add(out, "\n");
	return 0;
}

static int write_connection(const struct export_view *view, size_t at, struct export_text *out, struct why *why)
{
	const struct conf_tunnel *tunnel = &view->conf.tunnels[at];
	char name[DEVICE_NAME_MAX], remote[ADDR_TEXT_MAX];
	struct ends ends = { .own = "%any" };

	if (take_ends(tunnel, &ends, why))
		return -EINVAL;
	export_add(out, "\nconn %s\n    left=%%defaultroute\n", device_name(&view->conf, tunnel, name));
	if (*tunnel->local_id)
		export_add(out, "    leftid=%s\n", ends.own);
	export_add(out, "    right=%s\n    rightid=%s\n", addr_text(&tunnel->remote, remote), ends.other);
	if (write_selectors(tunnel, out, why))
		return -EINVAL;
	export_add(out, "    authby=secret\n    ikev2=insist\n");
	if (write_proposals(tunnel, out, why))
		return -EINVAL;
	export_add(out, "    ikelifetime=%us\n    salifetime=%us\n    replay-window=%u\n", tunnel->ike_lifetime,
		   tunnel->lifetime, device_replay_window(tunnel));
	if (tunnel->dpd_interval)
		export_add(out, "    dpddelay=%u\n    retransmit-timeout=%us\n", tunnel->dpd_interval, tunnel->dpd_timeout);
	export_add(out, "    mobike=%s\n", tunnel->mobike ? "yes" : "no");
	if (tunnel->encap == CONF_ENCAP_UDP)
		export_add(out, "    encapsulation=yes\n");
	/* Both tunnels are for everything; it is their interfaces that tell them apart. */
	export_add(out, "    overlapip=yes\n    ipsec-interface=%zu\n    leftupdown=%%disabled\n    keyingtries=%%forever\n    auto=start\n",
		   device_number(view, at));
	return 0;
}

static int write_secret(const struct export_view *view, size_t at, struct export_text *out, struct why *why)
{
	struct ends ends = { .own = "%any" };

	if (take_ends(&view->conf.tunnels[at], &ends, why))
		return -EINVAL;
	export_add(out, "%s %s : PSK ", ends.own, ends.other);
	export_add_key(out, &view->keys[at], &key_form);
	export_add(out, "\n");
	return 0;
}

int export_libreswan(const struct export_view *view, struct export_text *out, struct why *why)
{
	char device[IFACE_NAME_SIZE];
	size_t i;

	if (device_check_names(&view->conf, why))
		return -EINVAL;
	export_add(out, "# Two files. Each tunnel has an interface, which comes with it; then:\n");
	for (i = 0; i < view->conf.n_tunnels; i++) {
		snprintf(device, sizeof(device), "ipsec%zu", device_number(view, i));
		device_commands(view, i, device, out);
	}
	export_add(out, "\n# ---- /etc/ipsec.d/%s.conf ----\n", view->conf.name);
	for (i = 0; i < view->conf.n_tunnels; i++)
		if (write_connection(view, i, out, why))
			return -EINVAL;
	export_add(out, "\n# ---- /etc/ipsec.d/%s.secrets, of mode 0600 ----\n\n", view->conf.name);
	for (i = 0; i < view->conf.n_tunnels; i++)
		if (write_secret(view, i, out, why))
			return -EINVAL;
	return 0;
}
