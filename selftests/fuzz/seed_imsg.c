// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/iked/imsg.c */
/* Writes the seeds of fuzz_imsg.c: a message of each type that the network or the key process may send. */
#include <string.h>

#include "iked/imsg.h"
#include "seed.h"

enum { FILLED = 1 << 4 };	/* in the first byte */

static const struct {
	const char *name;
	enum imsg_type type;
	unsigned char way;
} seeds[] = {
	{ "install", IMSG_INSTALL, 0 }, { "delete", IMSG_DELETE, 0 }, { "move", IMSG_MOVE, 0 }, { "log", IMSG_LOG, 0 },
	{ "ended", IMSG_ENDED, 0 }, { "rekeyed", IMSG_REKEYED, 0 }, { "status", IMSG_STATUS, 0 },
	{ "signed", IMSG_SIGNED, 2 }, { "verified", IMSG_VERIFIED, 2 }, { "psk", IMSG_PSK, 1 },
	{ "resolved", IMSG_RESOLVED, 4 }, { "resolve", IMSG_RESOLVE, 6 }, { "remote", IMSG_REMOTE, 7 },
	{ "roamed", IMSG_ROAMED, 7 }, { "ask-remote", IMSG_ASK_REMOTE, 0 }, { "pong", IMSG_PONG, 4 }, { "reserve", IMSG_RESERVE, 0 },
	{ "sign", IMSG_SIGN, 1 | FILLED }, { "verify", IMSG_VERIFY, 1 | FILLED }, { "will", IMSG_WILL, FILLED },
};

/* Something in every field that a receiver reads by its length. */
static void fill(struct imsg *msg, enum imsg_type type)
{
	const struct ike_ts ts = { .from = { 4, { 10 } }, .to = { 4, { 10, 255, 255, 255 } }, .port_to = 65535 };

	memset(msg, 0, sizeof(*msg));
	msg->type = type;
	if (type == IMSG_INSTALL) {
		msg->u.install.in.encr.len = msg->u.install.out.encr.len = IKE_KEY_MAX;
		msg->u.install.path.local.len = 4;
		msg->u.install.path.remote.len = 16;
		msg->u.install.local_ts.count = 1;
		msg->u.install.local_ts.list[0] = ts;
	} else if (type == IMSG_LOG) {
		strcpy(msg->u.log.text, "a line");
		msg->u.log.phase1 = IKE_PHASE_ESTABLISHED;
		msg->u.log.phase2 = IKE_PHASE_REKEYING;
	} else if (type == IMSG_STATUS) {
		msg->u.status.known = true;
		msg->u.status.status.ike_sas = 1;
		msg->u.status.status.path.local.len = msg->u.status.status.path.remote.len = 4;
		msg->u.status.status.ike.proto = msg->u.status.status.esp.proto = IKE_PROTO_ESP;
		msg->u.status.status.remote_id.type = IKE_ID_FQDN;
		msg->u.status.status.remote_id.len = 1;
		msg->u.status.status.remote_id.bytes[0] = 'a';
	} else if (type == IMSG_RESOLVED) {
		msg->u.resolved.count = 2;
		msg->u.resolved.addrs[0].len = 4;
		msg->u.resolved.addrs[1].len = 16;
	} else if (type == IMSG_RESOLVE) {
		strcpy(msg->u.resolve.name, "vpn.example.com");
	} else if (type == IMSG_REMOTE) {
		strcpy(msg->u.remote.why, "no such name");
	} else if (type == IMSG_ROAMED) {
		msg->u.roamed.remote.len = 4;
		msg->u.roamed.port = 1024;
	} else if (type == IMSG_SIGNED) {
		msg->u.sign.len = 32;
	} else if (type == IMSG_SIGN || type == IMSG_VERIFY) {
		msg->u.auth.auth_len = msg->u.auth.len = 32;
	} else if (type == IMSG_WILL) {
		msg->u.will.len = 32;
		msg->u.will.path.local.len = msg->u.will.path.remote.len = 4;
	}
}

/* Of those that are filled up the zeros at the end are left out. */
static size_t length_of(const struct imsg *msg, bool filled)
{
	size_t len = imsg_size(msg->type);

	while (filled && len && !((const uint8_t *)msg)[len - 1])
		len--;
	return len;
}

int main(int argc, char *argv[])
{
	struct { uint8_t way; uint8_t bytes[sizeof(struct imsg)]; } seed;
	struct imsg msg;
	size_t i;

	if (argc != 2)
		return 2;
	for (i = 0; i < sizeof(seeds) / sizeof(*seeds); i++) {
		fill(&msg, seeds[i].type);
		seed.way = seeds[i].way;
		memcpy(seed.bytes, &msg, sizeof(msg));
		seed_write(argv[1], seeds[i].name, &seed, 1 + length_of(&msg, seeds[i].way & FILLED));
	}
	return 0;
}
