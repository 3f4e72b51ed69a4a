// SPDX-License-Identifier: GPL-2.0
#include "export/aws.h"

#include <errno.h>
#include <linux/vgw.h>
#include <stdio.h>
#include <string.h>

#include "ike/prop.h"
#include "import/take.h"

enum { PATH_MTU = 1500, TRAILER = 2 };	/* bytes; the pad length and the next header */

static int refuse(const struct conf_tunnel *tunnel, struct why *why, const char *what)
{
	return why_set(why, "[Tunnel %s]: AWS's form has no place for %s", tunnel->name, what);
}

/* ---- proposals ---- */

static const struct cipher {
	uint16_t id, bits;
	const char *name;
	uint8_t iv, icv, block;		/* in a packet, bytes; icv 0: that of the hash */
} ciphers[] = {
	{ IKE_ENCR_AES_CBC, 128, "aes-128-cbc", 16, 0, 16 }, { IKE_ENCR_AES_CBC, 256, "aes-256-cbc", 16, 0, 16 },
	{ IKE_ENCR_AES_GCM_16, 128, "aes-128-gcm-16", 8, 16, 4 }, { IKE_ENCR_AES_GCM_16, 256, "aes-256-gcm-16", 8, 16, 4 },
};

static const struct hash {
	uint16_t prf, integ;
	const char *ike, *esp;
	uint8_t icv;
} hashes[] = {
	{ IKE_PRF_HMAC_SHA1, IKE_INTEG_HMAC_SHA1_96, "sha1", "hmac-sha1-96", 12 },
	{ IKE_PRF_HMAC_SHA2_256, IKE_INTEG_HMAC_SHA2_256_128, "sha2-256", "hmac-sha2-256-128", 16 },
	{ IKE_PRF_HMAC_SHA2_384, IKE_INTEG_HMAC_SHA2_384_192, "sha2-384", "hmac-sha2-384-192", 24 },
	{ IKE_PRF_HMAC_SHA2_512, IKE_INTEG_HMAC_SHA2_512_256, "sha2-512", "hmac-sha2-512-256", 32 },
};

enum { N_CIPHERS = sizeof(ciphers) / sizeof(*ciphers), N_HASHES = sizeof(hashes) / sizeof(*hashes) };

struct suite {
	const struct cipher *cipher;
	const struct hash *hash;	/* of ESP with a cipher that needs none: NULL */
	uint16_t group;
};

static const struct cipher *find_cipher(const struct ike_transform *transform)
{
	size_t i;

	for (i = 0; i < N_CIPHERS; i++)
		if (transform->id == ciphers[i].id && transform->key_bits == ciphers[i].bits)
			return &ciphers[i];
	return NULL;
}

static const struct hash *find_hash(const struct ike_transform *transform)
{
	size_t i;

	for (i = 0; i < N_HASHES; i++)
		if (transform->id == (transform->type == IKE_T_PRF ? hashes[i].prf : hashes[i].integ))
			return &hashes[i];
	return NULL;
}

static bool is_aws_group(uint16_t group)
{
	return group == IKE_GROUP_MODP1024 || group == IKE_GROUP_MODP1536 ||
	       (group >= IKE_GROUP_MODP2048 && group <= IKE_GROUP_ECP521);
}

static bool has_prf(const struct ike_proposal *proposal, uint16_t prf)
{
	size_t i;

	for (i = 0; i < proposal->count; i++)
		if (proposal->transforms[i].type == IKE_T_PRF && proposal->transforms[i].id == prf)
			return true;
	return false;
}

/* There is one word for IKE's integrity algorithm and its PRF. */
static const struct hash *choose_hash(const struct ike_proposal *proposal, enum ike_proto proto)
{
	const struct hash *hash, *prf = NULL;
	bool has_integ = false;
	size_t i;

	for (i = 0; i < proposal->count; i++) {
		const struct ike_transform *transform = &proposal->transforms[i];

		hash = transform->type == IKE_T_PRF || transform->type == IKE_T_INTEG ? find_hash(transform) : NULL;
		has_integ |= transform->type == IKE_T_INTEG;
		if (hash && transform->type == IKE_T_INTEG && (proto != IKE_PROTO_IKE || has_prf(proposal, hash->prf)))
			return hash;
		if (transform->type == IKE_T_PRF && !prf)
			prf = hash;
	}
	return has_integ ? NULL : prf;
}

/* Of several transforms of a type the first that AWS has a word for. */
static void take_transform(const struct ike_transform *transform, struct suite *suite)
{
	switch (transform->type) {
	case IKE_T_ENCR:
		suite->cipher = suite->cipher ? suite->cipher : find_cipher(transform);
		break;
	case IKE_T_GROUP:
		if (!suite->group && is_aws_group(transform->id))
			suite->group = transform->id;
		break;
	}
}

/* Without a group of its own ESP has none; AWS always has one. */
static bool is_whole(const struct suite *suite, enum ike_proto proto)
{
	const bool needs_hash = proto == IKE_PROTO_IKE || (suite->cipher && !suite->cipher->icv);

	return suite->cipher && suite->group && (suite->hash || !needs_hash);
}

