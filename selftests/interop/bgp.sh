#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ci: no
# timeout: 400
#
# A connection of two tunnels with BGP in them: BIRD at the customer's end (left), FRR at the other (right), configured by
# what `vpntun export` prints. Routes are learned, and not those that nobody may have; traffic follows them; one tunnel is
# cut: traffic goes on by its sister before BGP has noticed, and then BGP follows; with --primary both ends take that
# tunnel, with --ecmp both; a default route by BGP does not cut the tunnels off; without a tunnel nothing leaves in the clear.

# shellcheck source=../lib/ike.sh
. "$(dirname "$0")/../lib/ike.sh"
# shellcheck source=../lib/twin.sh
. "$(dirname "$0")/../lib/twin.sh"
# shellcheck source=../lib/bgp.sh
. "$(dirname "$0")/../lib/bgp.sh"

# A metric whose first byte is FRR's distance: 254.
last_resort=4261412864

# file NS LOCAL REMOTE INSIDE LOCAL REMOTE INSIDE ROUTES START ASN PEER_ASN SOURCE
file()
{
	local more=('PSKFile = office.psk' "StartAction = $9" 'DPDInterval = 2' 'DPDTimeout = 6' 'ProbeInterval = 1'
		'ProbeMisses = 2' "LocalASN = ${10}" "RemoteASN = ${11}" 'BGPHoldTime = 9')
	twin_file "$1" "$8" < <(
		printf '%s\n' "Metric = $last_resort" "Source = ${12}"
		twin_tunnel first "$2" "$3" "$4" 0 "${more[@]}"
		twin_tunnel second "$5" "$6" "$7" 0 "${more[@]}"
	)
}

# export_for NS DAEMON WORD...: writes $keys/NS.DAEMON
export_for()
{
	vpn "$1" export "$2" office "${@:3}" > "$keys/$1.$2"
}

declare -A daemons=([left]=bird [right]=bgp)

# by NS PREFIX GATEWAY...: the kernel's route by BGP leads there, and nowhere else
by()
{
	local got
	got=$(ip -n "$(ns_name "$1")" route show "$2" proto "${daemons[$1]}" | grep -oE 'via [^ ]+' | sort | paste -sd' ')
	echo "$1: $2 is $got"
	[ "$got" = "$(printf 'via %s\n' "${@:3}" | sort | paste -sd' ')" ]
}

# leads NS ADDRESS DEVICE
leads()
{
	grep -q " dev $3 " <<< "$(ip -n "$(ns_name "$1")" route get "$2")"
}

sessions()
{
	bird_has left office-first && bird_has left office-second
}

gateways
helper left
helper right
# The far end wrongly announces half of our own site, too; and the far end has something more behind it.
ip -n "$right" addr add 192.0.2.99/32 dev lo
file left $left4 $right4 169.254.46.42/30 $left4 198.51.100.2 169.254.47.42/30 192.168.2.0/24 start 65000 64512 192.168.1.1
file right $right4 $left4 169.254.46.41/30 198.51.100.2 $left4 169.254.47.41/30 192.168.1.0/24 add 64512 65000 192.168.2.1
check "right waits" vpn right up office --no-wait
check "up" vpn left up office --wait $((20 * ${TIME_SCALE:-1}))
check "both tunnels are up" busywait 20 twin_up left second

# ---- routes ----

watch_wire
check "export for BIRD" export_for left bird --announce 192.168.1.0/24
check "export for FRR" export_for right frr --announce 192.168.2.0/24,192.168.1.128/25,0.0.0.0/0
frr_start right
check "FRR takes all of it" frr_take right "$keys/right.frr"
bird_start left "$keys/left.bird"
check "both sessions come up" busywait 40 sessions
check "a route is learned by BIRD" busywait 20 by left 192.168.2.0/24 169.254.46.41
check "with our Source" route_is left 192.168.2.0/24 "src 192.168.1.1" "proto bird"
# Of equal ones it takes the older.
check "and by FRR, with its Source" busywait 20 route_is right 192.168.1.0/24 "proto bgp" "dev vgw0" "src 192.168.2.1"
check "half of our own site is not taken" no_route left 192.168.1.128/25 bird
check "nor a default route" no_route left default bird
check "the neighbor has announced both" grep -q '192.168.1.128/25' <<< "$(frr right 'show bgp ipv4 unicast neighbors 169.254.46.42 advertised-routes')"
check "this host's own packets come from there" busywait 5 in_ns left ping -qc 1 -W 2 192.168.2.10
check "pings from left to right" busywait 10 pings site_l 192.168.2.10
check "and back" busywait 10 pings site_r 192.168.1.10
wire_is_clean "BGP"

