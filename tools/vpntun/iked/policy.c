// SPDX-License-Identifier: GPL-2.0
#include "iked/policy.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "conf/report.h"

static int make_ident(const char *key, const char *text, struct ike_ident *out, struct why *why)
{
	memset(out, 0, sizeof(*out));
	out->type = IKE_ID_NONE;
	if (*text && ident_parse(text, out, why))
		return why_prepend(why, key);
	return 0;
}

/* The proposals of one protocol. */
struct proposing {
	const char *key;
	enum ike_proto proto;
	bool esn;
};

static int make_proposals(const struct proposing *what, const struct conf_words *words, struct ike_proposals *out,
			  struct why *why)
{
	size_t i;

	_Static_assert((int)CONF_LIST_MAX <= (int)IKE_PROPOSALS_MAX, "a list of the file may be too long");
	for (i = 0; i < words->count; i++) {
		if (prop_parse(words->list[i], what->proto, what->esn, &out->list[i], why)) {
			why_prepend(why, words->list[i]);
			return why_prepend(why, what->key);
		}
		out->list[i].number = i + 1;
	}
	out->count = words->count;
	return 0;
}

static int make_selectors(const char *key, const struct ip_prefixes *prefixes, struct ike_ts_list *out,
			  struct why *why)
{
	size_t i;

	if (prefixes->count > IKE_TS_MAX)
		return why_set(why, "%s: %zu prefixes are too many, %d are the most", key, prefixes->count, IKE_TS_MAX);
	for (i = 0; i < prefixes->count; i++)
		out->list[i] = ts_of_prefix(&prefixes->list[i]);
	out->count = prefixes->count;
	return 0;
}

static void make_behaviour(const struct conf_tunnel *tunnel, struct ike_policy *out)
{
	static const uint8_t starts[] = {
		[CONF_START_ADD] = IKE_START_ADD, [CONF_START_START] = IKE_START_START,
		[CONF_START_TRAP] = IKE_START_TRAP,
	};
	static const uint8_t dpds[] = {
		[CONF_DPD_NONE] = IKE_DPD_NONE, [CONF_DPD_CLEAR] = IKE_DPD_CLEAR,
		[CONF_DPD_RESTART] = IKE_DPD_RESTART,
	};
	static const uint8_t encaps[] = {
		[CONF_ENCAP_AUTO] = IKE_ENCAP_AUTO, [CONF_ENCAP_UDP] = IKE_ENCAP_UDP,
		[CONF_ENCAP_NONE] = IKE_ENCAP_NONE,
	};

	out->ike_life = tunnel->ike_lifetime;
	out->child_life = tunnel->lifetime;
	out->child_life_bytes = tunnel->life_bytes;
	out->dpd_interval = tunnel->dpd_interval;
	out->dpd_timeout = tunnel->dpd_timeout;
	out->dpd_action = dpds[tunnel->dpd_action];
	out->start = starts[tunnel->start_action];
	out->encap = encaps[tunnel->encap];
	out->fragmentation = tunnel->fragmentation;
	out->mobike = tunnel->mobike;
}

static uint8_t auth_of(const struct conf_tunnel *tunnel)
{
	static const uint8_t methods[] = {
		[CONF_AUTH_AUTO] = IKE_BY_AUTO, [CONF_AUTH_PSK] = IKE_BY_PSK,
		[CONF_AUTH_RSA_PSS] = IKE_BY_RSA_PSS, [CONF_AUTH_RSA_PKCS1] = IKE_BY_RSA_PKCS1,
		[CONF_AUTH_RSA_SHA1] = IKE_BY_RSA_SHA1, [CONF_AUTH_ECDSA] = IKE_BY_ECDSA,
		[CONF_AUTH_ED25519] = IKE_BY_ED25519,
	};

	return tunnel->certificate[0] ? methods[tunnel->auth_method] : IKE_BY_PSK;
}

int policy_make(const struct conf *conf, const struct conf_tunnel *tunnel, struct ike_policy *out, struct why *why)
{
	const struct proposing ike = { "IKEProposals", IKE_PROTO_IKE, false };
	const struct proposing esp = { "ESPProposals", IKE_PROTO_ESP, tunnel->esn };

	memset(out, 0, sizeof(*out));
	snprintf(out->name, sizeof(out->name), "%s/%s", conf->name, tunnel->name);
	out->local = tunnel->local;
	out->remote = tunnel->remote;
	out->by_name = tunnel->remote_name[0];
	out->auth = auth_of(tunnel);
	make_behaviour(tunnel, out);
	if (make_ident("LocalID", tunnel->local_id, &out->local_id, why) ||
	    make_ident("RemoteID", tunnel->remote_id, &out->remote_id, why) ||
	    make_proposals(&ike, &tunnel->ike_proposals, &out->ike, why) ||
	    make_proposals(&esp, &tunnel->esp_proposals, &out->esp, why) ||
	    make_selectors("LocalTS", &tunnel->local_ts, &out->local_ts, why))
		return -EINVAL;
	return make_selectors("RemoteTS", &tunnel->remote_ts, &out->remote_ts, why);
}

void policy_report(const struct conf *conf, struct conf_report *report)
{
	struct ike_policy policy;
	struct why why = { "" };
	size_t i;

	for (i = 0; i < conf->n_tunnels; i++)
		if (policy_make(conf, &conf->tunnels[i], &policy, &why))
			report_fault(report, conf->path, conf->tunnels[i].line, "tunnel %s: %s", conf->tunnels[i].name,
				     why.text);
}

bool policy_doubtful(const struct ike_policy *policy, struct why *why)
{
	const char *ike = prop_doubtful(&policy->ike), *esp = prop_doubtful(&policy->esp);

	if (!ike && !esp)
		return false;
	why_set(why, "%s: the group %s is weak: who records the packets may read them one day; modp2048 is better",
		ike ? "IKEProposals" : "ESPProposals", ike ? ike : esp);
	return true;
}
