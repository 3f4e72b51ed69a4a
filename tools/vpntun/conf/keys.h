/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CONF_KEYS_H
#define CONF_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"
#include "util/nearest.h"
#include "util/why.h"

/* A key of a section. Its place in the table is its number, see @lines in conf.h. */
struct key {
	const char *name;
	/* Stores the value at @offset of struct conf or conf_tunnel (util/addr.h tells of this shape). */
	int (*parse)(const char *text, void *out, struct why *why);
	size_t offset;
	bool list;		/* @parse gets elements with LEX_COMMA between them */
};

/* Ended by a row without a name. */
extern const struct key keys_interface[];
extern const struct key keys_tunnel[];

/* Number of the key @name; or -1, after offering all of them to @nearest unless that is NULL. */
int keys_find(const struct key *keys, const char *name, struct nearest *nearest);

/* Takes the text of @key, as the lexer left it, into @object. 0, or -EINVAL with the sentence that says what is wrong. */
int keys_take(const struct key *key, char *value, void *object, struct why *why);

/* The line of key @name if it was given, else 0. */
unsigned int keys_line(const struct key *keys, const unsigned int *lines, const char *name);

#endif /* CONF_KEYS_H */