# ---- a tunnel is cut ----

second_only()
{
	by left 192.168.2.0/24 169.254.47.41 && by right 192.168.1.0/24 169.254.47.42
}
flow_start 50
cut_way $right4
check "cut: the module goes on by the sister" busywait 20 twin_down left first
check "while BGP still has the old route" by left 192.168.2.0/24 169.254.46.41
check "there is traffic" busywait 5 pings site_l 192.168.2.10
check "then BGP follows, at both ends" busywait 40 second_only
flow_stop "failover" $((50 * 3 * ${TIME_SCALE:-1})) 5
mend_way
check "mended: both sessions are back" busywait 60 sessions

# ---- one that is preferred, and all at once ----

# prefer TUNNEL THIRD_BYTE: both ends take it
prefer()
{
	check "export --primary $1" export_for left bird --announce 192.168.1.0/24 --primary "$1"
	check "BIRD takes it" bird_take left "$keys/left.bird"
	check "what goes out is by the $1" busywait 20 by left 192.168.2.0/24 "169.254.$2.41"
	check "what comes in, too" busywait 20 by right 192.168.1.0/24 "169.254.$2.42"
}
prefer second 47
prefer first 46
check "export --ecmp --bfd" export_for left bird --announce 192.168.1.0/24 --ecmp --bfd
check "BIRD takes it" bird_take left "$keys/left.bird"
check "both are used" busywait 20 by left 192.168.2.0/24 169.254.46.41 169.254.47.41
check "export --ecmp --bfd for FRR" export_for right frr --announce 192.168.2.0/24,0.0.0.0/0 --ecmp --bfd
check "FRR takes it" frr_take right "$keys/right.frr"
check "both are used" busywait 20 by right 192.168.1.0/24 169.254.46.42 169.254.47.42
check "pings by both" busywait 10 pings site_l 192.168.2.10
# bfd_up N: so many sessions are up
bfd_up()
{
	[ "$(frr right 'show bfd peers brief' | grep -c ' up *$')" = "$1" ]
}
check "BFD has both sessions" busywait 30 bfd_up 2
check "and BGP, too" busywait 40 sessions

# ---- a default route ----

ip -n "$left" route del default via 203.0.113.254
ip -n "$left" route add default via 203.0.113.254 metric 1000
watch_clear
check "export --accept" export_for left bird --announce 192.168.1.0/24 --accept 0.0.0.0/0 --bfd
check "BIRD takes it" bird_take left "$keys/left.bird"
check "now the default route is taken" busywait 20 route_is left default "proto bird" "dev vgw0"
check "everything goes into the tunnels" leads left 192.0.2.99 vgw0
check "and arrives" busywait 10 pings site_l 192.0.2.99
check "new keys are made" vpn left rekey office --ike
check "the connection begins anew" vpn left restart office --wait $((20 * ${TIME_SCALE:-1}))
check "both tunnels are up" busywait 20 twin_up left second
check "the sessions come back" busywait 60 sessions
check "everything goes into the tunnels" busywait 20 leads left 192.0.2.99 vgw0
check "and arrives" busywait 10 pings site_l 192.0.2.99
check "our own half is still not taken" no_route left 192.168.1.128/25 bird
none_clear "by the default route"

# ---- nothing in the clear ----

check "export without it" export_for left bird --announce 192.168.1.0/24 --bfd
check "BIRD takes it" bird_take left "$keys/left.bird"
check "the default route goes" busywait 20 no_route left default bird
watch_clear
check "the far end goes" vpn right down office
check "and BGP's routes go" busywait 40 no_route left 192.168.2.0/24 bird
check "what is for there is refused" busywait 10 refused site_l 192.168.2.10
none_clear "down"
