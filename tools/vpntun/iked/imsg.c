// SPDX-License-Identifier: GPL-2.0
#include "iked/imsg.h"

#include <string.h>

/* Booleans of a stranger are looked at as the bytes they are: any other value than 0 and 1 must not be read as one. */
static bool sane_bool(const bool *value)
{
	return *(const uint8_t *)value <= 1;
}

static bool sane_addr(const struct ip_addr *addr)
{
	return addr->len == 0 || addr->len == 4 || addr->len == 16;
}

static bool sane_path(const struct ike_path *path)
{
	return sane_addr(&path->local) && sane_addr(&path->remote) &&
	       (!path->local.len || !path->remote.len || path->local.len == path->remote.len);
}

static bool sane_text(const char *text, size_t size)
{
	return memchr(text, '\0', size);
}

static bool sane_suite(const struct ike_suite *suite)
{
	return sane_bool(&suite->esn);
}

static bool sane_keys(const struct child_keys *keys)
{
	return keys->encr.len <= sizeof(keys->encr.bytes) && keys->integ.len <= sizeof(keys->integ.bytes);
}

static bool sane_ts(const struct ike_ts_list *list)
{
	size_t i;

	if (list->count > IKE_TS_MAX)
		return false;
	for (i = 0; i < list->count; i++) {
		const struct ip_addr *from = &list->list[i].from, *to = &list->list[i].to;

		if (!from->len || !sane_addr(from) || to->len != from->len || memcmp(from->bytes, to->bytes, to->len) > 0)
			return false;
	}
	return true;
}

static bool sane_ask(const struct imsg *msg)
{
	return sane_bool(&msg->u.ask.ike_sa);
}

static bool sane_psk(const struct imsg *msg)
{
	return msg->u.psk.len <= sizeof(msg->u.psk.bytes);
}

static bool sane_key(const struct imsg *msg)
{
	return msg->u.key.len <= sizeof(msg->u.key.bytes);
}

static bool sane_expired(const struct imsg *msg)
{
	return sane_bool(&msg->u.expired.hard);
}

static bool sane_roamed(const struct imsg *msg)
{
	return sane_addr(&msg->u.roamed.remote);
}

static bool sane_install(const struct imsg *msg)
{
	const struct ike_act_install *install = &msg->u.install;

	return sane_suite(&install->suite) && sane_keys(&install->in) && sane_keys(&install->out) &&
	       sane_bool(&install->pending) && sane_bool(&install->udp) && sane_bool(&install->peer_natted) &&
	       sane_bool(&install->natted) && sane_path(&install->path) && sane_ts(&install->local_ts) &&
	       sane_ts(&install->remote_ts);
}

static bool sane_child(const struct imsg *msg)
{
	return sane_bool(&msg->u.child.linger);
}

static bool sane_move(const struct imsg *msg)
{
	return sane_path(&msg->u.move.path) && sane_bool(&msg->u.move.udp) && sane_bool(&msg->u.move.natted) &&
	       sane_bool(&msg->u.move.peer_natted);
}

static bool sane_will(const struct imsg *msg)
{
	return msg->u.will.len <= sizeof(msg->u.will.bytes) && sane_path(&msg->u.will.path) &&
	       (!msg->u.will.len || msg->u.will.path.remote.len);
}

static bool sane_log(const struct imsg *msg)
{
	return msg->u.log.level <= IKE_LOG_DEBUG && sane_bool(&msg->u.log.fault) && sane_bool(&msg->u.log.dpd) &&
	       sane_bool(&msg->u.log.natted) && msg->u.log.phase1 < IKE_PHASES && msg->u.log.phase2 < IKE_PHASES &&
	       sane_text(msg->u.log.text, sizeof(msg->u.log.text));
}

static bool sane_status(const struct imsg *msg)
{
	const struct ike_status *status = &msg->u.status.status;

	return sane_bool(&msg->u.status.known) && status->state <= IKE_STATE_UP && sane_bool(&status->initiator) &&
	       sane_bool(&status->natted) && sane_bool(&status->peer_natted) && sane_path(&status->path) &&
	       sane_suite(&status->ike) && sane_suite(&status->esp) && status->remote_id.len <= IKE_ID_MAX &&
	       status->fault < IKE_FAULTS && sane_text(status->last_error, sizeof(status->last_error));
}

