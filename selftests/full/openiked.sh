#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# timeout: 1500
#
# The full table of OpenIKED: see lib/table.sh.

# shellcheck source=../lib/table.sh
. "$(dirname "$0")/../lib/table.sh"

table openiked
