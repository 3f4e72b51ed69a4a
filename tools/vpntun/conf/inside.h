/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CONF_INSIDE_H
#define CONF_INSIDE_H

#include "conf/conf.h"

/* Finds an Inside of @a and one of @b that overlap: their places in *@at and *@with; false: there are none. */
bool insides_clash(const struct conf_insides *a, const struct conf_insides *b, size_t *at, size_t *with);

/* The one other host of a network that has room for two (/30, /31, /126, /127); false: there is none. */
bool inside_other(const struct conf_inside *inside, struct ip_addr *other);

#endif /* CONF_INSIDE_H */
