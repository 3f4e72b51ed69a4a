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
# shellcheck source=../lib/twin.sh
. "$(dirname "$0")/../lib/twin.sh"

# file NS LOCAL REMOTE INSIDE LOCAL REMOTE INSIDE ROUTES START: the two tunnels, as NS has them
file()
{
	local more=('PSKFile = office.psk' "StartAction = $9" 'DPDInterval = 2' 'DPDTimeout = 6' 'ProbeInterval = 1'
		'ProbeMisses = 2')
	twin_file "$1" "$8" < <(
		twin_tunnel first "$2" "$3" "$4" 10 "${more[@]}"
		twin_tunnel second "$5" "$6" "$7" 20 "${more[@]}"
	)
}

active_is()
{
	twin_uses left "$1" && twin_uses right "$1"
}

up()
{
	twin_up left "$1" && twin_up right "$1"
}

gateways
helper left
helper right
file left $left4 $right4 169.254.46.42/30 $left4 198.51.100.2 169.254.47.42/30 $right_ts start
file right $right4 $left4 169.254.46.41/30 198.51.100.2 $left4 169.254.47.41/30 $left_ts add
check "right waits" vpn right up office --no-wait
check "up" vpn left up office --wait $((20 * ${TIME_SCALE:-1}))
check "both tunnels are up" busywait 20 up second
check "and the first is used" busywait 20 active_is first
sites_talk "by the first"
check "the far end's inside address answers" busywait 5 pings left 169.254.46.41
check "the other, too" busywait 5 pings left 169.254.47.41

watch_wire
flow_start 50
cut_way $right4
check "the first is cut: both ends go on by the second" busywait 20 active_is second
check "there is traffic" busywait 5 pings site_l 192.168.2.10
check "the first is given up" busywait 30 twin_down left first
# Two probes a second apart, and a second for the emulated processors, at 50 datagrams a second. What comes by two ways
# may overtake what is still under way by the other: the few that a late sender sends at once.
flow_stop "failover" $((50 * 3 * ${TIME_SCALE:-1})) 5

flow_start 50
mend_way
check "the way is mended: the first comes back by itself" busywait 40 up first
check "and is used" busywait 20 active_is first
check "there is traffic" busywait 5 pings site_r fd01::10
# Nothing is lost: what the far end sends by SAs that we do not have yet waits for them.
flow_stop "coming back" 0 5

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
