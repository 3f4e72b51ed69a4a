// SPDX-License-Identifier: GPL-2.0
#include "import/aws_xml.h"

#include <errno.h>
#include <expat.h>
#include <stdio.h>
#include <string.h>

#include "conf/report.h"
#include "import/take.h"
#include "util/text.h"
#include "util/wipe.h"
#include "util/wiped.h"

enum { DEPTH_MAX = 16, PATH_MAX_BYTES = 512, VALUE_MAX = 256 };

struct reader {
	XML_Parser parser;
	struct import_connection *conn;
	struct conf_report *report;
	struct import_tunnel *tunnel;	/* NULL: outside of any */
	unsigned int depth;
	size_t ends[DEPTH_MAX];		/* where the path of each level's parent ends */
	char path[PATH_MAX_BYTES];	/* "/vpn_connection/ipsec_tunnel/ike" */
	char value[VALUE_MAX];		/* text of the innermost element */
	size_t used;
	struct {
		struct ip_addr addr;
		char length[VALUE_MAX];
	} ours, theirs;			/* inside addresses, in parts */
	bool found;			/* a vpn_connection */
	bool stopped;			/* calls that still come are to do nothing */
};

static const struct import_name names[] = {
	{ "customer_gateway/tunnel_outside_address/ip_address", FIELD_LOCAL },
	{ "customer_gateway/bgp/asn", FIELD_ASN },
	{ "customer_gateway/bgp/hold_time", FIELD_NONE },
	{ "vpn_gateway/tunnel_outside_address/ip_address", FIELD_REMOTE },
	{ "vpn_gateway/bgp/asn", FIELD_PEER_ASN },
	{ "vpn_gateway/bgp/hold_time", FIELD_HOLD },
	{ "ike/authentication_protocol", FIELD_IKE_HASH },
	{ "ike/encryption_protocol", FIELD_IKE_CIPHER },
	{ "ike/lifetime", FIELD_IKE_LIFETIME },
	{ "ike/perfect_forward_secrecy", FIELD_IKE_GROUP },
	{ "ike/pre_shared_key", FIELD_PSK },
	{ "ipsec/authentication_protocol", FIELD_ESP_HASH },
	{ "ipsec/encryption_protocol", FIELD_ESP_CIPHER },
	{ "ipsec/lifetime", FIELD_ESP_LIFETIME },
	{ "ipsec/perfect_forward_secrecy", FIELD_ESP_GROUP },
	{ "ipsec/clear_df_bit", FIELD_CLEAR_DF },
	{ "ipsec/dead_peer_detection/interval", FIELD_DPD_INTERVAL },
	{ "ipsec/dead_peer_detection/retries", FIELD_DPD_RETRIES },
	{ NULL, FIELD_NONE }
};

static unsigned int line_of(const struct reader *reader)
{
	return reader->conn->embedded ? 0 : XML_GetCurrentLineNumber(reader->parser);
}

static void stop_silently(struct reader *reader)
{
	reader->stopped = true;
	XML_StopParser(reader->parser, XML_FALSE);
}

static void stop(struct reader *reader, const char *sentence)
{
	report_fault(reader->report, reader->conn->path, line_of(reader), "%s", sentence);
	stop_silently(reader);
}

/* What follows the element @name in the path, or NULL: it is not in it. */
static const char *below(const struct reader *reader, const char *name)
{
	const char *at = strstr(reader->path, name);

	return at ? at + strlen(name) : NULL;
}

/* ---- values ---- */

/* The prefix's length stands by itself in "network_cidr"; its mask says the same. */
static bool take_part(struct reader *reader, const char *name)
{
	const bool own = !strcmp(name, "customer_gateway/tunnel_inside_address/ip_address") ||
			 !strcmp(name, "customer_gateway/tunnel_inside_address/network_cidr");
	const char *leaf = strrchr(name, '/');

	if (!own && strcmp(name, "vpn_gateway/tunnel_inside_address/ip_address") &&
	    strcmp(name, "vpn_gateway/tunnel_inside_address/network_cidr"))
		return false;
	if (!strcmp(leaf, "/network_cidr")) {
		snprintf(own ? reader->ours.length : reader->theirs.length, VALUE_MAX, "%s", take_trim(reader->value));
	} else {
		struct import_tunnel part = { 0 };
		struct why why = { "" };

		if (take_field(&part, FIELD_LOCAL, reader->value, &why))
			report_fault(reader->report, reader->conn->path, line_of(reader), "%s: %s", name, why.text);
		*(own ? &reader->ours.addr : &reader->theirs.addr) = part.local;
	}
	return true;
}

static void take_inside(struct reader *reader, bool own)
{
	const struct ip_addr *addr = own ? &reader->ours.addr : &reader->theirs.addr;
	const char *length = own ? reader->ours.length : reader->theirs.length;
	char text[VALUE_MAX + ADDR_TEXT_MAX], addr_str[ADDR_TEXT_MAX];
	struct why why = { "" };

	if (!addr->len)
		return;
	snprintf(text, sizeof(text), "%s/%s", addr_text(addr, addr_str), *length ? length : addr->len == 4 ? "30" : "126");
	if (take_field(reader->tunnel, own ? FIELD_INSIDE : FIELD_PEER, text, &why))
		report_fault(reader->report, reader->conn->path, line_of(reader), "%s/tunnel_inside_address: %s",
			     own ? "customer_gateway" : "vpn_gateway", why.text);
}

