#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ci: no
# timeout: 600
#
# Requests by chance, right, nearly right and wrong, under traffic, while what they are about is made and removed by others:
# each gets an answer, the kernel's log stays silent, and afterwards what is made anew works. Meant for the kernels of make
# check-debug, too; on that of KERNEL=kcov they are guided by what code they reach, and the first have nothing beside them.
#
#   left (vgw0) ---- right (vgw0)     one tunnel native, one in UDP
#
# SECONDS_LONG=N takes so long, SEED=N repeats the requests, if not what others do meanwhile. REQUESTS=N: so many come first
# on that kernel (2000); the sum that is told says whether a seed has repeated them.

# shellcheck source=../lib/race.sh
. "$(dirname "$0")/../lib/race.sh"

race_begin
race_for "${SECONDS_LONG:-60}" fuzz_netlink.py "every request was answered"
race_again
