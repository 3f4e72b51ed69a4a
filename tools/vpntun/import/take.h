/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IMPORT_TAKE_H
#define IMPORT_TAKE_H

#include <stddef.h>

#include "import/model.h"
#include "util/why.h"

/* What files say of a tunnel. The forms only differ in how they name and arrange these. */
enum import_field {
	FIELD_LOCAL, FIELD_REMOTE, FIELD_INSIDE, FIELD_PEER, FIELD_PSK, FIELD_METHOD, FIELD_VERSION,
	FIELD_IKE_CIPHER, FIELD_IKE_HASH, FIELD_IKE_GROUP, FIELD_IKE_LIFETIME, FIELD_IKE_PROPOSAL,
	FIELD_ESP_CIPHER, FIELD_ESP_HASH, FIELD_ESP_GROUP, FIELD_ESP_LIFETIME, FIELD_ESP_PROPOSAL,
	FIELD_DPD_INTERVAL, FIELD_DPD_RETRIES, FIELD_CLEAR_DF, FIELD_ASN, FIELD_PEER_ASN, FIELD_HOLD,
	FIELD_NONE,		/* known, and of no use here */
};

/* A name in a file, and what it says. */
struct import_name {
	const char *name;
	enum import_field field;
};

/* The row of @name, or NULL. A row without a name ends the table. */
const struct import_name *take_find(const struct import_name *names, const char *name);

/*
 * Takes the text of a field into @tunnel. Blanks around it do not count, nothing is nothing. 0, or -EINVAL with @why,
 * which never quotes a key.
 */
int take_field(struct import_tunnel *tunnel, enum import_field field, const char *text, struct why *why);

/* A prefix; 0, or -EINVAL with @why. */
int take_prefix(const char *text, struct ip_prefix *out, struct why *why);

/* The next of the tunnels, or NULL with a fault: there are too many. */
struct conf_report;
struct import_tunnel *take_tunnel(struct import_connection *conn, unsigned int line, struct conf_report *report);

/* Words of AWS and of strongSwan alike: "aes-128-cbc", "AES128". -EINVAL with @why: unknown. */
int take_cipher(const char *text, uint8_t *out, struct why *why);
int take_hash(const char *text, uint8_t *out, struct why *why);

/* Cuts blanks off both ends; returns where the rest begins. */
char *take_trim(char *text);

/* A PSK that AWS takes: 8 to 64 of A-Z a-z 0-9 . _ and no 0 in front. -EINVAL with @why, which does not quote it. */
int take_psk(const char *text, struct why *why);

#endif /* IMPORT_TAKE_H */
