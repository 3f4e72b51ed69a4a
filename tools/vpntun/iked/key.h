/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_KEY_H
#define IKED_KEY_H

#include "util/why.h"

/*
 * The key process: it has the pre-shared and the private keys, and does nothing but sign AUTH payloads with
 * them, and verify those of pre-shared keys. Returns when
 * the parent is gone; -EINVAL with @why if it cannot begin.
 */
int key_run(int parent, struct why *why);

#endif /* IKED_KEY_H */
