#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ci: no
# timeout: 300
#
# A gateway's address is replaced by another while numbered streams run: vpntun moves the SAs (MOBIKE), strongSwan does,
# and without MOBIKE vpntun makes new ones from the new address at once.

# shellcheck source=../lib/ike.sh
. "$(dirname "$0")/../lib/ike.sh"

# While a stream runs there is no ping, and no capture begins: each has the kernel stamp packets, and so patch its code,
# which an emulated machine does not always survive under traffic.

# moves NS DEVICE OLD NEW: it has that address in place of the other; first it has both
moves()
{
	ip -n "$(ns_name "$1")" addr add "$4/24" dev "$2" 2> /dev/null || true
	ip -n "$(ns_name "$1")" addr del "$3/24" dev "$2"
}

swan_peer_is()
{
	[ "$(swan_value right remote-host)" = "$1" ]
}

ike=aes256gcm16-prfsha384-ecp384 esp=aes256gcm16-ecp384
ids=('LocalID = left.example' 'RemoteID = right.example')
theirs=('local:id = right.example' 'remote:id = left.example')
gateways
in_ns left sysctl -qw net.ipv4.conf.router.promote_secondaries=1
in_ns right sysctl -qw net.ipv4.conf.router.promote_secondaries=1
xfrm_device right 1 192.168.1.0/24 fd01::/64
charon right
helper left

# ---- vpntun moves ----

office left auto $right4 $left_ts $right_ts $ike $esp "${ids[@]}" 'Mobike = yes' 'DPDInterval = 5'
swan_load right "$(connection office $right4 %any $right_ts $left_ts $ike $esp 'mobike = yes' "${theirs[@]}")"
watch_wire
check "up" vpn left up office --wait $((20 * ${TIME_SCALE:-1}))
sites_talk "before"
check "by port 4500, without NAT" vpn_is left 't["ike"]["remote"].rpartition(":")[2], t["encap"]' "('4500', 'none')"
sas="$(swan_value right initiator-spi) $(swan_child right)"
flow_start 20
moves left router $left4 203.0.113.2
check "vpntun's address is another: strongSwan follows" busywait 20 swan_peer_is 203.0.113.2
check "so does the module" busywait 10 vpn_is left 't["local"]' 203.0.113.2
# What was under way to the old address is lost, until strongSwan has heard.
flow_stop "vpntun has moved" $((20 * 3 * ${TIME_SCALE:-1}))
same "the SAs are the same" "$sas" "$(swan_value right initiator-spi) $(swan_child right)"
sites_talk "vpntun has moved"
check "rekeyed there: the child" vpn left rekey office
check "and the IKE SA" vpn left rekey office --ike
moves left router 203.0.113.2 $left4
check "and back: strongSwan follows" busywait 20 swan_peer_is $left4
sites_talk "vpntun is back"
sas_agree "vpntun is back"
wire_is_clean "vpntun moved"
vpn left down office
check "it goes" busywait 10 swan_has right 0 0

# ---- strongSwan moves ----

office left auto any $left_ts $right_ts $ike $esp "${ids[@]}" 'Mobike = yes' 'DPDInterval = 5'
swan_load right "$(connection office '' $left4 $right_ts $left_ts $ike $esp 'mobike = yes' "${theirs[@]}")"
watch_wire
check "any peer: configured" vpn left up office --no-wait
check "strongSwan begins" swan right --initiate --child office --timeout $((20 * ${TIME_SCALE:-1}))
sites_talk "strongSwan began"
sas="$(swan_value right initiator-spi) $(swan_child right)"
flow_start 20
moves right router $right4 198.51.100.2
check "strongSwan's address is another: the module follows" busywait 20 vpn_is left 't["remote"]' 198.51.100.2
flow_stop "strongSwan has moved" $((20 * 3 * ${TIME_SCALE:-1}))
same "the SAs are the same" "$sas" "$(swan_value right initiator-spi) $(swan_child right)"
sites_talk "strongSwan has moved"
check "vpntun rekeys there" vpn left rekey office
check "and the IKE SA" vpn left rekey office --ike
moves right router 198.51.100.2 $right4
check "and back: the module follows" busywait 20 vpn_is left 't["remote"]' $right4
sites_talk "strongSwan is back"
sas_agree "strongSwan is back"
wire_is_clean "strongSwan moved"
vpn left down office
check "it goes" busywait 10 swan_has right 0 0

# ---- without MOBIKE ----

office left auto $right4 $left_ts $right_ts $ike $esp "${ids[@]}" 'DPDInterval = 5'
swan_load right "$(connection office $right4 %any $right_ts $left_ts $ike $esp "${theirs[@]}")"
check "without MOBIKE: up" vpn left up office --wait $((20 * ${TIME_SCALE:-1}))
sites_talk "without MOBIKE"
spi=$(swan_value right initiator-spi)
moves left router $left4 203.0.113.2
check "vpntun's address is another: there is another IKE SA" busywait 20 swan_peer_is 203.0.113.2
check "and only that" busywait 20 swan_has right 1 1
check_not "not the old one" test "$spi" = "$(swan_value right initiator-spi)"
sites_talk "without MOBIKE, moved"
sas_agree "without MOBIKE, moved"
