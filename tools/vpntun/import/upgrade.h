/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IMPORT_UPGRADE_H
#define IMPORT_UPGRADE_H

#include "import/model.h"
#include "util/why.h"

/* Where nobody restricts AWS: one that it has to choose, and one for it if its list is a usual one of others. */
#define UPGRADE_STRONG_IKE "aes256gcm16-prfsha384-ecp384, aes256-sha256-modp2048"
#define UPGRADE_STRONG_ESP "aes256gcm16-ecp384, aes256-sha256-modp2048"

enum { UPGRADE_TEXT_MAX = 160 };

/* Proposals for a tunnel, as a connection's file has them. */
struct upgrade {
	char ike[UPGRADE_TEXT_MAX], esp[UPGRADE_TEXT_MAX];
	char minimum[UPGRADE_TEXT_MAX];	/* the file's own, of both; "": it has none */
	bool minimum_weak;
	bool weak;			/* there is SHA-1 or a group below modp2048 in them */
};

/*
 * AWS takes the weakest that both sides have, so the list is short. Where TunnelOptions restrict AWS it is the
 * strongest that they allow; else a strong one. @weak: the file's own minimum, or where TunnelOptions do not allow
 * that, the weakest that they do. -EINVAL with @why: nothing goes, or only with @weak.
 */
int upgrade_tunnel(const struct import_tunnel *tunnel, bool weak, struct upgrade *out, struct why *why);

#endif /* IMPORT_UPGRADE_H */
