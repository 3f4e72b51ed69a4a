#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2034 # for matrix.sh
SUITE=aes256gcm16 ENCAP=udp OUTER=4
# shellcheck source=../lib/matrix.sh
. "$(dirname "$0")/../lib/matrix.sh"
