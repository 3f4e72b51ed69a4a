#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
SUITE=aes256-sha256 ENCAP=none OUTER=6
# shellcheck source=../lib/matrix.sh
. "$(dirname "$0")/../lib/matrix.sh"
