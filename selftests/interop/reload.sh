#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# timeout: 300
#
# A connection's file changes while it is up, under numbered streams: `reload` touches only what has changed. A live key
# touches no SA and loses no packet, a selector makes a new Child SA, a proposal a new IKE SA beside the one there is; a pre-shared key is
# rotated; tunnels and routes come and go. A file with a fault, and a key that needs a restart, change
# nothing. And `up --verify` tells what else would show at the first rekey.

# shellcheck source=../lib/ike.sh
. "$(dirname "$0")/../lib/ike.sh"

ike=aes256gcm16-prfsha384-ecp384 other_ike=aes128gcm16-prfsha256-ecp256 esp=aes256gcm16-ecp384
patience=$((20 * ${TIME_SCALE:-1}))

# file PROPOSALS TS [LINE...]: office.conf
routes=$right_ts
file()
{
	office left $left4 $right4 $left_ts "$2" "$1" $esp "interface:Routes = $routes" \
		"${@:3}"
}

# reloads TEXT LINE...: `reload` prints these lines, in any order
reloads()
{
	local text=$1 said
	shift
	said=$(vpn left reload office 2>&1) || said="status $?: $said"
	same "$text" "$(printf '%s\n' "$@" | sort)" "$(sort <<< "$said")"
}

ike_spi()
{
	vpn_value left 't["ike"]["spi_i"]'
}

child_spi()
{
	vpn_value left 't["ike"]["spi_in"]'
}

# new_child OLD, new_ike OLD: there is another one, only that, and both sides agree
new_child()
{
	[ "$(child_spi)" != "$1" ] && agree > /dev/null
}

new_ike()
{
	[ "$(ike_spi)" != "$1" ] && agree > /dev/null
}

has_route()
{
	[ -n "$(ip -n "$left" route show "$1" dev vgw0)" ]
}

# rt_begin, rt_end: sets touched to how many links, addresses, routes and rules of left changed in between
rt_begin()
{
	stdbuf -oL ip -o -n "$left" monitor link address route rule >> "$keys/events" &
	rt_pid=$!
	busywait 10 rt_heard 10.77.0.1
	: > "$keys/events"
}

rt_end()
{
	busywait 10 rt_heard 10.77.0.2
	kill "$rt_pid"
	wait "$rt_pid" || true
	touched=$(grep -v '10\.77\.0\.' "$keys/events" || true)
}

# rt_heard ADDRESS: it comes to lo and goes, and all until then has been told
rt_heard()
{
	ip -n "$left" addr add "$1/32" dev lo
	ip -n "$left" addr del "$1/32" dev lo
	busywait 2 grep -q "Deleted.*$1" "$keys/events"
}

gateways
xfrm_device right 1 192.168.1.0/24 fd01::/64
charon right
load()
{
	swan_load right "$(connection office $right4 $left4 $right_ts $left_ts "$ike,$other_ike" "${1:-$esp}")"
}
load
file $ike $right_ts
check "up" vpn left up office --wait $patience
check "pings" busywait 10 pings site_l 192.168.2.10
unchanged='office: its file says what it said before; keys were read again'
rt_begin
reloads "nothing has changed" "$unchanged"
rt_end
same "and nothing is touched" "" "$touched"

# ---- live ----

flow_start 50
ike_before=$(ike_spi) child_before=$(child_spi)
live=('Priority = 77' 'DPDInterval = 7' 'TTL = 33' 'interface:MTU = 1300')
file $ike $right_ts "${live[@]}"
same "a dry run tells" "interface: MTU: live" "$(vpn left reload office --dry-run | grep interface)"
same "and changes nothing" 0 "$(vpn_value left 't["priority"]')"
reloads "live keys" "interface: MTU: live" "tunnel office: Priority: live" "tunnel office: DPDInterval: live" \
	"tunnel office: TTL: live"
same "the tunnel has its new priority" 77 "$(vpn_value left 't["priority"]')"
same "and the interface its MTU" 1300 "$(vpn_value left 'd["interfaces"][0]["mtu"]')"
routes=$right_ts,10.99.0.0/16
file $ike $right_ts "${live[@]}" 'interface:Address = 10.9.9.1/32'
routes=$right_ts
reloads "a route and an address" "interface: Address: live" "interface: Routes: live"
check "the route is there" has_route 10.99.0.0/16
file $ike $right_ts "${live[@]}"
reloads "without them" "interface: Address: live" "interface: Routes: live"
check_not "the route is gone" has_route 10.99.0.0/16
same "and its refusal, too" "" "$(ip -n "$left" route show 10.99.0.0/16)"
check "the others are there" has_route 192.168.2.0/24
same "nothing is left of what stood in for them" "" "$(ip -n "$left" nexthop show)"
flow_stop "live"

