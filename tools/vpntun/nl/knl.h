/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NL_KNL_H
#define NL_KNL_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

#include "nl/attr.h"
#include "util/why.h"

struct nl_msg;
struct nl_sock;
struct nlmsghdr;

/*
 * One generic netlink family, or rtnetlink, over one socket. All that is peculiar
 * to libnl is behind this: sending, acknowledgements, error texts, dumps.
 */
struct knl {
	struct nl_sock *sock;
	const char *name;
	const struct attr_set *attrs;	/* top level, to name what the kernel refuses; NULL: unknown */
	int family;
	struct why why;			/* sentence on the last failure */
	char attr[ATTR_PATH_SIZE];	/* what the kernel objected to ("sa.key"), or "" */
};

/* Sees one answer or event; a negative result ends the call with it. */
typedef int knl_fn(const struct nlmsghdr *nlh, void *arg);

/* All of these return 0 or a negative errno, and then @why tells the rest. */
int knl_open(struct knl *knl, const char *family, const struct attr_set *attrs);
int knl_open_route(struct knl *knl);
int knl_open_xfrm(struct knl *knl);	/* the kernel's own IPsec; requests as of rtnetlink */
void knl_close(struct knl *knl);	/* also one that is all zero */
int knl_fd(const struct knl *knl);	/* to wait on */

/*
 * A new request; NULL if there is no memory. @flags: 0 or NLM_F_DUMP. There is
 * room for the largest nest that netlink can express.
 */
struct nl_msg *knl_request(struct knl *knl, uint8_t cmd, int flags);

/* The same for rtnetlink, with the fixed header of @type in front. */
struct nl_msg *knl_request_route(struct knl *knl, uint16_t type, int flags, const void *head, size_t size);

/* Wipes and frees a request that will not be sent. */
void knl_drop(struct nl_msg *msg);

/*
 * Sends a request, frees it and waits for the end of what the kernel has to
 * say; @fn sees each answer. The message is wiped, as it may hold keys.
 * -EINTR: the dump is complete, but objects changed while it was made.
 */
int knl_call(struct knl *knl, struct nl_msg *msg, knl_fn *fn, void *arg);
/* The same for a request without answers, if it @filled: found room for all that was to be in it; else it is dropped. */
int knl_call_filled(struct knl *knl, struct nl_msg *msg, bool filled);

/* Joins a multicast group; from then on the socket is for knl_wait() only. */
int knl_subscribe(struct knl *knl, const char *group);
int knl_subscribe_route(struct knl *knl, int group);	/* RTNLGRP_* */
/* And hears that of the namespaces, too, that have a number in the socket's own. */
int knl_subscribe_far(struct knl *knl);

/*
 * Waits for the next events. -ENOBUFS: some were lost, behind those that the
 * socket still holds and knl_drain() gives out without waiting for more.
 */
int knl_wait(struct knl *knl, knl_fn *fn, void *arg);
int knl_drain(struct knl *knl, knl_fn *fn, void *arg);

/* Gives out what has come, without waiting, and then 0 or -ENOBUFS: some were lost. */
int knl_read(struct knl *knl, knl_fn *fn, void *arg);

#endif /* NL_KNL_H */
