/* SPDX-License-Identifier: GPL-2.0 */
#include <net/checksum.h>
#include <net/tcp.h>