static int choose(const struct conf_words *words, enum ike_proto proto, struct suite *out, struct why *why)
{
	struct ike_proposal proposal;
	size_t i, j;

	for (i = 0; i < words->count; i++) {
		if (prop_parse(words->list[i], proto, false, &proposal, why))
			return -EINVAL;
		*out = (struct suite){ .group = 0 };
		for (j = 0; j < proposal.count; j++)
			take_transform(&proposal.transforms[j], out);
		out->hash = choose_hash(&proposal, proto);
		if (is_whole(out, proto))
			return 0;
	}
	return why_set(why, "none of the proposals for %s is one that AWS has: AES-CBC or AES-GCM-16 of 128 or 256 bits, SHA-1 or SHA-2, groups 2, 5, 14 to 21",
		       proto == IKE_PROTO_IKE ? "IKE" : "ESP");
}

/* Of ESP in UDP: what is left of a packet when blocks are whole (RFC 4303 section 2.4). */
static uint32_t room(const struct suite *suite, bool ipv6)
{
	const unsigned int icv = suite->cipher->icv ? suite->cipher->icv : suite->hash->icv;
	const unsigned int left = PATH_MTU - (ipv6 ? 40 : 20) - 8 - 8 - suite->cipher->iv - icv;

	return left / suite->cipher->block * suite->cipher->block - TRAILER;
}

static int take_proposals(const struct conf_tunnel *tunnel, struct aws_tunnel *out, struct why *why)
{
	struct suite ike, esp;

	if (choose(&tunnel->ike_proposals, IKE_PROTO_IKE, &ike, why) ||
	    choose(&tunnel->esp_proposals, IKE_PROTO_ESP, &esp, why))
		return -EINVAL;
	out->ike = (struct aws_phase){ ike.cipher->name, ike.hash->ike, ike.group, tunnel->ike_lifetime };
	/* There is always a hash in these forms; where the cipher needs none it says nothing. */
	out->esp = (struct aws_phase){ esp.cipher->name, esp.hash ? esp.hash->esp : ike.hash->esp, esp.group,
				       tunnel->lifetime };
	out->mtu = room(&esp, out->gateway.len == 16);
	out->mss = out->mtu - (out->customer_inside.addr.len == 16 ? 60 : 40);
	return 0;
}

/* ---- addresses ---- */

static int take_outside(const struct conf_tunnel *tunnel, struct aws_tunnel *out, struct why *why)
{
	struct why ignored = { "" };

	out->gateway = tunnel->remote;
	if (*tunnel->remote_id)
		return refuse(tunnel, why, "an identity of ours that is not our outside address: give each tunnel an address of its own");
	if (addr_parse(tunnel->local_id, &out->customer, &ignored))
		return refuse(tunnel, why, "a customer that is known by anything else than an address");
	return out->customer.len == out->gateway.len ? 0 :
		refuse(tunnel, why, "outside addresses of two families (IPv4, IPv6)");
}

static int take_inside(const struct conf_tunnel *tunnel, struct aws_tunnel *out, struct why *why)
{
	if (tunnel->inside.count != 1 || !tunnel->peer.len)
		return refuse(tunnel, why, tunnel->inside.count > 1 ? "more than one Inside" : "a tunnel without Inside");
	out->customer_inside = tunnel->inside.list[0];
	out->gateway_inside = (struct conf_inside){ tunnel->peer, tunnel->inside.list[0].length };
	return 0;
}

static int take_key(const struct conf_tunnel *tunnel, const struct export_key *key, struct aws_tunnel *out,
		    struct why *why)
{
	snprintf(out->key, sizeof(out->key), "%.*s", key->len, (const char *)key->bytes);
	if (!key->len)
		snprintf(out->key, sizeof(out->key), "%s", EXPORT_NO_KEY);
	else if (strlen(out->key) != key->len)
		return refuse(tunnel, why, "a key that is no text");
	else if (take_psk(out->key, why))
		return why_prepend(why, tunnel->psk_file);
	return 0;
}

int aws_tunnel(const struct export_view *view, size_t at, struct aws_tunnel *out, struct why *why)
{
	const struct conf_tunnel *tunnel = &view->conf.tunnels[at];

	memset(out, 0, sizeof(*out));
	out->dpd_interval = tunnel->dpd_interval;
	if (tunnel->dpd_interval)
		out->dpd_retries = (tunnel->dpd_timeout + tunnel->dpd_interval - 1) / tunnel->dpd_interval;
	out->clear_df = tunnel->inner_df == VGW_INNER_DF_CLEAR;
	out->customer_asn = tunnel->local_asn;
	out->gateway_asn = tunnel->remote_asn;
	out->hold = tunnel->bgp_hold;
	if (take_outside(tunnel, out, why) || take_inside(tunnel, out, why))
		return -EINVAL;
	if (take_proposals(tunnel, out, why))
		return why_prepend(why, tunnel->name);
	return take_key(tunnel, &view->keys[at], out, why);
}
