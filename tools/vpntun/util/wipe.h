/* SPDX-License-Identifier: GPL-2.0 */
#ifndef UTIL_WIPE_H
#define UTIL_WIPE_H

#include <string.h>

/* Clears an object that held a key; the compiler may not leave it out. */
#define wipe(object) explicit_bzero((object), sizeof(*(object)))

#endif /* UTIL_WIPE_H */