static bool sane_settings(const struct imsg *msg)
{
	return msg->u.settings.n_listen <= IMSG_LISTEN_MAX;
}

static bool sane_remote(const struct imsg *msg)
{
	return sane_path(&msg->u.remote.path) && sane_text(msg->u.remote.why, sizeof(msg->u.remote.why));
}

static bool sane_resolve(const struct imsg *msg)
{
	return sane_bool(&msg->u.resolve.want4) && sane_bool(&msg->u.resolve.want6) &&
	       sane_text(msg->u.resolve.name, sizeof(msg->u.resolve.name));
}

static bool sane_resolved(const struct imsg *msg)
{
	const struct imsg_resolved *resolved = &msg->u.resolved;
	size_t i;

	if (resolved->err > RESOLVE_BUSY || resolved->count > IMSG_ADDRESSES_MAX)
		return false;
	for (i = 0; i < resolved->count; i++)
		if (!resolved->addrs[i].len || !sane_addr(&resolved->addrs[i]))
			return false;
	return true;
}

static bool sane_auth(const struct imsg *msg)
{
	return msg->u.auth.auth_len <= sizeof(msg->u.auth.auth) && msg->u.auth.len <= sizeof(msg->u.auth.octets);
}

static bool sane_signed(const struct imsg *msg)
{
	return msg->u.sign.len <= sizeof(msg->u.sign.auth);
}

static bool sane_verified(const struct imsg *msg)
{
	return sane_bool(&msg->u.verified.good);
}

#define BODY(member) sizeof(((union imsg_body *)0)->member)

