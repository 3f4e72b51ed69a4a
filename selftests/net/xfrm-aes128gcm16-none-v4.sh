#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
SUITE=aes128gcm16 ENCAP=none OUTER=4
# shellcheck source=../lib/matrix.sh
. "$(dirname "$0")/../lib/matrix.sh"
