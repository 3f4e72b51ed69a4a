// SPDX-License-Identifier: GPL-2.0
#include "conf/lex.h"

#include <stdbool.h>
#include <string.h>

void lex_init(struct lex *lex, const char *text, size_t len)
{
	static const char mark[] = "\xef\xbb\xbf";	/* some editors begin a file so */

	lex->at = text;
	lex->end = text + len;
	lex->line = 0;
	if (len >= sizeof(mark) - 1 && !memcmp(text, mark, sizeof(mark) - 1))
		lex->at += sizeof(mark) - 1;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static char *trim(char *text)
{
	size_t len;

	while (is_blank(*text))
		text++;
	len = strlen(text);
	while (len && is_blank(text[len - 1]))
		len--;
	text[len] = '\0';
	return text;
}

/* A '#' is a part of the word that it ends or divides. */
static bool begins_comment(const char *raw, size_t at)
{
	return raw[at] == '#' && (!at || is_blank(raw[at - 1]));
}

/* Copies a line without quotes, comment and tabs, which would be told to a terminal. */
static int clean(const char *raw, size_t len, struct lex_line *line)
{
	bool quoted = false;
	char *to = line->text;
	size_t i;

	for (i = 0; i < len && (quoted || !begins_comment(raw, i)); i++) {
		if (raw[i] == '"')
			quoted = !quoted;
		else if (raw[i] == ',' && !quoted)
			*to++ = LEX_COMMA;
		else if (raw[i] == '\t')
			*to++ = ' ';
		else if (raw[i] >= ' ' && raw[i] <= '~')
			*to++ = raw[i];
		else
			return why_set(&line->why, "character %zu (0x%02x) is not printable ASCII, which only a comment may hold",
				       i + 1, (unsigned char)raw[i]);
	}
	*to = '\0';
	return quoted ? why_set(&line->why, "a double quote is not closed") : 0;
}

static enum lex_kind split_section(struct lex_line *line, char *text)
{
	size_t len = strlen(text);

	if (text[len - 1] != ']') {
		why_set(&line->why, "the head of a section ends in ']'");
		return LEX_FAULT;
	}
	text[len - 1] = '\0';
	lex_single(text);
	line->name = trim(text + 1);
	line->value = line->name + strcspn(line->name, " \t");
	if (*line->value)
		*line->value++ = '\0';
	line->value = trim(line->value);
	return LEX_SECTION;
}

static enum lex_kind split_key(struct lex_line *line, char *text)
{
	char *equals = strchr(text, '=');

	if (!equals || equals == text) {
		why_set(&line->why, "neither '[SECTION]' nor 'KEY = VALUE'");
		return LEX_FAULT;
	}
	*equals = '\0';
	lex_single(text);
	line->name = trim(text);
	line->value = trim(equals + 1);
	return LEX_KEY;
}

/* The next line as it stands, without its end. */
static const char *take_line(struct lex *lex, size_t *len)
{
	const char *raw = lex->at;
	const char *newline = memchr(raw, '\n', lex->end - raw);

	lex->line++;
	lex->at = newline ? newline + 1 : lex->end;
	*len = (newline ? newline : lex->end) - raw;
	if (*len && raw[*len - 1] == '\r')
		--*len;
	return raw;
}

enum lex_kind lex_next(struct lex *lex, struct lex_line *line)
{
	const char *raw;
	char *text;
	size_t len;

	while (lex->at < lex->end) {
		raw = take_line(lex, &len);
		line->number = lex->line;
		if (len > LEX_LINE_MAX) {
			why_set(&line->why, "the line is longer than %d bytes", LEX_LINE_MAX);
			return LEX_FAULT;
		}
		if (clean(raw, len, line))
			return LEX_FAULT;
		text = trim(line->text);
		if (*text)
			return *text == '[' ? split_section(line, text) : split_key(line, text);
	}
	return LEX_END;
}

char *lex_element(char **rest)
{
	char *element = *rest, *comma;

	if (!element)
		return NULL;
	comma = strchr(element, LEX_COMMA);
	if (comma)
		*comma = '\0';
	*rest = comma ? comma + 1 : NULL;
	return trim(element);
}

void lex_single(char *value)
{
	for (; *value; value++)
		if (*value == LEX_COMMA)
			*value = ',';
}
