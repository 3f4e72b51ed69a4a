/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_SANDBOX_H
#define IKED_SANDBOX_H

#include <stdbool.h>

#include "util/why.h"

#define SANDBOX_USER "vpntun"
#define SANDBOX_ROOT "/run/vpntun/empty"

/*
 * Gives away everything that the network and the key process can do without: user, file system, capabilities, new
 * privileges, core dumps, standard error, and all system calls but a few. There is no way back. 0, or -EINVAL with
 * @why: then the process has to end. It is killed when the thread that has made it ends.
 */
int sandbox_enter(struct why *why);
/* The same, with room for so many descriptors. */
int sandbox_enter_wide(unsigned int files, struct why *why);
/* The same for one that takes connections on a listening socket, reads and writes on them. It may outlive us. */
int sandbox_enter_server(struct why *why);

/* Without it they are nobody (65534), as others may be. */
bool sandbox_has_user(void);

/* Makes SANDBOX_ROOT; /run/vpntun is made with it. 0, or -EINVAL with @why. */
int sandbox_prepare(struct why *why);

#endif /* IKED_SANDBOX_H */
