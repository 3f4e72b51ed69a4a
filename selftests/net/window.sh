#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
#
# Anti-replay windows at their edges and beyond, and extended sequence numbers where the lower half starts anew, packet
# by packet: each is delivered, or dropped under the counter of its cause.
#
#   left (vgw0) ---- right (lib/window.py seals packets with numbers that it chooses)

# shellcheck source=../lib/vgw.sh
. "$(dirname "$0")/../lib/vgw.sh"

left=""

setup_ns left right
link_ns left right 10.0.0
make_vgw left
v left tunnel add vgw0 office local 10.0.0.1 remote 10.0.0.2 encap none prefix 192.168.2.0/24
take_verdicts < <(in_ns right /usr/bin/python3 "$(dirname "$0")/../lib/window.py" "$left" "$vpntun")
