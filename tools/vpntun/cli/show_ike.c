// SPDX-License-Identifier: GPL-2.0
#include "cli/show_ike.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "util/when.h"

/* ", age 2h 5m", of seconds; nothing if the helper did not tell. */
static void show_time(const struct out *out, const char *before, const struct status_tunnel *tunnel, const char *key)
{
	char text[OUT_TEXT_MAX];

	if (json_object_get(tunnel->ike, key))
		fprintf(out->to, ", %s %s", before, out_duration(status_ike_number(tunnel, key) * 1000, text));
}

static void show_count(const struct out *out, const struct status_tunnel *tunnel, const char *key)
{
	const uint64_t count = status_ike_number(tunnel, key);

	if (count)
		fprintf(out->to, ", %" PRIu64 " rekey%s made", count, count == 1 ? "" : "s");
}

static void show_nat(const struct out *out, const struct status_tunnel *tunnel)
{
	const bool ours = status_ike_flag(tunnel, "natted"), theirs = status_ike_flag(tunnel, "peer_natted");

	if (ours && theirs)
		fputs(", both behind NAT", out->to);
	else if (ours)
		fputs(", we are behind NAT", out->to);
	else if (theirs)
		fputs(", the peer is behind NAT", out->to);
}

/* While one follows the other there are more than one. */
static void show_overlap(const struct out *out, const struct status_tunnel *tunnel)
{
	const uint64_t ike = status_ike_number(tunnel, "ike_sas"), child = status_ike_number(tunnel, "child_sas");

	if (ike > 1 || child > 1)
		fprintf(out->to, "    ike has: %" PRIu64 " IKE SAs, %" PRIu64 " Child SAs\n", ike, child);
}

static void show_certificate(const struct out *out, const struct status_tunnel *tunnel)
{
	const time_t end = tunnel->certificate_end;
	char text[WHEN_TEXT_MAX];

	if (end)
		fprintf(out->to, "    certificate: until %s\n", when_text(end, text));
}

static void show_sas(const struct out *out, const struct status_tunnel *tunnel)
{
	char a[STATUS_TEXT_MAX], b[STATUS_TEXT_MAX];

	fprintf(out->to, "    ike: %s -> %s", status_ike_text(tunnel, "local", a),
		status_ike_text(tunnel, "remote", b));
	fprintf(out->to, ", %s", status_ike_flag(tunnel, "initiator") ? "initiator" : "responder");
	if (*status_ike_text(tunnel, "suite", a))
		fprintf(out->to, ", %s", a);
	if (*status_ike_text(tunnel, "remote_id", a))
		fprintf(out->to, ", peer is %s", a);
	show_nat(out, tunnel);
	show_time(out, "age", tunnel, "age");
	show_time(out, "rekey in", tunnel, "rekey_in");
	show_count(out, tunnel, "rekeys");
	fputc('\n', out->to);

	if (!*status_ike_text(tunnel, "esp", a))
		return;
	fprintf(out->to, "    esp: %s", a);
	show_time(out, "age", tunnel, "child_age");
	show_time(out, "rekey in", tunnel, "child_rekey_in");
	show_count(out, tunnel, "child_rekeys");
	fputc('\n', out->to);
}

void show_ike(const struct out *out, const struct status_tunnel *tunnel)
{
	char text[STATUS_TEXT_MAX];

	if (strcmp(tunnel->start, "start"))
		fprintf(out->to, "    start: %s\n", tunnel->start);
	if (tunnel->ike) {
		show_sas(out, tunnel);
		show_overlap(out, tunnel);
		show_certificate(out, tunnel);
	}
	if (tunnel->attempts > 1 && tunnel->state != STATUS_UP)
		fprintf(out->to, "    attempts: %" PRIu64 "\n", tunnel->attempts);
	if (tunnel->last_error)
		fprintf(out->to, "    last error: %s\n", status_text(tunnel->last_error, text));
}
