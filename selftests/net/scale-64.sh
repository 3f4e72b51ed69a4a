#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ci: no
# timeout: 300
# kernel-args: possible_cpus=64
#
# What a tunnel takes on a machine that may have 64 CPUs, whose counters are for each of them.

# shellcheck source=../lib/scale.sh
. "$(dirname "$0")/../lib/scale.sh"

[ "$possible" -ge 64 ] || skip "this machine has not 64 possible CPUs"
tunnels 1 2000
