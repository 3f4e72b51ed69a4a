// SPDX-License-Identifier: GPL-2.0
#include "import/verify.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/report.h"
#include "util/prefix.h"

/* Ranges that AWS has for tunnel options (VpnTunnelOptionsSpecification). */
enum {
	IKE_LIFETIME_MIN = 900, IKE_LIFETIME_MAX = 28800,
	ESP_LIFETIME_MIN = 900, ESP_LIFETIME_MAX = 3600,
	WINDOW_MIN = 64, WINDOW_MAX = 2048,
	TUNNELS = 2,
};

struct verifier {
	struct import_connection *conn;
	const struct import_tunnel *tunnel;
	struct conf_report *report;
	char name[ADDR_TEXT_MAX];	/* of the tunnel, its outside address */
};

#define FAULT(verifier, fmt, ...) \
	report_fault((verifier)->report, (verifier)->conn->path, (verifier)->tunnel->line, "the tunnel to %s: " fmt, \
		     (verifier)->name, ##__VA_ARGS__)
#define WARN(verifier, fmt, ...) \
	report_warning((verifier)->report, (verifier)->conn->path, (verifier)->tunnel->line, "the tunnel to %s: " fmt, \
		       (verifier)->name, ##__VA_ARGS__)

/* ---- inside addresses ---- */

/* Blocks that AWS has uses of its own for. */
static const struct ip_prefix reserved[] = {
	{ { 4, { 169, 254, 0, 0 } }, 30 }, { { 4, { 169, 254, 1, 0 } }, 30 }, { { 4, { 169, 254, 2, 0 } }, 30 },
	{ { 4, { 169, 254, 3, 0 } }, 30 }, { { 4, { 169, 254, 4, 0 } }, 30 }, { { 4, { 169, 254, 5, 0 } }, 30 },
	{ { 4, { 169, 254, 169, 252 } }, 30 },
};

bool verify_reserved(const struct ip_prefix *block)
{
	size_t i;

	for (i = 0; i < sizeof(reserved) / sizeof(*reserved); i++)
		if (prefix_overlap(block, &reserved[i]))
			return true;
	return false;
}

static bool is_usual(const struct conf_inside *inside)
{
	static const struct ip_prefix link_local = { { 4, { 169, 254 } }, 16 }, local = { { 16, { 0xfd } }, 8 };

	if (inside->addr.len == 4)
		return inside->length == 30 && prefix_holds(&link_local, &inside->addr);
	return inside->length == 126 && prefix_holds(&local, &inside->addr);
}

static void verify_inside(struct verifier *verifier)
{
	const struct conf_inside *ours = &verifier->tunnel->inside, *theirs = &verifier->tunnel->peer;
	struct ip_prefix block = prefix_of(&ours->addr, ours->length);
	char text[ADDR_TEXT_MAX];

	if (verify_reserved(&block))
		FAULT(verifier, "the inside block %s is one that AWS keeps for itself", prefix_text(&block, text));
	if (theirs->addr.len && (!prefix_holds(&block, &theirs->addr) || ours->length != theirs->length))
		FAULT(verifier, "AWS's inside address does not lie in the block %s of ours", prefix_text(&block, text));
	else if (theirs->addr.len && addr_equal(&ours->addr, &theirs->addr))
		FAULT(verifier, "both ends have the inside address %s", addr_text(&ours->addr, text));
	if (!is_usual(ours))
		WARN(verifier, "the inside block %s is none that AWS makes: a /30 in 169.254.0.0/16 or a /126 in fd00::/8",
		     prefix_text(&block, text));
}

/* ---- the rest of a tunnel ---- */

static void verify_lifetime(struct verifier *verifier, const char *what, uint32_t value, uint32_t min, uint32_t max)
{
	if (value && (value < min || value > max))
		FAULT(verifier, "the lifetime of %s is %u s, which AWS cannot have: %u to %u", what, value, min, max);
}

/* AWS itself would refuse to speak version 2 only if told so in the tunnel's options. */
static void verify_version(struct verifier *verifier)
{
	const struct import_connection *conn = verifier->conn;
	const struct import_tunnel *tunnel = verifier->tunnel;

	if (!tunnel->ikev1 || tunnel->ikev2)
		return;
	WARN(verifier, "%s IKEv1 alone, and IKEv2 is used, which AWS %s: " AWS_MODIFY_TUNNEL "'IKEVersions=[{Value=ikev2}]'",
	     conn->has_options ? "AWS is set to" : "the file is for",
	     conn->has_options ? "has to be allowed first" : "takes unless somebody has forbidden it; this allows it",
	     *conn->id ? conn->id : "ID", verifier->name);
}

static void verify_tunnel(struct verifier *verifier)
{
	const struct import_tunnel *tunnel = verifier->tunnel;

	verify_inside(verifier);
	verify_version(verifier);
	verify_lifetime(verifier, "IKE", tunnel->ike.lifetime, IKE_LIFETIME_MIN, IKE_LIFETIME_MAX);
	verify_lifetime(verifier, "IPsec", tunnel->esp.lifetime, ESP_LIFETIME_MIN, ESP_LIFETIME_MAX);
	if (tunnel->replay_window && (tunnel->replay_window < WINDOW_MIN || tunnel->replay_window > WINDOW_MAX))
		FAULT(verifier, "a replay window of %u packets is none that AWS can have: %d to %d", tunnel->replay_window,
		      WINDOW_MIN, WINDOW_MAX);
	if (tunnel->by_certificate && *tunnel->psk)
		FAULT(verifier, "it has a certificate and a pre-shared key, and AWS takes one of them");
	/* With a certificate AWS need not know it. */
	if (!tunnel->local.len && !tunnel->by_certificate)
		WARN(verifier, "our outside address is not in the file");
	else if (tunnel->local.len && tunnel->local.len != tunnel->remote.len)
		FAULT(verifier, "our outside address is not of the same family (IPv4, IPv6)");
	else if (addr_equal(&tunnel->local, &tunnel->remote))
		FAULT(verifier, "that is our own outside address, too");
}

static void verify_pair(struct verifier *verifier, const struct import_tunnel *other)
{
	const struct import_tunnel *tunnel = verifier->tunnel;
	struct ip_prefix ours = prefix_of(&tunnel->inside.addr, tunnel->inside.length);
	struct ip_prefix theirs = prefix_of(&other->inside.addr, other->inside.length);
	char block[ADDR_TEXT_MAX], name[ADDR_TEXT_MAX];

	if (addr_equal(&tunnel->remote, &other->remote))
		FAULT(verifier, "there are two of them; each has an outside address of its own");
	if (prefix_overlap(&ours, &theirs))
		FAULT(verifier, "its inside block %s is that of the tunnel to %s, too",
		      prefix_text(&ours, block), addr_text(&other->remote, name));
}

/* ---- all of them ---- */

/* It comes to stand in the configuration and in commands, where a line of its own would be something else. */
static bool is_id(const char *text)
{
	while (isalnum((unsigned char)*text) || *text == '-')
		text++;
	return !*text;
}

static int by_remote(const void *a, const void *b)
{
	const struct import_tunnel *one = a, *other = b;

	if (one->remote.len != other->remote.len)
		return one->remote.len - other->remote.len;
	return memcmp(one->remote.bytes, other->remote.bytes, one->remote.len);
}

/* What makes a tunnel one; the rest has defaults, or can be given otherwise. */
static const char *missing(const struct import_tunnel *tunnel)
{
	if (!tunnel->remote.len)
		return "AWS's outside address";
	return tunnel->inside.addr.len ? NULL : "our inside address";
}

static void drop_incomplete(struct import_connection *conn, struct conf_report *report)
{
	size_t i, kept = 0;

	for (i = 0; i < conn->n_tunnels; i++) {
		const char *what = missing(&conn->tunnels[i]);

		if (!what)
			conn->tunnels[kept++] = conn->tunnels[i];
		else
			report_warning(report, conn->path, conn->tunnels[i].line,
				       "a tunnel is not complete, %s is missing: it is left out", what);
	}
	conn->n_tunnels = kept;
}

int verify_connection(struct import_connection *conn, struct conf_report *report)
{
	struct verifier verifier = { .conn = conn, .report = report };
	unsigned int before = report->faults;
	size_t i, j;

	if (!is_id(conn->id)) {
		report_fault(report, conn->path, 0,
			     "the VPN connection's ID is none: there is something in it but letters, digits and '-'");
		return -EINVAL;
	}
	drop_incomplete(conn, report);
	qsort(conn->tunnels, conn->n_tunnels, sizeof(*conn->tunnels), by_remote);
	if (!conn->n_tunnels)
		report_fault(report, conn->path, 0, "there is no tunnel in it");
	else if (conn->n_tunnels < TUNNELS)
		report_warning(report, conn->path, 0,
			       "there is one tunnel only: while AWS maintains its end of it there is no connection");
	else if (conn->n_tunnels > TUNNELS)
		report_warning(report, conn->path, 0, "there are %zu tunnels, and AWS makes two", conn->n_tunnels);
	for (i = 0; i < conn->n_tunnels; i++) {
		verifier.tunnel = &conn->tunnels[i];
		addr_text(&verifier.tunnel->remote, verifier.name);
		verify_tunnel(&verifier);
		for (j = 0; j < i; j++)
			verify_pair(&verifier, &conn->tunnels[j]);
	}
	return report->faults == before ? 0 : -EINVAL;
}
