#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 300
#
# Many ESP datagrams that arrive as one packet are opened together, and TCP goes up joined: with what belongs, with what
# does not, and with the shortcut that takes them behind the INPUT chain switched off.
#
#   left (vgw0) ---- right (lib/burst.py makes the packets)
#   one (vgw0) ---- two (vgw0)

# shellcheck source=../lib/vgw.sh
. "$(dirname "$0")/../lib/vgw.sh"

# The stack cuts what it gives to sockets, and counts the parts.
cut()
{
	in_ns "$1" nstat -asz UdpInDatagrams | awk '/^UdpInDatagrams/ { print $2 }'
}

switch()
{
	echo "$1" > /sys/module/vgw/parameters/shortcut
}

# try_bursts SPI SUITES ALONE: with SAs from that one on, of so many suites; so many packets may go by themselves
try_bursts()
{
	take_verdicts < <(in_ns right /usr/bin/python3 -u "$lib/burst.py" "$left" "$vpntun" "$@")
}

try_firewall()
{
	in_ns left nft -f - <<-END
	table ip t {
		chain input {
			type filter hook input priority filter
			udp dport 4500 counter drop
		}
	}
	END
	in_ns right /usr/bin/python3 -c '
import socket, struct
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("10.0.0.2", 4500))
s.sendmsg([bytes((0, 0, 0x30, 0)) * 500], [(socket.SOL_UDP, 103, struct.pack("@H", 1000))], 0, ("10.0.0.1", 4500))'
	check "the INPUT chain sees them first" busywait 10 dropped
	in_ns left nft flush ruleset
}

# One packet of two datagrams.
dropped()
{
	in_ns left nft list ruleset | grep 'counter packets 1 bytes 2028 drop' > /dev/null
}

# shellcheck disable=SC2034 # setup_ns sets it
left="" right=""
setup_ns left right
link_ns left right 10.0.0
ip -n "$left" link set right mtu 10000
ip -n "$right" link set left mtu 10000
make_vgw left
v left tunnel add vgw0 natt local 10.0.0.1 remote 10.0.0.2 encap udp prefix 192.168.2.0/24,fd02::/64
# Cut by the stack, here or there, they come one by one: the first tells that there is something to join.
if in_ns right ethtool -k left | grep -x '[[:space:]]*tx-udp-segmentation: on' > /dev/null; then
	switch Y
	before=$(cut left)
	try_bursts $((0x3000)) 4 0
	taken=$(($(cut left) - before))
	try_firewall
	switch N
	before=$(cut left)
	try_bursts $((0x4000)) 1 1
	switch Y
	# With it only what it leaves to the socket is cut: of four suites less than of one without it.
	check "with it the stack cuts less" [ "$taken" -lt $(($(cut left) - before)) ]
else
	try_bursts $((0x3000)) 4 1
	ktap_ok "the shortcut # SKIP on such a link of this kernel nothing comes joined"
fi
