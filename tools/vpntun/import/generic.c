// SPDX-License-Identifier: GPL-2.0
#include "import/generic.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/report.h"
#include "import/lines.h"
#include "import/take.h"

/* Labels mean what they do by the section ("#1: ..") of a tunnel they stand in; of the third, by its heading, too. */
enum place { NOWHERE, IKE, IPSEC, INTERFACE, ROUTING, OUTSIDE, INSIDE, N_PLACES };

struct reader {
	struct import_connection *conn;
	struct conf_report *report;
	struct import_tunnel *tunnel;	/* NULL: in front of the first */
	enum place place;
	struct lines lines;
};

static const struct import_name ike_names[] = {
	{ "ike version", FIELD_VERSION }, { "authentication method", FIELD_METHOD }, { "pre-shared key", FIELD_PSK },
	{ "authentication algorithm", FIELD_IKE_HASH }, { "encryption algorithm", FIELD_IKE_CIPHER },
	{ "lifetime", FIELD_IKE_LIFETIME }, { "phase 1 negotiation mode", FIELD_NONE },
	{ "diffie-hellman", FIELD_IKE_GROUP }, { "perfect forward secrecy", FIELD_IKE_GROUP },
	{ NULL, FIELD_NONE }
};

static const struct import_name ipsec_names[] = {
	{ "protocol", FIELD_NONE }, { "authentication algorithm", FIELD_ESP_HASH },
	{ "encryption algorithm", FIELD_ESP_CIPHER }, { "lifetime", FIELD_ESP_LIFETIME }, { "mode", FIELD_NONE },
	{ "perfect forward secrecy", FIELD_ESP_GROUP }, { "dpd interval", FIELD_DPD_INTERVAL },
	{ "dpd retries", FIELD_DPD_RETRIES }, { "tcp mss adjustment", FIELD_NONE }, { "fragmentation", FIELD_NONE },
	{ "clear don't fragment bit", FIELD_CLEAR_DF },
	/* a typographic apostrophe */
	{ "clear don t fragment bit", FIELD_CLEAR_DF },
	{ NULL, FIELD_NONE }
};

static const struct import_name interface_names[] = {
	{ "tunnel interface mtu", FIELD_NONE },
	{ NULL, FIELD_NONE }
};

static const struct import_name routing_names[] = {
	{ "next hop", FIELD_NONE }, { "customer gateway asn", FIELD_ASN }, { "virtual private gateway asn", FIELD_PEER_ASN },
	{ "transit gateway asn", FIELD_PEER_ASN }, { "neighbor ip address", FIELD_NONE },
	{ "neighbor hold time", FIELD_HOLD },
	{ NULL, FIELD_NONE }
};

static const struct import_name outside_names[] = {
	{ "customer gateway", FIELD_LOCAL }, { "virtual private gateway", FIELD_REMOTE },
	{ "transit gateway", FIELD_REMOTE },
	{ NULL, FIELD_NONE }
};

static const struct import_name inside_names[] = {
	{ "customer gateway", FIELD_INSIDE }, { "virtual private gateway", FIELD_PEER }, { "transit gateway", FIELD_PEER },
	{ "tunnel interface mtu", FIELD_NONE },
	{ NULL, FIELD_NONE }
};

static const struct import_name *const names[N_PLACES] = {
	[IKE] = ike_names, [IPSEC] = ipsec_names, [INTERFACE] = interface_names, [ROUTING] = routing_names,
	[OUTSIDE] = outside_names, [INSIDE] = inside_names,
};

/* ---- headings ---- */

/* "#2: IPSec Configuration" */
static bool is_section(const char *line)
{
	return line[0] == '#' && line[1] >= '1' && line[1] <= '4' && line[2] == ':';
}

/* Does the line say where what follows it belongs? False: it is no heading, or its tunnel is one too many. */
static bool take_heading(struct reader *reader, const char *line)
{
	if (lines_begin(line, "IPSec Tunnel #")) {
		reader->tunnel = take_tunnel(reader->conn, reader->lines.number, reader->report);
		reader->place = NOWHERE;
	} else if (is_section(line) && reader->tunnel) {
		reader->place = IKE + (line[1] - '1');
	} else if (lines_begin(line, "Outside IP Addresses") && reader->place >= INTERFACE) {
		reader->place = OUTSIDE;
	} else if (lines_begin(line, "Inside IP Addresses") && reader->place >= INTERFACE) {
		reader->place = INSIDE;
	} else {
		return false;
	}
	return true;
}

/* ---- fields ---- */

/* Prose has colons, too: only what begins with a dash is a field. */
static void take_line(struct reader *reader, char *line)
{
	const struct import_name *known;
	struct why why = { "" };
	char *value, *label = line + strspn(line, "- ");

	if (*line != '-' || !reader->tunnel || reader->place == NOWHERE)
		return;
	value = lines_label(label);
	if (!value)
		return;
	known = take_find(names[reader->place], label);
	if (!known)
		report_warning(reader->report, reader->conn->path, reader->lines.number,
			       "'%.60s' is not known, and passed over", label);
	else if (take_field(reader->tunnel, known->field, value, &why))
		report_fault(reader->report, reader->conn->path, reader->lines.number, "%s: %s", label, why.text);
}

int generic_read(const char *text, size_t len, struct import_connection *conn, struct conf_report *report)
{
	struct reader reader = { .conn = conn, .report = report };
	unsigned int before = report->faults;
	const char *id;
	char *line;

	lines_init(&reader.lines, text, len);
	while ((line = lines_next(&reader.lines)) && !lines_begin(line, "Additional Notes and Questions")) {
		if (take_heading(&reader, line))
			continue;
		id = reader.tunnel ? NULL : lines_id(line);
		if (id)
			snprintf(conn->id, sizeof(conn->id), "%s", id);
		else
			take_line(&reader, line);
	}
	explicit_bzero(&reader.lines, sizeof(reader.lines));
	return report->faults == before ? 0 : -EINVAL;
}
