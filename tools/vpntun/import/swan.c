// SPDX-License-Identifier: GPL-2.0
#include "import/swan.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "conf/report.h"
#include "import/lines.h"
#include "import/take.h"

struct reader {
	struct import_connection *conn;
	struct conf_report *report;
	struct import_tunnel *tunnel;	/* whose conn we are in; NULL: none */
	struct lines lines;
};

/* Of ipsec.conf; the others are in the way of none. */
static const struct import_name names[] = {
	{ "leftid", FIELD_LOCAL }, { "right", FIELD_REMOTE }, { "keyexchange", FIELD_VERSION },
	{ "ike", FIELD_IKE_PROPOSAL }, { "ikelifetime", FIELD_IKE_LIFETIME }, { "esp", FIELD_ESP_PROPOSAL },
	{ "lifetime", FIELD_ESP_LIFETIME }, { "dpddelay", FIELD_DPD_INTERVAL },
	{ NULL, FIELD_NONE }
};

static void take(struct reader *reader, enum import_field field, const char *name, const char *value)
{
	struct why why = { "" };

	if (take_field(reader->tunnel, field, value, &why))
		report_fault(reader->report, reader->conn->path, reader->lines.number, "%s: %s", name, why.text);
}

/* "left" may be %defaultroute; the identity is our address as AWS sees it. */
static void take_setting(struct reader *reader, char *line)
{
	char *equals = strchr(line, '=');
	const struct import_name *known;

	if (!equals)
		return;
	*equals = '\0';
	known = take_find(names, take_trim(line));
	if (known)
		take(reader, known->field, known->name, equals + 1);
}

/* The word after @flag, or NULL; the text is cut behind it. */
static char *word_after(char *line, const char *flag)
{
	char *at = strstr(line, flag);

	if (!at)
		return NULL;
	at += strlen(flag);
	at += strspn(at, " ");
	return *at ? at : NULL;
}

static void take_word(struct reader *reader, enum import_field field, const char *line, const char *flag)
{
	char copy[sizeof(reader->lines.line)], *word;

	snprintf(copy, sizeof(copy), "%s", line);
	word = word_after(copy, flag);
	if (!word)
		return;
	word[strcspn(word, " \"")] = '\0';
	take(reader, field, flag + strspn(flag, " "), word);
}

/* "203.0.113.10 198.51.100.21 : PSK "key"": of the tunnel that the second address names. */
static void take_secret(struct reader *reader, char *line)
{
	char *quote = strstr(line, " : PSK \""), *end, *remote;
	struct import_tunnel named = { 0 }, *tunnel = reader->tunnel;
	struct why why = { "" };
	size_t i;

	if (!quote)
		return;
	*quote = '\0';
	quote += strlen(" : PSK \"");
	end = strchr(quote, '"');
	remote = strrchr(line, ' ');
	if (!end || !remote)
		return;
	*end = '\0';
	reader->tunnel = NULL;
	if (!take_field(&named, FIELD_REMOTE, remote + 1, &why))
		for (i = 0; i < reader->conn->n_tunnels; i++)
			if (addr_equal(&reader->conn->tunnels[i].remote, &named.remote))
				reader->tunnel = &reader->conn->tunnels[i];
	if (reader->tunnel)
		take(reader, FIELD_PSK, "PSK", quote);
	else
		report_warning(reader->report, reader->conn->path, reader->lines.number,
			       "a PSK of an address that no conn has, passed over");
	reader->tunnel = tunnel;
}

/* Settings end with the conn; what is said of the tunnel otherwise goes on until the next. */
static void take_line(struct reader *reader, char *line, bool *in_conn)
{
	if (lines_begin(line, "conn ")) {
		reader->tunnel = take_tunnel(reader->conn, reader->lines.number, reader->report);
		*in_conn = reader->tunnel;
	} else if (!reader->tunnel) {
		return;
	} else if (strstr(line, " : PSK \"")) {
		*in_conn = false;
		take_secret(reader, line);
	} else if (strstr(line, "leftupdown=")) {
		take_word(reader, FIELD_INSIDE, line, " -ll ");
		take_word(reader, FIELD_PEER, line, " -lr ");
	} else if (strstr(line, "ip addr add ")) {
		*in_conn = false;
		take_word(reader, FIELD_INSIDE, line, "ip addr add ");
		take_word(reader, FIELD_PEER, line, " remote ");
	} else if (*in_conn && *line != '#') {
		take_setting(reader, line);
	}
}

int swan_read(const char *text, size_t len, struct import_connection *conn, struct conf_report *report)
{
	struct reader reader = { .conn = conn, .report = report };
	unsigned int before = report->faults;
	bool in_conn = false;
	const char *id;
	char *line;

	lines_init(&reader.lines, text, len);
	/* What follows both tunnels is a script with variables in place of values. */
	while ((line = lines_next(&reader.lines)) && !lines_begin(line, "Automated Tunnel Healthcheck") &&
	       !lines_begin(line, "Additional Notes and Questions")) {
		id = reader.tunnel ? NULL : lines_id(line);
		if (id)
			snprintf(conn->id, sizeof(conn->id), "%s", id);
		else
			take_line(&reader, line, &in_conn);
	}
	explicit_bzero(&reader.lines, sizeof(reader.lines));
	return report->faults == before ? 0 : -EINVAL;
}
