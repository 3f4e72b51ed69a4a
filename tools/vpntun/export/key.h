/* SPDX-License-Identifier: GPL-2.0 */
#ifndef EXPORT_KEY_H
#define EXPORT_KEY_H

#include "export/text.h"
#include "export/view.h"

/* How a program has a key in its file: as text between @quote, and one that is no such text in hex behind @hex. */
struct export_key_form {
	const char *quote, *hex;
};

/* Adds the key, or EXPORT_NO_KEY. */
void export_add_key(struct export_text *out, const struct export_key *key, const struct export_key_form *form);

#endif /* EXPORT_KEY_H */
