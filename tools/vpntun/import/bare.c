// SPDX-License-Identifier: GPL-2.0
#include "import/bare.h"

#include <errno.h>
#include <string.h>

#include "conf/report.h"
#include "import/aws_xml.h"
#include "util/wiped.h"

struct escape {
	const char *from;
	char to;
};

/* RFC 8259 section 7; the numbers are what serialisers make of what HTML could mistake. */
static const struct escape in_json[] = {
	{ "\\n", '\n' }, { "\\r", '\r' }, { "\\t", '\t' }, { "\\\"", '"' }, { "\\/", '/' }, { "\\\\", '\\' },
	{ "\\u003c", '<' }, { "\\u003C", '<' }, { "\\u003e", '>' }, { "\\u003E", '>' }, { "\\u0026", '&' },
	{ "\\u0027", '\'' }, { NULL, 0 }
};

static const struct escape in_xml[] = {
	{ "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' }, { "&apos;", '\'' }, { "&amp;", '&' }, { "&#34;", '"' },
	{ "&#39;", '\'' }, { "&#10;", '\n' }, { "&#13;", '\r' }, { "&#xA;", '\n' }, { "&#xa;", '\n' }, { "&#xD;", '\r' },
	{ "&#xd;", '\r' }, { NULL, 0 }
};

static const char head[] = "<vpn_connection ", tail[] = "</vpn_connection>";

static const char *find(const char *text, size_t len, const char *what)
{
	return memmem(text, len, what, strlen(what));
}

/* How its text is written; NULL: as it is. */
static const struct escape *escapes_of(const char *text, size_t len)
{
	if (find(text, len, "<vpn_connection id=\\\"") || find(text, len, "\\u003cvpn_connection id=\\\""))
		return in_json;
	return find(text, len, "&lt;vpn_connection id=") ? in_xml : NULL;
}

bool bare_is_copied(const char *text, size_t len)
{
	return escapes_of(text, len);
}

/* The one that the text begins with, or NULL. All of a list begin alike, which most of a text does not. */
static const struct escape *escape_at(const char *text, size_t len, const struct escape *escapes)
{
	if (*text != *escapes->from)
		return NULL;
	for (; escapes->from; escapes++)
		if (len >= strlen(escapes->from) && !memcmp(text, escapes->from, strlen(escapes->from)))
			return escapes;
	return NULL;
}

static size_t decode(const char *text, size_t len, const struct escape *escapes, char *out)
{
	const char *end = text + len;
	size_t used = 0;

	while (text < end) {
		const struct escape *escape = escape_at(text, end - text, escapes);

		out[used++] = escape ? escape->to : *text;
		text += escape ? strlen(escape->from) : 1;
	}
	return used;
}

/* Away with what was around it: quotes and a comma, the elements of an answer, and the XML declaration, which is no loss. */
static size_t cut(char *text, size_t len)
{
	const char *begin = find(text, len, head), *end = NULL, *next;

	if (!begin)
		return len;
	for (next = begin; (next = find(next, text + len - next, tail)); end = next)
		next += strlen(tail);
	if (!end)
		end = text + len;
	memmove(text, begin, end - begin);
	return end - begin;
}

static unsigned int count_of(const char *xml, size_t len)
{
	const char *end = xml + len, *next = xml;
	unsigned int count = 0;

	for (; (next = find(next, end - next, head)); count++)
		next += strlen(head);
	return count;
}

static int fault_of(const struct import_connection *conn, struct conf_report *report, const char *sentence)
{
	report_fault(report, conn->path, 0, "%s", sentence);
	return -EINVAL;
}

int bare_read(const char *text, size_t len, struct import_connection *conn, struct conf_report *report)
{
	/* Keys are in what is cut off, too. */
	char *xml = wiped_malloc(len + 1);
	int err;

	if (!xml)
		return fault_of(conn, report, "out of memory");
	len = cut(xml, decode(text, len, escapes_of(text, len), xml));
	/* Its lines are not those of the file. */
	conn->embedded = true;
	if (count_of(xml, len) > 1)
		err = fault_of(conn, report, "there is more than one vpn_connection: import takes one at a time");
	else
		err = aws_xml_read(xml, len, conn, report);
	wiped_free(xml);
	return err;
}
