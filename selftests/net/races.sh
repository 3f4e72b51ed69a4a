#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ci: no
# timeout: 600
#
# Everything at once, on two processors, under traffic both ways: SAs are replaced, tunnels and interfaces removed and
# made, namespaces end, sockets are handed over and closed, SPIs reserved and left, lists asked for, a processor goes
# and comes; last of all the module goes in the midst of it. Meant for the kernel of make check-debug, which sees what
# goes wrong.
#
#   left (vgw0) ---- right (vgw0)     one tunnel native, one in UDP
#
# SECONDS_LONG=N takes so long, SEED=N repeats a run.

# shellcheck source=../lib/vgw.sh
. "$(dirname "$0")/../lib/vgw.sh"

long=${SECONDS_LONG:-60} seed=${SEED:-$RANDOM}
left="" right=""

race()
{
	/usr/bin/python3 "$lib/race.py" "$1" "$seed" "$left" "$right"
}

unload()
{
	rmmod vgw
}

# scene: right answers at an address behind each tunnel.
scene()
{
	local ns
	for ns in left right; do
		make_vgw "$ns"
	done
	ip -n "$right" addr flush dev vgw0
	ip -n "$right" route flush dev vgw0
	ip -n "$right" addr add 192.168.2.1/32 dev vgw0
	ip -n "$right" addr add 192.168.2.129/32 dev vgw0
	ip -n "$right" route add 192.168.1.0/24 dev vgw0
	v left tunnel add vgw0 native remote 10.0.0.2 encap none prefix 192.168.2.0/25
	v left tunnel add vgw0 udp remote 10.0.0.2 encap udp prefix 192.168.2.128/25
	v right tunnel add vgw0 native remote 10.0.0.1 encap none prefix 192.168.1.0/25 group 1
	v right tunnel add vgw0 udp remote 10.0.0.1 encap udp prefix 192.168.1.0/25 group 1
}

echo "# seed $seed"
setup_ns left right
link_ns left right 10.0.0
scene
if race "$long" > "$keys/race"; then
	ktap_ok "all had their turns"
else
	ktap_fail "all had their turns"
fi
sed 's/^/# /' "$keys/race"
ip -n "$left" link del vgw0
ip -n "$right" link del vgw0
scene
make_keys aes128gcm16 lr rl
sa_add right vgw0 udp in 0x1001 aes128gcm16 lr
sa_add left vgw0 udp in 0x2001 aes128gcm16 rl
sa_add left vgw0 udp out 0x1001 aes128gcm16 lr
sa_add right vgw0 udp out 0x2001 aes128gcm16 rl
check "what is made anew works" in_ns left ping -qc 3 -i 0.2 -W 10 192.168.2.129
race 10 > "$keys/race" &
check "the module goes in the midst of it" busywait 20 unload
wait $! || true
