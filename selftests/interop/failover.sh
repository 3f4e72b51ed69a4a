#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# timeout: 200
#
# A connection of two tunnels to two addresses of the far end, which is vpntun, too; probes at both ends. The way of the
# active one is cut without a word: traffic goes on by its sister, and comes back when the way is mended. Then the whole
# far end goes, and comes back.

# shellcheck source=../lib/ike.sh
. "$(dirname "$0")/../lib/ike.sh"

# The two tunnels, as NS has them: file NS LOCAL REMOTE INSIDE LOCAL REMOTE INSIDE OWN_TS OTHER_TS START
file()
{
	local vpn_command etc=$keys/vpntun-$1/etc
	vpn_prepare "$1"
	(umask 077 && echo "$psk" > "$etc/office.psk")
	{
		printf '%s\n' '[Interface]' 'Name = vgw0' "Routes = $9"
		tunnel first "$2" "$3" "$4" 10
		tunnel second "$5" "$6" "$7" 20
	} > "$etc/office.conf"
}

# tunnel NAME LOCAL REMOTE INSIDE PRIORITY
tunnel()
{
	printf '%s\n' "[Tunnel $1]" "Local = $2" "Remote = $3" "Inside = $4" "Priority = $5" 'PSKFile = office.psk' \
		'LocalTS = 0.0.0.0/0, ::/0' 'RemoteTS = 0.0.0.0/0, ::/0' "StartAction = $start" 'DPDInterval = 2' \
		'DPDTimeout = 6' 'ProbeInterval = 1' 'ProbeMisses = 2'
}

active_is()
{
	vpn_is left 't["active"]' True "$1" && vpn_is right 't["active"]' True "$1"
}

up()
{
	vpn_is left 't["state"]' up "$1" && vpn_is right 't["state"]' up "$1"
}

down()
{
	vpn_is left 't["state"] == "up"' False "$1"
}

gateways
helper left
helper right
start=start
file left $left4 $right4 169.254.46.42/30 $left4 198.51.100.2 169.254.47.42/30 $left_ts $right_ts
# shellcheck disable=SC2034 # tunnel reads it
start=add
file right $right4 $left4 169.254.46.41/30 198.51.100.2 $left4 169.254.47.41/30 $right_ts $left_ts
check "right waits" vpn right up office --no-wait
check "up" vpn left up office --wait $((20 * ${TIME_SCALE:-1}))
check "both tunnels are up" busywait 20 up second
check "and the first is used" busywait 20 active_is first
sites_talk "by the first"
check "the far end's inside address answers" pings left 169.254.46.41
check "the other, too" pings left 169.254.47.41

watch_wire
flow_start 50
cut_way $right4
check "the first is cut: both ends go on by the second" busywait 20 active_is second
check "there is traffic" busywait 5 pings site_l 192.168.2.10
check "the first is given up" busywait 30 down first
# Two probes a second apart, and a second for the emulated processors, at 50 datagrams a second.
flow_stop "failover" $((50 * 3 * ${TIME_SCALE:-1}))

flow_start 50
mend_way
check "the way is mended: the first comes back by itself" busywait 40 up first
check "and is used" busywait 20 active_is first
check "there is traffic" busywait 5 pings site_r fd01::10
# The far end may send before its answer has made us able to hear.
flow_stop "coming back" 10

vpn right down office
carrier_is()
{
	[ "$(in_ns left cat /sys/class/net/vgw0/carrier)" = "$1" ]
}
check "the far end goes: the carrier falls" busywait 20 carrier_is 0
check_not "and nothing gets through" pings site_l 192.168.2.10
vpn right up office --no-wait
check "the far end comes back" busywait 40 up first
check "there is traffic" busywait 20 pings site_l 192.168.2.10
wire_is_clean "all the time"
