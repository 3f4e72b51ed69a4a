#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2034 # for matrix.sh
SUITE=aes192gcm16 ENCAP=none OUTER=6
# shellcheck source=../lib/matrix.sh
. "$(dirname "$0")/../lib/matrix.sh"
