#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ci: no
# timeout: 300
#
# net/storm for 15 s, while several CPUs work for one SA: packets of a new one do not overtake those of the old one.

ROUNDS=${ROUNDS:-150} PARALLEL=2 RATE=250
# shellcheck source=storm.sh
. "$(dirname "$0")/storm.sh"
