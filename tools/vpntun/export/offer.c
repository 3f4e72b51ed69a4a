// SPDX-License-Identifier: GPL-2.0
#include "export/offer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/defaults.h"
#include "export/blocks.h"
#include "import/compose.h"
#include "import/upgrade.h"
#include "util/prefix.h"

enum {
	PRIORITY_STEP = 10,
	DPD_INTERVAL = 10, DPD_RETRIES = 3,	/* as AWS advises its customers */
};

/* Who it is shows in its address where that is known, and another tunnel's is not the same. */
static void name_ends(const struct offer *offer, size_t number, struct conf_tunnel *tunnel)
{
	const bool one_address = offer->n_outside < OFFER_TUNNELS;

	if (one_address || !offer->customer.len)
		snprintf(tunnel->remote_id, sizeof(tunnel->remote_id), "%s-%zu.site", offer->name, number);
	/* The customer has to tell us apart, too. */
	if (one_address)
		snprintf(tunnel->local_id, sizeof(tunnel->local_id), "%s-%zu.hub", offer->name, number);
}

static void set_inside(const struct offer *offer, size_t at, struct conf_tunnel *tunnel)
{
	size_t i;

	for (i = 0; i < offer->n_blocks; i++) {
		const struct ip_prefix *block = &offer->blocks[at][i];
		struct conf_inside *ours = &tunnel->inside.list[i];

		*ours = (struct conf_inside){ block->addr, block->length };
		ours->addr.bytes[ours->addr.len - 1] |= 1;
		/* Neighbors are of the first block. */
		if (i)
			continue;
		tunnel->peer = block->addr;
		tunnel->peer.bytes[block->addr.len - 1] |= 2;
	}
	tunnel->inside.count = offer->n_blocks;
}

/* Everything of the families that there are inside: routes decide what goes in. */
static int select_all(const struct offer *offer, struct ip_prefixes *out)
{
	size_t i;

	for (i = 0; i < offer->n_blocks; i++) {
		const struct ip_prefix all = { .addr = { .len = offer->blocks[0][i].addr.len } };

		if (prefixes_add(out, &all))
			return -ENOMEM;
	}
	return 0;
}

static void set_words(struct conf_words *words, const char *list)
{
	char copy[CONF_TEXT_MAX], *rest = copy, *word;

	snprintf(copy, sizeof(copy), "%s", list);
	while ((word = strsep(&rest, ",")))
		snprintf(words->list[words->count++], CONF_TEXT_MAX, "%s", word + strspn(word, " "));
}

static int set_tunnel(const struct offer *offer, size_t at, struct conf_tunnel *tunnel)
{
	defaults_tunnel(tunnel);
	snprintf(tunnel->name, sizeof(tunnel->name), "tunnel-%zu", at + 1);
	snprintf(tunnel->psk_file, sizeof(tunnel->psk_file), "%s-%s.psk", offer->name, tunnel->name);
	tunnel->remote = offer->customer;
	tunnel->remote_any = !offer->customer.len;
	if (offer->n_outside && !offer->behind_nat)
		tunnel->local = offer->outside[at % offer->n_outside];
	name_ends(offer, at + 1, tunnel);
	set_inside(offer, at, tunnel);
	set_words(&tunnel->ike_proposals, UPGRADE_STRONG_IKE);
	set_words(&tunnel->esp_proposals, UPGRADE_STRONG_ESP);
	tunnel->priority = (at + 1) * PRIORITY_STEP;
	tunnel->dpd_interval = DPD_INTERVAL;
	tunnel->dpd_timeout = DPD_INTERVAL * DPD_RETRIES;
	/* The customer begins, as at AWS, and what is left of one that has gone is cleared away. */
	tunnel->start_action = CONF_START_ADD;
	tunnel->dpd_action = CONF_DPD_CLEAR;
	tunnel->local_asn = offer->asn;
	tunnel->remote_asn = offer->customer_asn;
	return select_all(offer, &tunnel->local_ts) || select_all(offer, &tunnel->remote_ts) ? -ENOMEM : 0;
}

int offer_conf(const struct offer *offer, struct conf *out)
{
	int err = 0;
	size_t i;

	memset(out, 0, sizeof(*out));
	defaults_interface(out);
	snprintf(out->name, sizeof(out->name), "%s", offer->name);
	compose_interface_name(offer->name, out->ifname);
	out->tunnels = calloc(OFFER_TUNNELS, sizeof(*out->tunnels));
	if (!out->tunnels || prefixes_copy(&offer->routes, &out->routes))
		err = -ENOMEM;
	for (i = 0; !err && i < OFFER_TUNNELS; i++)
		err = set_tunnel(offer, i, &out->tunnels[out->n_tunnels++]);
	if (err)
		conf_free(out);
	return err;
}
