/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CONF_CRED_H
#define CONF_CRED_H

#include <openssl/types.h>
#include <time.h>

#include "conf/conf.h"

/*
 * What the files of a tunnel hold that authenticates by certificate: Certificate, PrivateKey, CA and CRL. Whoever sends
 * a certificate to us is judged elsewhere; here it is the files of the administrator.
 */
enum {
	CRED_CERTS_MAX = 8,
	CRED_CAS_MAX = 64,
	CRED_CRLS_MAX = 32,
	CRED_CRL_BYTES = 16 * 1024 * 1024,	/* of all of them */
	CRED_WARN_DAYS = 30,
};

struct cred {
	EVP_PKEY *key;
	size_t n_certs, n_cas, n_crls;
	X509 *certs[CRED_CERTS_MAX];	/* our own, then its chain */
	X509 *cas[CRED_CAS_MAX];
	X509_CRL *crls[CRED_CRLS_MAX];
	time_t not_after;		/* of our own */
};

/*
 * Reads them, and tells all that is wrong with them: 0, or -EINVAL if there was a fault, and then @out is empty. @now is
 * the wall clock. The files are there, see conf_check().
 */
int cred_load(const struct conf *conf, const struct conf_tunnel *tunnel, time_t now, struct cred *out,
	      struct conf_report *report);
void cred_free(struct cred *cred);

#endif /* CONF_CRED_H */
