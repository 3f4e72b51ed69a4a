#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# timeout: 240
#
# Address translation between vpntun and strongSwan: vpntun behind it, strongSwan behind it, both roles; keepalives while
# nothing else is to be sent; and the translator forgets and takes other ports, while the tunnel lives on.

# shellcheck source=../lib/ike.sh
. "$(dirname "$0")/../lib/ike.sh"

# both_talk TEXT
both_talk()
{
	check "$1: pings from left to right" busywait 20 pings site_l 192.168.2.10
	check "$1: pings from right to left" busywait 20 pings site_r fd01::10
}

# The port of left that right sends to.
port_seen()
{
	[[ $(swan_value right remote-port) = "$1"* ]]
}

keepalives_seen()
{
	seen "src host $1 and udp dst port 4500 and udp[4:2] = 9"
}

ike=aes256gcm16-prfsha384-ecp384 esp=aes256gcm16-ecp384
outside=203.0.113.254
gateways
xfrm_device right 1 192.168.1.0/24 fd01::/64
charon_options='keep_alive = 2s'
charon right
helper left

# ---- vpntun is hidden ----

hide left 20000-20099
office left $left4 $right4 $left_ts $right_ts $ike $esp 'Keepalive = 2' 'DPDInterval = 2'
swan_load right "$(connection office $right4 %any $right_ts $left_ts $ike $esp "remote:id = $left4")"
check "vpntun behind NAT: up" vpn left up office --wait $((20 * ${TIME_SCALE:-1}))
both_talk "vpntun behind NAT"
check "by a port of the translator's" port_seen 200
same "vpntun knows that it is behind NAT, and the peer not" "True False" \
	"$(vpn_value left 't["ike"]["natted"]') $(vpn_value left 't["ike"]["peer_natted"]')"
watch_wire
check "it keeps the translation alive" busywait 15 keepalives_seen $left4
hide left 30000-30099
both_talk "the translator took another port"
check "which strongSwan follows" busywait 20 port_seen 300
check "vpntun rekeys behind NAT" vpn left rekey office
check "and the IKE SA" vpn left rekey office --ike
both_talk "after that"
check "and goes down" vpn left down office
check "which the peer heard" busywait 10 swan_has right 0 0
wire_is_clean "vpntun behind NAT"

# ---- strongSwan is hidden; what comes to the router's ports 500 and 4500 is forwarded to it ----

hide right 21000-21099
office left $left4 $outside $left_ts $right_ts $ike $esp "RemoteID = $right4" 'DPDInterval = 2'
swan_load right "$(connection office $right4 $left4 $right_ts $left_ts $ike $esp)"
watch_wire
check "strongSwan behind NAT: up" vpn left up office --wait $((20 * ${TIME_SCALE:-1}))
both_talk "strongSwan behind NAT"
same "vpntun knows that the peer is" "False True" \
	"$(vpn_value left 't["ike"]["natted"]') $(vpn_value left 't["ike"]["peer_natted"]')"
vpn left down office
check "it goes" busywait 10 swan_has right 0 0

# ---- strongSwan begins, and vpntun has never heard of the address ----

office left $left4 any $left_ts $right_ts $ike $esp "RemoteID = $right4" 'DPDInterval = 2'
forget_flows
check "any peer: configured" vpn left up office --no-wait
check "strongSwan begins from behind NAT" swan right --initiate --child office --timeout $((20 * ${TIME_SCALE:-1}))
both_talk "strongSwan began"
check "by a port of the translator's" vpn_is left 't["ike"]["remote"].rpartition(":")[2][:3]' 210
hide right 31000-31099
check "the translator took another port: from right to left" busywait 20 pings site_r 192.168.1.10
check "and back by the new one" busywait 20 vpn_is left 't["dport"] // 100' 310
check "IKE has followed, too: vpntun rekeys" vpn left rekey office
both_talk "after that"
wire_is_clean "strongSwan behind NAT"
