// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/iked/imsg.c tools/vpntun/iked/status.c tools/vpntun/ike/ident.c tools/vpntun/ike/dn.c tools/vpntun/ike/prop.c */
/* sources: tools/vpntun/ike/propname.c tools/vpntun/ike/buf.c tools/vpntun/util/addr.c tools/vpntun/util/hex.c */
/* sources: tools/vpntun/util/name.c tools/vpntun/util/nearest.c tools/vpntun/util/num.c tools/vpntun/util/text.c */
/* sources: tools/vpntun/ike/names.c tools/vpntun/util/why.c */
/* libs: jansson libcrypto */
/*
 * A message of a process that is not to be trusted. First byte: who sends it to whom, with how many descriptors, and
 * whether zeros make up for what it is shorter than its type: some are much longer than what libFuzzer makes. What
 * imsg_fits() lets through is then read as its receiver reads it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "iked/imsg.h"
#include "iked/status.h"
#include "util/addr.h"

static volatile size_t sink;

static void read_bool(const bool *value)
{
	sink += *value;		/* the sanitizer sees one that is none */
}

static void read_bytes(const uint8_t *bytes, size_t len)
{
	while (len--)
		sink += *bytes++;
}

static void read_addr(const struct ip_addr *addr)
{
	char text[ADDR_TEXT_MAX];

	if (addr->len)
		sink += strlen(addr_text(addr, text));
}

static void read_path(const struct ike_path *path)
{
	read_addr(&path->local);
	read_addr(&path->remote);
}

static void read_ts(const struct ike_ts_list *list)
{
	char text[ADDR_TEXT_MAX];
	size_t i;

	for (i = 0; i < list->count; i++)
		sink += strlen(addr_text(&list->list[i].from, text)) + strlen(addr_text(&list->list[i].to, text));
}

static void read_install(const struct ike_act_install *install)
{
	read_bool(&install->pending);
	read_bool(&install->udp);
	read_bool(&install->natted);
	read_bool(&install->peer_natted);
	read_bool(&install->suite.esn);
	read_bytes(install->in.encr.bytes, install->in.encr.len);
	read_bytes(install->in.integ.bytes, install->in.integ.len);
	read_bytes(install->out.encr.bytes, install->out.encr.len);
	read_bytes(install->out.integ.bytes, install->out.integ.len);
	read_path(&install->path);
	read_ts(&install->local_ts);
	read_ts(&install->remote_ts);
}

static void read_resolved(const struct imsg_resolved *resolved)
{
	char text[ADDR_TEXT_MAX];
	size_t i;

	for (i = 0; i < resolved->count; i++)
		sink += strlen(addr_text(&resolved->addrs[i], text));
}

static void read_message(const struct imsg *msg)
{
	switch (msg->type) {
	case IMSG_INSTALL:
		read_install(&msg->u.install);
		break;
	case IMSG_DELETE:
	case IMSG_ACTIVATE:
		read_bool(&msg->u.child.linger);
		break;
	case IMSG_MOVE:
		read_path(&msg->u.move.path);
		read_bool(&msg->u.move.udp);
		break;
	case IMSG_LOG:
		sink += strlen(msg->u.log.text);
		read_bool(&msg->u.log.fault);
		break;
	case IMSG_STATUS:
		sink += strlen(status_state(&msg->u.status)) + strlen(msg->u.status.status.last_error);
		json_decref(status_ike(&msg->u.status));
		break;
	case IMSG_WILL:
		read_bytes(msg->u.will.bytes, msg->u.will.len);
		read_path(&msg->u.will.path);
		break;
	case IMSG_SIGN:
	case IMSG_VERIFY:
		read_bytes(msg->u.auth.octets, msg->u.auth.len);
		read_bytes(msg->u.auth.auth, msg->u.auth.auth_len);
		break;
	case IMSG_RESOLVED:
		read_resolved(&msg->u.resolved);
		break;
	case IMSG_RESOLVE:
		sink += strlen(msg->u.resolve.name);
		break;
	case IMSG_REMOTE:
		read_path(&msg->u.remote.path);
		sink += strlen(msg->u.remote.why);
		break;
	case IMSG_ROAMED:
		read_addr(&msg->u.roamed.remote);
		break;
	case IMSG_SIGNED:
		read_bytes(msg->u.sign.auth, msg->u.sign.len);
		break;
	case IMSG_VERIFIED:
		read_bool(&msg->u.verified.good);
		break;
	}
}

/* How long a message that came as these bytes is. */
static size_t length_of(const uint8_t *bytes, size_t len, bool filled)
{
	uint32_t type;

	if (!filled || len < sizeof(type))
		return len;
	memcpy(&type, bytes, sizeof(type));
	return imsg_size(type) > len ? imsg_size(type) : len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct imsg_way ways[] = {
		{ IMSG_NETWORK, IMSG_PARENT }, { IMSG_NETWORK, IMSG_KEY }, { IMSG_KEY, IMSG_NETWORK },
		{ IMSG_KEY, IMSG_PARENT }, { IMSG_RESOLVER, IMSG_PARENT }, { IMSG_RESOLVER, IMSG_NETWORK },
		{ IMSG_PARENT, IMSG_RESOLVER }, { IMSG_PARENT, IMSG_NETWORK },
	};
	struct imsg *msg;
	size_t len;

	if (!size || size - 1 > sizeof(*msg))
		return 0;
	len = length_of(data + 1, size - 1, data[0] >> 4 & 1);
	/* As large as what came: what is read beyond shows. */
	msg = calloc(1, len ? len : 1);
	if (!msg)
		return 0;
	memcpy(msg, data + 1, size - 1);
	if (imsg_fits(msg, len, data[0] >> 3 & 1, ways[data[0] & 7]))
		read_message(msg);
	free(msg);
	return 0;
}
