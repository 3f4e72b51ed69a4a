/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IMPORT_LINES_H
#define IMPORT_LINES_H

#include <stdbool.h>
#include <stddef.h>

/* Lines of a text made for people: without blanks around, control and special characters turned into blanks. */
struct lines {
	const char *at, *end;
	unsigned int number;		/* of the line, from 1 */
	char line[1024];		/* what is beyond is cut off: no line that counts is as long */
};

void lines_init(struct lines *lines, const char *text, size_t len);

/* The next one; NULL at the end. It may be written to. */
char *lines_next(struct lines *lines);

/* Does @line begin so, in upper or lower case? */
bool lines_begin(const char *line, const char *words);

/*
 * What follows the first colon, and further ones and blanks; the text in front becomes words in lower case with single
 * blanks between them. NULL: there is no colon.
 */
char *lines_label(char *line);

/* The text of an "ID" line: "Your VPN Connection ID  : vpn-0aaa"; NULL: it is none. */
const char *lines_id(char *line);

#endif /* IMPORT_LINES_H */
