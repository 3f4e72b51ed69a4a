/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_SUITE_H
#define IKED_SUITE_H

#include <linux/vgw.h>

#include "ike/prop.h"

/* The module's name (enum vgw_suite) for what was negotiated for ESP; 0: it has none. */
uint32_t suite_of(const struct ike_suite *suite);

#endif /* IKED_SUITE_H */
