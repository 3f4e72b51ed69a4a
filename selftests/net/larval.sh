#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
#
# Packets that come before their SA: what is sent by a reserved SPI is held, and arrives in its order, once, when the SA
# is made; forgeries do not. No more than a bound is held; what was held in vain is counted. An SPI that nobody has
# reserved stays unknown.
#
#   left (vgw0) ---- right (lib/larval.py makes the packets)

# shellcheck source=../lib/vgw.sh
. "$(dirname "$0")/../lib/vgw.sh"

left=""

# With another IPsec on the host strangers are its own affair; see net/limits.
modprobe -r esp4 esp6 esp4_offload esp6_offload 2> /dev/null || true
! grep -q '^esp[46] ' /proc/modules || skip "esp4 or esp6 is in use here"

setup_ns left right
link_ns left right 10.0.0
make_vgw left
v left tunnel add vgw0 native local 10.0.0.1 remote 10.0.0.2 encap none prefix 192.168.2.0/24,fd02::/64
v left tunnel add vgw0 natt local 10.0.0.1 remote 10.0.0.2 encap udp prefix 192.168.2.0/24,fd02::/64
take_verdicts < <(in_ns right /usr/bin/python3 "$(dirname "$0")/../lib/larval.py" "$left" "$vpntun")