# ---- a new Child SA ----

flow_start 50
same "the SAs are those from before" "$ike_before $child_before" "$(ike_spi) $(child_spi)"
file $ike 192.168.2.0/24 "${live[@]}"
reloads "a selector" "tunnel office: RemoteTS: new Child SA"
check "makes a new Child SA" busywait 20 new_child "$child_before"
same "in the same IKE SA" "$ike_before" "$(ike_spi)"
same "which is for that" "['192.168.2.0/24']" "$(vpn_value left 't["prefixes"]')"

flow_stop "a new Child SA"

# ---- what cannot be ----

flow_start 50
child_before=$(child_spi)
cp "$keys/vpntun-left/etc/office.conf" "$keys/good.conf"
printf '%s\n' 'Colour = blue' 'Lifetime = never' >> "$keys/vpntun-left/etc/office.conf"
status=0
said=$(vpn left reload office 2>&1) || status=$?
same "a file with faults" 1 $status
check "each of them is told" test "$(grep -c 'office.conf:[0-9]*: ' <<< "$said")" = 2
sed 's/^Name = vgw0/&\nTable = 77/' "$keys/good.conf" > "$keys/vpntun-left/etc/office.conf"
said=$(vpn left reload office 2>&1) || true
check "what needs a restart is told" grep -q 'Table cannot be changed while office is up: vpntun restart' <<< "$said"
cp "$keys/good.conf" "$keys/vpntun-left/etc/office.conf"
reloads "back" "$unchanged"
same "nothing was touched" "$ike_before $child_before" "$(ike_spi) $(child_spi)"

# ---- tunnels come and go ----

printf '%s\n' '[Tunnel second]' 'Remote = 192.0.2.77' 'RemoteTS = 10.98.0.0/16' 'PSKFile = office.psk' \
	'StartAction = add' >> "$keys/vpntun-left/etc/office.conf"
reloads "another tunnel" "tunnel second: added"
same "is there" second "$(vpn_value left 't["name"]' second)"
cp "$keys/good.conf" "$keys/vpntun-left/etc/office.conf"
kill -HUP "$(ps -o ppid= "$(process network)")"
no_second()
{
	[ -z "$(vpn_value left 't["name"]' second)" ]
}
check "a hangup signal reads the file again: it is gone" busywait 10 no_second
same "and the SAs of the other were not touched" "$ike_before $child_before" "$(ike_spi) $(child_spi)"
flow_stop "tunnels that come and go"

# ---- a new IKE SA, and a new secret ----

flow_start 50
file $other_ike 192.168.2.0/24 "${live[@]}"
reloads "proposals" "tunnel office: IKEProposals: new IKE SA"
check "make a new IKE SA" busywait 20 new_ike "$ike_before"
check "of that suite" grep -q "^aes128gcm16" <<< "$(vpn_value left 't["ike"]["suite"]')"
ike_before=$(ike_spi)
psk="another secret of both"
(umask 077 && echo "$psk" > "$keys/vpntun-left/etc/office.psk")
reloads "a new secret" "$unchanged"
load
same "drops nothing" "$ike_before" "$(ike_spi)"
file $ike 192.168.2.0/24 "${live[@]}"
reloads "and counts for the next IKE SA" "tunnel office: IKEProposals: new IKE SA"
check "which comes up with it" busywait 20 new_ike "$ike_before"
# The peer's policies are those of the old SAs for a moment after it has the new ones.
# Packets that waited for their SA go on by another processor than the next ones: on a busy machine one was overtaken.
flow_stop "new IKE SAs" "$(swan_dropped '^XfrmOut|^XfrmInTmplMismatch')" 1
check "down" vpn left down office

# ---- what only a rekey shows ----

check "up, and verified" vpn left up office --verify --wait $patience
check "down" vpn left down office
load aes256gcm16-ecp256
check "with other groups for PFS it comes up" vpn left up office --wait $patience
status=0
said=$(vpn left up office --verify --wait $patience 2>&1) || status=$?
same "but not verified" 1 $status
check "which says why" grep -q 'its Child SA cannot be rekeyed.*NO_PROPOSAL_CHOSEN' <<< "$said"
check "the tunnel goes on" busywait 10 pings site_l 192.168.2.10
check "down" vpn left down office