/* A policy is what the parent made: nobody else may send one, and it is believed. */
static const struct rule {
	uint16_t size;
	uint8_t fds;
	uint8_t from, to;	/* enum imsg_role, any of them */
	bool (*sane)(const struct imsg *msg);
} rules[IMSG_TYPES] = {
	[IMSG_CHANNEL] = { 0, 1, IMSG_PARENT, IMSG_NETWORK | IMSG_KEY, NULL },
	[IMSG_SOCKET] = { BODY(socket), 1, IMSG_PARENT, IMSG_NETWORK, NULL },
	[IMSG_POLICY] = { BODY(setting), 0, IMSG_PARENT, IMSG_NETWORK, NULL },
	[IMSG_CREDENTIALS] = { BODY(credentials), 0, IMSG_PARENT, IMSG_NETWORK, NULL },
	[IMSG_TRUST] = { BODY(trust), 1, IMSG_PARENT, IMSG_NETWORK, NULL },
	[IMSG_PSK] = { BODY(psk), 0, IMSG_PARENT, IMSG_KEY, sane_psk },
	[IMSG_PRIVATE_KEY] = { BODY(key), 0, IMSG_PARENT, IMSG_KEY, sane_key },
	[IMSG_FORGET] = { BODY(policy), 0, IMSG_PARENT, IMSG_NETWORK | IMSG_KEY, NULL },
	[IMSG_INHERIT] = { BODY(will), 0, IMSG_PARENT, IMSG_NETWORK, NULL },
	[IMSG_UP] = { BODY(policy), 0, IMSG_PARENT, IMSG_NETWORK, NULL },
	[IMSG_DOWN] = { BODY(policy), 0, IMSG_PARENT, IMSG_NETWORK, NULL },
	[IMSG_REKEY] = { BODY(ask), 0, IMSG_PARENT, IMSG_NETWORK, sane_ask },
	[IMSG_REAUTH] = { BODY(policy), 0, IMSG_PARENT, IMSG_NETWORK, NULL },
	[IMSG_ASK_STATUS] = { BODY(ask), 0, IMSG_PARENT, IMSG_NETWORK, sane_ask },
	[IMSG_RESERVED] = { BODY(reserve), 0, IMSG_PARENT, IMSG_NETWORK, NULL },
	[IMSG_INSTALLED] = { BODY(installed), 0, IMSG_PARENT, IMSG_NETWORK, NULL },
	[IMSG_ACQUIRE] = { BODY(policy), 0, IMSG_PARENT, IMSG_NETWORK, NULL },
	[IMSG_EXPIRED] = { BODY(expired), 0, IMSG_PARENT, IMSG_NETWORK, sane_expired },
	[IMSG_HEARD] = { BODY(policy), 0, IMSG_PARENT, IMSG_NETWORK, NULL },
	[IMSG_ROAMED] = { BODY(roamed), 0, IMSG_PARENT, IMSG_NETWORK, sane_roamed },
	[IMSG_SETTINGS] = { BODY(settings), 0, IMSG_PARENT, IMSG_NETWORK, sane_settings },
	[IMSG_REMOTE] = { BODY(remote), 0, IMSG_PARENT, IMSG_NETWORK, sane_remote },
	[IMSG_SERVER] = { 0, 1, IMSG_PARENT, IMSG_RESOLVER, NULL },
	[IMSG_RESOLVE] = { BODY(resolve), 0, IMSG_PARENT, IMSG_RESOLVER, sane_resolve },
	[IMSG_PING] = { 0, 0, IMSG_PARENT, IMSG_NETWORK | IMSG_KEY | IMSG_RESOLVER, NULL },
	[IMSG_PONG] = { 0, 0, IMSG_NETWORK | IMSG_KEY | IMSG_RESOLVER, IMSG_PARENT, NULL },
	[IMSG_RESOLVED] = { BODY(resolved), 0, IMSG_RESOLVER, IMSG_PARENT, sane_resolved },
	[IMSG_RESERVE] = { BODY(reserve), 0, IMSG_NETWORK, IMSG_PARENT, NULL },
	[IMSG_INSTALL] = { BODY(install), 0, IMSG_NETWORK, IMSG_PARENT, sane_install },
	[IMSG_ACTIVATE] = { BODY(child), 0, IMSG_NETWORK, IMSG_PARENT, sane_child },
	[IMSG_DELETE] = { BODY(child), 0, IMSG_NETWORK, IMSG_PARENT, sane_child },
	[IMSG_MOVE] = { BODY(move), 0, IMSG_NETWORK, IMSG_PARENT, sane_move },
	[IMSG_LOG] = { BODY(log), 0, IMSG_NETWORK, IMSG_PARENT, sane_log },
	[IMSG_ENDED] = { BODY(policy), 0, IMSG_NETWORK, IMSG_PARENT, NULL },
	[IMSG_REKEYED] = { BODY(rekeyed), 0, IMSG_NETWORK, IMSG_PARENT, NULL },
	[IMSG_STATUS] = { BODY(status), 0, IMSG_NETWORK, IMSG_PARENT, sane_status },
	[IMSG_ASK_REMOTE] = { BODY(policy), 0, IMSG_NETWORK, IMSG_PARENT, NULL },
	[IMSG_WILL] = { BODY(will), 0, IMSG_NETWORK, IMSG_PARENT, sane_will },
	[IMSG_SIGN] = { BODY(auth), 0, IMSG_NETWORK, IMSG_KEY, sane_auth },
	[IMSG_VERIFY] = { BODY(auth), 0, IMSG_NETWORK, IMSG_KEY, sane_auth },
	[IMSG_SIGNED] = { BODY(sign), 0, IMSG_KEY, IMSG_NETWORK, sane_signed },
	[IMSG_VERIFIED] = { BODY(verified), 0, IMSG_KEY, IMSG_NETWORK, sane_verified },
};

static const struct rule *rule_of(uint32_t type)
{
	return type < IMSG_TYPES && rules[type].from ? &rules[type] : NULL;
}

size_t imsg_size(uint32_t type)
{
	const struct rule *rule = rule_of(type);

	return rule ? offsetof(struct imsg, u) + rule->size : 0;
}

bool imsg_has_fd(uint32_t type)
{
	const struct rule *rule = rule_of(type);

	return rule && rule->fds;
}

bool imsg_fits(const struct imsg *msg, size_t len, unsigned int fds, struct imsg_way way)
{
	const struct rule *rule;

	if (len < sizeof(msg->type))
		return false;
	rule = rule_of(msg->type);
	return rule && len == imsg_size(msg->type) && fds == rule->fds && rule->from & way.from &&
	       rule->to & way.to && (!rule->sane || rule->sane(msg));
}
