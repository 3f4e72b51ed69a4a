#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A network card that segments nothing and joins what comes in: ESP in UDP arrives joined, as the kernel's GRO does it for
# our sockets, and gets through.
#
#   left (vgw0) ---- right (vgw0)

# shellcheck source=../lib/vgw.sh
. "$(dirname "$0")/../lib/vgw.sh"

# shellcheck disable=SC2034 # setup_ns sets them
left="" right=""

setup_ns left right
link_ns left right 10.0.0
link_joins right left || skip "no link of this kernel joins what comes in"
in_ns left ethtool -K right tso off tx-udp-segmentation off > /dev/null
in_ns right ethtool -K left gro on > /dev/null
vgw_pair aes128gcm16 encap udp
head -c 1M /dev/urandom > "$keys/file"
check "TCP arrives in joined ESP packets" \
	large_seen right left "udp port 4500" carried left right 192.168.2.1 "$keys/file" write
check "by IPv6, too" large_seen right left "udp port 4500" carried left right fd02::1 "$keys/file" write
same "nothing was dropped" '{}' "$(json right '["tunnels"][0]["drops"]')"
