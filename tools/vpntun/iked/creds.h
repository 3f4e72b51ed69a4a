/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_CREDS_H
#define IKED_CREDS_H

#include <time.h>

#include "conf/conf.h"
#include "ike/policy.h"
#include "iked/imsg.h"
#include "iked/proc.h"

/*
 * What a tunnel authenticates with, by its files: read for the other processes, through the parent, which keeps nothing
 * of it; and for `check`. Hold it on the heap.
 */
struct creds {
	bool by_certificate;		/* else only @psk is there */
	struct imsg_psk psk;
	struct imsg_private_key key;
	struct ike_credentials shown;
	size_t trust_len;		/* 0: there is none */
	int trust_fd;			/* a sealed file, as trust.h has it */
	time_t not_after;		/* of our certificate; 0: there is none */
	struct ike_ident local_id;	/* the policy's, or for want of a LocalID the certificate's subject */
};

/*
 * Reads the files, and tells of everything that is wrong with them: 0 or -EINVAL, and then there is nothing to free.
 * @policy is that of the tunnel.
 */
int creds_load(const struct conf *conf, const struct conf_tunnel *tunnel, const struct ike_policy *policy,
	       struct creds *out, struct conf_report *report);
void creds_free(struct creds *creds);	/* wipes what is in it */

/* Hands over what that process has to know; the network process knows the policy already. */
void creds_tell(const struct creds *creds, struct procs *procs, enum proc_kind kind);

/* How near the end of a certificate is: each of them is worth a warning. */
enum creds_age { CREDS_FRESH, CREDS_MONTH, CREDS_WEEK, CREDS_DAY, CREDS_EXPIRED };
enum creds_age creds_age(time_t not_after, time_t now);
/* Writes that to the log. */
void creds_warn(const char *name, time_t not_after);

#endif /* IKED_CREDS_H */
