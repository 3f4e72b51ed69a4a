#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ci: no
# timeout: 500
#
# A hub (right, FRR) and its customers, each with an interface of its own there. Three speak BGP, with numbers of their own:
# what one announces the others learn, and they reach each other by way of the hub. The fourth has static routes, which the
# others learn while its connection is up. All daemons have what `vpntun export` printed.
#
#   north: left, BIRD, AS 65001, 192.168.1.0/24, fd01::/64; inside all IPv6: routes of both families (RFC 8950, MP-BGP)
#   south: BIRD, AS 65002, 192.168.3.0/24
#   east:  FRR, AS 65003, 192.168.4.0/24
#   west:  static, 192.168.5.0/24

# shellcheck source=../lib/ike.sh
. "$(dirname "$0")/../lib/ike.sh"
# shellcheck source=../lib/bgp.sh
. "$(dirname "$0")/../lib/bgp.sh"

# shellcheck disable=SC2034 # setup_ns sets them
south="" east="" west=""
patience=$((30 * ${TIME_SCALE:-1}))

# etc NS: where its files are; with the key that all of them have
etc()
{
	local vpn_command dir=$keys/vpntun-$1/etc
	vpn_prepare "$1"
	[ -e "$dir/x.psk" ] || (umask 077 && echo "$psk" > "$dir/x.psk")
	echo "$dir"
}

# customer NAME NS OUTER INSIDE HUB_INSIDE ASN SOURCE PREFIX...: both ends of it; ASN 0: without BGP
customer()
{
	local name=$1 ns=$2 outer=$3 inside=$4 hub_inside=$5 asn=$6 source=$7 networks
	shift 7
	networks=$(paste -sd, <<< "$(printf '%s\n' "$@")")
	{
		printf '%s\n' '[Interface]' "Name = $name" 'Source = 192.168.2.1, fd02::1'
		[ "$asn" != 0 ] || printf '%s\n' "Routes = $networks" 'Metric = 4261412864'
		printf '%s\n' "[Tunnel $name]" "Local = $right4" "Remote = $outer" "Inside = $hub_inside" "Prefixes = $networks" \
			'StartAction = add' 'PSKFile = x.psk' 'DPDAction = clear'
		[ "$asn" = 0 ] || printf '%s\n' 'LocalASN = 64512' "RemoteASN = $asn" 'BGPHoldTime = 9'
	} > "$(etc right)/$name.conf"
	{
		printf '%s\n' '[Interface]' 'Name = vgw0' "Source = $source"
		[ "$asn" != 0 ] || echo 'Routes = 192.168.0.0/16'
		printf '%s\n' '[Tunnel hub]' "Local = $outer" "Remote = $right4" "Inside = $inside" 'PSKFile = x.psk'
		[ "$asn" = 0 ] || printf '%s\n' "LocalASN = $asn" 'RemoteASN = 64512' 'BGPHoldTime = 9'
	} > "$(etc "$ns")/office.conf"
}

# place NS NET ADDRESS: its cable to the router, and its site, which is itself
place()
{
	wire router "$2.254/24" "$1" "$2.1/24"
	ip -n "$(ns_name "$1")" route add default via "$2.254"
	ip -n "$(ns_name "$1")" addr add "$3" dev lo
}

# between FROM SOURCE TO: a ping from an address of that gateway's site
between()
{
	in_ns "$1" ping -qc 1 -W 2 -I "$2" "$3"
}

learned()
{
	ip -n "$(ns_name "$1")" route show "$2" | grep -E ' proto (bird|bgp) ' > /dev/null
}

all_learned()
{
	learned left 192.168.3.0/24 && learned left 192.168.4.0/24 && learned south 192.168.1.0/24 && learned south 192.168.4.0/24 &&
		learned east 192.168.1.0/24 && learned east 192.168.3.0/24 && learned left 192.168.2.0/24
}

gateways
setup_ns south east west
place south 192.0.2 192.168.3.1/32
place east 192.0.3 192.168.4.1/32
place west 192.0.4 192.168.5.1/32
for ns in right left south east west; do
	helper $ns
done
customer north left $left4 fd00:50::2/126 fd00:50::1/126 65001 192.168.1.1,fd01::1 192.168.1.0/24 fd01::/64
customer south south 192.0.2.1 169.254.51.2/30 169.254.51.1/30 65002 192.168.3.1 192.168.3.0/24
customer east east 192.0.3.1 169.254.52.2/30 169.254.52.1/30 65003 192.168.4.1 192.168.4.0/24
customer west west 192.0.4.1 169.254.53.2/30 169.254.53.1/30 0 192.168.5.1 192.168.5.0/24
for name in north south east west; do
	check "the hub waits for $name" vpn right up $name --no-wait
done
for ns in left south east west; do
	check "up: $ns" vpn $ns up office --wait $patience
done

# ---- three that speak BGP ----

vpn right export frr north south east west --announce 192.168.2.0/24,fd02::/64 --transit > "$keys/hub.frr"
vpn left export bird office --announce 192.168.1.0/24,fd01::/64 > "$keys/north.bird"
vpn south export bird office --announce 192.168.3.0/24,192.168.1.0/25 > "$keys/south.bird"
vpn east export frr office --announce 192.168.4.0/24 > "$keys/east.frr"
watch_clear
frr_start right
frr_start east
check "the hub's FRR takes all of it" frr_take right "$keys/hub.frr"
check "and east's" frr_take east "$keys/east.frr"
bird_start left "$keys/north.bird"
bird_start south "$keys/south.bird"
check "every customer learns of the others" busywait 60 all_learned
check "north reaches south" busywait 10 between left 192.168.1.1 192.168.3.1
check "south reaches east" busywait 10 between south 192.168.3.1 192.168.4.1
check "east reaches north's site" busywait 10 between east 192.168.4.1 192.168.1.10
check "the hub's site reaches north's" busywait 10 pings site_r 192.168.1.10
same "one cannot have what is another's" "" "$(ip -n "$right" route show 192.168.1.0/25)"
none_clear "between customers"

# ---- both families by IPv6 neighbors ----

check "IPv4 by an IPv6 next hop, from FRR to BIRD" route_is left 192.168.2.0/24 "via inet6 fd00:50::1" "dev vgw0" "src 192.168.1.1"
check "and from BIRD to FRR" route_is right 192.168.1.0/24 "via inet6 fd00:50::2" "dev north" "proto bgp"
check "IPv6, too" busywait 20 route_is left fd02::/64 "via fd00:50::1" "src fd01::1"
check "both ways" busywait 20 route_is right fd01::/64 "via fd00:50::2" "src fd02::1"
check "it carries packets" busywait 10 pings site_r fd01::10
check "both ways" busywait 10 pings site_l fd02::10

# ---- one with static routes ----

check "the static customer is announced" busywait 20 learned left 192.168.5.0/24
check "and reached by way of the hub" busywait 10 between south 192.168.3.1 192.168.5.1
check "it goes down" vpn west down office
check "its route goes, at the hub" busywait 20 frr_lacks right 192.168.5.0/24
check "and everywhere" busywait 20 no_route left 192.168.5.0/24 bird
check "what is for it is refused there" busywait 10 refused site_r 192.168.5.1
check "it comes back" vpn west up office --wait $patience
check "and so does its route" busywait 20 learned left 192.168.5.0/24
check "with traffic" busywait 10 between south 192.168.3.1 192.168.5.1

# ---- a customer goes ----

check "south goes" vpn south down office
check "its route goes everywhere" busywait 40 no_route left 192.168.3.0/24 bird
check "the others stay" between east 192.168.4.1 192.168.1.10