static void take_value(struct reader *reader, const char *name)
{
	const struct import_name *known = take_find(names, name);
	struct why why = { "" };

	if (!known)
		return;
	if (take_field(reader->tunnel, known->field, reader->value, &why))
		report_fault(reader->report, reader->conn->path, line_of(reader), "%s: %s", name, why.text);
}

static void take_id(struct reader *reader, const XML_Char **attributes)
{
	char copy[IMPORT_TEXT_MAX];

	for (; *attributes; attributes += 2) {
		if (strcmp(attributes[0], "id"))
			continue;
		snprintf(copy, sizeof(copy), "%s", attributes[1]);
		snprintf(reader->conn->id, sizeof(reader->conn->id), "%s", take_trim(copy));
	}
}

/* ---- elements ---- */

static void begin(void *ctx, const XML_Char *name, const XML_Char **attributes)
{
	struct reader *reader = ctx;

	if (reader->depth == DEPTH_MAX || strlen(reader->path) + strlen(name) + 2 > sizeof(reader->path)) {
		stop(reader, "elements lie too deep in each other");
		return;
	}
	reader->ends[reader->depth++] = strlen(reader->path);
	text_add(reader->path, sizeof(reader->path), "/%s", name);
	reader->used = 0;
	*reader->value = '\0';

	if (!strcmp(name, "vpn_connection")) {
		if (reader->found) {
			stop(reader, "there is more than one vpn_connection: import takes one at a time");
			return;
		}
		reader->found = true;
		take_id(reader, attributes);
	} else if (!strcmp(name, "ipsec_tunnel") && reader->found) {
		if (reader->tunnel) {
			stop(reader, "an ipsec_tunnel lies in another one");
			return;
		}
		reader->tunnel = take_tunnel(reader->conn, line_of(reader), reader->report);
		if (!reader->tunnel)
			stop_silently(reader);
		memset(&reader->ours, 0, sizeof(reader->ours));
		memset(&reader->theirs, 0, sizeof(reader->theirs));
	}
}

static void end(void *ctx, const XML_Char *name)
{
	struct reader *reader = ctx;
	const char *inner = below(reader, "/ipsec_tunnel/");

	if (reader->stopped)
		return;
	if (reader->tunnel && inner && !take_part(reader, inner))
		take_value(reader, inner);
	if (reader->tunnel && !strcmp(name, "ipsec_tunnel")) {
		take_inside(reader, true);
		take_inside(reader, false);
		reader->tunnel = NULL;
	}
	reader->path[reader->ends[--reader->depth]] = '\0';
	reader->used = 0;
	explicit_bzero(reader->value, sizeof(reader->value));
}

static void characters(void *ctx, const XML_Char *text, int len)
{
	struct reader *reader = ctx;

	if (!reader->tunnel || reader->stopped)
		return;
	if (reader->used + len >= sizeof(reader->value)) {
		stop(reader, "a value is too long");
		return;
	}
	memcpy(reader->value + reader->used, text, len);
	reader->used += len;
	reader->value[reader->used] = '\0';
}

/* Where there is no DTD there are no entities that expand without end, and none that name files. */
static void doctype(void *ctx, const XML_Char *name, const XML_Char *sysid, const XML_Char *pubid, int internal)
{
	(void)name;
	(void)sysid;
	(void)pubid;
	(void)internal;
	stop(ctx, "it has a document type (DTD), which no file of AWS has");
}

/* ---- the document ---- */

static void parse(struct reader *reader, const char *text, size_t len)
{
	enum XML_Error error;

	XML_SetUserData(reader->parser, reader);
	XML_SetElementHandler(reader->parser, begin, end);
	XML_SetCharacterDataHandler(reader->parser, characters);
	XML_SetStartDoctypeDeclHandler(reader->parser, doctype);
	if (XML_Parse(reader->parser, text, len, XML_TRUE) == XML_STATUS_OK)
		return;
	error = XML_GetErrorCode(reader->parser);
	if (error != XML_ERROR_ABORTED)
		report_fault(reader->report, reader->conn->path, line_of(reader), "no XML: %s", XML_ErrorString(error));
}

int aws_xml_read(const char *text, size_t len, struct import_connection *conn, struct conf_report *report)
{
	static const XML_Memory_Handling_Suite memory = { wiped_malloc, wiped_realloc, wiped_free };
	struct reader reader = { .conn = conn, .report = report };
	unsigned int before = report->faults;

	if (len > IMPORT_FILE_MAX) {
		report_fault(report, conn->path, 0, "the XML is longer than %d bytes", IMPORT_FILE_MAX);
		return -EINVAL;
	}
	reader.parser = XML_ParserCreate_MM(NULL, &memory, NULL);
	if (!reader.parser) {
		report_fault(report, conn->path, 0, "out of memory");
		return -EINVAL;
	}
	parse(&reader, text, len);
	XML_ParserFree(reader.parser);
	if (report->faults == before && !reader.found)
		report_fault(report, conn->path, 0, "there is no vpn_connection in it");
	wipe(&reader);
	return report->faults == before ? 0 : -EINVAL;
}
