/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CLI_PATH_PROBE_H
#define CLI_PATH_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "util/addr.h"

/*
 * How long packets may be to come through a tunnel: echo requests that nobody may fragment go to @target by the device, and
 * back. Returns the longest up to @most bytes that was answered; 0: none was, or none could be sent.
 */
uint32_t path_probe(const char *device, const struct ip_addr *target, uint32_t most);

#endif /* CLI_PATH_PROBE_H */
