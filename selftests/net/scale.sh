#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ci: no
# timeout: 400
#
# Ten thousand tunnels of one interface, then of a hundred.

# shellcheck source=../lib/scale.sh
. "$(dirname "$0")/../lib/scale.sh"

tunnels 1 "${TUNNELS:-10000}"
tunnels 100 "${TUNNELS:-10000}"
