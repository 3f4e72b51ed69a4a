# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What lib/race.py races in: two gateways with two tunnels, one native, one in UDP, made and made anew.
#
#   left (vgw0) ---- right (vgw0)

# shellcheck source=vgw.sh
. "$(dirname "${BASH_SOURCE[0]}")/vgw.sh"

seed=${SEED:-$RANDOM}
left="" right=""

# right answers at an address behind each tunnel.
race_scene()
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

race_begin()
{
	echo "# seed $seed"
	setup_ns left right
	link_ns left right 10.0.0
	race_scene
}

# race SECONDS PROGRAM
race()
{
	/usr/bin/python3 "$lib/$2" "$1" "$seed" "$left" "$right"
}

# race_for SECONDS PROGRAM TEXT
race_for()
{
	if race "$1" "$2" > "$keys/race"; then
		ktap_ok "$3"
	else
		ktap_fail "$3"
	fi
	sed 's/^/# /' "$keys/race"
}

# What is made anew works.
race_again()
{
	ip -n "$right" link del vgw0
	ip -n "$left" link del vgw0
	race_scene
	make_keys aes128gcm16 lr rl
	sa_add right vgw0 udp in 0x1001 aes128gcm16 lr
	sa_add left vgw0 udp in 0x2001 aes128gcm16 rl
	sa_add left vgw0 udp out 0x1001 aes128gcm16 lr
	sa_add right vgw0 udp out 0x2001 aes128gcm16 rl
	check "what is made anew works" pinged left -qc 3 -i 0.2 192.168.2.129
}
