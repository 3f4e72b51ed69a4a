/* SPDX-License-Identifier: GPL-2.0 */
#ifndef EXPORT_DEVICE_H
#define EXPORT_DEVICE_H

#include "export/text.h"
#include "export/view.h"
#include "util/why.h"

/* What configurations of other programs have in common. */
enum {
	DEVICE_FIRST = 101,	/* the number of the first tunnel's interface there; few have so many */
	DEVICE_NAME_MAX = CONF_NAME_SIZE + TUNNEL_NAME_SIZE,
	DEVICE_ID_MAX = 2 * CONF_TEXT_MAX + 16,	/* in hex */
};

/* "office-tunnel-1": what the tunnel is called there, of letters, digits, '-' and '_' alone. Returns @out. */
const char *device_name(const struct conf *conf, const struct conf_tunnel *tunnel, char out[DEVICE_NAME_MAX]);

/* Is each tunnel's name there its own? -EINVAL with @why: two have the same. */
int device_check_names(const struct conf *conf, struct why *why);

/* Of a tunnel's interface there, the same whether others are asked for with it or not. */
/* The kernel's own IPsec has no larger one than 4096. */
uint32_t device_replay_window(const struct conf_tunnel *tunnel);
size_t device_number(const struct export_view *view, size_t at);

/* What a program has in front of a kind of identity; NULL: it has no such kind. A key-id is in hex. */
struct device_id_form {
	const char *fqdn, *email, *keyid;
};

/* @id, an identity of the tunnel's in our words, in the program's. -EINVAL with @why: it has none for it. */
int device_id(const struct conf_tunnel *tunnel, const char *id, const struct device_id_form *form,
	      char out[DEVICE_ID_MAX], struct why *why);

/*
 * Adds commands for "ip" as comments: the inside addresses on the interface @device, and routes there. The last of
 * them all begin with "#   ", and can be given to a shell as they are.
 */
void device_commands(const struct export_view *view, size_t at, const char *device, struct export_text *out);

#endif /* EXPORT_DEVICE_H */
