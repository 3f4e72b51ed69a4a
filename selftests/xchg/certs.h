/* SPDX-License-Identifier: GPL-2.0 */
#ifndef XCHG_CERTS_H
#define XCHG_CERTS_H

#include <openssl/x509.h>

#include "ike/act.h"
#include "ike/policy.h"
#include "ike/sign.h"
#include "util/why.h"

/* A key and its certificate. The caller frees it. */
struct issued {
	EVP_PKEY *key;
	X509 *cert;
};

struct issued cert_root(enum ike_key_kind kind, const char *name);
/* @name: of a CA its common name; else a host's, that is in the SAN, too. */
struct issued cert_issue(const struct issued *by, enum ike_key_kind kind, const char *name, bool is_ca);
void cert_free(struct issued *issued);
void cert_subject(const struct issued *issued, struct ike_ident *out);

/* What the key process of one side has. */
struct keyring {
	EVP_PKEY *key;		/* NULL: none */
	X509 *root;		/* whom it trusts */
};

/* A chain as it is sent: the holder's first, then who issued it, and so on; @n of them. */
void creds_set(struct ike_credentials *creds, const struct issued *const *chain, unsigned int n);
void creds_add_ca(struct ike_credentials *creds, const struct issued *ca);

/* Empty: it cannot. @out has SIGN_MAX bytes. */
struct span keyring_sign(const struct keyring *ring, const struct ike_act_auth *auth, uint8_t *out);
/* 0 or -EINVAL. */
int keyring_judge(const struct keyring *ring, const struct ike_act_cert *claim, struct why *why);

#endif /* XCHG_CERTS_H */
