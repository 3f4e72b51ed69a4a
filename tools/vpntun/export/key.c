// SPDX-License-Identifier: GPL-2.0
#include "export/key.h"

/* At its ends a blank would be cut off; "0x" and "0s" mean something else. */
static bool is_plain(const struct export_key *key)
{
	return export_is_plain(key->bytes, key->len, " ") && key->bytes[0] != ' ' && key->bytes[0] != '0' &&
	       key->bytes[key->len - 1] != ' ';
}

void export_add_key(struct export_text *out, const struct export_key *key, const struct export_key_form *form)
{
	size_t i;

	if (!key->len) {
		export_add(out, "%s%s%s", form->quote, EXPORT_NO_KEY, form->quote);
	} else if (is_plain(key)) {
		export_add(out, "%s%.*s%s", form->quote, key->len, (const char *)key->bytes, form->quote);
	} else {
		export_add(out, "%s", form->hex);
		for (i = 0; i < key->len; i++)
			export_add(out, "%02x", key->bytes[i]);
	}
}
