/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CONF_DEFAULTS_H
#define CONF_DEFAULTS_H

#include "conf/conf.h"

/* Before a section is read: what does not depend on anything. */
void defaults_interface(struct conf *conf);
void defaults_tunnel(struct conf_tunnel *tunnel);

/* After all were read: what follows from other keys. 0 or -ENOMEM. */
int defaults_finish(struct conf *conf);

#endif /* CONF_DEFAULTS_H */
