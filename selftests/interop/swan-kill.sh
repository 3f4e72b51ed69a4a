#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ci: no
# timeout: 400
#
# The network process is killed under numbered streams, again and again: the peer keeps the SAs
# it has until the new ones are in use, is told then that the old ones are no more, and never finds out by its own that
# nobody answers. The key process is killed: that is no wrong key. The parent is killed: the tunnel goes on by its SAs, and
# `up` begins anew, with INITIAL_CONTACT.

# shellcheck source=../lib/ike.sh
. "$(dirname "$0")/../lib/ike.sh"

ike=aes256gcm16-prfsha384-ecp384 esp=aes256gcm16-ecp384
patience=$((20 * ${TIME_SCALE:-1}))

# renewed OLD: strongSwan has one IKE SA, and it is not that; one pair of SAs, which is all that the module has
renewed()
{
	local now
	now=$(swan_value right initiator-spi)
	[ "$(wc -w <<< "$now")" = 1 ] && [ "$now" != "$1" ] && agree > /dev/null
}

# kill_network TEXT: and all is well afterwards
kill_network()
{
	local old pid
	old=$(swan_value right initiator-spi)
	pid=$(process network)
	kill -9 "$pid"
	check "$1: there is another one" busywait 20 another_process network "$pid"
	check "$1: strongSwan has one IKE SA, a new one" busywait 40 renewed "$old"
}

none_left()
{
	[ -z "$(process network)$(process key)" ]
}

charon_log=$keys/charon-right/log
# said TEXT: how many lines of strongSwan's log have it
said()
{
	grep -c -- "$1" "$charon_log" || true
}

gateways
xfrm_device right 1 192.168.1.0/24 fd01::/64
charon right
office left $left4 $right4 $left_ts $right_ts $ike $esp 'DPDInterval = 2' 'DPDTimeout = 20'
swan_load right "$(connection office $right4 $left4 $right_ts $left_ts $ike $esp 'dpd_delay = 2s' \
	'child:dpd_action = clear')"
check "up" vpn left up office --wait $patience
check "pings" busywait 10 pings site_l 192.168.2.10

# ---- the network process ----

flow_start 50
for round in 1 2 3 4; do
	kill_network "killed, time $round"
done
flow_stop "that"
kill_network "killed without traffic"
# The peer's own questions go unanswered for no longer than that takes.
same "strongSwan was never without an answer for long" 0 "$(said 'giving up after')"
same "and forgot no SAs because of us" 0 "$(said 'destroying duplicate IKE_SA')"

# ---- the key process ----

pid=$(process key)
kill -9 "$pid"
check "the key process killed: there is another one" busywait 20 another_process key "$pid"
kill_network "killed after it"
same "nobody took it for a wrong key" 0 "$(vpn left log office | grep -ci 'pre-shared key' || true)"

# ---- the parent ----

parent=$(ps -o ppid= "$(process network)" | tr -d ' ')
flow_start 50
old=$(swan_value right initiator-spi)
before=$(said 'INITIAL_CONTACT\|N(INIT_CONTACT)')
kill -9 "$parent"
check "the parent killed: its processes go with it" busywait 20 none_left
check "the streams go on" busywait 10 pings site_l 192.168.2.10
check "up again" vpn left up office --wait $patience
check "that is a new IKE SA, and the only one" busywait 40 renewed "$old"
# strongSwan deletes what it has when it hears INITIAL_CONTACT, before it has anything new: that is all that may be lost.
flow_stop "the parent killed" $((25 * ${TIME_SCALE:-1}))
now=$(said 'INITIAL_CONTACT\|N(INIT_CONTACT)')
check "the peer is told to forget the old ones" test "$now" -gt "$before"
check "down" vpn left down office
