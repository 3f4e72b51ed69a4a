#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ci: no
# timeout: 300
#
# A connection whose Namespace = was deleted leaves the one alone whose namespace has its number now, and whose interface and
# tunnel have the same names and the same index.

# shellcheck source=../lib/ike.sh
. "$(dirname "$0")/../lib/ike.sh"

ike=aes256gcm16-prfsha384-ecp384 esp=aes256gcm16-ecp384
patience=$((20 * ${TIME_SCALE:-1}))

# connection_in NAME REMOTE N
connection_in()
{
	local dir=$keys/vpntun-left/etc
	(umask 077 && echo "$psk" > "$dir/office.psk")
	{
		printf '%s\n' '[Interface]' 'Name = vgw0' "Namespace = $(ns_name "$1")" "Address = 10.6$3.0.1/32"
		printf '%s\n' "Routes = 10.7$3.0.1/32" '[Tunnel a]' "Local = $left4" "Remote = $2" 'PSKFile = office.psk'
		printf '%s\n' "LocalTS = 10.6$3.0.1/32" "RemoteTS = 10.7$3.0.1/32" "IKEProposals = $ike" "ESPProposals = $esp"
	} > "$dir/$1.conf"
}

# place NAME: the number of its namespace on left, and the index of the interface there
place()
{
	echo "$(ip -n "$left" netns list-id | sed -n "s/^nsid \([0-9]*\) .*$(ns_name "$1").*/\1/p")" \
		"$(ip -n "$(ns_name "$1")" -o link show vgw0 | cut -d: -f1)"
}

# spis NAME: of the SAs in its namespace
spis()
{
	in_ns "$1" "$vpntun" show --json | /usr/bin/python3 -IS -c 'import json, sys
for interface in json.load(sys.stdin)["interfaces"]:
    for tunnel in interface["tunnels"]:
        print(*sorted(sa["spi"] for sa in tunnel["sas"]))'
}

blue_is_as_before()
{
	same "$1: blue's interface is the same" "$where" "$(place blue)"
	same "$1: with its SAs" "$sas" "$(spis blue)"
	check "$1: its packets" busywait 10 pings blue 10.72.0.1
}

gateways
# This one is deleted by the test.
red=red-$$
ip netns add "$red"
ip -n "$red" link set lo up
xfrm_device right 1 10.61.0.1/32
xfrm_device right 2 10.62.0.1/32
ip -n "$right" addr add 10.71.0.1/32 dev lo
ip -n "$right" addr add 10.72.0.1/32 dev lo
charon right
helper left
connection_in red 198.51.100.1 1
swan_load right "$(connection one1 198.51.100.1 $left4 10.71.0.1/32 10.61.0.1/32 $ike $esp)" \
	"$(connection two2 198.51.100.2 $left4 10.72.0.1/32 10.62.0.1/32 $ike $esp)"

check "red: up" vpn left up red --wait $patience
check "red: packets" busywait 10 pings red 10.71.0.1
was=$(place red)
ip netns del "$(ns_name red)"
check "its namespace is gone: that is said" \
	busywait 15 grep -q "there is no network namespace $(ns_name red)" "$keys/vpntun-left/log"
setup_ns blue
connection_in blue 198.51.100.2 2
check "blue: up" vpn left up blue --wait $patience
check "blue: packets" busywait 10 pings blue 10.72.0.1
where=$(place blue)
same "blue has the number and the index that red had" "$was" "$where"
sas=$(spis blue)

check_not "red has nothing that could be rekeyed" vpn left rekey red
blue_is_as_before "red was to be rekeyed"
check "red: down" vpn left down red
blue_is_as_before "red is down"
check "blue: rekey" vpn left rekey blue
check "blue: packets" busywait 10 pings blue 10.72.0.1
check "blue: down" vpn left down blue
