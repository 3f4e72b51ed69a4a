// SPDX-License-Identifier: GPL-2.0
#include "import/recognise.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "conf/report.h"
#include "import/aws_json.h"
#include "import/aws_xml.h"
#include "import/bare.h"
#include "import/generic.h"
#include "import/lines.h"
#include "import/swan.h"

static bool begins(const char *text, size_t len, const char *with)
{
	return len >= strlen(with) && !memcmp(text, with, strlen(with));
}

static bool holds(const char *text, size_t len, const char *what)
{
	return memmem(text, len, what, strlen(what));
}

enum import_form recognise(const char *text, size_t len)
{
	if (begins(text, len, "\xef\xbb\xbf")) {
		text += 3;
		len -= 3;
	}
	while (len && isspace((unsigned char)*text)) {
		text++;
		len--;
	}
	if (begins(text, len, "{") || begins(text, len, "["))
		return IMPORT_JSON;
	if (bare_is_copied(text, len))
		return IMPORT_COPIED_XML;
	if (begins(text, len, "<"))
		return IMPORT_XML;
	if (holds(text, len, "\nconn Tunnel"))
		return IMPORT_SWAN;
	if (holds(text, len, "#1: Internet Key Exchange Configuration"))
		return IMPORT_GENERIC;
	return IMPORT_UNKNOWN;
}

/* Configurations of other makers' devices are full of such lines. */
static bool is_vendors(const char *text, size_t len)
{
	struct lines lines;
	unsigned int count = 0;
	const char *line;

	lines_init(&lines, text, len);
	while ((line = lines_next(&lines)))
		count += *line == '!' || !strncmp(line, "set ", 4);
	return count > 2;
}

static void tell_unknown(const char *path, const char *text, size_t len, struct conf_report *report)
{
	const char *way = "download the configuration again with the vendor 'Generic' or 'Strongswan', or take the answer of: aws ec2 describe-vpn-connections --output json --vpn-connection-ids ID";

	/* What PowerShell makes of a command's output. */
	if (begins(text, len, "\xff\xfe") || begins(text, len, "\xfe\xff"))
		report_fault(report, path, 0, "it is in UTF-16: iconv -f UTF-16 -t UTF-8 makes a file of it that can be read");
	else if (is_vendors(text, len))
		report_fault(report, path, 0, "this is a configuration for another maker's device; %s", way);
	else
		report_fault(report, path, 0, "this is nothing that AWS makes for a VPN connection; %s", way);
}

int recognise_read(const char *path, const char *text, size_t len, struct import_connection *conn,
		   struct conf_report *report)
{
	enum import_form form;

	memset(conn, 0, sizeof(*conn));
	conn->path = path;
	if (len > IMPORT_FILE_MAX) {
		report_fault(report, path, 0, "it is longer than %d bytes", IMPORT_FILE_MAX);
		return -EINVAL;
	}
	form = recognise(text, len);
	conn->tells_bgp = form != IMPORT_SWAN;
	switch (form) {
	case IMPORT_JSON:
		if (begins(text, len, "\xef\xbb\xbf"))
			return aws_json_read(text + 3, len - 3, conn, report);
		return aws_json_read(text, len, conn, report);
	case IMPORT_XML:
		return aws_xml_read(text + strspn(text, " \t\r\n"), len - strspn(text, " \t\r\n"), conn, report);
	case IMPORT_COPIED_XML:
		return bare_read(text, len, conn, report);
	case IMPORT_GENERIC:
		return generic_read(text, len, conn, report);
	case IMPORT_SWAN:
		return swan_read(text, len, conn, report);
	default:
		tell_unknown(path, text, len, report);
		return -EINVAL;
	}
}
