// SPDX-License-Identifier: GPL-2.0
#include "export/vendors.h"

#include <stdio.h>

#include "export/connection.h"
#include "export/key.h"

/* No secret stands in a connection's file: a key is the line of another one, and here of a comment. */
static void write_keys(const struct export_view *view, struct export_text *out)
{
	static const struct export_key_form form = { "", "hex:" };
	size_t i;

	export_add(out, "\n# Files beside this one, of mode 0600, and the one line of each:\n");
	for (i = 0; i < view->conf.n_tunnels; i++) {
		export_add(out, "# key %s ", view->conf.tunnels[i].psk_file);
		export_add_key(out, &view->keys[i], &form);
		export_add(out, "\n");
	}
}

int export_vpntun(const struct export_view *view, struct export_text *out, struct why *why)
{
	char title[CONF_NAME_SIZE + 64];

	(void)why;
	snprintf(title, sizeof(title), "%s.conf: the other end of our connection", view->conf.name);
	connection_write(&view->conf, title, out);
	write_keys(view, out);
	return 0;
}
