/* SPDX-License-Identifier: GPL-2.0 */
#ifndef UTIL_CLOCK_H
#define UTIL_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Milliseconds by CLOCK_MONOTONIC, or CLOCK_BOOTTIME, which goes on while the host sleeps. */
uint64_t clock_ms(clockid_t clock);

#endif /* UTIL_CLOCK_H */
