// SPDX-License-Identifier: GPL-2.0
#include "import/compose.h"

#include <errno.h>
#include <linux/vgw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/keys.h"
#include "conf/lex.h"
#include "import/edit.h"
#include "util/prefix.h"
#include "util/text.h"
#include "util/wipe.h"

enum { VALUE_MAX = 3072, PRIORITY_STEP = 10, SHORT_ID = 8 };

#define SECTION_OF "# of "	/* and the VPN connection's ID */

struct writer {
	struct compose *compose;
	const struct compose_notes *notes;
	struct edit edit;
	/* the section that is written */
	const struct key *keys;
	const unsigned int *lines;	/* of its keys in the old file; NULL: it is new */
	unsigned int head;		/* its head there */
	char title[TUNNEL_NAME_SIZE + 16];
};

static void note(const struct writer *writer, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void note(const struct writer *writer, const char *fmt, ...)
{
	char line[VALUE_MAX * 3] = "";
	size_t used = snprintf(line, sizeof(line), "%s: ", writer->compose->name);
	va_list args;

	va_start(args, fmt);
	vsnprintf(line + used, sizeof(line) - used, fmt, args);
	va_end(args);
	writer->notes->say(writer->notes->ctx, line);
}

/* ---- keys ---- */

/* What a line of the old file has behind '='. */
static void old_value(const struct writer *writer, unsigned int number, char *out, size_t size)
{
	const struct edit_line *raw = &writer->edit.lines[number - 1];
	struct lex_line line;
	struct lex lex;

	*out = '\0';
	lex_init(&lex, raw->at, raw->len);
	if (lex_next(&lex, &line) != LEX_KEY)
		return;
	lex_single(line.value);
	snprintf(out, size, "%s", line.value);
}

/* The last line of the section that is a key, or its head. */
static unsigned int last_line(const struct writer *writer)
{
	unsigned int last = writer->head;
	size_t i;

	for (i = 0; i < CONF_KEYS_MAX; i++)
		if (writer->lines[i] > last)
			last = writer->lines[i];
	return last;
}

/* The section gets this value, if it has another: then true. A line that says so already stays, with its comment. */
static bool set_key(struct writer *writer, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static bool set_key(struct writer *writer, const char *key, const char *fmt, ...)
{
	char value[VALUE_MAX], before[VALUE_MAX], line[VALUE_MAX + 64];
	unsigned int number = writer->lines ? keys_line(writer->keys, writer->lines, key) : 0;
	va_list args;

	va_start(args, fmt);
	vsnprintf(value, sizeof(value), fmt, args);
	va_end(args);
	snprintf(line, sizeof(line), "%s = %s", key, value);
	if (!writer->lines) {
		edit_append(&writer->edit, "%s\n", line);
	} else if (!number) {
		edit_behind(&writer->edit, last_line(writer), "%s\n", line);
		note(writer, "%s: %s, new", writer->title, line);
	} else {
		old_value(writer, number, before, sizeof(before));
		if (!strcmp(before, value))
			return false;
		edit_replace(&writer->edit, number, line);
		note(writer, "%s: %s, before: %s", writer->title, line, before);
	}
	return true;
}

/* ---- a tunnel's section ---- */

static const struct conf_tunnel *find_old(const struct compose *compose, const struct ip_addr *remote)
{
	size_t i;

	for (i = 0; i < compose->old.n_tunnels; i++)
		if (addr_equal(&compose->old.tunnels[i].remote, remote))
			return &compose->old.tunnels[i];
	return NULL;
}

static bool is_taken(const struct compose *compose, const char *name)
{
	size_t i;

	for (i = 0; i < compose->old.n_tunnels; i++)
		if (!strcmp(compose->old.tunnels[i].name, name))
			return true;
	for (i = 0; i < compose->n_tunnels; i++)
		if (!strcmp(compose->tunnels[i].name, name))
			return true;
	return false;
}

/* The first "aws-N" that is free; returns N. */
static unsigned int name_tunnel(const struct compose *compose, char name[TUNNEL_NAME_SIZE])
{
	unsigned int number = 0;
	char next[TUNNEL_NAME_SIZE];

	do {
		snprintf(next, sizeof(next), "aws-%u", ++number);
	} while (is_taken(compose, next));
	memcpy(name, next, sizeof(next));
	return number;
}

static bool by_certificate(const struct writer *writer, const struct conf_tunnel *old)
{
	return writer->compose->certificate || (old && old->certificate[0]);
}

/*
 * An address that this host does not have can only be that of a NAT in front of it; AWS knows us by it all the same.
 * What somebody wrote in the file as Local stays, unless it was the address that AWS knew us by until now.
 */
static void write_local(struct writer *writer, const struct compose_tunnel *of, const struct conf_tunnel *old)
{
	const struct ip_addr *local = &of->tunnel->local;
	char text[ADDR_TEXT_MAX], before[ADDR_TEXT_MAX];

	if (!local->len) {
		if (!old)
			set_key(writer, "Local", "auto");
		return;
	}
	addr_text(local, text);
	if (by_certificate(writer, old)) {
		/* Who we are is the certificate's subject. */
		if (!old)
			set_key(writer, "Local", "%s", of->has_local ? text : "auto");
		return;
	}
	if (!old || (old->local.len && !strcmp(addr_text(&old->local, before), old->local_id)))
		set_key(writer, "Local", "%s", of->has_local ? text : "auto");
	set_key(writer, "LocalID", "%s", text);
	if (!old && !of->has_local)
		note(writer, "%s: this host does not have the address %s: if it is not the NAT's in front of it, write another Local",
		     writer->title, text);
}

static void write_selector(struct writer *writer, const char *key, const struct ip_prefix *prefix)
{
	char text[ADDR_TEXT_MAX];

	if (prefix->addr.len)
		set_key(writer, key, "%s", prefix_text(prefix, text));
}

static void write_inside(struct writer *writer, const struct import_tunnel *tunnel, const struct conf_tunnel *old)
{
	const struct import_connection *conn = writer->compose->conn;
	const struct ip_prefix all = { .addr = { .len = tunnel->inside.addr.len } };
	char text[ADDR_TEXT_MAX];

	set_key(writer, "Inside", "%s/%u", addr_text(&tunnel->inside.addr, text), tunnel->inside.length);
	if (tunnel->peer.addr.len && !(old && addr_equal(&old->peer, &tunnel->peer.addr)))
		set_key(writer, "Peer", "%s", addr_text(&tunnel->peer.addr, text));
	write_selector(writer, "LocalTS", conn->local_ts.addr.len ? &conn->local_ts : &all);
	write_selector(writer, "RemoteTS", conn->remote_ts.addr.len ? &conn->remote_ts : &all);
}

/* The key that a section's file holds is @psk. */
static bool has_psk(const struct conf *conf, const struct conf_tunnel *old, const char *psk)
{
	struct why why = { "" };
	uint8_t bytes[512];
	bool same;
	int len;

	len = conf_psk(conf, old, bytes, sizeof(bytes), &why);
	same = len == (int)strlen(psk) && !memcmp(bytes, psk, len);
	wipe(&bytes);
	return same;
}

/* RemoteID is the subject of AWS's own certificate; which of the two endpoints it is of no file tells. */
static void write_certificate(struct writer *writer, const struct compose_tunnel *of, const struct conf_tunnel *old)
{
	const struct compose_certificate *certificate = writer->compose->certificate;

	set_key(writer, "Certificate", "%s", certificate->certificate);
	set_key(writer, "PrivateKey", "%s", certificate->private_key);
	set_key(writer, "CA", "%s", certificate->ca);
	if (old && old->remote_id[0])
		return;
	set_key(writer, "RemoteID", "CN=%s.endpoint-%u", writer->compose->conn->id, of->tunnel->number);
	note(writer, "%s: if AWS refuses to authenticate, or calls itself otherwise, exchange endpoint-0 and endpoint-1 in the RemoteIDs",
	     writer->title);
}

/* What belongs to a pre-shared key is in the way of a certificate: the file, and an address as our name. */
static int check_certificate(const struct writer *writer, const struct conf_tunnel *old, struct why *why)
{
	struct ip_addr addr;
	struct why none;

	if (!*writer->compose->conn->id)
		return why_set(why, "it has no VPN connection ID, which is in the name of AWS's certificate");
	if (!old)
		return 0;
	if (old->psk_file[0])
		return why_set(why, "%s has a PSKFile: take it out there, if AWS has a certificate now", writer->title);
	if (!old->certificate[0] && !addr_parse(old->local_id, &addr, &none))
		return why_set(why, "%s has LocalID = %s, which no certificate is for: take it out there, if AWS has a certificate now",
			       writer->title, old->local_id);
	return 0;
}

/* A section that has a key file, or a certificate, keeps it; only what is in the file may be another. */
static int write_key(struct writer *writer, struct compose_tunnel *of, const struct conf_tunnel *old, struct why *why)
{
	struct compose *compose = writer->compose;
	char text[ADDR_TEXT_MAX];

	if (compose->certificate) {
		if (check_certificate(writer, old, why))
			return -EINVAL;
		write_certificate(writer, of, old);
		return 0;
	}
	if (old && old->certificate[0])
		return 0;
	if (of->tunnel->by_certificate)
		return why_set(why, "AWS authenticates the tunnel to %s by certificates, which are not in the file: give yours as --certificate and --private-key, and as --ca the authority's of AWS's",
			       addr_text(&of->tunnel->remote, text));
	if (!*of->tunnel->psk && old && old->psk_file[0])
		return 0;
	if (!*of->tunnel->psk)
		return why_set(why, "the key of the tunnel to %s is not in the file (is it in Secrets Manager?): give a file with '%s KEY' as --psk-file; or --certificate, --private-key and --ca, if it has none",
			       addr_text(&of->tunnel->remote, text), text);
	if (!old || !old->psk_file[0]) {
		snprintf(of->psk_file, sizeof(of->psk_file), "%s-%s.psk", compose->name, of->name);
		set_key(writer, "PSKFile", "%s", of->psk_file);
		return 0;
	}
	if (has_psk(&compose->old, old, of->tunnel->psk))
		return 0;
	note(writer, "%s: another pre-shared key", writer->title);
	snprintf(of->psk_file, sizeof(of->psk_file), "%s", old->psk_file);
	return 0;
}

static bool are_weak(const struct conf_words *proposals)
{
	static const char *const signs[] = { "sha1", "modp768", "modp1024", "modp1536" };
	size_t i, j;

	for (i = 0; i < proposals->count; i++)
		for (j = 0; j < sizeof(signs) / sizeof(*signs); j++)
			if (strcasestr(proposals->list[i], signs[j]))
				return true;
	return false;
}

static void join(const struct conf_words *proposals, char out[UPGRADE_TEXT_MAX])
{
	size_t i;

	for (i = 0; i < proposals->count; i++)
		text_add(out, UPGRADE_TEXT_MAX, "%s%s", i ? ", " : "", proposals->list[i]);
}

/* What is told of the tunnel is what it has. */
static void keep_proposals(struct writer *writer, struct compose_tunnel *of, const struct conf_tunnel *old)
{
	struct upgrade *has = &of->upgrade;

	*has = (struct upgrade){ .weak = are_weak(&old->ike_proposals) || are_weak(&old->esp_proposals) };
	join(&old->ike_proposals, has->ike);
	join(&old->esp_proposals, has->esp);
	if (has->weak)
		note(writer, "%s: stays weak, as its section says: IKE %s, IPsec %s; without these two keys it has strong defaults",
		     writer->title, has->ike, has->esp);
}

/* Without TunnelOptions the file says nothing of what the connection is set to: what was chosen stays. */
static void write_proposals(struct writer *writer, struct compose_tunnel *of, const struct conf_tunnel *old)
{
	bool changed;

	if (old && !writer->compose->conn->has_options && !writer->compose->weak) {
		keep_proposals(writer, of, old);
		return;
	}
	changed = set_key(writer, "IKEProposals", "%s", of->upgrade.ike);
	changed |= set_key(writer, "ESPProposals", "%s", of->upgrade.esp);
	if (of->upgrade.weak)
		note(writer, "%s: weak, as --weak asks: IKE %s, IPsec %s; who records the packets may read them one day",
		     writer->title, of->upgrade.ike, of->upgrade.esp);
	else if (changed && of->upgrade.minimum_weak)
		note(writer, "%s: upgraded: IKE %s; IPsec %s; the file itself has AWS's minimum: %s", writer->title,
		     of->upgrade.ike, of->upgrade.esp, of->upgrade.minimum);
}

static void write_options(struct writer *writer, const struct import_tunnel *tunnel)
{
	if (tunnel->ike.lifetime)
		set_key(writer, "IKELifetime", "%u", tunnel->ike.lifetime);
	if (tunnel->esp.lifetime)
		set_key(writer, "Lifetime", "%u", tunnel->esp.lifetime);
	if (tunnel->replay_window)
		set_key(writer, "ReplayWindow", "%u", tunnel->replay_window);
	if (tunnel->clear_df)
		set_key(writer, "InnerDF", "clear");
	if (tunnel->asn && tunnel->peer_asn) {
		set_key(writer, "LocalASN", "%u", tunnel->asn);
		set_key(writer, "RemoteASN", "%u", tunnel->peer_asn);
		if (tunnel->hold)
			set_key(writer, "BGPHoldTime", "%u", tunnel->hold);
	}
	/* AWS's accelerated endpoints take nothing else. */
	if (writer->compose->conn->accelerated)
		set_key(writer, "Encap", "udp");
}

/* What AWS has no more may be what somebody has written since. */
static void tell_kept(const struct writer *writer, const struct import_tunnel *tunnel, const struct conf_tunnel *old)
{
	if (tunnel->has_clear_df && !tunnel->clear_df && old->inner_df == VGW_INNER_DF_CLEAR)
		note(writer, "%s: InnerDF = clear stays, and AWS's file does not ask for it: take it out, unless you want it",
		     writer->title);
	if (writer->compose->conn->tells_bgp && !tunnel->asn && old->local_asn)
		note(writer, "%s: LocalASN = %u and RemoteASN = %u stay, and AWS's file is for static routes: take them out, if it speaks BGP no more",
		     writer->title, old->local_asn, old->remote_asn);
}

/* May a packet from one inside address to the other go through the tunnel? */
static bool admits_probes(const struct import_connection *conn, const struct import_tunnel *tunnel)
{
	const struct conf_inside *peer = &tunnel->peer;

	return (!conn->local_ts.addr.len || prefix_holds(&conn->local_ts, &tunnel->inside.addr)) &&
	       (!conn->remote_ts.addr.len || !peer->addr.len || prefix_holds(&conn->remote_ts, &peer->addr));
}

/* What is ours to choose, and whoever has the file may choose otherwise later. */
static void write_choices(struct writer *writer, const struct import_tunnel *tunnel, unsigned int number)
{
	set_key(writer, "Priority", "%u", number * PRIORITY_STEP);
	if (tunnel->dpd_interval) {
		set_key(writer, "DPDInterval", "%u", tunnel->dpd_interval);
		set_key(writer, "DPDTimeout", "%u",
			tunnel->dpd_interval * (tunnel->dpd_retries ? tunnel->dpd_retries : 3));
	}
	if (admits_probes(writer->compose->conn, tunnel))
		set_key(writer, "ProbeInterval", "1");
}

static void begin_tunnel(struct writer *writer, const struct compose_tunnel *of)
{
	char text[ADDR_TEXT_MAX];

	edit_append(&writer->edit, "\n[Tunnel %s]\n", of->name);
	if (*writer->compose->conn->id)
		edit_append(&writer->edit, SECTION_OF "%s\n", writer->compose->conn->id);
	set_key(writer, "Remote", "%s", addr_text(&of->tunnel->remote, text));
}

static int write_tunnel(struct writer *writer, struct compose_tunnel *of, struct why *why)
{
	const struct conf_tunnel *old = find_old(writer->compose, &of->tunnel->remote);
	unsigned int number = 0;

	writer->keys = keys_tunnel;
	writer->lines = old ? old->lines : NULL;
	writer->head = old ? old->line : 0;
	if (old)
		memcpy(of->name, old->name, sizeof(of->name));
	else
		number = name_tunnel(writer->compose, of->name);
	snprintf(writer->title, sizeof(writer->title), "[Tunnel %s]", of->name);

	if (!old)
		begin_tunnel(writer, of);
	write_local(writer, of, old);
	write_inside(writer, of->tunnel, old);
	if (write_key(writer, of, old, why))
		return -EINVAL;
	write_proposals(writer, of, old);
	write_options(writer, of->tunnel);
	if (old)
		tell_kept(writer, of->tunnel, old);
	else
		write_choices(writer, of->tunnel, number);
	return 0;
}

/* ---- the interface's section ---- */

static void write_routes(struct writer *writer)
{
	const struct compose *compose = writer->compose;
	char list[VALUE_MAX] = "", text[ADDR_TEXT_MAX];
	size_t i;

	if (!compose->has_routes)
		return;
	for (i = 0; i < compose->routes.count; i++)
		text_add(list, sizeof(list), "%s%s", i ? ", " : "", prefix_text(&compose->routes.list[i], text));
	set_key(writer, "Routes", "%s", *list ? list : "none");
	if (compose->metric && !writer->lines)
		set_key(writer, "Metric", "%u", compose->metric);
}

void compose_interface_name(const char *name, char out[IFACE_NAME_SIZE])
{
	size_t len = strlen(name);

	if (len < IFACE_NAME_SIZE)
		memcpy(out, name, len + 1);
	else
		snprintf(out, IFACE_NAME_SIZE, "vpn-%s", name + len - SHORT_ID);
}

static void write_interface(struct writer *writer)
{
	const struct compose *compose = writer->compose;
	char ifname[IFACE_NAME_SIZE];

	snprintf(writer->title, sizeof(writer->title), "[Interface]");
	writer->keys = keys_interface;
	if (compose->old_text && compose->old.line) {
		writer->lines = compose->old.lines;
		writer->head = compose->old.line;
		write_routes(writer);
		return;
	}
	/* The section may stand behind those of tunnels. */
	writer->lines = NULL;
	if (compose->old_text && !compose->has_routes)
		return;
	edit_append(&writer->edit, "%s[Interface]\n", compose->old_text ? "\n" : "");
	compose_interface_name(compose->name, ifname);
	if (!compose->old_text)
		set_key(writer, "Name", "%s", ifname);
	write_routes(writer);
}

static bool has_tunnel(const struct import_connection *conn, const struct ip_addr *remote)
{
	size_t i;

	for (i = 0; i < conn->n_tunnels; i++)
		if (addr_equal(&conn->tunnels[i].remote, remote))
			return true;
	return false;
}

/* A section that was written for another VPN connection, of several in one file, says so in its first line. */
static bool is_anothers(const struct writer *writer, const struct conf_tunnel *old)
{
	const char *id = writer->compose->conn->id;
	const struct edit_line *line = &writer->edit.lines[old->line];
	const size_t len = strlen(SECTION_OF);

	return old->line < writer->edit.count && line->len > len && !memcmp(line->at, SECTION_OF, len) &&
	       (line->len - len != strlen(id) || memcmp(line->at + len, id, line->len - len));
}

/* A connection that was made anew in AWS has other outside addresses: its old tunnels lead nowhere. */
static void tell_others(struct writer *writer)
{
	const struct conf *old = &writer->compose->old;
	size_t i;

	for (i = 0; i < old->n_tunnels; i++)
		if (!has_tunnel(writer->compose->conn, &old->tunnels[i].remote) && !is_anothers(writer, &old->tunnels[i]))
			note(writer, "[Tunnel %s]: not in AWS's file: take it out, if AWS has it no more",
			     old->tunnels[i].name);
}

int compose_file(struct compose *compose, const struct compose_notes *notes, struct why *why)
{
	struct writer writer = { .compose = compose, .notes = notes };
	size_t i;
	int err = 0;

	edit_init(&writer.edit, compose->old_text, compose->old_len);
	if (!compose->old_text)
		edit_append(&writer.edit, "# AWS Site-to-Site VPN, by vpntun import aws\n");
	if (!writer.edit.failed)
		write_interface(&writer);
	for (i = 0; !err && !writer.edit.failed && i < compose->n_tunnels; i++)
		err = write_tunnel(&writer, &compose->tunnels[i], why);
	if (!err && !compose->merges)
		tell_others(&writer);
	compose->text = err ? NULL : edit_text(&writer.edit);
	edit_exit(&writer.edit);
	if (!err && !compose->text)
		err = why_set(why, "out of memory");
	return err;
}

bool compose_is_same(const struct compose *compose)
{
	return compose->old_text && strlen(compose->text) == compose->old_len &&
	       !memcmp(compose->text, compose->old_text, compose->old_len);
}

void compose_exit(struct compose *compose)
{
	free(compose->text);
	free(compose->old_text);
	prefixes_free(&compose->routes);
	conf_free(&compose->old);
	wipe(compose);
}
