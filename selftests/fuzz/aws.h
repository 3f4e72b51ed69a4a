/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AWS_H
#define AWS_H

#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "import/model.h"
#include "import/upgrade.h"
#include "import/verify.h"

/* What holds for a file of AWS's, whatever its form: it is refused with a sentence, or its model is a right one. */
static inline void aws_hear(void *ctx, bool fault, const char *line)
{
	unsigned int *told = ctx;
	const char *c;

	*told += fault;
	for (c = line; *c; c++)
		if (*c < ' ' || *c > '~')
			abort();
	if (strncmp(line, "fuzz:", 5))
		abort();
}

static inline void aws_tunnel(const struct import_tunnel *tunnel)
{
	struct why why = { "" };
	struct upgrade upgrade;
	int weak;

	if (!tunnel->remote.len || !tunnel->inside.addr.len || strlen(tunnel->psk) > IMPORT_PSK_MAX)
		abort();
	for (weak = 0; weak < 2; weak++) {
		if (upgrade_tunnel(tunnel, weak, &upgrade, &why)) {
			if (!*why.text)
				abort();
		} else if (!*upgrade.ike || !*upgrade.esp || (upgrade.weak && !weak)) {
			abort();
		}
	}
}

typedef int aws_reader(const char *text, size_t len, struct import_connection *conn, struct conf_report *report);

static inline void aws_read(aws_reader *read, const uint8_t *data, size_t size)
{
	static struct import_connection conn;
	unsigned int told = 0;
	struct conf_report report = { .say = aws_hear, .ctx = &told };
	size_t i;

	memset(&conn, 0, sizeof(conn));
	conn.path = "fuzz";
	if (read((const char *)data, size, &conn, &report)) {
		/* A refusal is never silent. */
		if (!told)
			abort();
		return;
	}
	if (told || conn.n_tunnels > IMPORT_TUNNELS_MAX)
		abort();
	if (verify_connection(&conn, &report))
		return;
	for (i = 0; i < conn.n_tunnels; i++)
		aws_tunnel(&conn.tunnels[i]);
}

#endif /* AWS_H */
