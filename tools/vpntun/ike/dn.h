/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_DN_H
#define IKE_DN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ike/buf.h"
#include "util/why.h"

/* Distinguished names of X.501, in DER as identities and certificates have them. */

/* "C=CH, O=Example, CN=gw", a backslash before what is no separator. Its length in @out, or -EINVAL with @why. */
int dn_parse(const char *text, uint8_t *out, size_t size, struct why *why);
bool dn_valid(struct span dn);
/* As X.520 compares: letters of any case, blanks folded, whatever the kinds of strings are. */
bool dn_equal(struct span a, struct span b);

/* Adds it as dn_parse() reads it, printable ASCII only, to the string in @text, cut to @size. False: it is none. */
bool dn_add_text(struct span dn, char *text, size_t size);

#endif /* IKE_DN_H */
