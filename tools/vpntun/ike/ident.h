/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_IDENT_H
#define IKE_IDENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ike/buf.h"
#include "ike/wire.h"
#include "util/addr.h"
#include "util/why.h"

/* An identity, RFC 7296 section 3.5. Plain data. */
struct ike_ident {
	uint8_t type;			/* enum ike_id_type; IKE_ID_NONE: not configured */
	uint16_t len;
	uint8_t bytes[IKE_ID_MAX];
};

/*
 * "203.0.113.1", "gw.example.com", "user@example.com", and typed where it matters: "fqdn:", "email:", "keyid:"
 * (text, or hex after "0x"), "ipv4:", "ipv6:", "dn:" (as dn.h has it, or DER in hex after "0x"). 0 or -EINVAL.
 */
int ident_parse(const char *text, struct ike_ident *out, struct why *why);
void ident_of_addr(const struct ip_addr *addr, struct ike_ident *out);
bool ident_equal(const struct ike_ident *a, const struct ike_ident *b);	/* letters of any case but in key-ids */

/* For people, escaped and cut to @size; returns @text. */
const char *ident_text(const struct ike_ident *ident, char *text, size_t size);

#endif /* IKE_IDENT_H */
