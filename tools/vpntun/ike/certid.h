/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_CERTID_H
#define IKE_CERTID_H

#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "ike/ident.h"

/*
 * Whose a certificate is. A distinguished name is its subject; an address, a name or an e-mail address is one of its
 * subjectAltName extension, whole: no wildcards, and no common name in its place. A key-id is in none.
 */
bool certid_has(const X509 *cert, const struct ike_ident *ident);

/* Its subject; false: it has none, or one longer than an identity may be. */
bool certid_subject(const X509 *cert, struct ike_ident *out);

/* For people: its subject, and those that certid_has() finds; escaped, and cut to @size. Return @text. */
const char *certid_subject_text(const X509 *cert, char *text, size_t size);
const char *certid_issuer_text(const X509 *cert, char *text, size_t size);
const char *certid_text(const X509 *cert, char *text, size_t size);

#endif /* IKE_CERTID_H */
