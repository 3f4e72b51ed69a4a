/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CONF_LEX_H
#define CONF_LEX_H

#include <stddef.h>

#include "util/why.h"

enum { LEX_LINE_MAX = 4096 };

/* A comma that no quotes protect. Control characters are refused, so nothing else looks like it. */
enum { LEX_COMMA = 0x1f };

/* Lines of a configuration file, without blanks around, quotes and comments. */
struct lex {
	const char *at, *end;
	unsigned int line;
};

enum lex_kind { LEX_END, LEX_SECTION, LEX_KEY, LEX_FAULT };

struct lex_line {
	unsigned int number;		/* from 1 */
	char *name;			/* of the section or the key */
	char *value;			/* what follows the section's name, or the key's value; may be empty */
	char text[LEX_LINE_MAX + 1];	/* both point here */
	struct why why;			/* what is wrong with the line */
};

void lex_init(struct lex *lex, const char *text, size_t len);

/* The next line that is neither empty nor a comment. */
enum lex_kind lex_next(struct lex *lex, struct lex_line *line);

/* Cuts the first element off a list, and the blanks around it; NULL at the end, where *@rest is NULL, too. */
char *lex_element(char **rest);

/* Makes a single value of what could have been a list. */
void lex_single(char *value);

#endif /* CONF_LEX_H */
